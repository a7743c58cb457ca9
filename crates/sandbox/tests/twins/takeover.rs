//! A resumable session has one writer: whoever asks last. What an earlier connection still brings is neither stored
//! nor in the way, so what a question was told stays true.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::bench::{Bench, DRIVE_FILE, bench, text};
use crate::drive::sha256;
use crate::resumable::{BLOCK, begin, bytes, files, put, stored};

/// Nothing here takes long; what hangs fails.
const HANGS: Duration = Duration::from_secs(20);

/// A chunk on a connection of its own, which sends what it is told to and no more.
struct Chunk {
    stream: TcpStream,
    /// Its number in the log.
    seq: u64,
}

impl Chunk {
    /// Sends the head, and returns when the twin has seen it.
    async fn of(bench: &Bench, session: &str, first: usize, end: usize, total: usize) -> Chunk {
        let before = seqs(bench).await;
        let url = url::Url::parse(session).unwrap();
        let port = url.port().unwrap();
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let head = format!(
            "PUT {}?{} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: {}\r\nContent-Range: bytes {first}-{}/{total}\r\n\r\n",
            url.path(),
            url.query().unwrap(),
            end - first,
            end - 1,
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let seq = until("the chunk's head comes", async || {
            let now = seqs(bench).await;
            now.into_iter().find(|seq| !before.contains(seq))
        })
        .await;
        Chunk { stream, seq }
    }

    async fn sends(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    /// Its line in the log.
    async fn line(&self, bench: &Bench) -> Value {
        let log = bench.get_control("log").await;
        let mut lines = log.as_array().unwrap().iter();
        lines.find(|line| line["seq"] == self.seq).unwrap().clone()
    }

    /// How it was answered, once it is.
    async fn answered(&self, bench: &Bench) -> Option<u64> {
        until("the chunk is answered", async || {
            self.line(bench).await["status"].as_u64()
        })
        .await
        .into()
    }
}

async fn seqs(bench: &Bench) -> Vec<u64> {
    let log = bench.get_control("log").await;
    let lines = log.as_array().unwrap().iter();
    lines.map(|line| line["seq"].as_u64().unwrap()).collect()
}

async fn until<T>(what: &str, look: impl AsyncFn() -> Option<T>) -> T {
    let looking = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let found = tokio::time::timeout(HANGS, looking).await;
    found.unwrap_or_else(|_| panic!("{what}: not in {HANGS:?}"))
}

/// What the only session has, and how much of it came twice.
async fn standing(bench: &Bench) -> (u64, u64) {
    let sessions = bench.get_control("drive/sessions").await;
    let number = |key: &str| sessions[0][key].as_u64().unwrap();
    (number("stored"), number("again"))
}

/// The rest, from where the question said, by who asked.
async fn finishes(bench: &Bench, session: &str, data: &[u8], from: usize) {
    let total = data.len();
    let range = format!("{from}-{}/{total}", total - 1);
    let rest = put(bench, session, &range, &data[from..]).await;
    assert_eq!(rest.status(), StatusCode::OK);
    let file: Value = rest.json().await.unwrap();
    assert_eq!(text(&file, "sha256Checksum"), sha256(data));
    assert_eq!(standing(bench).await, (total as u64, 0), "nothing twice");
    assert_eq!(files(bench).await.len(), 1);
}

#[tokio::test]
async fn a_question_waits_for_no_stalled_chunk_and_the_chunk_stores_nothing_after_it() {
    let bench = bench().await;
    let (token, _) = bench.grant(DRIVE_FILE).await;
    let data = bytes(BLOCK * 6 + 1000);
    let total = data.len();
    let session = begin(&bench, &token, json!({ "name": "large.bin" }), Some(total)).await;
    let mut old = Chunk::of(&bench, &session, 0, total, total).await;
    old.sends(&data[..BLOCK * 2 + 5000]).await;
    until("two blocks are stored", async || {
        (standing(&bench).await.0 == BLOCK as u64 * 2).then_some(())
    })
    .await;

    let range = format!("*/{total}");
    let question = put(&bench, &session, &range, b"");
    let answer = tokio::time::timeout(HANGS, question).await;
    let answer = answer.expect("a question is answered while a chunk stalls");
    let told = format!("bytes=0-{}", BLOCK * 2 - 1);
    assert_eq!(stored(&answer), Some(told));

    old.sends(&data[BLOCK * 2 + 5000..]).await;
    assert_eq!(old.answered(&bench).await, Some(503));
    assert_eq!(old.line(&bench).await["bytes_in"], total, "it all came");
    assert_eq!(standing(&bench).await, (BLOCK as u64 * 2, 0));
    finishes(&bench, &session, &data, BLOCK * 2).await;
}

/// What the torture test met: the hub is killed, its chunk lies in the twin's buffers, and the next hub asks first.
#[tokio::test]
async fn a_chunk_that_came_before_a_question_and_is_acted_on_after_it_stores_nothing() {
    let mut ms = 500;
    // On a machine that is busy enough the chunk's delay is over before the question: then a longer one is needed.
    while !chunk_is_late(ms).await {
        ms *= 2;
    }
}

/// Whether the question was answered first, as it has to be to show anything.
async fn chunk_is_late(ms: u64) -> bool {
    let bench = bench().await;
    let (token, _) = bench.grant(DRIVE_FILE).await;
    let data = bytes(BLOCK * 2 + 1000);
    let total = data.len();
    let session = begin(&bench, &token, json!({ "name": "large.bin" }), Some(total)).await;
    let matching = json!({ "service": "google_drive", "method": "PUT" });
    let delay = json!({ "kind": "delay", "ms": ms });
    bench.fault(matching, delay, 1).await;
    let mut old = Chunk::of(&bench, &session, 0, total, total).await;
    // All of it, so that it would end the upload.
    old.sends(&data).await;

    let answer = put(&bench, &session, &format!("*/{total}"), b"").await;
    if answer.status() == StatusCode::OK || old.line(&bench).await["status"].is_u64() {
        return false;
    }
    assert_eq!(stored(&answer), None);
    assert_eq!(old.answered(&bench).await, Some(503));
    assert_eq!(standing(&bench).await, (0, 0));
    finishes(&bench, &session, &data, 0).await;
    true
}

#[tokio::test]
async fn a_chunk_goes_on_where_an_earlier_one_stalls() {
    let bench = bench().await;
    let (token, _) = bench.grant(DRIVE_FILE).await;
    let data = bytes(BLOCK * 3);
    let total = data.len();
    let session = begin(&bench, &token, json!({ "name": "large.bin" }), Some(total)).await;
    let mut old = stalled_after_a_block(&bench, &session, &data).await;
    let rest = finishes(&bench, &session, &data, BLOCK);
    let rest = tokio::time::timeout(HANGS, rest).await;
    rest.expect("a chunk is taken while an earlier one stalls");
    old.sends(&data[BLOCK..]).await;
    assert_eq!(old.answered(&bench).await, Some(503));
    assert_eq!(files(&bench).await.len(), 1);
}

#[tokio::test]
async fn a_cancelled_upload_is_not_ended_by_a_chunk_under_way() {
    let bench = bench().await;
    let (token, _) = bench.grant(DRIVE_FILE).await;
    let data = bytes(BLOCK + 1000);
    let total = data.len();
    let session = begin(&bench, &token, json!({ "name": "large.bin" }), Some(total)).await;
    let mut old = stalled_after_a_block(&bench, &session, &data).await;
    let cancelled = bench.http.delete(&session).send().await.unwrap();
    assert_eq!(cancelled.status().as_u16(), 499);
    old.sends(&data[BLOCK..]).await;
    assert_eq!(old.answered(&bench).await, Some(503));
    assert_eq!(files(&bench).await.len(), 0);
}

/// A chunk of the whole file that stops where its first block is stored.
async fn stalled_after_a_block(bench: &Bench, session: &str, data: &[u8]) -> Chunk {
    let total = data.len();
    let mut chunk = Chunk::of(bench, session, 0, total, total).await;
    chunk.sends(&data[..BLOCK]).await;
    until("a block is stored", async || {
        (standing(bench).await.0 == BLOCK as u64).then_some(())
    })
    .await;
    chunk
}
