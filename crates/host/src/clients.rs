//! Which client registrations a host brings along: those of this build, the sandbox's, or a test's own.

use std::{collections::BTreeMap, fs, io, path::Path};

use hub::BuiltInClient;
use model::{Error, ErrorCode, ProviderId, Secret, SecretInput};
use serde::{Deserialize, Serialize};

/// Where the registrations a profile was created with are kept, without their secrets.
const KEPT: &str = "clients.toml";

/// Baked in when this program was built; none in a build from plain source.
pub(super) fn of_this_build() -> Vec<BuiltInClient> {
    let desktop = built_in(
        "desktop",
        option_env!("AUTOPILOT_GOOGLE_DESKTOP_CLIENT_ID"),
        option_env!("AUTOPILOT_GOOGLE_DESKTOP_CLIENT_SECRET"),
    );
    let ios = built_in("ios", option_env!("AUTOPILOT_GOOGLE_IOS_CLIENT_ID"), None);
    desktop.into_iter().chain(ios).collect()
}

/// Those the sandbox knows.
pub(super) fn of_the_sandbox() -> Vec<BuiltInClient> {
    let desktop = built_in(
        "desktop",
        Some(sandbox::DESKTOP_CLIENT_ID),
        Some(sandbox::DESKTOP_CLIENT_SECRET),
    );
    let ios = built_in("ios", Some(sandbox::IOS_CLIENT_ID), None);
    desktop.into_iter().chain(ios).collect()
}

fn built_in(kind: &str, id: Option<&str>, secret: Option<&str>) -> Option<BuiltInClient> {
    let id = id.filter(|id| !id.is_empty())?;
    Some(BuiltInClient {
        provider: ProviderId::new("google"),
        kind: kind.to_owned(),
        client_id: id.to_owned(),
        client_secret: secret.map(|secret| Secret::new(secret.to_owned())),
    })
}

type Registrations<R> = BTreeMap<String, BTreeMap<String, R>>;

#[derive(Deserialize)]
struct EndpointsFile {
    /// Provider -> client kind -> registration.
    clients: Option<Registrations<Typed>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Typed {
    client_id: String,
    client_secret: Option<SecretInput>,
}

/// The `clients` tables of an endpoints file; `None` where it has none.
///
/// The parser's own words are not passed on: they quote the line, which may hold a secret.
pub(super) fn of_file(text: &str) -> Result<Option<Vec<BuiltInClient>>, Error> {
    let file: EndpointsFile = toml::from_str(text).map_err(|_| {
        Error::new(ErrorCode::InvalidInput).with(
            "reason",
            "The clients of the endpoints file must be tables like [clients.google.desktop] with client_id = \"…\".",
        )
    })?;
    Ok(file.clients.map(|providers| {
        flatten(providers, |typed| {
            (
                typed.client_id,
                typed.client_secret.map(SecretInput::into_secret),
            )
        })
    }))
}

#[derive(Serialize, Deserialize)]
struct Kept {
    client_id: String,
}

/// What a profile was created with. A registration with a secret is not there: the secret was not kept.
pub(super) fn kept(data_dir: &Path) -> Option<Vec<BuiltInClient>> {
    let text = fs::read_to_string(data_dir.join(KEPT)).ok()?;
    let kept: Registrations<Kept> = toml::from_str(&text).ok()?;
    Some(flatten(kept, |kept| (kept.client_id, None)))
}

/// Keeps the public registrations, so that a later run works without being given the file again.
pub(super) fn keep(data_dir: &Path, clients: &[BuiltInClient]) -> io::Result<()> {
    let mut kept: Registrations<Kept> = BTreeMap::new();
    for client in clients
        .iter()
        .filter(|client| client.client_secret.is_none())
    {
        let registration = Kept {
            client_id: client.client_id.clone(),
        };
        kept.entry(client.provider.to_string())
            .or_default()
            .insert(client.kind.clone(), registration);
    }
    let text = toml::to_string(&kept).map_err(io::Error::other)?;
    fs::write(data_dir.join(KEPT), text)
}

fn flatten<R>(
    providers: Registrations<R>,
    read: impl Fn(R) -> (String, Option<Secret>),
) -> Vec<BuiltInClient> {
    let mut clients = Vec::new();
    for (provider, kinds) in providers {
        for (kind, registration) in kinds {
            let (client_id, client_secret) = read(registration);
            clients.push(BuiltInClient {
                provider: ProviderId::new(provider.clone()),
                kind,
                client_id,
                client_secret,
            });
        }
    }
    clients
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "[gmail]\ntoken = \"http://127.0.0.1:9/token\"\n\
        [clients.google.ios]\nclient_id = \"public\"\n\
        [clients.google.desktop]\nclient_id = \"confidential\"\nclient_secret = \"canary-5\"\n";

    #[test]
    fn a_test_registration_needs_no_secret() {
        let clients = of_file(FILE).unwrap().unwrap();
        let ids: Vec<&str> = clients
            .iter()
            .map(|client| client.client_id.as_str())
            .collect();
        assert_eq!(ids, ["confidential", "public"]);
        assert!(
            of_file("[gmail]\ntoken = \"http://127.0.0.1:9/\"")
                .unwrap()
                .is_none()
        );
    }

    #[test]
    fn a_secret_is_never_copied_into_the_profile() {
        let folder = tempfile::tempdir().unwrap();
        keep(folder.path(), &of_file(FILE).unwrap().unwrap()).unwrap();
        let text = fs::read_to_string(folder.path().join(KEPT)).unwrap();
        assert!(!text.contains("canary"), "{text}");
        let clients = kept(folder.path()).unwrap();
        assert_eq!(
            clients.len(),
            1,
            "a registration without its secret is half a registration"
        );
        assert_eq!(clients[0].client_id, "public");
    }

    #[test]
    fn a_misspelt_file_is_refused_without_quoting_it() {
        let refused = of_file("[clients.google.desktop]\nclient_idd = \"canary-6\"").unwrap_err();
        assert_eq!(refused.code, ErrorCode::InvalidInput);
        assert!(!format!("{refused:?}").contains("canary"));
    }
}
