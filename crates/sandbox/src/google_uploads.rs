//! Google's resumable uploads, which Gmail and Drive share. Source: "Upload file data", "Perform a resumable upload".
//!
//! A session is found by its address alone; whoever holds it may write, so it is kept as its SHA-256. Bytes go into a
//! [`Spool`] as they come, and its whole blocks are what the service has stored, also after a kill.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::blobs::{BLOCK, Blob, Spool};
use crate::clock::Millis;
use crate::faults::{Decided, Fault, Struck};
use crate::google_api::{Refusal, broken, error, invalid, not_found, refusal, too_large};
use crate::server::App;
use crate::state::{Section, fingerprint, fresh_token};
use crate::{gmail, google_drive};

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

/// The open files of sessions. After a restart they are opened again.
#[derive(Default)]
pub(crate) struct Spools(Mutex<HashMap<String, Arc<tokio::sync::Mutex<Spool>>>>);

impl Spools {
    pub fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<tokio::sync::Mutex<Spool>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
    app.live
        .spools
        .lock()
        .insert(key.clone(), Arc::new(tokio::sync::Mutex::new(spool)));
    app.state.write::<Sessions, _>(|sessions| {
        sessions.open.insert(key, session);
    });
    let mut address = app.base.clone();
    address.set_path(opening.path);
    address.set_query(Some(&format!("uploadType=resumable&upload_id={id}")));
    Ok((StatusCode::OK, [(header::LOCATION, address.as_str())]).into_response())
}

/// `Content-Range` of a chunk.
#[derive(Debug, PartialEq)]
enum Range {
    /// No header: everything in one request.
    Whole,
    /// `bytes */total`: how much is there?
    Question(Option<u64>),
    /// First and last byte, and the whole length when it is known.
    Chunk(u64, u64, Option<u64>),
}

fn range(headers: &HeaderMap) -> Result<Range, Refusal> {
    let Some(value) = headers.get(header::CONTENT_RANGE) else {
        return Ok(Range::Whole);
    };
    let read = || {
        let (range, total) = value
            .to_str()
            .ok()?
            .strip_prefix("bytes ")?
            .split_once('/')?;
        let total = match total {
            "*" => None,
            total => Some(total.parse().ok()?),
        };
        if range == "*" {
            return Some(Range::Question(total));
        }
        let (first, last) = range.split_once('-')?;
        let (first, last) = (first.parse().ok()?, last.parse().ok()?);
        (first <= last && total.is_none_or(|total| last < total))
            .then_some(Range::Chunk(first, last, total))
    };
    read().ok_or_else(|| invalid("Failed to parse Content-Range header."))
}

/// Steps 2 to 4: a chunk, the whole, or a question.
pub(crate) async fn put(
    app: &App,
    id: &str,
    struck: &Struck,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let key = fingerprint(id);
    let session = find(app, &key, struck)?;
    if let Some(done) = session.done {
        return Ok(axum::Json(done).into_response());
    }
    let spool = open(app, &key, &session)?;
    // One request at a time; a broken one ends as soon as its connection does.
    let mut spool = spool.lock().await;
    spool.forget_pending();
    let range = range(headers)?;
    let length = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let (first, expected, total) = match range {
        Range::Question(total) => {
            if let (Some(asked), Some(known)) = (total, session.total)
                && asked != known
            {
                return Err(invalid("The total size differs from the one announced."));
            }
            let all = total.or(session.total);
            // All may be there although the connection broke before anybody could say so.
            if all != Some(spool.stored()) {
                return Ok(incomplete(spool.stored()));
            }
            (spool.stored(), Some(0), all)
        }
        Range::Whole => {
            if spool.stored() > 0 {
                return Err(invalid(
                    "Bytes are there already: say with Content-Range which ones these are.",
                ));
            }
            (0, length.or(session.total), length.or(session.total))
        }
        Range::Chunk(first, last, total) => (first, Some(last - first + 1), total),
    };
    check(&session, &spool, first, expected, length, total)?;
    let final_one = match (expected, total.or(session.total)) {
        (Some(expected), Some(total)) => first + expected == total,
        (None, _) => true,
        (_, None) => false,
    };
    if !final_one && expected.is_some_and(|length| length % BLOCK as u64 != 0) {
        return Err(invalid(
            "Invalid request. Every chunk but the last has to be a multiple of 262144 bytes.",
        ));
    }
    let short = expected
        .filter(|expected| *expected > 0)
        .and_then(|_| app.faults.strike_own(struck, "short_308"));
    let kept = match (&short, expected) {
        (Some(Fault::Short308 { bytes }), Some(expected)) => {
            (first + expected).saturating_sub(*bytes) / BLOCK as u64 * BLOCK as u64
        }
        _ => u64::MAX,
    };
    let kept = kept.max(spool.stored());
    let mut again = Again {
        app,
        key: &key,
        bytes: 0,
    };
    let end = receive(&mut spool, body, first, kept, &mut again.bytes).await?;
    drop(again);
    if short.is_some() {
        spool.forget_pending();
        let mut answer = incomplete(spool.stored());
        answer.extensions_mut().insert(Decided("short_308"));
        return Ok(answer);
    }
    if expected.is_some_and(|expected| end != first + expected) {
        spool.forget_pending();
        return Err(invalid("Fewer bytes came than Content-Range says."));
    }
    if !final_one {
        return Ok(incomplete(spool.stored()));
    }
    let blob = spool.finish().map_err(broken)?;
    let wrong = app.faults.strike_own(struck, "wrong_checksum").is_some();
    finish(app, &key, &session, blob, wrong)
}

