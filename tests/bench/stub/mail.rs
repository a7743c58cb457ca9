//! As much of Gmail as a list of headers takes: ids by page, headers one by one or in a batch.

use std::fmt::Write as _;

use http_body_util::{BodyExt, Full};
use hyper::{Request, Response, body::Incoming};
use serde_json::json;

use super::server::{Answer, Seen};

const BOUNDARY: &str = "batch_stub";
const MESSAGE: &str = "/gmail/v1/users/me/messages/";

pub async fn answer(request: Request<Incoming>, seen: &Seen) -> Answer {
    let path = request.uri().path().to_owned();
    let query = request.uri().query().unwrap_or_default().to_owned();
    let body = request
        .into_body()
        .collect()
        .await
        .map(|body| body.to_bytes());
    let body = body.unwrap_or_default();
    seen.received(body.len());
    if path.starts_with("/batch/") {
        return said(
            &format!("multipart/mixed; boundary={BOUNDARY}"),
            batch(&body),
        );
    }
    let text = match path.strip_prefix(MESSAGE) {
        Some(id) => message(id),
        None => list(&query),
    };
    said("application/json; charset=UTF-8", text)
}

fn list(query: &str) -> String {
    let parameter = |name: &str| {
        query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find(|(key, _)| *key == name)
            .and_then(|(_, value)| value.parse::<usize>().ok())
    };
    let from = parameter("pageToken").unwrap_or(0);
    let to = from + parameter("maxResults").unwrap_or(100);
    let messages: Vec<_> = (from..to)
        .map(|number| {
            let id = format!("19a2b3c4d5e{number:05x}");
            json!({"id": id, "threadId": id})
        })
        .collect();
    // A mailbox without end.
    json!({"messages": messages, "nextPageToken": to.to_string(), "resultSizeEstimate": 10_000})
        .to_string()
}

/// As long as a real one with these five headers.
fn message(id: &str) -> String {
    json!({
        "id": id,
        "threadId": id,
        "snippet": "Hello Anna, thank you for the papers you sent last week. I went through them with Ben, and we \
                    found only two places that should be looked at again before we print them",
        "internalDate": "1795600000000",
        "payload": {"headers": [
            {"name": "From", "value": "Carla Diaz <carla.diaz@example.net>"},
            {"name": "To", "value": "Anna Berg <anna@example.org>"},
            {"name": "Subject", "value": format!("Your papers for the meeting in November ({id})")},
            {"name": "Date", "value": "Wed, 25 Nov 2026 09:46:40 +0000"},
            {"name": "Message-ID", "value": format!("<CAF{id}@mail.example.net>")},
        ]},
    })
    .to_string()
}

/// A part for each part, in their order.
fn batch(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let mut answer = String::new();
    let mut content_id = "";
    for line in text.lines() {
        let line = line.trim_end();
        if line.len() > 11 && line[..11].eq_ignore_ascii_case("content-id:") {
            content_id = line[11..].trim();
        }
        let Some(rest) = line
            .strip_prefix("GET ")
            .and_then(|rest| rest.split_once(MESSAGE))
        else {
            continue;
        };
        let id: String = rest
            .1
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect();
        let inner = message(&id);
        let name = content_id.trim_start_matches('<').trim_end_matches('>');
        let _ = write!(
            answer,
            "--{BOUNDARY}\r\nContent-Type: application/http\r\nContent-ID: <response-{name}>\r\n\r\n\
             HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=UTF-8\r\nContent-Length: {}\r\n\r\n\
             {inner}\r\n",
            inner.len()
        );
    }
    let _ = write!(answer, "--{BOUNDARY}--\r\n");
    answer
}

fn said(kind: &str, body: String) -> Answer {
    Response::builder()
        .header("content-type", kind)
        .body(Full::from(body))
        .expect("a body and a type are an answer")
}
