//! `messages.send` in all its forms: JSON, media, multipart, resumable; and where the message ends up.

use axum::body::{Body, Bytes};
use axum::extract::{Extension, Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::mailbox::{self, Message, Source};
use super::{COMPOSE, Call, FULL, MODIFY, SEND, enter, mime, read, words};
use crate::blobs::Blob;
use crate::faults::Struck;
use crate::form::media_type;
use crate::google_api::{Refusal, broken, error, invalid, not_found, object, too_large};
use crate::google_query::{Kind, Known, Query, wanted};
use crate::google_uploads::{self, Opening, Purpose, Session};
use crate::log::Arrival;
use crate::multipart;
use crate::server::App;

/// 35 MiB, for the whole message.
const LARGEST: u64 = 36_700_160;
/// Google publishes no figure for the JSON form, which carries a message base64-encoded twice.
const LARGEST_JSON: usize = 10 * 1024 * 1024;
const RECIPIENTS: usize = 500;

const CALL: Call = Call {
    method: "SendMessage",
    scopes: &[FULL, MODIFY, COMPOSE, SEND],
    units: 100,
};

pub(crate) const UPLOAD: Known = &[
    (
        "uploadType",
        Kind::OneOf(&["media", "multipart", "resumable"]),
    ),
    ("upload_id", Kind::Text),
];

/// A `Message` in a request; all but two fields are read-only and ignored, as at Google.
const FIELDS: &[&str] = &[
    "raw",
    "threadId",
    "id",
    "labelIds",
    "snippet",
    "historyId",
    "internalDate",
    "payload",
    "sizeEstimate",
];

/// A message on its way in.
pub(crate) struct Mail {
    pub raw: Vec<u8>,
    pub thread: Option<String>,
}

impl Mail {
    /// From a `Message` object with `raw`.
    pub fn of(message: &Map<String, Value>) -> Result<Mail, Refusal> {
        let text = |name: &str| match message.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str())),
            Some(_) => Err(invalid(format!("Invalid value at '{name}' (TYPE_STRING)"))),
        };
        let raw = text("raw")?.ok_or_else(|| {
            invalid(
                "'raw' RFC822 payload message string or uploading message via /upload/* URL required",
            )
        })?;
        let raw = words::from_base64url(raw).ok_or_else(|| {
            invalid("Invalid value at 'raw' (TYPE_BYTES), Base64 decoding failed")
        })?;
        Ok(Mail {
            raw,
            thread: text("threadId")?.map(str::to_owned),
        })
    }

    pub fn of_json(body: &[u8]) -> Result<Mail, Refusal> {
        if body.len() > LARGEST_JSON {
            return Err(too_large("Request payload size exceeds the limit."));
        }
        Mail::of(&object(body, FIELDS)?)
    }

    /// From one of the upload forms that come in one request.
    pub fn of_upload(query: &Query, headers: &HeaderMap, body: &Bytes) -> Result<Mail, Refusal> {
        match query.get("uploadType") {
            Some("media") => {
                rfc822(media_type(headers).as_deref())?;
                Ok(Mail {
                    raw: body.to_vec(),
                    thread: None,
                })
            }
            Some("multipart") => {
                if media_type(headers).as_deref() != Some("multipart/related") {
                    return Err(invalid("A multipart upload is multipart/related."));
                }
                let parts = multipart::boundary(headers)
                    .and_then(|boundary| multipart::split(body, &boundary))
                    .ok_or_else(|| invalid("Malformed multipart body."))?;
                let Ok([described, sent]) = <[_; 2]>::try_from(parts) else {
                    return Err(invalid("A multipart upload has two parts."));
                };
                rfc822(Some(&sent.media_type()))?;
                Ok(Mail {
                    raw: sent.body,
                    thread: thread(&object(&described.body, FIELDS)?)?,
                })
            }
            _ => Err(invalid(
                "uploadType has to be media, multipart or resumable.",
            )),
        }
    }
}

