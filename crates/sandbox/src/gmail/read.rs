//! Reading messages: `messages.get` in its four formats, attachments, threads.

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};

use super::mailbox::{self, Message};
use super::{Call, FULL, METADATA, MODIFY, READONLY, enter, mime, words};
use crate::google_api::{Bearer, Refusal, broken, error, invalid, not_found};
use crate::google_query::{Kind, Query};
use crate::server::App;

pub(crate) const FORMAT: Kind = Kind::OneOf(&["minimal", "full", "raw", "metadata"]);
/// Larger bodies come through `attachments.get` only. Google publishes no figure.
const INLINE: usize = 1024 * 1024;

const MESSAGE: Call = Call {
    method: "GetMessage",
    scopes: &[FULL, MODIFY, READONLY, METADATA],
    units: 20,
};
const ATTACHMENT: Call = Call {
    method: "GetAttachment",
    scopes: &[FULL, MODIFY, READONLY],
    units: 20,
};
const THREAD: Call = Call {
    method: "GetThread",
    units: 40,
    ..MESSAGE
};

fn find(app: &App, account: &str, id: &str) -> Result<(Message, Vec<u8>), Refusal> {
    let (message, at) = mailbox::look(app, account, |mailbox| {
        Some((mailbox.messages.get(id)?.clone(), mailbox.seeded_at()))
    })
    .ok_or_else(|| not_found("Requested entity was not found."))?;
    let raw = message.raw(app, at, account).map_err(broken)?;
    Ok((message, raw))
}

fn format<'a>(query: &'a Query, bearer: &Bearer) -> Result<&'a str, Refusal> {
    let format = query.get("format").unwrap_or("full");
    if !bearer.has_any(&[FULL, MODIFY, READONLY]) && !["metadata", "minimal"].contains(&format) {
        return Err(error(
            StatusCode::FORBIDDEN,
            "forbidden",
            format!(
                "Metadata scope doesn't allow format {}",
                format.to_uppercase()
            ),
        ));
    }
    Ok(format)
}

