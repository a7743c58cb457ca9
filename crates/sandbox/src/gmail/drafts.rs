//! Drafts. A successful send uses a draft up, so that the same send again is a 404.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Extension, Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::mailbox::{self, Draft, Source};
use super::send::{Mail, UPLOAD, accept, prepared, session_mail};
use super::{COMPOSE, Call, FULL, MODIFY, READONLY, enter, read};
use crate::blobs::Blob;
use crate::faults::Struck;
use crate::google_api::{Refusal, broken, invalid, not_found, object};
use crate::google_query::{Kind, Query, wanted};
use crate::google_uploads::{self, Opening, Purpose, Session};
use crate::server::App;

const LARGEST: u64 = 36_700_160;
const WRITE: Call = Call {
    method: "CreateDraft",
    scopes: &[FULL, MODIFY, COMPOSE],
    units: 10,
};
const SENDING: Call = Call {
    method: "SendDraft",
    units: 100,
    ..WRITE
};
const READ: Call = Call {
    method: "GetDraft",
    scopes: &[FULL, MODIFY, READONLY, COMPOSE],
    units: 5,
};

fn gone() -> Refusal {
    not_found("Requested entity was not found.")
}

fn whole() -> Value {
    json!({ "id": "", "message": read::whole() })
}

fn shown(draft: &Draft) -> Value {
    json!({
        "id": draft.id,
        "message": {
            "id": draft.message.id,
            "threadId": draft.message.thread_id,
            "labelIds": draft.message.labels,
        },
    })
}

/// `message` of a draft in a request.
fn message_of(draft: &Map<String, Value>) -> Result<Mail, Refusal> {
    match draft.get("message") {
        Some(Value::Object(message)) => Mail::of(message),
        _ => Err(invalid("Missing draft message")),
    }
}

fn keep(app: &App, account: &str, mail: Mail, id: Option<&str>) -> Result<Draft, Refusal> {
    let mut message = prepared(app, account, &mail)?;
    message.labels = vec!["DRAFT".into()];
    let draft = mailbox::change(app, account, |mailbox| {
        let id = match id {
            None => format!("r{}", mailbox.fresh_id()),
            Some(id) => {
                let old = mailbox.drafts.remove(id)?;
                mailbox.messages.remove(&old.message.id);
                id.to_owned()
            }
        };
        let message = mailbox.insert(message);
        let draft = Draft {
            id: id.clone(),
            message,
        };
        mailbox.drafts.insert(id, draft.clone());
        Some(draft)
    });
    draft.ok_or_else(gone)
}

pub(crate) async fn create(
    State(app): State<App>,
    Path(user): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let bearer = enter(&app, &headers, &user, &WRITE)?;
    let query = Query::read(query.as_deref(), &[])?;
    let mail = message_of(&object(&body, &["id", "message"])?)?;
    let draft = keep(&app, &bearer.account.email, mail, None)?;
    query.answer(&shown(&draft), &whole())
}

