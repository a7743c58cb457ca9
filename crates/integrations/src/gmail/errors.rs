//! Gmail's errors: <https://developers.google.com/gmail/api/guides/handle-errors>. They are worded as Google words
//! them everywhere, with one addition: a mailbox that has sent too much says when it may go on, in free text alone.
//! `tests.rs` walks the documented table.

use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;

use crate::{
    CallError,
    call::{Answer, LONGEST_PAUSE},
    google,
};

/// `Ok` for a 2xx; else what the answer means.
pub(super) fn judge(answer: &Answer) -> Result<(), CallError> {
    google::judge(answer).map_err(|error| match error {
        CallError::RateLimited { retry_after: None } => CallError::RateLimited {
            retry_after: named_time(answer, Timestamp::now()),
        },
        error => error,
    })
}

/// Until `Retry after 2026-11-26T08:00:00.000Z`, which the message of a full mailbox ends with.
pub(super) fn named_time(answer: &Answer, now: Timestamp) -> Option<Duration> {
    #[derive(Deserialize)]
    struct Body {
        error: Message,
    }
    #[derive(Deserialize)]
    struct Message {
        message: String,
    }
    let message = answer.json::<Body>().ok()?.error.message;
    let until: Timestamp = message
        .split_ascii_whitespace()
        .map(|word| word.trim_matches(|letter: char| !letter.is_ascii_alphanumeric()))
        .find_map(|word| word.parse().ok())?;
    let wait = Duration::try_from(until.duration_since(now)).unwrap_or(Duration::ZERO);
    Some(wait.min(LONGEST_PAUSE))
}
