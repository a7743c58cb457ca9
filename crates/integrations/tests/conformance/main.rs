//! What every integration owes, checked over all of them: whoever adds a folder runs this and is told what it
//! still lacks. Behaviour is tested beside the code; here are the promises a folder makes by being there.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod icons;
mod texts;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use integrations::{Auth, Endpoints, Integration, Session, Unreachable, role};
use model::{Language, Secret};
use url::Url;

/// The same in every folder; `fixtures` is looked into below.
const FILES: [&str; 8] = [
    "integration.toml",
    "mod.rs",
    "api.rs",
    "errors.rs",
    "tests.rs",
    "icon.svg",
    "texts/en.json",
    "texts/de.json",
];

fn folder(integration: &dyn Integration) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src")
        .join(integration.facts().id.as_str())
}

fn every() -> impl Iterator<Item = (&'static str, &'static dyn Integration)> {
    integrations::all()
        .iter()
        .map(|integration| (integration.facts().id.as_str(), *integration))
}

#[test]
fn every_folder_is_found_by_its_own_name() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let on_disk: BTreeSet<String> = fs::read_dir(src)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("integration.toml").is_file())
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    let found: BTreeSet<String> = every().map(|(id, _)| id.to_owned()).collect();
    assert_eq!(found, on_disk);
    for (id, integration) in every() {
        let again = integrations::find(&id.into()).unwrap();
        assert_eq!(again.facts(), integration.facts());
    }
    assert!(integrations::find(&"no_such_service".into()).is_none());
}

#[test]
fn every_folder_holds_the_same_files_and_introduces_them() {
    for (id, integration) in every() {
        for file in FILES {
            let path = folder(integration).join(file);
            let text =
                fs::read_to_string(&path).unwrap_or_else(|error| panic!("{id}: {file}: {error}"));
            assert!(
                !file.ends_with(".rs") || text.starts_with("//! "),
                "{id}: {file} says not what it is for"
            );
        }
    }
}

/// Modules that a build script names are not followed by `cargo fmt`, so they are checked here.
#[test]
fn every_folder_is_formatted() {
    for (id, integration) in every() {
        let checked = Command::new("rustfmt")
            .args(["--check", "--edition", "2024"])
            .arg(folder(integration).join("mod.rs"))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&checked.stdout);
        assert!(
            checked.status.success(),
            "{id}: rustfmt --edition 2024 src/{id}/mod.rs\n{said}"
        );
    }
}

#[test]
fn every_fixture_is_json_and_the_errors_are_among_them() {
    for (id, integration) in every() {
        let fixtures = folder(integration).join("fixtures");
        let mut names = BTreeSet::new();
        for entry in fs::read_dir(&fixtures).unwrap() {
            let path = entry.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            serde_json::from_str::<serde_json::Value>(&text)
                .unwrap_or_else(|error| panic!("{id}: {}: {error}", path.display()));
            names.insert(path.file_name().unwrap().to_str().unwrap().to_owned());
        }
        assert!(
            names.contains("errors.json"),
            "{id}: fixtures/errors.json is missing"
        );
        assert!(
            names.len() > 1,
            "{id}: no answer that works is kept in fixtures"
        );
    }
}

#[test]
fn every_endpoint_a_sign_in_needs_is_there_and_travels_over_tls() {
    for (id, integration) in every() {
        let facts = integration.facts();
        let needed: &[&str] = match &facts.auth {
            Auth::Oauth(oauth) if oauth.revocation == integrations::Reach::None => {
                &[role::AUTHORIZE, role::TOKEN, role::API]
            }
            Auth::Oauth(_) => &[role::AUTHORIZE, role::TOKEN, role::REVOKE, role::API],
            Auth::Form(_) => &[role::API],
        };
        for role in needed {
            assert!(
                facts.endpoints.get(role).is_ok(),
                "{id}: no {role} endpoint"
            );
        }
        for (role, url) in facts.endpoints.iter() {
            assert_eq!(url.scheme(), "https", "{id}: {role}");
        }
        for (name, url) in &facts.links {
            assert_eq!(url.scheme(), "https", "{id}: {name}");
        }
        for step in &facts.setup {
            assert_eq!(step.link.scheme(), "https", "{id}: setup {}", step.key);
        }
        assert!(
            facts.links.contains_key("docs"),
            "{id}: no link to the documentation its facts come from"
        );
    }
}

#[test]
fn every_permission_opens_something_and_everything_is_opened_by_one() {
    for (id, integration) in every() {
        let facts = integration.facts();
        assert!(!facts.capabilities.is_empty(), "{id}");
        let Some(oauth) = facts.auth.as_oauth() else {
            assert!(facts.scopes.is_empty(), "{id}: a form grants no scopes");
            assert_eq!(
                integrations::capabilities(integration, &[]),
                facts.capabilities
            );
            continue;
        };
        assert!(!oauth.clients.is_empty(), "{id}: nothing to sign in with");
        for scope in &facts.scopes {
            assert!(
                !scope.capabilities.is_empty(),
                "{id}: {} opens nothing",
                scope.scope
            );
            assert!(
                !oauth.base_scopes.contains(&scope.scope),
                "{id}: {} is asked for anyway",
                scope.scope
            );
            for wider in std::iter::once(&scope.scope).chain(&scope.covered_by) {
                let opened = integrations::capabilities(integration, std::slice::from_ref(wider));
                for capability in &scope.capabilities {
                    assert!(
                        opened.contains(capability),
                        "{id}: {wider} doesn't open {capability:?}"
                    );
                }
            }
        }
        let all: Vec<String> = facts
            .scopes
            .iter()
            .map(|scope| scope.scope.clone())
            .collect();
        assert_eq!(
            integrations::capabilities(integration, &all),
            facts.capabilities,
            "{id}"
        );
        assert_eq!(
            integrations::capabilities(integration, &oauth.base_scopes),
            [],
            "{id}"
        );
    }
}

