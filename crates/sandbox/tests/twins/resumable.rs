//! Resumable uploads to Drive: chunks, questions, breaks, restarts, faults.

use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use crate::bench::{ANNA, Bench, DRIVE_FILE, bench, bench_with, send, text};
use crate::drive::sha256;

const OK: StatusCode = StatusCode::OK;
const INCOMPLETE: StatusCode = StatusCode::PERMANENT_REDIRECT;
pub const BLOCK: usize = 256 * 1024;
const UPLOAD: &str = "/drive/upload/drive/v3/files";

pub fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at * 31 % 251) as u8).collect()
}

pub async fn begin(bench: &Bench, token: &str, metadata: Value, total: Option<usize>) -> String {
    let url = bench.url(&format!(
        "{UPLOAD}?uploadType=resumable&fields=id,size,sha256Checksum"
    ));
    let mut request = bench.http.post(url).bearer_auth(token).json(&metadata);
    if let Some(total) = total {
        request = request.header("x-upload-content-length", total);
    }
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), OK);
    answer.headers()["location"].to_str().unwrap().to_owned()
}

pub async fn put(bench: &Bench, session: &str, range: &str, body: &[u8]) -> Response {
    let request = bench
        .http
        .put(session)
        .header("content-range", format!("bytes {range}"));
    request.body(body.to_vec()).send().await.unwrap()
}

/// The last byte that is stored.
pub fn stored(answer: &Response) -> Option<String> {
    assert_eq!(answer.status(), INCOMPLETE);
    answer
        .headers()
        .get("range")
        .map(|range| range.to_str().unwrap().to_owned())
}

pub async fn files(bench: &Bench) -> Vec<Value> {
    let all = bench
        .get_control(&format!("drive/files?account={ANNA}"))
        .await;
    let sent = all
        .as_array()
        .unwrap()
        .iter()
        .filter(|file| file["name"] == "large.bin");
    sent.cloned().collect()
}

#[tokio::test]
async fn chunks_add_up_and_a_question_tells_how_much_is_there() {
    let bench = bench().await;
    let (token, _) = bench.grant(DRIVE_FILE).await;
    let data = bytes(BLOCK * 2 + 1000);
    let total = data.len();
    let session = begin(&bench, &token, json!({ "name": "large.bin" }), Some(total)).await;
    let question = || put(&bench, &session, "*/*", b"");
    assert_eq!(stored(&question().await), None);
    let first = put(
        &bench,
        &session,
        &format!("0-{}/{total}", BLOCK - 1),
        &data[..BLOCK],
    )
    .await;
    assert_eq!(stored(&first).as_deref(), Some("bytes=0-262143"));
    assert_eq!(stored(&question().await).as_deref(), Some("bytes=0-262143"));
    for (range, body) in [
        (
            format!("{}-{}/{total}", BLOCK, BLOCK + 99),
            &data[BLOCK..BLOCK + 100],
        ),
        (
            format!("{}-{}/{total}", BLOCK * 2, total - 1),
            &data[BLOCK * 2..],
        ),
        (format!("{}-{}/{}", BLOCK, total, total + 1), &data[BLOCK..]),
        ("0-1".to_owned(), &data[..2]),
    ] {
        let refused = put(&bench, &session, &range, body).await;
        assert_eq!(refused.status(), StatusCode::BAD_REQUEST, "{range}");
    }
    let sessions = bench.get_control("drive/sessions").await;
    assert_eq!(
        (
            sessions[0]["stored"].as_u64(),
            sessions[0]["complete"].as_bool()
        ),
        (Some(BLOCK as u64), Some(false))
    );
    let last = put(
        &bench,
        &session,
        &format!("{}-{}/{total}", BLOCK, total - 1),
        &data[BLOCK..],
    )
    .await;
    assert_eq!(last.status(), OK);
    let file: Value = last.json().await.unwrap();
    assert_eq!(
        (text(&file, "sha256Checksum"), text(&file, "size")),
        (sha256(&data), total.to_string())
    );
    let again: Value = question().await.json().await.unwrap();
    assert_eq!(
        again, file,
        "a question after the end is answered with the file"
    );
    assert_eq!(files(&bench).await.len(), 1);
}

