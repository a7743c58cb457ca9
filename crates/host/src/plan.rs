//! Which services a profile talks to: the real ones, the sandbox, or wherever its endpoints file said.
//!
//! That is fixed when the profile is created. What was decided then is in its folder, so a later run needs
//! no flags; flags that say otherwise are refused before anything is touched.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use hub::{BuiltInClient, EndpointOverrides, Hub};
use model::{Error, ErrorCode};
use sandbox::{Sandbox, StartError};
use serde::{Deserialize, Serialize};

use crate::{Refusal, clients};

const SANDBOX: &str = "sandbox.toml";
const SANDBOX_STATE: &str = "sandbox-state.json";
/// Its presence means that the profile was in use before.
const DATABASE: &str = "autopilot.db";

#[derive(Debug)]
pub(super) enum Plan {
    Real,
    /// On this port; 0 = not chosen yet.
    Sandbox {
        port: u16,
    },
    /// Endpoints only where they were given now; else the hub knows them.
    Elsewhere {
        endpoints: Option<EndpointOverrides>,
        clients: Vec<BuiltInClient>,
    },
}

/// What is kept of a sandbox profile: its endpoints carry the port, so the port must stay.
#[derive(Serialize, Deserialize)]
struct KeptSandbox {
    port: u16,
}

impl Plan {
    /// Reads flags and folder; changes nothing.
    pub(super) fn read(data_dir: &Path, sandbox: bool, file: Option<&Path>) -> Result<Self, Error> {
        let created_with = Hub::endpoint_overrides(data_dir);
        let is_new = created_with.is_none() && !data_dir.join(DATABASE).exists();
        if let Some(port) = kept_port(data_dir) {
            return match file {
                None => Ok(Self::Sandbox { port }),
                Some(_) => Err(ErrorCode::EndpointsFixed.into()),
            };
        }
        if sandbox {
            // One that was interrupted while being created has endpoints, but no port yet: the hub compares.
            let started = data_dir.join(SANDBOX_STATE).exists();
            return if is_new || started {
                Ok(Self::Sandbox { port: 0 })
            } else {
                Err(ErrorCode::EndpointsFixed.into())
            };
        }
        if let Some(file) = file {
            let text = read_file(file)?;
            let given = EndpointOverrides::parse(&text)?;
            let own = clients::of_file(&text)?;
            return match created_with {
                Some(kept) if kept != given => Err(ErrorCode::EndpointsFixed.into()),
                None if !is_new => Err(ErrorCode::EndpointsFixed.into()),
                _ => Ok(Self::Elsewhere {
                    endpoints: Some(given),
                    clients: own.unwrap_or_else(clients::of_the_sandbox),
                }),
            };
        }
        if created_with.is_some() {
            let clients = clients::kept(data_dir).unwrap_or_else(clients::of_the_sandbox);
            return Ok(Self::Elsewhere {
                endpoints: None,
                clients,
            });
        }
        Ok(Self::Real)
    }

    /// The sandbox, where the plan has one.
    pub(super) async fn start_sandbox(&self, data_dir: &Path) -> Result<Option<Sandbox>, Refusal> {
        let Self::Sandbox { port } = *self else {
            return Ok(None);
        };
        let options = sandbox::Options {
            port,
            state_file: Some(data_dir.join(SANDBOX_STATE)),
            ..sandbox::Options::default()
        };
        match Sandbox::start(options).await {
            Ok(sandbox) => Ok(Some(sandbox)),
            // Most likely by the hub that holds this profile; by anything else, waiting ends with this reason.
            Err(StartError::Listen { port, source })
                if source.kind() == io::ErrorKind::AddrInUse =>
            {
                Err(Refusal::Held(format!(
                    "another process uses port {port}, which this profile's sandbox needs"
                )))
            }
            Err(error) => Err(Refusal::Final(
                Error::new(ErrorCode::HubUnreachable).detail(error),
            )),
        }
    }

    /// What the hub is told; `None` = what it knows already.
    pub(super) fn endpoints(
        &self,
        sandbox: Option<&Sandbox>,
    ) -> Result<Option<EndpointOverrides>, Error> {
        match (self, sandbox) {
            (Self::Sandbox { .. }, Some(sandbox)) => {
                EndpointOverrides::parse(&sandbox.endpoints_toml()).map(Some)
            }
            (Self::Elsewhere { endpoints, .. }, _) => Ok(endpoints.clone()),
            _ => Ok(None),
        }
    }