fn find(app: &App, key: &str, struck: &Struck) -> Result<Session, Refusal> {
    let now = app.clock.now();
    if let Some(Fault::SessionExpired { status }) = app.faults.strike_own(struck, "session_expired")
    {
        forget(app, key);
        let status = StatusCode::from_u16(status.unwrap_or(404)).unwrap_or(StatusCode::NOT_FOUND);
        let mut answer = refusal(status, None);
        answer.extensions_mut().insert(Decided("session_expired"));
        return Err(answer.into());
    }
    let session = app
        .state
        .read::<Sessions, _>(|sessions| sessions.open.get(key).cloned())
        .ok_or_else(|| not_found("Upload session not found."))?;
    if now - session.began >= LIFE_MS {
        forget(app, key);
        return Err(error(
            StatusCode::GONE,
            "gone",
            "The upload session has expired.",
        ));
    }
    Ok(session)
}

fn forget(app: &App, key: &str) -> Option<Session> {
    app.live.spools.lock().remove(key);
    let session = app
        .state
        .write::<Sessions, _>(|sessions| sessions.open.remove(key))?;
    if session.done.is_none() {
        app.blobs.remove(&session.spool);
    }
    Some(session)
}

fn open(
    app: &App,
    key: &str,
    session: &Session,
) -> Result<Arc<tokio::sync::Mutex<Spool>>, Refusal> {
    let mut spools = app.live.spools.lock();
    if let Some(spool) = spools.get(key) {
        return Ok(spool.clone());
    }
    let spool = app.blobs.resume(&session.spool).map_err(broken)?;
    let spool = Arc::new(tokio::sync::Mutex::new(spool));
    spools.insert(key.to_owned(), spool.clone());
    Ok(spool)
}

/// What a chunk says of itself has to agree with what is known.
fn check(
    session: &Session,
    spool: &Spool,
    first: u64,
    expected: Option<u64>,
    length: Option<u64>,
    total: Option<u64>,
) -> Result<(), Refusal> {
    let stored = spool.stored();
    if first > stored {
        return Err(invalid(format!(
            "Invalid request. According to the Content-Range header, the upload offset is {first} byte(s), \
             which exceeds already uploaded size of {stored} byte(s)."
        )));
    }
    if let (Some(expected), Some(length)) = (expected, length)
        && expected != length
    {
        return Err(invalid("Content-Range and Content-Length disagree."));
    }
    if let (Some(total), Some(known)) = (total, session.total)
        && total != known
    {
        return Err(invalid("The total size differs from the one announced."));
    }
    Ok(())
}

/// Takes a chunk in; bytes that are stored already are stepped over, bytes from `kept` on are lost. Returns where it
/// ended.
async fn receive(
    spool: &mut Spool,
    body: Body,
    first: u64,
    kept: u64,
    again: &mut u64,
) -> Result<u64, Refusal> {
    let mut at = first;
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        let Ok(piece) = piece else {
            // Nobody will read this: the connection is gone.
            spool.forget_pending();
            return Err(invalid("The body broke off."));
        };
        let known = usize::try_from(spool.stored().saturating_sub(at)).unwrap_or(usize::MAX);
        let room = usize::try_from(kept.saturating_sub(at)).unwrap_or(usize::MAX);
        let from = known.min(piece.len());
        *again += from as u64;
        let to = room.min(piece.len()).max(from);
        spool.push(&piece[from..to]).map_err(broken)?;
        at += piece.len() as u64;
    }
    Ok(at)
}

/// Counts what came although it was stored already, also when the request is dropped half-way.
struct Again<'a> {
    app: &'a App,
    key: &'a str,
    bytes: u64,
}

impl Drop for Again<'_> {
    fn drop(&mut self) {
        if self.bytes > 0 {
            self.app.state.write::<Sessions, _>(|sessions| {
                if let Some(session) = sessions.open.get_mut(self.key) {
                    session.again += self.bytes;
                }
            });
        }
    }
}

fn finish(
    app: &App,
    key: &str,
    session: &Session,
    blob: Blob,
    wrong: bool,
) -> Result<Response, Refusal> {
    app.live.spools.lock().remove(key);
    let answer = match &session.purpose {
        Purpose::Mail => gmail::send::uploaded(app, session, blob),
        Purpose::Draft => gmail::drafts::uploaded(app, session, blob),
        Purpose::NewFile => google_drive::create::uploaded(app, session, blob, wrong),
        Purpose::Content(id) => google_drive::update::uploaded(app, session, id, blob, wrong),
    }?;
    app.state.write::<Sessions, _>(|sessions| {
        if let Some(session) = sessions.open.get_mut(key) {
            session.done = Some(answer.clone());
        }
    });
    let mut response = axum::Json(answer).into_response();
    if wrong {
        response.extensions_mut().insert(Decided("wrong_checksum"));
    }
    Ok(response)
}

fn incomplete(stored: u64) -> Response {
    let mut answer = StatusCode::PERMANENT_REDIRECT.into_response();
    if let Some(last) = stored.checked_sub(1)
        && let Ok(value) = HeaderValue::from_str(&format!("bytes=0-{last}"))
    {
        answer.headers_mut().insert(header::RANGE, value);
    }
    answer
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_strictly() {
        let read = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_RANGE, value.parse().unwrap());
            range(&headers).ok()
        };
        assert_eq!(read("bytes 0-9/10"), Some(Range::Chunk(0, 9, Some(10))));
        assert_eq!(read("bytes 0-9/*"), Some(Range::Chunk(0, 9, None)));
        assert_eq!(read("bytes */10"), Some(Range::Question(Some(10))));
        assert_eq!(read("bytes */*"), Some(Range::Question(None)));
        for wrong in [
            "bytes=0-9/10",
            "bytes 9-0/10",
            "bytes 0-10/10",
            "0-9/10",
            "bytes 0-9",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