#[tokio::test]
async fn a_whole_upload_needs_no_range() {
    let bench = bench().await;
    let (token, _) = bench.grant(DRIVE_FILE).await;
    let data = bytes(700_001);
    let session = begin(&bench, &token, json!({ "name": "large.bin" }), None).await;
    let (status, file) = send(bench.http.put(session).body(data.clone())).await;
    assert_eq!((status, text(&file, "sha256Checksum")), (OK, sha256(&data)));
}

#[tokio::test]
async fn a_connection_that_breaks_loses_no_whole_block() {
    let bench = bench().await;
    let (token, _) = bench.grant(DRIVE_FILE).await;
    let data = bytes(BLOCK * 4);
    let total = data.len();
    let session = begin(&bench, &token, json!({ "name": "large.bin" }), Some(total)).await;
    let matching = json!({ "service": "google_drive", "method": "PUT" });
    bench
        .fault(
            matching,
            json!({ "kind": "drop_in_body", "bytes": BLOCK * 2 + 5000 }),
            1,
        )
        .await;
    let broken = bench
        .http
        .put(&session)
        .header("content-range", format!("bytes 0-{}/{total}", total - 1));
    assert!(broken.body(data.clone()).send().await.is_err());
    let at = stored(&put(&bench, &session, &format!("*/{total}"), b"").await).unwrap();
    assert_eq!(at, format!("bytes=0-{}", BLOCK * 2 - 1));
    let rest = put(
        &bench,
        &session,
        &format!("{}-{}/{total}", BLOCK * 2, total - 1),
        &data[BLOCK * 2..],
    )
    .await;
    assert_eq!(
        text(&rest.json().await.unwrap(), "sha256Checksum"),
        sha256(&data)
    );
}

#[tokio::test]
async fn a_question_completes_what_came_whole_before_the_connection_broke() {
    let bench = bench().await;
    let (token, _) = bench.grant(DRIVE_FILE).await;
    let data = bytes(BLOCK * 2);
    let total = data.len();
    let session = begin(&bench, &token, json!({ "name": "large.bin" }), Some(total)).await;
    let matching = json!({ "service": "google_drive", "method": "PUT" });
    let drop = json!({ "kind": "drop_in_body", "bytes": total });
    bench.fault(matching, drop, 1).await;
    let request = bench
        .http
        .put(&session)
        .header("content-range", format!("bytes 0-{}/{total}", total - 1));
    assert!(request.body(data.clone()).send().await.is_err());
    let question = put(&bench, &session, &format!("*/{total}"), b"").await;
    assert_eq!(question.status(), OK);
    assert_eq!(
        text(&question.json().await.unwrap(), "sha256Checksum"),
        sha256(&data)
    );
    assert_eq!(files(&bench).await.len(), 1);
}

#[tokio::test]
async fn less_may_be_stored_than_was_sent_even_of_the_last_chunk() {
    let bench = bench().await;
    let (token, _) = bench.grant(DRIVE_FILE).await;
    let data = bytes(BLOCK * 4);
    let total = data.len();
    let session = begin(&bench, &token, json!({ "name": "large.bin" }), Some(total)).await;
    let short = json!({ "kind": "short_308", "bytes": BLOCK });
    // The beginning of the session and the question don't use it up.
    bench
        .fault(json!({ "service": "google_drive" }), short, 1)
        .await;
    assert_eq!(stored(&put(&bench, &session, "*/*", b"").await), None);
    let answer = put(&bench, &session, &format!("0-{}/{total}", total - 1), &data).await;
    assert_eq!(
        stored(&answer).unwrap(),
        format!("bytes=0-{}", BLOCK * 3 - 1)
    );
    let rest = put(
        &bench,
        &session,
        &format!("{}-{}/{total}", BLOCK * 3, total - 1),
        &data[BLOCK * 3..],
    )
    .await;
    assert_eq!(
        text(&rest.json().await.unwrap(), "sha256Checksum"),
        sha256(&data)
    );
    let log = bench.get_control("log").await;
    assert!(
        log.as_array()
            .unwrap()
            .iter()
            .any(|entry| entry["fault"] == "short_308")
    );
}

