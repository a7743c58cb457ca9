//! An upload against an emulator that we did not write. It speaks Cloud Storage, whose resumable uploads are Drive's
//! under other paths and names; what stands between translates those, and breaks the line in the middle of a chunk.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

#[path = "sandbox/journal.rs"]
mod journal;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use base64::Engine as _;
use integrations::{Endpoints, OutgoingFile, Session, role};
use journal::{Remembered, file};
use model::Secret;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// `cargo xtask setup` puts it there, by this version.
const FOLDER: &str = "peers/storage-emulator-2026.7.19";
const BUCKET: &str = "drive";
const MIB: usize = 1024 * 1024;

/// Ends with the test.
struct Emulator {
    process: Child,
    port: u16,
}

impl Emulator {
    async fn start() -> Self {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
        let folder: PathBuf = target.join(FOLDER);
        assert!(
            folder.is_dir(),
            "{} is missing: run `cargo xtask setup` once",
            folder.display()
        );
        let port = free_port();
        let process = Command::new("python3")
            .args([
                "-m",
                "gcp_storage_emulator",
                "start",
                "--in-memory",
                "--quiet",
            ])
            .args(["--host", "127.0.0.1", "--port", &port.to_string()])
            .args(["--default-bucket", BUCKET])
            .env("PYTHONPATH", &folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let emulator = Self { process, port };
        for _ in 0..300 {
            if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                return emulator;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the emulator doesn't start");
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// A request or an answer.
struct Message {
    head: String,
    body: Vec<u8>,
}

impl Message {
    async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Option<Self> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.ok()?);
        }
        let head = String::from_utf8(head).ok()?;
        let mut message = Self {
            head,
            body: Vec::new(),
        };
        match message.header("content-length") {
            Some(length) => {
                message.body = vec![0; length.parse().unwrap()];
                stream.read_exact(&mut message.body).await.ok()?;
            }
            // An answer without a length ends with its connection.
            None if message.head.starts_with("HTTP/") => {
                stream.read_to_end(&mut message.body).await.ok()?;
            }
            None => {}
        }
        Some(message)
    }

    fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// Drive on one side, the emulator on the other.
struct Between {
    emulator: u16,
    /// Where the requests with bytes began, and how long they were.
    ranges: Mutex<Vec<String>>,
    chunks: AtomicUsize,
    /// The name that Drive's id stands for.
    name: String,
}

impl Between {
    async fn run(self: Arc<Self>, listener: TcpListener) {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let between = Arc::clone(&self);
            tokio::spawn(async move { between.serve(stream).await });
        }
    }

    async fn serve(&self, mut stream: TcpStream) {
        let Some(request) = Message::read(&mut stream).await else {
            return;
        };
        let mut words = request.head.split(' ');
        let (method, target) = (words.next().unwrap(), words.next().unwrap());
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let answer = match (method, path) {
            ("GET", "/drive/v3/files/generateIds") => said(&json!({"ids": ["1made-ahead"]})),
            ("POST", "/upload/drive/v3/files") => self.open(&request).await,
            ("PUT", "/upload/drive/v3/files") => {
                let range = request.header("content-range").unwrap().to_owned();
                self.ranges.lock().unwrap().push(range.clone());
                let is_chunk = !range.starts_with("bytes *");
                // The second chunk: half of it arrives, and nobody hears an answer.
                if is_chunk && self.chunks.fetch_add(1, Ordering::SeqCst) == 1 {
                    self.half(query, &request).await;
                    return;
                }
                let headers = format!("Content-Range: {range}\r\n");
                let answer = self.ask("PUT", query, &headers, &request.body).await;
                translated(&answer)
            }
            ("GET", _) => {
                let path = format!("/storage/v1/b/{BUCKET}/o/{}", self.name);
                let media = query.contains("alt=media");
                let path = if media {
                    format!("{path}?alt=media")
                } else {
                    path
                };
                let answer = self.send(&format!("GET {path}"), "", &[], None).await;
                if media {
                    bytes(&answer)
                } else {
                    translated(&answer)
                }
            }
            _ => panic!("nobody should ask {method} {path}"),
        };
        let _ = stream.write_all(&answer).await;
        let _ = stream.shutdown().await;
    }

    async fn open(&self, request: &Message) -> Vec<u8> {
        assert_eq!(request.json()["id"], "1made-ahead");
        let body = json!({"name": request.json()["name"]}).to_string();
        let length = request.header("x-upload-content-length").unwrap();
        let headers =
            format!("Content-Type: application/json\r\nX-Upload-Content-Length: {length}\r\n");
        let answer = self
            .ask("POST", "uploadType=resumable", &headers, body.as_bytes())
            .await;
        let room = answer.header("location").unwrap();
        let query = room.split_once('?').unwrap().1;
        format!("HTTP/1.1 200 OK\r\nlocation: /upload/drive/v3/files?{query}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").into_bytes()
    }

    /// Waits until the emulator has dealt with what it got, so that the next question isn't answered before.
    async fn half(&self, query: &str, request: &Message) {
        let range = request.header("content-range").unwrap();
        let headers = format!("Content-Range: {range}\r\n");
        let line = format!("PUT /upload/storage/v1/b/{BUCKET}/o?{query}");
        let half = &request.body[..request.body.len() / 2];
        self.send(&line, &headers, half, Some(request.body.len()))
            .await;
    }

    async fn ask(&self, method: &str, query: &str, headers: &str, body: &[u8]) -> Message {
        let line = format!("{method} /upload/storage/v1/b/{BUCKET}/o?{query}");
        self.send(&line, headers, body, None).await
    }

    async fn send(&self, line: &str, headers: &str, body: &[u8], said: Option<usize>) -> Message {
        let mut stream = TcpStream::connect(("127.0.0.1", self.emulator))
            .await
            .unwrap();
        let length = said.unwrap_or(body.len());
        let head = format!(
            "{line} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(body).await.unwrap();
        if said.is_some() {
            stream.shutdown().await.unwrap();
        }
        let nothing = || Message {
            head: String::new(),
            body: Vec::new(),
        };
        Message::read(&mut stream).await.unwrap_or_else(nothing)
    }
}

fn said(body: &Value) -> Vec<u8> {
    let body = body.to_string();
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}").into_bytes()
}

fn bytes(answer: &Message) -> Vec<u8> {
    let length = answer.body.len();
    let mut whole =
        format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n")
            .into_bytes();
    whole.extend_from_slice(&answer.body);
    whole
}

/// The emulator's answer in Drive's words: the same protocol, other fields.
fn translated(answer: &Message) -> Vec<u8> {
    let status = answer.head.split(' ').nth(1).unwrap();
    if status != "200" {
        let range = answer
            .header("range")
            .map(|range| format!("range: {range}\r\n"));
        let range = range.unwrap_or_default();
        return format!(
            "HTTP/1.1 {status} X\r\n{range}content-length: 0\r\nconnection: close\r\n\r\n"
        )
        .into_bytes();
    }
    let object = answer.json();
    let md5 = base64::engine::general_purpose::STANDARD
        .decode(object["md5Hash"].as_str().unwrap())
        .unwrap();
    let md5: String = md5.iter().map(|byte| format!("{byte:02x}")).collect();
    said(&json!({
        "id": "1made-ahead",
        "name": object["name"],
        "mimeType": "text/plain",
        "size": object["size"],
        "md5Checksum": md5,
    }))
}

#[tokio::test]
async fn an_upload_whose_line_breaks_in_the_middle_goes_on_from_what_arrived() {
    let emulator = Emulator::start().await;
    let content: Vec<u8> = (0..20 * MIB as u32)
        .map(|at| at.wrapping_mul(2_654_435_761).to_be_bytes()[0])
        .collect();
    let (_folder, local) = file("large.txt", &content);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let base = url::Url::parse(&base).unwrap();
    let between = Arc::new(Between {
        emulator: emulator.port,
        ranges: Mutex::default(),
        chunks: AtomicUsize::new(0),
        name: local.name.clone(),
    });
    tokio::spawn(Arc::clone(&between).run(listener));

    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .unwrap();
    let roles = [role::API, role::UPLOAD].map(|role| (role.to_owned(), base.clone()));
    let session = Session::unpaced(
        http,
        Secret::new("ya29.a-token".to_owned()),
        Endpoints::new(BTreeMap::from(roles)).unwrap(),
        Vec::new(),
    );
    let drive = integrations::find(&"google_drive".into()).unwrap();
    let drive = drive.files().unwrap();
    let outgoing = OutgoingFile {
        file: local,
        folder: None,
    };
    let journal = Remembered::default();
    let made = drive.upload(&session, &outgoing, &journal).await.unwrap();
    assert_eq!(made.id, "1made-ahead");

    let (total, chunk) = (20 * MIB, 8 * MIB);
    let arrived = chunk + chunk / 2;
    let expected = [
        format!("bytes 0-{}/{total}", chunk - 1),
        format!("bytes {chunk}-{}/{total}", 2 * chunk - 1),
        format!("bytes */{total}"),
        format!("bytes {arrived}-{}/{total}", total - 1),
    ];
    assert_eq!(*between.ranges.lock().unwrap(), expected);

    let there = drive.describe(&session, &made.id).await.unwrap();
    let mut down = Vec::new();
    drive
        .download(&session, &there, &mut down, &|_, _| {})
        .await
        .unwrap();
    assert!(down == content);
}