#[test]
fn every_write_states_whether_it_may_be_repeated_and_every_call_what_it_costs() {
    for (id, integration) in every() {
        let facts = integration.facts();
        for capability in &facts.capabilities {
            let stated = facts.idempotency.contains_key(capability);
            assert_eq!(stated, capability.is_write(), "{id}: {capability:?}");
            let name = serde_json::to_value(capability).unwrap();
            assert!(
                facts.costs.contains_key(name.as_str().unwrap()),
                "{id}: no cost of {capability:?}"
            );
        }
        assert!(
            facts.costs.contains_key("probe"),
            "{id}: no cost of a probe"
        );
        assert!(!facts.rate_limits.is_empty(), "{id}: no rate limits");
        for limit in &facts.rate_limits {
            assert!(limit.units > 0 && limit.window_s > 0, "{id}: {limit:?}");
        }
    }
}

#[test]
fn every_capability_that_is_declared_is_there() {
    for (id, integration) in every() {
        let declared = |family: &str| {
            integration.facts().capabilities.iter().any(|capability| {
                serde_json::to_value(capability)
                    .unwrap()
                    .as_str()
                    .unwrap()
                    .starts_with(family)
            })
        };
        for (family, there) in [
            ("mail.", integration.mail().is_some()),
            ("files.", integration.files().is_some()),
            ("message.", integration.messages().is_some()),
        ] {
            assert_eq!(declared(family), there, "{id}: {family}");
        }
    }
}

#[test]
fn every_integration_refuses_what_it_does_not_offer_with_a_sentence() {
    let anything = Secret::new("canary".to_owned());
    for (id, integration) in every() {
        let form = integration.read_form(&BTreeMap::new()).unwrap_err();
        let file = integration.read_client_file(&anything).unwrap_err();
        for sentence in [form.reason, file.reason] {
            let reason = sentence.say(Language::English);
            assert!(
                reason.ends_with('.') && !reason.contains("canary"),
                "{id}: {reason}"
            );
        }
        assert_eq!(
            integration.explain_rejected_form(&Unreachable::Dns.into()),
            None,
            "{id}"
        );
    }
}

#[test]
fn two_integrations_of_one_provider_agree_about_it() {
    let mut seen: BTreeMap<&str, &dyn Integration> = BTreeMap::new();
    for (id, integration) in every() {
        let facts = integration.facts();
        let Some(first) = seen.insert(facts.provider.as_str(), integration) else {
            continue;
        };
        let of = |integration: &dyn Integration| {
            let facts = integration.facts();
            let signing_in = [role::AUTHORIZE, role::TOKEN, role::REVOKE];
            (
                facts.auth.clone(),
                signing_in.map(|role| facts.endpoints.get(role).ok().cloned()),
                facts
                    .setup
                    .iter()
                    .map(|step| step.key.clone())
                    .collect::<Vec<_>>(),
            )
        };
        assert_eq!(of(first), of(integration), "{id}");
    }
}

/// Where the client is made is the last step, and only services people sign in to by a client have steps at all.
#[test]
fn every_way_to_a_registration_ends_with_one() {
    for (id, integration) in every() {
        let facts = integration.facts();
        let keys: BTreeSet<&str> = facts.setup.iter().map(|step| step.key.as_str()).collect();
        assert_eq!(keys.len(), facts.setup.len(), "{id}: two steps of one name");
        assert!(
            facts.setup.is_empty() || facts.auth.as_oauth().is_some(),
            "{id}"
        );
        for (place, step) in facts.setup.iter().rev().enumerate() {
            assert_eq!(step.brings_client, place == 0, "{id}: {}", step.key);
        }
    }
}

/// Nothing listens there: what is said of that must hold neither the token nor an address with it.
#[tokio::test]
async fn every_token_stays_out_of_what_is_said_about_it() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let base = Url::parse(&format!("http://{closed}")).unwrap();
    let roles = role::ALL.map(|role| (role.to_owned(), base.clone()));
    for (id, integration) in every() {
        let session = Session::unpaced(
            reqwest::Client::builder().no_proxy().build().unwrap(),
            Secret::new("110201543:canary".to_owned()),
            Endpoints::new(BTreeMap::from(roles.clone())).unwrap(),
            Vec::new(),
        );
        let error = integration.probe(&session).await.unwrap_err();
        assert_eq!(error, Unreachable::Connect.into(), "{id}");
        let said = format!("{session:?} {error:?} {error}");
        assert!(!said.contains("canary"), "{id}: {said}");
    }
}

#[test]
fn every_typed_registration_is_checked_before_it_is_kept() {
    let secret = Secret::new("canary".to_owned());
    for (id, integration) in every() {
        let wrong = |kind, client_id, secret| {
            integration
                .read_client(kind, client_id, secret)
                .unwrap_err()
        };
        assert_eq!(
            wrong("no_such_kind", "x", Some(&secret)).field,
            "kind",
            "{id}"
        );
        let Some(oauth) = integration.facts().auth.as_oauth() else {
            continue;
        };
        for (kind, client) in &oauth.clients {
            let fields =
                ["", " ", "a b"].map(|client_id| wrong(kind, client_id, Some(&secret)).field);
            assert!(
                fields.iter().all(|field| field == "client_id"),
                "{id}: {kind}: {fields:?}"
            );
            if client.needs_secret {
                assert_eq!(
                    wrong(kind, "x", None).field,
                    "client_secret",
                    "{id}: {kind}"
                );
            }
        }
    }
}
