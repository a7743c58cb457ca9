//! A page of the mailbox. Headers that were fetched before are taken from the shelf, so that looking again costs one
//! call.

use std::{borrow::Cow, cmp::Reverse, collections::HashMap};

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
    let summed_up = |message: Message| summary(&message);
    for email in fetching::headers(session, &missing, Headers::Summary, summed_up).await? {
        session.headers.put(email.clone());
        emails.push(email);
    }

    // Gmail lists by the same date; equals keep its order.
    let listed = page.messages.iter().enumerate();
    let places: HashMap<&str, usize> = listed
        .map(|(place, one)| (one.id.as_str(), place))
        .collect();
    emails
        .sort_by_cached_key(|email| (Reverse(email.date), places.get(email.id.as_str()).copied()));
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
        snippet: plain(&message.snippet).trim().to_owned(),
        date: date(message),
    }
}

/// A snippet is escaped, which most don't show: reading each as a page costs more than the rest of its mail.
fn plain(snippet: &str) -> Cow<'_, str> {
    if snippet.contains(['&', '<', '>', '\n']) || snippet.contains("  ") {
        html_to_text(snippet).into()
    } else {
        snippet.into()
    }
}

/// When Google took the mail in, which is more to be trusted than what the sender says; else that.
fn date(message: &Message) -> Option<Timestamp> {
    message.accepted().or_else(|| {
        DateTimeParser::new()
            .parse_timestamp(message.payload.header("Date")?)
            .ok()
    })
}

/// A header's text on one line. Gmail has usually decoded it; where it hasn't, RFC 2047 is.
pub(super) fn decoded(value: &str) -> String {
    let line;
    let text: Cow<'_, str> = if value.contains("=?") {
        line = format!("{value}\n");
        match MessageStream::new(line.as_bytes()).parse_unstructured() {
            HeaderValue::Text(text) => text,
            _ => value.into(),
        }
    } else {
        value.into()
    };
    if is_one_line(&text) {
        return text.into_owned();
    }
    let words = text.split(|letter: char| letter.is_control() || letter == ' ');
    let mut one_line = String::with_capacity(text.len());
    for word in words.filter(|word| !word.is_empty()) {
        if !one_line.is_empty() {
            one_line.push(' ');
        }
        one_line.push_str(word);
    }
    one_line
}

/// Nothing to be put right, as in nearly every header.
fn is_one_line(text: &str) -> bool {
    let ends = text.starts_with(' ') || text.ends_with(' ');
    !ends && !text.contains("  ") && !text.contains(char::is_control)
}
