//! A page of the mailbox. Headers that were fetched before are taken from the shelf, so that looking again costs one
//! call.

use jiff::{Timestamp, fmt::rfc2822::DateTimeParser};
use mail_parser::{HeaderValue, decoders::html::html_to_text, parsers::MessageStream};
use model::{EmailPage, EmailQuery, EmailSummary};

use super::{
    api, fetching,
    wire::{Headers, Message},
};
use crate::{CallError, Session};

const USUAL: u32 = 50;
/// Gmail's own.
const MOST: u32 = 500;

pub(super) async fn list(session: &Session, query: &EmailQuery) -> Result<EmailPage, CallError> {
    let limit = query.limit.unwrap_or(USUAL).clamp(1, MOST);
    let page = api::list(session, &query.search, limit, query.page.as_deref()).await?;

    let mut emails = Vec::with_capacity(page.messages.len());
    let mut missing = Vec::new();
    for listed in &page.messages {
        match session.headers.get(&listed.id) {
            Some(email) => emails.push(email),
            None => missing.push(listed.id.as_str()),
        }
    }
    for message in fetching::headers(session, &missing, Headers::Summary).await? {
        let email = summary(&message);
        session.headers.put(email.clone());
        emails.push(email);
    }

    // Gmail lists by the same date; equals keep its order.
    let place = |id: &str| page.messages.iter().position(|listed| listed.id == id);
    emails.sort_by_cached_key(|email| (std::cmp::Reverse(email.date), place(&email.id)));
    Ok(EmailPage {
        emails,
        next: page.next_page_token,
    })
}

pub(super) fn summary(message: &Message) -> EmailSummary {
    let header = |name: &str| {
        message
            .payload
            .header(name)
            .map(decoded)
            .unwrap_or_default()
    };
    EmailSummary {
        id: message.id.clone(),
        thread: message.thread_id.clone(),
        from: header("From"),
        to: header("To"),
        subject: header("Subject"),
        snippet: html_to_text(&message.snippet).trim().to_owned(),
        date: date(message),
    }
}

/// When Google took the mail in, which is more to be trusted than what the sender says; else that.
fn date(message: &Message) -> Option<Timestamp> {
    let accepted = message
        .internal_date
        .as_deref()
        .and_then(|digits| digits.parse().ok())
        .and_then(|millis| Timestamp::from_millisecond(millis).ok());
    accepted.or_else(|| {
        DateTimeParser::new()
            .parse_timestamp(message.payload.header("Date")?)
            .ok()
    })
}

/// A header's text on one line. Gmail has usually decoded it; where it hasn't, RFC 2047 is.
pub(super) fn decoded(value: &str) -> String {
    let text = if value.contains("=?") {
        let line = format!("{value}\n");
        match MessageStream::new(line.as_bytes()).parse_unstructured() {
            HeaderValue::Text(text) => text.into_owned(),
            _ => value.to_owned(),
        }
    } else {
        value.to_owned()
    };
    text.split(|letter: char| letter.is_control() || letter == ' ')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}
