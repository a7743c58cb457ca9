//! Several calls in one request. Source: "Batching requests".

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::faults::Struck;
use crate::form::media_type;
use crate::google_api::{self, Refusal, bearer, invalid};
use crate::multipart::{self, Part};
use crate::server::{App, instead, pass};

const MOST: usize = 100;
/// "Batches larger than 50 are likely to trigger rate limiting": here, every third call beyond.
const SAFE: usize = 50;
/// A call in a batch has no large answer: media can't be had this way.
const LARGEST_ANSWER: usize = 64 << 20;

pub(crate) async fn run(
    State(app): State<App>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    // The outer token counts for every call that has none of its own.
    bearer(&app, &headers)?;
    if media_type(&headers).as_deref() != Some("multipart/mixed") {
        return Err(invalid(
            "Failed to parse batch request, error: not multipart/mixed.",
        ));
    }
    let calls = multipart::boundary(&headers)
        .and_then(|boundary| multipart::split(&body, &boundary))
        .ok_or_else(|| invalid("Failed to parse batch request, error: 0 items."))?;
    if calls.is_empty() || calls.len() > MOST {
        return Err(invalid(format!(
            "The batch request contains {} calls; 1 to {MOST} are allowed.",
            calls.len()
        )));
    }
    let router = Router::new()
        .nest("/gmail", super::api())
        .with_state(app.clone());
    let mut answers = Vec::new();
    for (number, call) in calls.iter().enumerate() {
        let answer = if number >= SAFE && (number - SAFE).is_multiple_of(3) {
            google_api::refusal(StatusCode::TOO_MANY_REQUESTS, None)
        } else {
            match request(call, &headers) {
                Some(inner) => one(&app, &router, inner).await,
                None => google_api::refusal(StatusCode::BAD_REQUEST, None),
            }
        };
        answers.push(written(call, answer).await);
    }
    // "The order is not guaranteed", so it is another one.
    answers.reverse();
    let boundary = format!("batch_{}", uuid::Uuid::new_v4().simple());
    let mut whole = Vec::new();
    for answer in answers {
        whole.extend_from_slice(format!("--{boundary}\r\n").as_bytes());
        whole.extend_from_slice(&answer);
        whole.extend_from_slice(b"\r\n");
    }
    whole.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    let kind = format!("multipart/mixed; boundary={boundary}");
    Ok(([(header::CONTENT_TYPE, kind)], whole).into_response())
}

/// One call. A fault that answers with a status may strike it by itself.
async fn one(app: &App, router: &Router, mut call: Request<Body>) -> Response {
    let struck = Struck {
        service: super::TWIN.name,
        method: call.method().as_str().to_owned(),
        path: format!("/gmail{}", call.uri().path()),
    };
    let fault = app.faults.strike_own(&struck, "status");
    if let Some(refused) = fault.and_then(|fault| instead(&super::TWIN, &fault)) {
        return refused;
    }
    call.extensions_mut().insert(struck);
    pass(router, call).await
}

/// The call inside a part: a request line with a path, headers, a body.
fn request(call: &Part, outer: &HeaderMap) -> Option<Request<Body>> {
    if call.media_type() != "application/http" {
        return None;
    }
    let end = call.body.iter().position(|byte| *byte == b'\n')?;
    let line = std::str::from_utf8(&call.body[..end]).ok()?.trim();
    let mut words = line.split(' ');
    let method: Method = words.next()?.parse().ok()?;
    let target = words.next()?;
    // Another host or an upload has no place here.
    if !target.starts_with("/gmail/v1/") {
        return None;
    }
    let mut request = Request::builder().method(method).uri(target);
    let (head, body) = multipart::head_and_body(&call.body[end + 1..]);
    let mut own_token = false;
    for (name, value) in multipart::headers(head) {
        own_token |= name.eq_ignore_ascii_case("authorization");
        request = request.header(name, value);
    }
    if !own_token && let Some(token) = outer.get(header::AUTHORIZATION) {
        request = request.header(header::AUTHORIZATION, token);
    }
    request.body(Body::from(body.to_vec())).ok()
}

async fn written(call: &Part, answer: Response) -> Vec<u8> {
    let (parts, body) = answer.into_parts();
    let body = to_bytes(body, LARGEST_ANSWER).await.unwrap_or_default();
    let mut head = String::from("Content-Type: application/http\r\n");
    if let Some(id) = call.header("content-id") {
        let inner = id.trim_start_matches('<').trim_end_matches('>');
        head.push_str(&format!("Content-ID: <response-{inner}>\r\n"));
    }
    head.push_str(&format!(
        "\r\nHTTP/1.1 {} {}\r\n",
        parts.status.as_u16(),
        parts.status.canonical_reason().unwrap_or_default()
    ));
    for (name, value) in &parts.headers {
        if name != header::CONTENT_LENGTH {
            head.push_str(&format!(
                "{name}: {}\r\n",
                value.to_str().unwrap_or_default()
            ));
        }
    }
    head.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
    let mut whole = head.into_bytes();
    whole.extend_from_slice(&body);
    whole
}
