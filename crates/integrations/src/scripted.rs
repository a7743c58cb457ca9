//! For tests: a server on loopback that answers from a script, word for word, and keeps what it was asked.
//! What the sandbox's twins would never say (half an answer, a page without end) is said here.

use std::{collections::BTreeMap, sync::Once};

use model::Secret;
use sandbox::rude::Rude;
pub(crate) use sandbox::rude::answer;
use serde::Deserialize;
use url::Url;

use crate::{Endpoints, Session, call::Answer, role};

/// One connection's answer, written as it is; then the connection is closed.
pub(crate) struct Scripted {
    pub base: Url,
    rude: Rude,
}

impl Scripted {
    pub async fn start(answers: Vec<Vec<u8>>) -> Self {
        let rude = Rude::start(answers, None).await.unwrap();
        Self {
            base: rude.base.clone(),
            rude,
        }
    }

    /// A session whose every endpoint is this server.
    pub fn session(&self, granted: &[&str]) -> Session {
        session(&self.base, granted)
    }

    /// What was asked, head and body, once every answer was given.
    pub async fn requests(self) -> Vec<String> {
        self.rude.heard_out().await
    }
}

pub(crate) const TOKEN: &str = "110201543:canary-token-of-thirty-five-characte";

pub(crate) fn session(base: &Url, granted: &[&str]) -> Session {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    let roles = role::ALL.map(|role| (role.to_owned(), base.clone()));
    Session::unpaced(
        reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap(),
        Secret::new(TOKEN.to_owned()),
        Endpoints::new(BTreeMap::from(roles)).unwrap(),
        granted.iter().map(|scope| (*scope).to_owned()).collect(),
    )
}

pub(crate) fn json(body: &str) -> Vec<u8> {
    answer(200, "application/json; charset=UTF-8", body)
}

/// An answer as a folder's `fixtures/errors.json` keeps it.
#[derive(Deserialize)]
struct Fixture {
    status: u16,
    retry_after: Option<u64>,
    body: serde_json::Value,
}

/// The answer of that name; a body that is text is meant as it stands.
pub(crate) fn fixture(file: &str, name: &str) -> Answer {
    let mut fixtures: BTreeMap<String, Fixture> = serde_json::from_str(file).unwrap();
    let fixture = fixtures
        .remove(name)
        .unwrap_or_else(|| panic!("no fixture {name}"));
    Answer {
        status: fixture.status,
        retry_after: fixture.retry_after.map(std::time::Duration::from_secs),
        body: match fixture.body {
            serde_json::Value::String(text) => text.into_bytes(),
            body => body.to_string().into_bytes(),
        },
    }
}

/// One test a row: what an answer in `fixtures/errors.json` means. Every fixture has its row.
macro_rules! error_rows {
    ($($row:ident = $means:expr;)+) => {
        const ERRORS: &str = include_str!("fixtures/errors.json");
        $(
            #[test]
            fn $row() {
                let answer = crate::scripted::fixture(ERRORS, stringify!($row));
                assert_eq!(judged(&answer), Err($means));
            }
        )+

        #[test]
        fn no_documented_error_is_left_without_a_meaning() {
            let rows = [$(stringify!($row),)+];
            let fixtures: std::collections::BTreeMap<String, serde_json::Value> = serde_json::from_str(ERRORS).unwrap();
            for name in fixtures.keys() {
                assert!(rows.contains(&name.as_str()), "{name} has no row");
            }
        }
    };
}
pub(crate) use error_rows;
