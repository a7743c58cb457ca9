//! Peers that keep to no rule. Each ends with one clean line and harms nobody else.

use std::sync::Arc;

use link::{Client, LinkError, Server};
use model::ErrorCode;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{UnixListener, UnixStream},
    time::timeout,
};

use crate::door::{FakeHub, Home, SOON, get, sentence};

/// A peer that writes bytes of its own choice.
struct Raw(BufReader<UnixStream>);

impl Raw {
    async fn connect(home: &Home) -> Self {
        let stream = UnixStream::connect(&home.paths.socket).await.unwrap();
        Self(BufReader::new(stream))
    }

    async fn greeted(home: &Home) -> Self {
        let mut raw = Self::connect(home).await;
        raw.say(&json!({"hello": {"version": "0.1.0", "protocol": 1, "face": "cli"}}))
            .await;
        assert_eq!(raw.hear().await["welcome"]["protocol"], 1);
        raw
    }

    async fn say(&mut self, line: &Value) {
        self.write(format!("{line}\n").as_bytes()).await;
    }

    /// The hub may have closed already; then the rest is not wanted.
    async fn write(&mut self, bytes: &[u8]) {
        let _ = self.0.get_mut().write_all(bytes).await;
    }

    async fn hear(&mut self) -> Value {
        let mut line = String::new();
        timeout(SOON, self.0.read_line(&mut line))
            .await
            .unwrap()
            .unwrap();
        serde_json::from_str(&line).unwrap()
    }

    /// One goodbye of that code, and then nothing more.
    async fn is_dismissed_with(&mut self, code: &str) {
        let goodbye = self.hear().await;
        assert_eq!(goodbye["error"]["code"], code);
        assert_eq!(goodbye["id"], Value::Null);
        let mut rest = vec![];
        let end = timeout(SOON, self.0.read_to_end(&mut rest)).await.unwrap();
        // Closed; with an error where bytes of ours were left unread.
        assert!(end.is_err() || rest.is_empty());
    }
}

fn serve() -> (Home, Arc<FakeHub>, Server) {
    let (home, hub) = (Home::new(), FakeHub::new());
    let server = home.serve(&hub);
    (home, hub, server)
}

async fn still_serves(home: &Home) {
    let answer = home.connect().await.ask(get("on")).await.unwrap();
    assert_eq!(sentence(answer), "on");
}

#[tokio::test]
async fn garbage_instead_of_a_greeting_is_dismissed() {
    let (home, _hub, _server) = serve();
    for bytes in [
        &b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"[..],
        b"\x00\xff\xfe\n",
        b"{\"id\":1,\"request\":{\"request\":\"hub\"}}\n",
    ] {
        let mut raw = Raw::connect(&home).await;
        raw.write(bytes).await;
        raw.is_dismissed_with("invalid_input").await;
    }
    still_serves(&home).await;
}

#[tokio::test]
async fn garbage_after_the_greeting_is_dismissed() {
    let (home, _hub, _server) = serve();
    for bytes in [&b"nonsense\n"[..], b"{}\n", b"[1,2]\n"] {
        let mut raw = Raw::greeted(&home).await;
        raw.write(bytes).await;
        raw.is_dismissed_with("invalid_input").await;
    }
    still_serves(&home).await;
}

#[tokio::test]
async fn a_line_without_end_is_cut_off_at_the_limit() {
    let (home, _hub, _server) = serve();
    let mut raw = Raw::greeted(&home).await;
    raw.write(&vec![b'x'; link::MAX_FRAME + 100]).await;
    raw.is_dismissed_with("invalid_input").await;
    still_serves(&home).await;
}

#[tokio::test]
async fn an_unknown_request_is_answered_and_the_connection_goes_on() {
    let (home, _hub, _server) = serve();
    let mut raw = Raw::greeted(&home).await;
    raw.say(&json!({"id": 5, "request": {"request": "of_tomorrow"}}))
        .await;
    let answer = raw.hear().await;
    assert_eq!(answer["id"], 5);
    assert_eq!(answer["error"]["code"], "invalid_input");
    raw.say(&json!({"id": 6, "request": {"request": "hub"}}))
        .await;
    assert_eq!(raw.hear().await["id"], 6);
}

#[tokio::test]
async fn another_protocol_is_told_both_versions() {
    let (home, _hub, _server) = serve();
    let mut raw = Raw::connect(&home).await;
    raw.say(&json!({"hello": {"version": "9.9.9", "protocol": 99, "face": "cli"}}))
        .await;
    let goodbye = raw.hear().await;
    assert_eq!(goodbye["error"]["code"], "version_mismatch");
    assert_eq!(goodbye["error"]["args"]["ours"], "9.9.9");
    assert_eq!(goodbye["error"]["args"]["theirs"], link::VERSION);
}

/// A hub of another version, or something else altogether, on our socket.
async fn client_hears(line: &str) -> LinkError {
    let home = Home::new();
    home.paths.create_data_dir().unwrap();
    let listener = UnixListener::bind(&home.paths.socket).unwrap();
    let line = format!("{line}\n");
    let other = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut hello = [0; 1];
        stream.read_exact(&mut hello).await.unwrap();
        stream.write_all(line.as_bytes()).await.unwrap();
    });
    let error = Client::connect(&home.paths).await.unwrap_err();
    other.await.unwrap();
    error
}

#[tokio::test]
async fn a_hub_of_another_protocol_is_named_by_its_version() {
    let mismatch = LinkError::VersionMismatch {
        ours: link::VERSION.to_owned(),
        theirs: "9.9.9".to_owned(),
    };
    let refusing = r#"{"error":{"code":"version_mismatch","args":{"theirs":"9.9.9"}}}"#;
    assert_eq!(client_hears(refusing).await, mismatch);
    let greeting = r#"{"welcome":{"version":"9.9.9","protocol":99,"profile":"default","pid":1}}"#;
    assert_eq!(client_hears(greeting).await, mismatch);
}

#[tokio::test]
async fn something_else_on_our_socket_is_no_hub() {
    for line in ["HTTP/1.1 400 Bad Request", "{}", ""] {
        let error = client_hears(line).await;
        assert!(matches!(error, LinkError::Broken(_)), "{error:?}");
    }
}

#[tokio::test]
async fn a_peer_that_takes_no_answers_only_stops_itself() {
    let (home, _hub, server) = serve();
    let mut raw = Raw::greeted(&home).await;
    // Far more than the socket and its queue hold: the hub stops reading, and this write never ends.
    let flood = async {
        for id in 0.. {
            raw.say(
                &json!({"id": id, "request": {"request": "get_connection", "connection": "page"}}),
            )
            .await;
        }
    };
    tokio::select! {
        () = flood => {}
        () = still_serves(&home) => {}
    }
    // And it can't keep the hub from leaving.
    timeout(SOON, server.shutdown()).await.unwrap();
    let gone = Client::connect(&home.paths).await.unwrap_err();
    assert_eq!(model::Error::from(gone).code, ErrorCode::HubUnreachable);
}
