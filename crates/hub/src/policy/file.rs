//! `policy.toml`: what the window would be asked for, written down for hubs that have none. Read once, at the start,
//! from the profile's own folder, and only if nobody else can have written it.
//!
//! ```toml
//! [[caller]]
//! kind = "program"                  # or "agent"
//! executable = "/usr/bin/python3"   # as the system names it
//! writes = "deny"                   # what no rule is about; "deny" where nothing is said
//!
//! [[caller.rule]]
//! connection = "gmail"              # account, integration or id; left out: every connection
//! capability = "mail.send"          # left out: everything
//! effect = "allow"
//! recipients = ["@example.org"]
//! per_day = 20
//! folders = ["/srv/reports"]
//! ```

use std::{fs, io, path::Path};

use model::{Caller, Capability, Effect, Limits, Rule};
use serde::Deserialize;
use store::ConnectionRow;

use super::writes::StandingOf;

pub(crate) const NAME: &str = "policy.toml";

/// Why the file can't be followed. A hub without its rules doesn't start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PolicyFileError {
    #[error("policy.toml can't be read: {0}")]
    Io(#[from] io::Error),
    #[error("policy.toml must belong to you and be closed to everybody else: chmod 600 {0}")]
    Open(String),
    #[error("policy.toml isn't understood: {0}")]
    Text(String),
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PolicyFile {
    #[serde(default, rename = "caller")]
    callers: Vec<FileCaller>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileCaller {
    kind: Kind,
    executable: String,
    /// Nobody is there to be asked, so what isn't allowed is denied.
    #[serde(default = "deny")]
    writes: Effect,
    #[serde(default, rename = "rule")]
    rules: Vec<FileRule>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Program,
    Agent,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileRule {
    connection: Option<String>,
    capability: Option<Capability>,
    effect: Effect,
    #[serde(default)]
    recipients: Vec<String>,
    per_day: Option<u32>,
    #[serde(default)]
    folders: Vec<String>,
}

const fn deny() -> Effect {
    Effect::Deny
}

impl PolicyFile {
    /// No file is an empty one.
    pub(crate) fn read(data_dir: &Path) -> Result<Self, PolicyFileError> {
        let path = data_dir.join(NAME);
        let found = match fs::symlink_metadata(&path) {
            Ok(found) => found,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(error.into()),
        };
        if !is_private(&found) {
            return Err(PolicyFileError::Open(path.display().to_string()));
        }
        Self::parse(&fs::read_to_string(&path)?)
    }

    fn parse(text: &str) -> Result<Self, PolicyFileError> {
        let file: Self =
            toml::from_str(text).map_err(|error| PolicyFileError::Text(error.to_string()))?;
        for caller in &file.callers {
            if caller.executable.trim().is_empty() {
                return Err(PolicyFileError::Text(
                    "a caller has no executable".to_owned(),
                ));
            }
            let relative = caller
                .rules
                .iter()
                .flat_map(|rule| &rule.folders)
                .find(|folder| !Path::new(folder).is_absolute());
            if let Some(folder) = relative {
                return Err(PolicyFileError::Text(format!(
                    "{folder} must be an absolute path"
                )));
            }
        }
        Ok(file)
    }

    pub(super) fn names(&self, caller: &Caller) -> bool {
        self.callers.iter().any(|one| one.is(caller))
    }

    /// Adds what the file says about this caller and connection.
    pub(super) fn add_to(
        &self,
        standing: &mut StandingOf,
        caller: &Caller,
        connection: &ConnectionRow,
    ) {
        for one in self.callers.iter().filter(|one| one.is(caller)) {
            standing.writes = one.writes;
            let about = one.rules.iter().filter(|rule| rule.is_about(connection));
            standing.rules.extend(about.map(|rule| Rule {
                connection: rule.connection.as_ref().map(|_| connection.id),
                capability: rule.capability,
                effect: rule.effect,
                limits: Limits {
                    recipients: rule.recipients.clone(),
                    per_day: rule.per_day,
                    folders: rule.folders.clone(),
                },
            }));
        }
    }
}

impl FileCaller {
    fn is(&self, caller: &Caller) -> bool {
        match caller {
            Caller::Program { executable } => {
                self.kind == Kind::Program && self.executable == *executable
            }
            Caller::Agent { executable } => {
                self.kind == Kind::Agent && self.executable == *executable
            }
            Caller::Window | Caller::Workflow { .. } => false,
        }
    }
}

impl FileRule {
    fn is_about(&self, connection: &ConnectionRow) -> bool {
        self.connection.as_deref().is_none_or(|name| {
            let names = [
                connection.id.to_string(),
                connection.identity.account.to_lowercase(),
                connection.integration.to_string(),
            ];
            names.contains(&name.trim().to_lowercase())
        })
    }
}

#[cfg(unix)]
fn is_private(found: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    found.is_file()
        && found.uid() == rustix::process::geteuid().as_raw()
        && found.mode() & 0o077 == 0
}

/// The profile's folder is the user's own there, and what lies in it inherits that.
#[cfg(not(unix))]
fn is_private(found: &fs::Metadata) -> bool {
    found.is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_the_file_should_not_have_is_an_error_not_a_rule_less() {
        for text in [
            "[[caller]]\nkind = \"program\"\nexecutable = \"/a\"\nwrite = \"allow\"",
            "[[caller]]\nkind = \"window\"\nexecutable = \"/a\"",
            "[[caller]]\nkind = \"agent\"\nexecutable = \" \"",
            "[[caller]]\nkind = \"agent\"\nexecutable = \"/a\"\n[[caller.rule]]\neffect = \"allow\"\nfolders = [\"x\"]",
            "[[callers]]",
        ] {
            assert!(PolicyFile::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_caller_is_named_by_kind_and_executable() {
        let text = "[[caller]]\nkind = \"program\"\nexecutable = \"/usr/bin/a\"";
        let file = PolicyFile::parse(text).unwrap();
        let executable = "/usr/bin/a".to_owned();
        assert!(file.names(&Caller::Program {
            executable: executable.clone()
        }));
        assert!(!file.names(&Caller::Agent { executable }));
    }

    #[test]
    #[cfg(unix)]
    fn a_file_that_others_could_have_written_is_not_followed() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        assert!(PolicyFile::read(folder.path()).is_ok());
        let path = folder.path().join(NAME);
        fs::write(&path, "").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o620)).unwrap();
        assert!(matches!(
            PolicyFile::read(folder.path()),
            Err(PolicyFileError::Open(_))
        ));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        assert!(PolicyFile::read(folder.path()).is_ok());
        let link = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(&path, link.path().join(NAME)).unwrap();
        assert!(PolicyFile::read(link.path()).is_err());
    }
}