fn rfc822(kind: Option<&str>) -> Result<(), Refusal> {
    if kind == Some("message/rfc822") {
        Ok(())
    } else {
        Err(error(
            StatusCode::BAD_REQUEST,
            "badContent",
            format!(
                "Media type '{}' is not supported. Valid media types: [message/rfc822]",
                kind.unwrap_or_default()
            ),
        ))
    }
}

fn thread(message: &Map<String, Value>) -> Result<Option<String>, Refusal> {
    match message.get("threadId") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(id)) => Ok(Some(id.clone())),
        Some(_) => Err(invalid("Invalid value at 'threadId' (TYPE_STRING)")),
    }
}

pub(crate) async fn json(
    State(app): State<App>,
    Path(user): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let bearer = enter(&app, &headers, &user, &CALL)?;
    let query = Query::read(query.as_deref(), &[])?;
    let mail = Mail::of_json(&body)?;
    let sent = accept(&app, &bearer.account.email, mail)?;
    query.answer(&sent, &read::whole())
}

pub(crate) async fn upload(
    State(app): State<App>,
    Extension(struck): Extension<Struck>,
    Path(user): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let bearer = enter(&app, &headers, &user, &CALL)?;
    let query = Query::read(query.as_deref(), UPLOAD)?;
    let account = &bearer.account.email;
    if query.get("uploadType") == Some("resumable") {
        let opening = Opening {
            purpose: Purpose::Mail,
            account,
            metadata: Value::Object(object(&body, FIELDS)?),
            fields: query.get("fields"),
            path: &struck.path,
            largest: LARGEST,
        };
        return google_uploads::begin(&app, opening, &headers);
    }
    let mail = Mail::of_upload(&query, &headers, &body)?;
    let sent = accept(&app, account, mail)?;
    query.answer(&sent, &read::whole())
}

/// A chunk of a resumable upload. Its address is all it needs.
pub(crate) async fn chunk(
    State(app): State<App>,
    Extension(struck): Extension<Struck>,
    Extension(arrival): Extension<Arrival>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let query = Query::read(query.as_deref(), UPLOAD)?;
    let id = query
        .get("upload_id")
        .ok_or_else(|| invalid("upload_id is missing."))?;
    google_uploads::put(&app, id, (&struck, arrival), &headers, body).await
}

pub(crate) async fn cancel(
    State(app): State<App>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let query = Query::read(query.as_deref(), UPLOAD)?;
    let id = query
        .get("upload_id")
        .ok_or_else(|| invalid("upload_id is missing."))?;
    google_uploads::cancel(&app, id)
}

/// The end of a resumable upload.
pub(crate) fn uploaded(app: &App, session: &Session, blob: Blob) -> Result<Value, Refusal> {
    let mail = session_mail(app, session, &blob)?;
    let sent = accept(app, &session.account, mail)?;
    wanted(&sent, session.fields.as_deref(), &read::whole())
}

pub(crate) fn session_mail(app: &App, session: &Session, blob: &Blob) -> Result<Mail, Refusal> {
    let raw = app.blobs.read(&blob.name).map_err(broken);
    app.blobs.remove(&blob.name);
    Ok(Mail {
        raw: raw?,
        thread: session.metadata["threadId"].as_str().map(str::to_owned),
    })
}

/// Sends: the message goes to Sent, and to everybody who has a mailbox here. Answers with the new `Message`.
pub(crate) fn accept(app: &App, account: &str, mail: Mail) -> Result<Value, Refusal> {
    let recipients = recipients(&mail.raw)?;
    let mut message = prepared(app, account, &mail)?;
    message.recipients = recipients;
    message.labels = vec!["SENT".into()];
    // As at Gmail, one message that is both sent and received.
    if message
        .recipients
        .iter()
        .any(|one| one.eq_ignore_ascii_case(account))
    {
        message.labels.extend(["INBOX".into(), "UNREAD".into()]);
    }
    let message = mailbox::change(app, account, |mailbox| mailbox.insert(message));
    deliver(app, account, &message, &mail.raw);
    Ok(json!({ "id": message.id, "threadId": message.thread_id, "labelIds": message.labels }))
}