pub(crate) async fn message(
    State(app): State<App>,
    Path((user, id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let bearer = enter(&app, &headers, &user, &MESSAGE)?;
    let query = Query::read(
        query.as_deref(),
        &[("format", FORMAT), ("metadataHeaders", Kind::Many)],
    )?;
    let format = format(&query, &bearer)?;
    let (message, raw) = find(&app, &bearer.account.email, &id)?;
    let only: Vec<&str> = query.all("metadataHeaders").collect();
    query.answer(&resource(&message, &raw, format, &only), &whole())
}

pub(crate) async fn thread(
    State(app): State<App>,
    Path((user, id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let bearer = enter(&app, &headers, &user, &THREAD)?;
    let query = Query::read(
        query.as_deref(),
        &[("format", FORMAT), ("metadataHeaders", Kind::Many)],
    )?;
    let format = format(&query, &bearer)?;
    if format == "raw" {
        return Err(invalid("Invalid format for a thread."));
    }
    let account = &bearer.account.email;
    let only: Vec<&str> = query.all("metadataHeaders").collect();
    let ids: Vec<String> = mailbox::look(&app, account, |mailbox| {
        let newest = mailbox.newest_first().into_iter().rev();
        newest
            .filter(|message| message.thread_id == id)
            .map(|message| message.id.clone())
            .collect()
    });
    if ids.is_empty() {
        return Err(not_found("Requested entity was not found."));
    }
    let mut messages = Vec::new();
    for one in &ids {
        let (message, raw) = find(&app, account, one)?;
        messages.push(resource(&message, &raw, format, &only));
    }
    let history = messages[0]["historyId"].clone();
    let answer = json!({ "id": id, "historyId": history, "messages": messages });
    let whole = json!({ "id": "", "historyId": "", "snippet": "", "messages": [whole()] });
    query.answer(&answer, &whole)
}

/// A message as `messages.get` shows it.
pub(crate) fn resource(message: &Message, raw: &[u8], format: &str, only: &[&str]) -> Value {
    let mut shown = json!({
        "id": message.id,
        "threadId": message.thread_id,
        "labelIds": message.labels,
        "snippet": message.snippet,
        "historyId": message.history_id.to_string(),
        "internalDate": message.internal_date.to_string(),
        "sizeEstimate": raw.len(),
    });
    match format {
        "raw" => shown["raw"] = words::base64url(raw).into(),
        "metadata" => {
            let part = mime::parse(raw);
            shown["payload"] = json!({
                "mimeType": part.mime_type,
                "headers": headers(&part, only),
            });
        }
        "full" => shown["payload"] = payload(&mime::parse(raw), "", &message.id),
        _ => {}
    }
    shown
}

/// As the message has them: encoded words stay encoded.
fn headers(part: &mime::Part, only: &[&str]) -> Vec<Value> {
    part.headers
        .iter()
        .filter(|(name, _)| {
            only.is_empty() || only.iter().any(|wanted| wanted.eq_ignore_ascii_case(name))
        })
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .collect()
}

fn payload(part: &mime::Part, id: &str, message: &str) -> Value {
    let mut body = json!({ "size": part.body.len() });
    if !part.body.is_empty() {
        if part.filename.is_empty() && part.body.len() <= INLINE {
            body["data"] = words::base64url(&part.body).into();
        } else {
            body["attachmentId"] = attachment_id(message, id).into();
        }
    }
    let mut shown = json!({
        "partId": id,
        "mimeType": part.mime_type,
        "filename": part.filename,
        "headers": headers(part, &[]),
        "body": body,
    });
    if !part.parts.is_empty() {
        let inner = part.parts.iter().enumerate().map(|(number, inner)| {
            let inner_id = match id {
                "" => number.to_string(),
                id => format!("{id}.{number}"),
            };
            payload(inner, &inner_id, message)
        });
        shown["parts"] = inner.collect();
    }
    shown
}

/// Another one at every call, so that nobody keeps it.
fn attachment_id(message: &str, part: &str) -> String {
    let once = uuid::Uuid::new_v4().simple().to_string();
    words::base64url(format!("ANGjdJ {once} {message} {part}").as_bytes())
}

pub(crate) async fn attachment(
    State(app): State<App>,
    Path((user, id, attachment)): Path<(String, String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let bearer = enter(&app, &headers, &user, &ATTACHMENT)?;
    let query = Query::read(query.as_deref(), &[])?;
    let unknown = || invalid("Invalid attachment token");
    let named = words::from_base64url(&attachment)
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(unknown)?;
    let pieces: Vec<&str> = named.split(' ').collect();
    let ["ANGjdJ", _, message, part] = pieces[..] else {
        return Err(unknown());
    };
    if message != id {
        return Err(unknown());
    }
    let (_, raw) = find(&app, &bearer.account.email, &id)?;
    let root = mime::parse(&raw);
    let mut at = &root;
    for number in part.split('.').filter(|number| !number.is_empty()) {
        let number: usize = number.parse().map_err(|_| unknown())?;
        at = at.parts.get(number).ok_or_else(unknown)?;
    }
    let answer = json!({ "size": at.body.len(), "data": words::base64url(&at.body) });
    query.answer(
        &answer,
        &json!({ "size": 0, "data": "", "attachmentId": "" }),
    )
}

/// A message with every field, to read masks against.
pub(crate) fn whole() -> Value {
    let part = |parts: Value| {
        json!({
            "partId": "",
            "mimeType": "",
            "filename": "",
            "headers": [{ "name": "", "value": "" }],
            "body": { "size": 0, "data": "", "attachmentId": "" },
            "parts": parts,
        })
    };
    // Masks name parts of parts this deep, and deeper ones make no sense.
    let payload = (0..6).fold(part(json!([])), |inner, _| part(json!([inner])));
    json!({
        "id": "",
        "threadId": "",
        "labelIds": [],
        "snippet": "",
        "historyId": "",
        "internalDate": "",
        "sizeEstimate": 0,
        "raw": "",
        "payload": payload,
    })
}
