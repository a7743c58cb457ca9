//! For tests: a server on loopback that answers from a script, word for word, and keeps what it was asked.
//! What the sandbox's twins would never say (half an answer, a page without end) is said here.

use std::{collections::BTreeMap, sync::Once};

use model::Secret;
use serde::Deserialize;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    task::JoinHandle,
};
use url::Url;

use crate::{Endpoints, Session, call::Answer, role};

/// One connection's answer, written as it is; then the connection is closed.
pub(crate) struct Scripted {
    pub base: Url,
    requests: JoinHandle<Vec<String>>,
}

impl Scripted {
    pub async fn start(answers: Vec<Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let requests = tokio::spawn(async move {
            let mut requests = Vec::new();
            for answer in answers {
                let (mut stream, _) = listener.accept().await.unwrap();
                requests.push(read_request(&mut stream).await);
                // The other side may have heard enough before the end.
                let _ = stream.write_all(&answer).await;
                let _ = stream.shutdown().await;
            }
            requests
        });
        Self { base, requests }
    }

    /// A session whose every endpoint is this server.
    pub fn session(&self, granted: &[&str]) -> Session {
        session(&self.base, granted)
    }

    /// What was asked, head and body, once every answer was given.
    pub async fn requests(self) -> Vec<String> {
        self.requests.await.unwrap()
    }
}

/// The head up to its end, and as much body as it announces.
async fn read_request(stream: &mut tokio::net::TcpStream) -> String {
    let mut request = Vec::new();
    let mut whole = None;
    while whole.is_none_or(|whole| request.len() < whole) {
        let mut piece = vec![0; 64 * 1024];
        match stream.read(&mut piece).await {
            Ok(0) | Err(_) => break,
            Ok(read) => request.extend_from_slice(&piece[..read]),
        }
        if whole.is_none() {
            whole = announced(&request);
        }
    }
    String::from_utf8_lossy(&request).into_owned()
}

/// The length of a whole request, once its head is there.
fn announced(request: &[u8]) -> Option<usize> {
    let end = request.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&request[..end]);
    let body = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or(0, |(_, length)| length.trim().parse().unwrap());
    Some(end + 4 + body)
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

/// A whole answer with a body of the given type.
pub(crate) fn answer(status: u16, content_type: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status} X\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
        .into_bytes()
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
