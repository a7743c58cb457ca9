//! Many `messages.get` in one request: each is an HTTP request inside a part of `multipart/mixed`, and each is
//! answered inside a part of the answer, in any order. Here is how they are written and read; nothing is sent.
//! <https://developers.google.com/gmail/api/guides/batch>

use std::fmt::Write as _;

use jiff::Timestamp;
use memchr::{memchr, memmem};
use reqwest::header::{self, HeaderMap};
use url::form_urlencoded;

use super::wire::Headers;
use crate::call::{Answer, retry_after};

/// Google allows a hundred, and limits those with more than fifty.
pub(super) const MOST: usize = 50;

/// Stands between our parts. They hold ids and names of headers only, so it can't occur in one.
const BOUNDARY: &str = "autopilot-batch";

pub(super) fn content_type() -> String {
    format!("multipart/mixed; boundary={BOUNDARY}")
}

/// The ids must be Gmail's (`api::is_id`): they are written into a request line.
pub(super) fn write(ids: &[&str], wanted: Headers) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(wanted.query())
        .finish();
    let mut body = String::new();
    for (number, id) in ids.iter().enumerate() {
        // A `String` takes whatever is written to it.
        let _ = write!(
            body,
            "--{BOUNDARY}\r\nContent-Type: application/http\r\nContent-ID: <item-{number}>\r\n\r\n\
             GET /gmail/v1/users/me/messages/{id}?{query} HTTP/1.1\r\nAccept: application/json\r\n\r\n\r\n"
        );
    }
    let _ = write!(body, "--{BOUNDARY}--\r\n");
    body
}

/// What the answer says stands between its parts.
pub(super) fn boundary_of(headers: &HeaderMap) -> Option<String> {
    let said = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let (kind, parameters) = said.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/mixed") {
        return None;
    }
    let boundary = parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("boundary")
            .then(|| value.trim().trim_matches('"'))
    })?;
    // RFC 2046 §5.1.1.
    (1..=70)
        .contains(&boundary.len())
        .then(|| boundary.to_owned())
}

/// The answers by the number of their request; `None` for one that wasn't answered. No multipart at all: `None`.
pub(super) fn read(
    body: &[u8],
    boundary: Option<&str>,
    asked: usize,
) -> Option<Vec<Option<Answer>>> {
    let delimiter = format!("--{}", boundary?).into_bytes();
    let mut answers: Vec<Option<Answer>> = (0..asked).map(|_| None).collect();
    let mut seen = false;
    for part in parts(body, &delimiter) {
        seen = true;
        let Some((number, answer)) = read_part(part) else {
            continue;
        };
        // The first word counts: a second answer to the same question is not looked at.
        if let Some(slot @ None) = answers.get_mut(number) {
            *slot = Some(answer);
        }
    }
    seen.then_some(answers)
}

/// What stands between delimiter lines. A body that was cut off ends its last part where it ends.
fn parts<'b>(body: &'b [u8], delimiter: &[u8]) -> Vec<&'b [u8]> {
    let mut parts = Vec::new();
    let mut began: Option<usize> = None;
    for at in memmem::find_iter(body, delimiter) {
        let begins_a_line = at == 0 || body[at - 1] == b'\n';
        let after = at + delimiter.len();
        let next = line_end(body, after);
        let rest = body[after..next].trim_ascii_end();
        if !begins_a_line || !matches!(rest, b"" | b"--") {
            continue;
        }
        if let Some(began) = began {
            parts.push(&body[began..at]);
        }
        began = Some(next);
        if rest == b"--" {
            return parts;
        }
    }
    if let Some(began) = began {
        parts.push(&body[began..]);
    }
    parts
}

/// Which request a part answers, and what the answer is.
fn read_part(part: &[u8]) -> Option<(usize, Answer)> {
    let (head, inner) = split_head(part)?;
    let number = fields(head)
        .find(|(name, _)| name.eq_ignore_ascii_case("content-id"))
        .and_then(|(_, id)| number_of(id))?;
    let (head, body) = split_head(inner.trim_ascii_start())?;
    let status = head
        .lines()
        .next()?
        .strip_prefix("HTTP/")?
        .split_ascii_whitespace()
        .nth(1)?
        .parse()
        .ok()?;
    let pause = fields(head)
        .find(|(name, _)| name.eq_ignore_ascii_case("retry-after"))
        .and_then(|(_, value)| retry_after(value, Timestamp::now()));
    let answer = Answer {
        status,
        retry_after: pause,
        body: body.trim_ascii().to_vec(),
    };
    Some((number, answer))
}

/// `<response-item-7>` is the answer to `<item-7>`.
fn number_of(content_id: &str) -> Option<usize> {
    content_id
        .trim()
        .strip_prefix('<')?
        .strip_suffix('>')?
        .strip_prefix("response-")?
        .strip_prefix("item-")?
        .parse()
        .ok()
}

/// Up to the first empty line, and what follows it.
fn split_head(text: &[u8]) -> Option<(&str, &[u8])> {
    let mut at = 0;
    while at < text.len() {
        let next = line_end(text, at);
        if text[at..next].trim_ascii().is_empty() {
            return Some((std::str::from_utf8(&text[..at]).ok()?, &text[next..]));
        }
        at = next;
    }
    // A head without a body.
    Some((std::str::from_utf8(text).ok()?, b""))
}

/// Where the line that goes on at that place is over, its end included.
fn line_end(text: &[u8], at: usize) -> usize {
    memchr(b'\n', &text[at..]).map_or(text.len(), |end| at + end + 1)
}

fn fields(head: &str) -> impl Iterator<Item = (&str, &str)> {
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim(), value.trim()))
}