    pub(super) fn clients(&self) -> Vec<BuiltInClient> {
        match self {
            Self::Real => clients::of_this_build(),
            Self::Sandbox { .. } => clients::of_the_sandbox(),
            Self::Elsewhere { clients, .. } => clients.clone(),
        }
    }

    /// Keeps what a later run needs, once the hub has accepted it.
    pub(super) fn keep(&self, data_dir: &Path, sandbox: Option<&Sandbox>) -> io::Result<()> {
        match (self, sandbox.and_then(|sandbox| sandbox.base_url().port())) {
            (Self::Sandbox { port: 0 }, Some(port)) => {
                let text = toml::to_string(&KeptSandbox { port }).map_err(io::Error::other)?;
                fs::write(data_dir.join(SANDBOX), text)
            }
            (
                Self::Elsewhere {
                    endpoints: Some(_),
                    clients,
                },
                _,
            ) => clients::keep(data_dir, clients),
            _ => Ok(()),
        }
    }
}

fn kept_port(data_dir: &Path) -> Option<u16> {
    let text = fs::read_to_string(data_dir.join(SANDBOX)).ok()?;
    let kept: KeptSandbox = toml::from_str(&text).ok()?;
    Some(kept.port)
}

fn read_file(file: &Path) -> Result<String, Error> {
    fs::read_to_string(file).map_err(|error| {
        let reason = format!(
            "The endpoints file {} can't be read.",
            PathBuf::from(file).display()
        );
        Error::new(ErrorCode::InvalidInput)
            .with("reason", reason)
            .detail(error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(folder: &Path, text: &str) -> PathBuf {
        let path = folder.join("given.toml");
        fs::write(&path, text).unwrap();
        path
    }

    fn code(plan: Result<Plan, Error>) -> ErrorCode {
        plan.unwrap_err().code
    }

    #[test]
    fn a_new_profile_is_what_the_flags_say() {
        let folder = tempfile::tempdir().unwrap();
        let profile = folder.path().join("new");
        assert!(matches!(Plan::read(&profile, false, None), Ok(Plan::Real)));
        assert!(matches!(
            Plan::read(&profile, true, None),
            Ok(Plan::Sandbox { port: 0 })
        ));
        let given = file(
            folder.path(),
            "[telegram]\napi = \"http://127.0.0.1:9/telegram\"",
        );
        assert!(matches!(
            Plan::read(&profile, false, Some(&given)),
            Ok(Plan::Elsewhere { .. })
        ));
        assert!(!profile.exists(), "looking must not create the profile");
    }

    #[test]
    fn a_sandbox_profile_comes_back_on_its_port_without_being_told() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(SANDBOX), "port = 4711").unwrap();
        assert!(matches!(
            Plan::read(folder.path(), false, None),
            Ok(Plan::Sandbox { port: 4711 })
        ));
        assert!(matches!(
            Plan::read(folder.path(), true, None),
            Ok(Plan::Sandbox { port: 4711 })
        ));
        let given = file(folder.path(), "");
        assert_eq!(
            code(Plan::read(folder.path(), false, Some(&given))),
            ErrorCode::EndpointsFixed
        );
    }

    #[test]
    fn a_profile_of_real_accounts_refuses_sandbox_and_endpoints() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(DATABASE), "").unwrap();
        let given = file(
            folder.path(),
            "[telegram]\napi = \"http://127.0.0.1:9/telegram\"",
        );
        assert_eq!(
            code(Plan::read(folder.path(), true, None)),
            ErrorCode::EndpointsFixed
        );
        assert_eq!(
            code(Plan::read(folder.path(), false, Some(&given))),
            ErrorCode::EndpointsFixed
        );
        assert!(matches!(
            Plan::read(folder.path(), false, None),
            Ok(Plan::Real)
        ));
    }

    #[test]
    fn a_missing_endpoints_file_says_which() {
        let folder = tempfile::tempdir().unwrap();
        let refused = Plan::read(
            folder.path(),
            false,
            Some(&folder.path().join("nothing.toml")),
        )
        .unwrap_err();
        assert_eq!(refused.code, ErrorCode::InvalidInput);
        assert!(refused.args["reason"].contains("nothing.toml"));
    }
}