#[tokio::test]
async fn a_session_ends_by_age_by_fault_or_by_being_cancelled() {
    let bench = bench().await;
    let (token, _) = bench.grant(DRIVE_FILE).await;
    let status = async |session: &str| put(&bench, session, "*/*", b"").await.status();
    let unknown = bench.url(&format!("{UPLOAD}?uploadType=resumable&upload_id=nobody"));
    assert_eq!(status(&unknown).await, StatusCode::NOT_FOUND);
    let session = begin(&bench, &token, json!({}), None).await;
    bench
        .control("clock", json!({ "skew_s": 7 * 86_400 - 60 }))
        .await;
    assert_eq!(status(&session).await, INCOMPLETE);
    bench
        .control("clock", json!({ "skew_s": 7 * 86_400 + 60 }))
        .await;
    assert_eq!(status(&session).await, StatusCode::GONE);
    bench.control("clock", json!({ "skew_s": 0 })).await;
    for told in [404, 410] {
        let session = begin(&bench, &token, json!({}), None).await;
        let expired = json!({ "kind": "session_expired", "status": told });
        bench
            .fault(json!({ "service": "google_drive" }), expired, 1)
            .await;
        assert_eq!(status(&session).await.as_u16(), told);
        assert_eq!(status(&session).await, StatusCode::NOT_FOUND, "for good");
    }
    let session = begin(&bench, &token, json!({}), None).await;
    let cancelled = bench.http.delete(&session).send().await.unwrap();
    assert_eq!(cancelled.status().as_u16(), 499);
    assert_eq!(status(&session).await, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_upload_goes_on_after_a_restart_of_the_service() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sandbox.json");
    let options = || autopilot_sandbox::Options {
        state_file: Some(file.clone()),
        ..autopilot_sandbox::Options::default()
    };
    let before = bench_with(options()).await;
    let (token, _) = before.grant(DRIVE_FILE).await;
    let data = bytes(BLOCK * 3 + 5);
    let total = data.len();
    let session = begin(&before, &token, json!({ "name": "large.bin" }), Some(total)).await;
    put(
        &before,
        &session,
        &format!("0-{}/{total}", BLOCK * 2 - 1),
        &data[..BLOCK * 2],
    )
    .await;
    let saved = std::fs::read_to_string(&file).unwrap();
    let (_, id) = session.split_once("upload_id=").unwrap();
    assert!(!saved.contains(id), "the address of a session is a secret");
    before.sandbox.stop().await;

    let after = bench_with(options()).await;
    let question = put(&after, &session, "*/*", b"").await;
    assert_eq!(
        stored(&question).unwrap(),
        format!("bytes=0-{}", BLOCK * 2 - 1)
    );
    let rest = put(
        &after,
        &session,
        &format!("{}-{}/{total}", BLOCK * 2, total - 1),
        &data[BLOCK * 2..],
    )
    .await;
    let made: Value = rest.json().await.unwrap();
    assert_eq!(text(&made, "sha256Checksum"), sha256(&data));
    let url = after.url(&format!(
        "/drive/drive/v3/files/{}?alt=media",
        text(&made, "id")
    ));
    let back = after
        .http
        .get(url)
        .bearer_auth(&token)
        .send()
        .await
        .unwrap();
    assert_eq!(back.bytes().await.unwrap(), data);
}

#[tokio::test]
async fn a_wrong_checksum_stays_with_the_file_it_struck() {
    let bench = bench().await;
    let (token, _) = bench.grant(DRIVE_FILE).await;
    let data = bytes(1000);
    bench
        .fault(
            json!({ "service": "google_drive" }),
            json!({ "kind": "wrong_checksum" }),
            1,
        )
        .await;
    let session = begin(&bench, &token, json!({ "name": "large.bin" }), None).await;
    let (_, file) = send(bench.http.put(session).body(data.clone())).await;
    assert_ne!(text(&file, "sha256Checksum"), sha256(&data));
    let path = format!(
        "/drive/drive/v3/files/{}?fields=sha256Checksum",
        text(&file, "id")
    );
    assert_ne!(
        text(&bench.got(&path, &token).await, "sha256Checksum"),
        sha256(&data)
    );
    assert_eq!(
        files(&bench).await[0]["sha256"],
        sha256(&data),
        "the bytes themselves are right"
    );
}
