//! Steps 2 to 4 of a resumable upload: a chunk, the whole, or the question how much is there.
//!
//! Nothing here waits while it holds the session: a chunk may stall for as long as its connection lives, and the next
//! request is answered all the same.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;

use super::range::{Range, range};
use super::turn::{Turn, Writing};
use super::{Purpose, Session, Sessions, alive};
use crate::blobs::{BLOCK, Blob};
use crate::faults::{Decided, Fault, Struck};
use crate::google_api::{Refusal, invalid};
use crate::log::Arrival;
use crate::server::App;
use crate::state::fingerprint;
use crate::{gmail, google_drive};

/// What a request brings.
struct Chunk {
    first: u64,
    /// Its length, if that is known beforehand.
    expected: Option<u64>,
    /// Whether the upload is complete with it.
    is_last: bool,
    /// Bytes from here on are lost, as a fault wants it.
    kept: u64,
    is_short: bool,
}

pub(crate) async fn put(
    app: &App,
    id: &str,
    (struck, arrival): (&Struck, Arrival),
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let key = fingerprint(id);
    alive(app, &key, struck)?;
    let (turn, session) = Turn::take(app, &key, arrival)?;
    if let Some(done) = session.done {
        return Ok(axum::Json(done).into_response());
    }
    let read = read(app, &session, &turn.hold()?, struck, headers)?;
    let chunk = match read {
        Read::Chunk(chunk) => chunk,
        Read::Question(answer) => return Ok(answer),
    };
    let mut again = Again {
        app,
        key: &key,
        bytes: 0,
    };
    let end = receive(&turn, body, &chunk, &mut again.bytes).await?;
    drop(again);
    // Held to the end, so that nobody finds a session that is complete and doesn't say so.
    let mut writing = turn.hold()?;
    if chunk.is_short {
        writing.forget_pending();
        let mut answer = incomplete(writing.stored());
        answer.extensions_mut().insert(Decided("short_308"));
        return Ok(answer);
    }
    if chunk
        .expected
        .is_some_and(|expected| end != chunk.first + expected)
    {
        writing.forget_pending();
        return Err(invalid("Fewer bytes came than Content-Range says."));
    }
    if !chunk.is_last {
        return Ok(incomplete(writing.stored()));
    }
    let blob = writing.finish()?;
    let wrong = app.faults.strike_own(struck, "wrong_checksum").is_some();
    finish(app, &key, &session, blob, wrong)
}

enum Read {
    Chunk(Chunk),
    /// Answered already.
    Question(Response),
}

fn read(
    app: &App,
    session: &Session,
    writing: &Writing<'_>,
    struck: &Struck,
    headers: &HeaderMap,
) -> Result<Read, Refusal> {
    let stored = writing.stored();
    let length = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let (first, expected, total) = match range(headers)? {
        Range::Question(total) => {
            if let (Some(asked), Some(known)) = (total, session.total)
                && asked != known
            {
                return Err(invalid("The total size differs from the one announced."));
            }
            let all = total.or(session.total);
            // All may be there although the connection broke before anybody could say so.
            if all != Some(stored) {
                return Ok(Read::Question(incomplete(stored)));
            }
            (stored, Some(0), all)
        }
        Range::Whole => {
            if stored > 0 {
                return Err(invalid(
                    "Bytes are there already: say with Content-Range which ones these are.",
                ));
            }
            (0, length.or(session.total), length.or(session.total))
        }
        Range::Chunk(first, last, total) => (first, Some(last - first + 1), total),
    };
    check(session, stored, first, expected, length, total)?;
    let is_last = match (expected, total.or(session.total)) {
        (Some(expected), Some(total)) => first + expected == total,
        (None, _) => true,
        (_, None) => false,
    };
    if !is_last && expected.is_some_and(|length| length % BLOCK as u64 != 0) {
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
    Ok(Read::Chunk(Chunk {
        first,
        expected,
        is_last,
        kept: kept.max(stored),
        is_short: short.is_some(),
    }))
}

/// What a chunk says of itself has to agree with what is known.
fn check(
    session: &Session,
    stored: u64,
    first: u64,
    expected: Option<u64>,
    length: Option<u64>,
    total: Option<u64>,
) -> Result<(), Refusal> {
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

/// Takes a chunk in, as long as nobody takes over; bytes that are stored already are stepped over. Returns where it
/// ended.
async fn receive(turn: &Turn, body: Body, chunk: &Chunk, again: &mut u64) -> Result<u64, Refusal> {
    let mut at = chunk.first;
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        let mut writing = turn.hold()?;
        let Ok(piece) = piece else {
            // Nobody will read this: the connection is gone.
            writing.forget_pending();
            return Err(invalid("The body broke off."));
        };
        let known = usize::try_from(writing.stored().saturating_sub(at)).unwrap_or(usize::MAX);
        let room = usize::try_from(chunk.kept.saturating_sub(at)).unwrap_or(usize::MAX);
        let from = known.min(piece.len());
        *again += from as u64;
        let to = room.min(piece.len()).max(from);
        writing.push(&piece[from..to])?;
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
