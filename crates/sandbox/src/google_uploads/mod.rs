//! Google's resumable uploads, which Gmail and Drive share. Source: "Upload file data", "Perform a resumable upload".
//!
//! Here a session begins, is found, and ends before its time; `put` takes in what is sent to it, `turn` says who may
//! write, `range` reads what a request says of itself.
//!
//! A session is found by its address alone; whoever holds it may write, so it is kept as its SHA-256. Bytes go into a
//! [`Spool`](crate::blobs::Spool) as they come, and its whole blocks are what the service has stored, also after a kill.

mod put;
mod range;
mod turn;

use std::collections::BTreeMap;

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub(crate) use self::put::put;
pub(crate) use self::turn::Spools;
use crate::clock::Millis;
use crate::faults::{Decided, Fault, Struck};
use crate::google_api::{Refusal, broken, error, invalid, not_found, refusal, too_large};
use crate::server::App;
use crate::state::{Section, fingerprint, fresh_token};

/// "A resumable session URI expires after one week."
const LIFE_MS: Millis = 7 * 24 * 60 * 60 * 1000;

/// What an upload becomes at its end.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Purpose {
    Mail,
    Draft,
    NewFile,
    /// New content for the file with this id.
    Content(String),
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Session {
    pub purpose: Purpose,
    pub account: String,
    pub metadata: Value,
    pub content_type: Option<String>,
    pub fields: Option<String>,
    pub total: Option<u64>,
    pub began: Millis,
    pub spool: String,
    /// The answer, once it is complete; a repeated question gets it again.
    pub done: Option<Value>,
    /// Bytes that came although they were stored already.
    #[serde(default)]
    pub again: u64,
}

#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Sessions {
    open: BTreeMap<String, Session>,
}

impl Section for Sessions {
    const NAME: &'static str = "google_uploads";
}

impl Sessions {
    pub fn all(&self) -> impl Iterator<Item = &Session> {
        self.open.values()
    }
}

/// A session as it is asked for.
pub(crate) struct Opening<'a> {
    pub purpose: Purpose,
    pub account: &'a str,
    pub metadata: Value,
    pub fields: Option<&'a str>,
    /// The path that the session's address has.
    pub path: &'a str,
    pub largest: u64,
}

/// Step 1: answers with the session's address.
pub(crate) fn begin(
    app: &App,
    opening: Opening<'_>,
    headers: &HeaderMap,
) -> Result<Response, Refusal> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let total = text("x-upload-content-length")
        .map(|length| {
            length
                .parse::<u64>()
                .map_err(|_| invalid("Invalid X-Upload-Content-Length."))
        })
        .transpose()?;
    if total.is_some_and(|total| total > opening.largest) {
        return Err(too_large("The upload is larger than this method takes."));
    }
    let spool = app.blobs.begin().map_err(broken)?;
    let session = Session {
        purpose: opening.purpose,
        account: opening.account.to_owned(),
        metadata: opening.metadata,
        content_type: text("x-upload-content-type").map(str::to_owned),
        fields: opening.fields.map(str::to_owned),
        total,
        began: app.clock.now(),
        spool: spool.name().to_owned(),
        done: None,
        again: 0,
    };
    let id = fresh_token("AKsbx");
    let key = fingerprint(&id);
    app.live.spools.begin(key.clone(), spool);
    app.state.write::<Sessions, _>(|sessions| {
        sessions.open.insert(key, session);
    });
    let mut address = app.base.clone();
    address.set_path(opening.path);
    address.set_query(Some(&format!("uploadType=resumable&upload_id={id}")));
    Ok((StatusCode::OK, [(header::LOCATION, address.as_str())]).into_response())
}

/// Refuses where there is no such session, or not any more.
fn alive(app: &App, key: &str, struck: &Struck) -> Result<(), Refusal> {
    let now = app.clock.now();
    if let Some(Fault::SessionExpired { status }) = app.faults.strike_own(struck, "session_expired")
    {
        forget(app, key);
        let status = StatusCode::from_u16(status.unwrap_or(404)).unwrap_or(StatusCode::NOT_FOUND);
        let mut answer = refusal(status, None);
        answer.extensions_mut().insert(Decided("session_expired"));
        return Err(answer.into());
    }
    let began = app
        .state
        .read::<Sessions, _>(|sessions| sessions.open.get(key).map(|session| session.began))
        .ok_or_else(|| not_found("Upload session not found."))?;
    if now - began >= LIFE_MS {
        forget(app, key);
        return Err(error(
            StatusCode::GONE,
            "gone",
            "The upload session has expired.",
        ));
    }
    Ok(())
}

/// The session goes first: who takes a turn meanwhile finds none, and who took one before is fenced off.
fn forget(app: &App, key: &str) -> Option<Session> {
    let session = app
        .state
        .write::<Sessions, _>(|sessions| sessions.open.remove(key));
    app.live.spools.end(key);
    let session = session?;
    if session.done.is_none() {
        app.blobs.remove(&session.spool);
    }
    Some(session)
}

/// The person gave up.
pub(crate) fn cancel(app: &App, id: &str) -> Result<Response, Refusal> {
    forget(app, &fingerprint(id)).ok_or_else(|| not_found("Upload session not found."))?;
    let status = StatusCode::from_u16(499).unwrap_or(StatusCode::GONE);
    Ok(status.into_response())
}

/// What tests see of a session; never its address.
pub(crate) fn shown(app: &App, session: &Session) -> Value {
    let stored = app
        .blobs
        .file(&session.spool)
        .and_then(|file| file.metadata())
        .map_or(0, |about| about.len());
    json!({
        "account": session.account,
        "name": session.metadata.get("name"),
        "id": session.metadata.get("id"),
        "total": session.total,
        "stored": stored,
        "again": session.again,
        "complete": session.done.is_some(),
    })
}