/// A message in its place in the mailbox, but not in it yet.
pub(crate) fn prepared(app: &App, account: &str, mail: &Mail) -> Result<Message, Refusal> {
    if mail.raw.len() as u64 > LARGEST {
        return Err(too_large("The message is larger than 36700160 bytes."));
    }
    let blob = app.blobs.put(&mail.raw).map_err(broken)?;
    let mut message = Message::read(&mail.raw, Source::Blob(blob));
    // "The API replaces the Message-ID": the usual way to find a message again doesn't work.
    message.message_id = format!("<CA{}@mail.gmail.com>", uuid::Uuid::new_v4().simple());
    message.internal_date = app.clock.now();
    let references = references(&mail.raw);
    let placed = mailbox::change(app, account, |mailbox| {
        let id = mailbox.fresh_id();
        let thread = match &mail.thread {
            Some(thread) if !mailbox.has_thread(thread) => None,
            // All three have to agree, or it is a new thread.
            Some(thread) => Some(
                mailbox
                    .thread_of(&references, &message.subject)
                    .filter(|found| found == thread)
                    .unwrap_or_else(|| id.clone()),
            ),
            None => Some(id.clone()),
        };
        thread.map(|thread| (id, thread))
    });
    let (id, thread) = placed.ok_or_else(|| not_found("Requested entity was not found."))?;
    message.id = id;
    message.thread_id = thread;
    Ok(message)
}

fn deliver(app: &App, sender: &str, sent: &Message, raw: &[u8]) {
    let references = references(raw);
    let here: Vec<String> = app
        .state
        .seed()
        .google_accounts
        .iter()
        .map(|account| account.email.clone())
        .filter(|email| !email.eq_ignore_ascii_case(sender))
        .filter(|email| {
            sent.recipients
                .iter()
                .any(|one| one.eq_ignore_ascii_case(email))
        })
        .collect();
    for email in here {
        mailbox::change(app, &email, |mailbox| {
            let id = mailbox.fresh_id();
            let thread = mailbox
                .thread_of(&references, &sent.subject)
                .unwrap_or_else(|| id.clone());
            mailbox.insert(Message {
                id,
                thread_id: thread,
                labels: vec!["INBOX".into(), "UNREAD".into()],
                hides_bcc: true,
                ..sent.clone()
            });
        });
    }
}

fn references(raw: &[u8]) -> Vec<String> {
    let (head, _) = multipart::head_and_body(raw);
    let headers = multipart::headers(head);
    ["In-Reply-To", "References"]
        .iter()
        .filter_map(|name| mime::value(&headers, name))
        .flat_map(str::split_whitespace)
        .map(str::to_owned)
        .collect()
}

/// Everybody in To, Cc and Bcc.
fn recipients(raw: &[u8]) -> Result<Vec<String>, Refusal> {
    let (head, _) = multipart::head_and_body(raw);
    let headers = multipart::headers(head);
    let mut all: Vec<String> = Vec::new();
    for name in ["To", "Cc", "Bcc"] {
        let lists = headers
            .iter()
            .filter(|(known, _)| known.eq_ignore_ascii_case(name));
        for (_, list) in lists {
            for address in words::addresses(list) {
                if !is_address(&address) {
                    return Err(invalid(format!("Invalid {name} header")));
                }
                if !all.iter().any(|known| known.eq_ignore_ascii_case(&address)) {
                    all.push(address);
                }
            }
        }
    }
    if all.is_empty() {
        return Err(invalid("Recipient address required"));
    }
    if all.len() > RECIPIENTS {
        return Err(invalid("Too many recipients"));
    }
    Ok(all)
}

fn is_address(text: &str) -> bool {
    text.rsplit_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && domain.contains('.')
            && !domain.starts_with('.')
            && !text.contains(|letter: char| letter.is_whitespace() || letter.is_control())
    })
}
