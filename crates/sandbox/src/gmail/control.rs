//! What tests see and turn of Gmail.

use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::mailbox::{self, Mail, Source};
use super::send;
use crate::control::{done, mistake};
use crate::google_api::{Refusal, broken, seeded};
use crate::multipart;
use crate::server::App;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/gmail/sent", get(sent))
        .route("/gmail/raw", get(raw))
        .route("/gmail/quota", post(quota))
        .route("/gmail/receive", post(receive))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Account {
    account: String,
}

/// What was sent, oldest first, with every header as it was received.
async fn sent(
    State(app): State<App>,
    Query(Account { account }): Query<Account>,
) -> Result<Response, Refusal> {
    let account = seeded(&app, &account)?;
    let mut messages: Vec<mailbox::Message> = mailbox::look(&app, &account, |mailbox| {
        let newest = mailbox.newest_first().into_iter().rev();
        newest.filter(|one| one.has("SENT")).cloned().collect()
    });
    messages.retain(|message| matches!(message.source, Source::Blob(_)));
    let mut shown = Vec::new();
    for message in &messages {
        let Source::Blob(blob) = &message.source else {
            continue;
        };
        let received = app.blobs.read(&blob.name).map_err(broken)?;
        let (head, _) = multipart::head_and_body(&received);
        // A header that comes twice shows its last value.
        let headers: Map<String, Value> = multipart::headers(head)
            .into_iter()
            .map(|(name, value)| (name, Value::String(value)))
            .collect();
        shown.push(json!({
            "id": message.id,
            "threadId": message.thread_id,
            "recipients": message.recipients,
            "subject": message.subject,
            "files": message.files,
            "headers": headers,
            "message_id": message.message_id,
            "sha256": blob.sha256,
            "size": blob.size,
        }));
    }
    Ok(Json(shown).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct One {
    account: String,
    id: String,
}

/// The bytes of a message as they were received.
async fn raw(State(app): State<App>, Query(one): Query<One>) -> Result<Response, Refusal> {
    let account = seeded(&app, &one.account)?;
    let (message, at) = mailbox::look(&app, &account, |mailbox| {
        Some((mailbox.messages.get(&one.id)?.clone(), mailbox.seeded_at()))
    })
    .ok_or_else(|| mistake(StatusCode::NOT_FOUND, format!("no message {}", one.id)))?;
    let bytes = match &message.source {
        Source::Blob(blob) => app.blobs.read(&blob.name),
        Source::Seed(_) => message.raw(&app, at, &account),
    };
    let kind = [(header::CONTENT_TYPE, "message/rfc822")];
    Ok((kind, bytes.map_err(broken)?).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Quota {
    /// Null = no limit.
    units_per_minute: Option<u64>,
}

async fn quota(State(app): State<App>, Json(quota): Json<Quota>) -> Response {
    app.live.windows.clear();
    app.state
        .write::<Mail, _>(|mail| mail.units_per_minute = quota.units_per_minute);
    done()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Received {
    account: String,
    /// A whole message.
    raw: String,
}

/// A message from outside arrives in the inbox.
async fn receive(
    State(app): State<App>,
    Json(received): Json<Received>,
) -> Result<Response, Refusal> {
    let account = seeded(&app, &received.account)?;
    let mail = send::Mail {
        raw: received.raw.into_bytes(),
        thread: None,
    };
    let mut message = send::prepared(&app, &account, &mail)?;
    message.labels = vec!["INBOX".into(), "UNREAD".into()];
    message.recipients = vec![account.clone()];
    let message = mailbox::change(&app, &account, |mailbox| mailbox.insert(message));
    Ok(Json(json!({ "id": message.id, "threadId": message.thread_id })).into_response())
}
