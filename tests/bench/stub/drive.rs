//! As much of Drive as an upload takes, and a plain PUT beside it. Bytes are counted, not kept and not hashed: the
//! checksums are what the stub was told of the file.

use http_body_util::{BodyExt, Full};
use hyper::{Method, Request, Response, body::Incoming, header::HeaderMap};
use serde_json::{Value, json};

use super::server::{Answer, Expected, Seen};

pub async fn answer(request: Request<Incoming>, seen: &Seen) -> Answer {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path();
    let came = drain(body, seen).await;
    match (&parts.method, path) {
        (_, path) if path.starts_with("/plain/") => json_of(&json!({})),
        (_, path) if path.ends_with("/generateIds") => {
            json_of(&json!({"kind": "drive#generatedIds", "space": "drive", "ids": ["stubfile"]}))
        }
        (&Method::POST, path) if path.starts_with("/upload/") => {
            if parts
                .uri
                .query()
                .is_some_and(|query| query.contains("uploadType=resumable"))
            {
                begin(&parts.headers, seen)
            } else {
                json_of(&file(&expected(seen)))
            }
        }
        // We put, rclone posts.
        (&Method::PUT | &Method::POST, path) if path.starts_with("/session/") => path
            .strip_prefix("/session/")
            .and_then(|number| number.parse().ok())
            .map_or_else(missing, |number: usize| {
                store(number, came, &parts.headers, seen)
            }),
        // A refreshed token, should somebody want one.
        (&Method::POST, "/token") => {
            json_of(&json!({"access_token": "stub", "token_type": "Bearer", "expires_in": 3600}))
        }
        (&Method::GET, "/drive/v3/files") => json_of(&json!({"files": []})),
        (&Method::GET, "/drive/v3/files/root") => json_of(&json!({
            "id": "stubroot", "name": "My Drive", "mimeType": "application/vnd.google-apps.folder",
        })),
        (&Method::GET, path) if path.starts_with("/drive/v3/files/") => {
            json_of(&file(&expected(seen)))
        }
        _ => missing(),
    }
}

async fn drain(mut body: Incoming, seen: &Seen) -> u64 {
    let mut came = 0;
    while let Some(Ok(frame)) = body.frame().await {
        if let Some(bytes) = frame.data_ref() {
            seen.received(bytes.len());
            came += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        }
    }
    came
}

fn begin(headers: &HeaderMap, seen: &Seen) -> Answer {
    let host = headers
        .get("host")
        .and_then(|host| host.to_str().ok())
        .unwrap_or("localhost");
    let mut sessions = seen.sessions.lock().expect("nothing panicked");
    sessions.push(0);
    let session = format!("https://{host}/session/{}", sessions.len() - 1);
    Response::builder()
        .header("location", session)
        .body(Full::default())
        .expect("an address is an answer")
}

fn store(number: usize, came: u64, headers: &HeaderMap, seen: &Seen) -> Answer {
    let mut sessions = seen.sessions.lock().expect("nothing panicked");
    let Some(stored) = sessions.get_mut(number) else {
        return missing();
    };
    let range = headers
        .get("content-range")
        .and_then(|range| range.to_str().ok())
        .unwrap_or_default();
    // `bytes A-B/TOTAL`; a question about what is there has no `-`.
    if let Some(first) = range
        .strip_prefix("bytes ")
        .and_then(|range| range.split_once('-'))
        .and_then(|(first, _)| first.parse::<u64>().ok())
    {
        assert_eq!(first, *stored, "the next chunk begins where the last ended");
    }
    *stored += came;
    let file_as_told = expected(seen);
    if *stored >= file_as_told.size {
        return json_of(&file(&file_as_told));
    }
    let mut answer = Response::builder().status(308);
    if *stored > 0 {
        answer = answer.header("range", format!("bytes=0-{}", *stored - 1));
    }
    answer.body(Full::default()).expect("a range is an answer")
}

fn expected(seen: &Seen) -> Expected {
    seen.file.lock().expect("nothing panicked").clone()
}

fn file(expected: &Expected) -> Value {
    json!({
        "kind": "drive#file",
        "id": "stubfile",
        "name": "big.bin",
        "mimeType": "application/octet-stream",
        "parents": ["stubroot"],
        "createdTime": "2026-11-25T10:00:00.000Z",
        "modifiedTime": "2026-11-25T10:00:00.000Z",
        "size": expected.size.to_string(),
        "md5Checksum": expected.md5,
        "sha256Checksum": expected.sha256,
        "headRevisionId": "stubrevision",
        "version": "1",
        "webViewLink": "https://drive.google.com/file/d/stubfile/view",
    })
}

fn json_of(value: &Value) -> Answer {
    Response::builder()
        .header("content-type", "application/json; charset=UTF-8")
        .body(Full::from(value.to_string()))
        .expect("JSON is an answer")
}

fn missing() -> Answer {
    Response::builder()
        .status(404)
        .header("content-type", "application/json; charset=UTF-8")
        .body(Full::from(
            r#"{"error":{"code":404,"message":"not in the stub","errors":[{"reason":"notFound"}]}}"#,
        ))
        .expect("a status is an answer")
}
