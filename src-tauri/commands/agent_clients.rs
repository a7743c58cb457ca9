//! Setting up AI clients: the page names a client, sees its file as it is and as it would be, and says yes. Which file,
//! and what is written into it, is never the page's to say. The change itself is in [`clients`].

use std::fmt;
use std::path::Path;

use clients::{Client, Entry, Homes, Trouble};
use model::{Error, ErrorCode, ProfileName, Texts, Timestamp};
use serde::Serialize;
use tauri::State;

use crate::app::Start;
use crate::environment;

/// One client, and where we stand with it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct AgentClient {
    id: &'static str,
    name: &'static str,
    /// `None` where it isn't installed.
    path: Option<String>,
    state: ClientState,
    /// Why it can't be set up; only with `unreadable`.
    reason: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientState {
    NotInstalled,
    Ready,
    SetUp,
    /// Something else has our name there.
    Other,
    Unreadable,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct AgentClientPreview {
    path: String,
    before: String,
    after: String,
    /// Empty where there is nothing to keep.
    backup: String,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct AgentClientChanged {
    path: String,
    backup: Option<String>,
}

/// For clients that aren't among ours.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct AgentSetupBlock {
    json: String,
    command: String,
    args: Vec<String>,
}

#[tauri::command]
pub async fn agent_clients(start: State<'_, Start>) -> Result<Vec<AgentClient>, Error> {
    let desk = Desk::of(&start)?;
    blocking(move || Ok(Client::ALL.map(|client| desk.view(client)).into())).await
}

#[tauri::command]
pub async fn preview_agent_client(
    start: State<'_, Start>,
    id: String,
) -> Result<AgentClientPreview, Error> {
    let desk = Desk::of(&start)?;
    blocking(move || desk.preview(&id)).await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn set_up_agent_client(
    start: State<'_, Start>,
    id: String,
    expected_before: String,
) -> Result<AgentClientChanged, Error> {
    let desk = Desk::of(&start)?;
    blocking(move || desk.set_up(&id, &expected_before)).await
}

#[tauri::command]
pub async fn agent_setup_block(start: State<'_, Start>) -> Result<AgentSetupBlock, Error> {
    let Entry { command, args } = entry(&start.profile)?;
    let json = Entry {
        command: command.clone(),
        args: args.clone(),
    }
    .block();
    Ok(AgentSetupBlock {
        json,
        command,
        args,
    })
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    tauri::async_runtime::spawn_blocking(work)
        .await
        .map_err(|_| Error::new(ErrorCode::Internal))?
}

/// How a client starts us for this profile.
fn entry(profile: &ProfileName) -> Result<Entry, Error> {
    let program = environment::terminal_program()
        .map_err(|missing| Error::new(ErrorCode::FileUnreadable).with("file", missing.display()))?;
    let command = program.into_os_string().into_string().map_err(|program| {
        Error::new(ErrorCode::FileUnreadable).with("file", program.to_string_lossy())
    })?;
    Ok(Entry {
        command,
        args: args(profile),
    })
}

fn args(profile: &ProfileName) -> Vec<String> {
    let mut args = vec!["mcp".to_owned()];
    if *profile != ProfileName::personal() {
        args.extend(["--profile".to_owned(), profile.to_string()]);
    }
    args
}

/// What the commands work with.
struct Desk {
    homes: Homes,
    entry: Entry,
    texts: Texts,
}

impl Desk {
    fn of(start: &Start) -> Result<Self, Error> {
        let homes = environment::homes()
            .ok_or_else(|| Error::new(ErrorCode::FileUnreadable).with("file", "~"))?;
        Ok(Self {
            homes,
            entry: entry(&start.profile)?,
            texts: start.texts.clone(),
        })
    }

    fn view(&self, client: Client) -> AgentClient {
        let (state, reason) = match clients::look(client, &self.homes, &self.entry) {
            Ok(clients::State::NotInstalled) => (ClientState::NotInstalled, None),
            Ok(clients::State::Ready) => (ClientState::Ready, None),
            Ok(clients::State::SetUp) => (ClientState::SetUp, None),
            Ok(clients::State::Other) => (ClientState::Other, None),
            Err(trouble) => {
                let reason = self.reason(client, &trouble);
                (ClientState::Unreadable, Some(reason))
            }
        };
        let path = client.path(&self.homes);
        AgentClient {
            id: client.id(),
            name: client.name(),
            path: (state != ClientState::NotInstalled).then(|| shown(&path)),
            state,
            reason,
        }
    }

    fn preview(&self, id: &str) -> Result<AgentClientPreview, Error> {
        let client = client(id)?;
        let preview = clients::preview(client, &self.homes, &self.entry, Timestamp::now())
            .map_err(|trouble| self.error(client, &trouble))?;
        Ok(AgentClientPreview {
            path: shown(&preview.path),
            before: preview.before,
            after: preview.after,
            backup: preview.backup.as_deref().map(shown).unwrap_or_default(),
        })
    }

    fn set_up(&self, id: &str, expected_before: &str) -> Result<AgentClientChanged, Error> {
        let client = client(id)?;
        let now = Timestamp::now();
        let changed = clients::set_up(client, &self.homes, &self.entry, expected_before, now)
            .map_err(|trouble| self.error(client, &trouble))?;
        Ok(AgentClientChanged {
            path: shown(&changed.path),
            backup: changed.backup.as_deref().map(shown),
        })
    }

    fn error(&self, client: Client, trouble: &Trouble) -> Error {
        let error = match trouble {
            Trouble::Unwritable(_) => {
                let path = client.path(&self.homes);
                let folder = path.parent().unwrap_or(&path);
                Error::new(ErrorCode::FolderUnwritable).with("folder", folder.display())
            }
            _ => Error::new(ErrorCode::InvalidInput).with("reason", self.reason(client, trouble)),
        };
        error.detail(trouble)
    }

    /// A sentence for the person.
    fn reason(&self, client: Client, trouble: &Trouble) -> String {
        let path = client.path(&self.homes);
        let say = |key: &str, more: &[(&str, &dyn fmt::Display)]| {
            let own: [(&str, &dyn fmt::Display); 2] =
                [("path", &path.display()), ("client", &client.name())];
            let args = own.iter().chain(more);
            let args = args.map(|(name, value)| ((*name).to_owned(), value.to_string()));
            self.texts.say(key, &args.collect())
        };
        match trouble {
            Trouble::NotInstalled => say("agent_client_not_installed", &[]),
            Trouble::Unreadable(_) => say("agent_client_unreadable", &[]),
            Trouble::NoFile => say("agent_client_no_file", &[]),
            Trouble::TooLong => say("agent_client_too_long", &[]),
            Trouble::NoText => say("agent_client_no_text", &[]),
            Trouble::NoJson { line, column, .. } => say(
                "agent_client_no_json",
                &[("line", line), ("column", column)],
            ),
            Trouble::NoMap { what: None } => say("agent_client_no_object", &[]),
            Trouble::NoMap { what: Some(what) } => say("agent_client_no_map", &[("what", what)]),
            Trouble::Twice { what } => say("agent_client_twice", &[("what", what)]),
            Trouble::TooMuch => say("agent_client_too_much", &[]),
            Trouble::Changed => say("agent_client_changed", &[]),
            Trouble::Unwritable(_) => say("agent_client_unwritable", &[]),
        }
    }
}

fn client(id: &str) -> Result<Client, Error> {
    // Only our own page asks, and it knows the list.
    Client::of_id(id).ok_or_else(|| Error::new(ErrorCode::Internal).detail("no such client"))
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    fn desk(home: &Path) -> Desk {
        Desk {
            homes: Homes {
                home: home.to_owned(),
                config: home.join("config"),
            },
            entry: Entry {
                command: "/opt/autopilot".to_owned(),
                args: args(&ProfileName::personal()),
            },
            texts: Texts::english(),
        }
    }

    #[test]
    fn a_client_is_told_the_profile_unless_it_is_the_persons_own() {
        assert_eq!(args(&ProfileName::personal()), ["mcp"]);
        assert_eq!(
            args(&ProfileName::sandbox()),
            ["mcp", "--profile", "sandbox"]
        );
    }

    #[test]
    fn every_trouble_has_words_that_name_the_file_or_the_client() {
        let desk = desk(Path::new("/home/anna"));
        let broken = || io::Error::from(io::ErrorKind::PermissionDenied);
        for trouble in [
            Trouble::NotInstalled,
            Trouble::Unreadable(broken()),
            Trouble::NoFile,
            Trouble::TooLong,
            Trouble::NoText,
            Trouble::NoJson {
                line: 3,
                column: 7,
                why: "Expected comma".to_owned(),
            },
            Trouble::NoMap { what: None },
            Trouble::NoMap {
                what: Some("mcpServers"),
            },
            Trouble::Twice { what: "mcpServers" },
            Trouble::TooMuch,
            Trouble::Changed,
            Trouble::Unwritable(broken()),
        ] {
            let reason = desk.reason(Client::Cursor, &trouble);
            assert!(!reason.starts_with("agent_client_"), "{trouble}");
            assert!(reason.contains("mcp.json") || reason.contains("Cursor"));
        }
    }

    #[test]
    fn the_page_sees_each_client_and_changes_only_what_it_was_shown() {
        let home = std::env::temp_dir().join(format!("autopilot-clients-{}", std::process::id()));
        let folder = home.join(".cursor");
        std::fs::create_dir_all(&folder).unwrap();
        let desk = desk(&home);
        assert_eq!(desk.view(Client::VsCode).state, ClientState::NotInstalled);
        assert_eq!(desk.view(Client::VsCode).path, None);
        std::fs::write(folder.join("mcp.json"), "{").unwrap();
        let unreadable = desk.view(Client::Cursor);
        assert_eq!(unreadable.state, ClientState::Unreadable);
        assert!(unreadable.reason.is_some());
        std::fs::write(folder.join("mcp.json"), "{}").unwrap();
        assert_eq!(desk.view(Client::Cursor).state, ClientState::Ready);

        let shown = desk.preview("cursor").unwrap();
        assert!(shown.backup.starts_with(&shown.path) && !shown.backup.is_empty());
        let other = desk.set_up("cursor", "{ }").unwrap_err();
        assert_eq!(other.code, ErrorCode::InvalidInput);
        let changed = desk.set_up("cursor", &shown.before).unwrap();
        assert!(changed.backup.is_some());
        assert_eq!(desk.view(Client::Cursor).state, ClientState::SetUp);
        assert!(desk.preview("../cursor").is_err());
        std::fs::remove_dir_all(&home).unwrap();
    }
}