pub(crate) async fn update(
    State(app): State<App>,
    Path((user, id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let bearer = enter(&app, &headers, &user, &WRITE)?;
    let query = Query::read(query.as_deref(), &[])?;
    let mail = message_of(&object(&body, &["id", "message"])?)?;
    let draft = keep(&app, &bearer.account.email, mail, Some(&id))?;
    query.answer(&shown(&draft), &whole())
}

pub(crate) async fn upload(
    State(app): State<App>,
    Extension(struck): Extension<Struck>,
    Path(user): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let bearer = enter(&app, &headers, &user, &WRITE)?;
    let query = Query::read(query.as_deref(), UPLOAD)?;
    let account = &bearer.account.email;
    if query.get("uploadType") == Some("resumable") {
        let draft = object(&body, &["id", "message"])?;
        let opening = Opening {
            purpose: Purpose::Draft,
            account,
            metadata: draft.get("message").cloned().unwrap_or_else(|| json!({})),
            fields: query.get("fields"),
            path: &struck.path,
            largest: LARGEST,
        };
        return google_uploads::begin(&app, opening, &headers);
    }
    let mail = Mail::of_upload(&query, &headers, &body)?;
    let draft = keep(&app, account, mail, None)?;
    query.answer(&shown(&draft), &whole())
}

/// The end of a resumable upload.
pub(crate) fn uploaded(app: &App, session: &Session, blob: Blob) -> Result<Value, Refusal> {
    let mail = session_mail(app, session, &blob)?;
    let draft = keep(app, &session.account, mail, None)?;
    wanted(&shown(&draft), session.fields.as_deref(), &whole())
}

pub(crate) async fn list(
    State(app): State<App>,
    Path(user): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let bearer = enter(&app, &headers, &user, &READ)?;
    let query = Query::read(
        query.as_deref(),
        &[
            ("maxResults", Kind::Count(1, 500)),
            ("pageToken", Kind::Text),
            ("q", Kind::Text),
            ("includeSpamTrash", Kind::Flag),
        ],
    )?;
    let drafts: Vec<Value> = mailbox::look(&app, &bearer.account.email, |mailbox| {
        mailbox.drafts.values().map(shown).collect()
    });
    let mut answer = json!({ "resultSizeEstimate": drafts.len() });
    if !drafts.is_empty() {
        answer["drafts"] = drafts.into();
    }
    let whole = json!({ "drafts": [whole()], "nextPageToken": "", "resultSizeEstimate": 0 });
    query.answer(&answer, &whole)
}

pub(crate) async fn get(
    State(app): State<App>,
    Path((user, id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let bearer = enter(&app, &headers, &user, &READ)?;
    let query = Query::read(query.as_deref(), &[("format", read::FORMAT)])?;
    let account = &bearer.account.email;
    let (draft, at) = mailbox::look(&app, account, |mailbox| {
        Some((mailbox.drafts.get(&id)?.clone(), mailbox.seeded_at()))
    })
    .ok_or_else(gone)?;
    let raw = draft.message.raw(&app, at, account).map_err(broken)?;
    let format = query.get("format").unwrap_or("full");
    let message = read::resource(&draft.message, &raw, format, &[]);
    query.answer(&json!({ "id": draft.id, "message": message }), &whole())
}

pub(crate) async fn delete(
    State(app): State<App>,
    Path((user, id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let bearer = enter(&app, &headers, &user, &WRITE)?;
    Query::read(query.as_deref(), &[])?;
    take(&app, &bearer.account.email, &id)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Takes a draft out, with its message.
fn take(app: &App, account: &str, id: &str) -> Result<Draft, Refusal> {
    mailbox::change(app, account, |mailbox| {
        let draft = mailbox.drafts.remove(id)?;
        mailbox.messages.remove(&draft.message.id);
        Some(draft)
    })
    .ok_or_else(gone)
}

pub(crate) async fn send(
    State(app): State<App>,
    Path(user): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let bearer = enter(&app, &headers, &user, &SENDING)?;
    let query = Query::read(query.as_deref(), &[])?;
    let draft = object(&body, &["id", "message"])?;
    let id = draft
        .get("id")
        .and_then(Value::as_str)
        .ok_or_else(|| invalid("Missing draft id"))?;
    let account = &bearer.account.email;
    let draft = take(&app, account, id)?;
    let Source::Blob(blob) = &draft.message.source else {
        return Err(gone());
    };
    let raw = app.blobs.read(&blob.name).map_err(broken)?;
    let mail = Mail { raw, thread: None };
    let sent = match accept(&app, account, mail) {
        Ok(sent) => sent,
        Err(refused) => {
            // Nothing was sent, so the draft stays.
            mailbox::change(&app, account, |mailbox| {
                mailbox
                    .messages
                    .insert(draft.message.id.clone(), draft.message.clone());
                mailbox.drafts.insert(draft.id.clone(), draft);
            });
            return Err(refused);
        }
    };
    Ok(Json(query.part(&sent, &read::whole())?).into_response())
}
