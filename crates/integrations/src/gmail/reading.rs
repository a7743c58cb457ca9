//! One mail: its text, its HTML made safe, what is attached. All of it was written by a stranger.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use mail_parser::decoders::{charsets::map::charset_decoder, html::html_to_text};
use model::{Attachment, Email};

use super::{
    api, html,
    listing::{decoded, summary},
    wire::{Part, PartBody, decode},
};
use crate::{CallError, ReadMail, Session};

/// Parts looked at. A mail with more is a trap, not a mail.
const MOST_PARTS: usize = 1000;

/// Levels looked into; Gmail's own composer needs four.
const DEEPEST: usize = 60;

/// A handle either names what Gmail keeps, or holds the bytes that came along.
const BY_ID: &str = "id:";
const BY_VALUE: &str = "data:";

/// The parts that matter, in the order they stand in the mail.
#[derive(Default)]
pub(super) struct Walked<'m> {
    pub(super) text: Vec<&'m Part>,
    pub(super) html: Vec<&'m Part>,
    pub(super) attached: Vec<&'m Part>,
}

pub(super) async fn read(session: &Session, id: &str) -> Result<ReadMail, CallError> {
    if !api::is_id(id) {
        return Err(api::not_found());
    }
    let message = api::mail(session, id).await?;
    let walked = walk(&message.payload);
    let mut text = texts(session, id, &walked.text).await?;
    let written = texts(session, id, &walked.html).await?;
    let (safe_html, from_html) = made_safe(written).await;
    if text.trim().is_empty() {
        text = from_html;
    }

    let mut attachments = Vec::new();
    let mut handles = Vec::new();
    for part in walked.attached {
        let Some(handle) = handle(&part.body) else {
            continue;
        };
        attachments.push(described(part));
        handles.push(handle);
    }
    let cc = message
        .payload
        .header("Cc")
        .map(decoded)
        .unwrap_or_default();
    Ok(ReadMail {
        email: Email {
            summary: summary(&message),
            cc,
            text,
            safe_html,
            attachments,
        },
        handles,
    })
}

pub(super) async fn attachment(
    session: &Session,
    id: &str,
    handle: &str,
) -> Result<Vec<u8>, CallError> {
    if let Some(bytes) = handle.strip_prefix(BY_VALUE) {
        return decode(bytes).ok_or_else(api::not_found);
    }
    let attachment = handle.strip_prefix(BY_ID).ok_or_else(api::not_found)?;
    // Hundreds of letters and digits; the one thing it may not be is a way out of the mail.
    if !api::is_id(id) || matches!(attachment, "" | "." | "..") {
        return Err(api::not_found());
    }
    fetched(session, id, attachment).await
}

async fn fetched(session: &Session, id: &str, attachment: &str) -> Result<Vec<u8>, CallError> {
    let body = api::attachment(session, id, attachment).await?;
    body.bytes().ok_or(CallError::NotUnderstood { status: 200 })
}

pub(super) fn walk(whole: &Part) -> Walked<'_> {
    let mut walked = Walked::default();
    let mut open = vec![(whole, 0)];
    let mut seen = 0;
    while let Some((part, depth)) = open.pop() {
        seen += 1;
        if seen > MOST_PARTS {
            break;
        }
        let kind = part.mime_type.to_ascii_lowercase();
        if kind.starts_with("multipart/") {
            if depth < DEEPEST {
                open.extend(part.parts.iter().rev().map(|part| (part, depth + 1)));
            }
        } else if !part.filename.is_empty() || is_attachment(part) {
            walked.attached.push(part);
        } else if kind == "text/plain" || kind.is_empty() {
            walked.text.push(part);
        } else if kind == "text/html" {
            walked.html.push(part);
        } else {
            // A mail inside the mail, a calendar, a signature: kept as a file, not taken for what this one says.
            walked.attached.push(part);
        }
    }
    walked
}

fn is_attachment(part: &Part) -> bool {
    part.header("Content-Disposition").is_some_and(|said| {
        said.trim_start()
            .get(..10)
            .is_some_and(|start| start.eq_ignore_ascii_case("attachment"))
    })
}

/// The parts' texts, one below the other; a long one comes by its id, like an attachment.
async fn texts(session: &Session, id: &str, parts: &[&Part]) -> Result<String, CallError> {
    let mut all = String::new();
    for part in parts {
        let bytes = match (&part.body.attachment_id, part.body.bytes()) {
            (_, Some(bytes)) => bytes,
            (Some(attachment), None) => fetched(session, id, attachment).await?,
            (None, None) => continue,
        };
        if !all.is_empty() && !all.ends_with('\n') {
            all.push('\n');
        }
        all.push_str(&text_of(&bytes, part.header("Content-Type")));
    }
    Ok(all.replace("\r\n", "\n"))
}

/// Gmail hands most texts out as UTF-8 whatever the part says of itself; where they aren't, it is believed.
pub(super) fn text_of(bytes: &[u8], content_type: Option<&str>) -> String {
    let charset = content_type.and_then(charset);
    let decoder = charset
        .as_deref()
        .and_then(|name| charset_decoder(name.as_bytes()));
    // Japanese mail of old is ASCII to the eye: only its escapes tell.
    let escaped = bytes.contains(&0x1b);
    match (std::str::from_utf8(bytes), decoder) {
        (Ok(text), None) => text.to_owned(),
        (Ok(text), Some(_)) if !escaped => text.to_owned(),
        (_, Some(decoder)) => decoder(bytes),
        (Err(_), None) => String::from_utf8_lossy(bytes).into_owned(),
    }
}

fn charset(content_type: &str) -> Option<String> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let name = name.trim().eq_ignore_ascii_case("charset");
        let value = value.trim().trim_matches('"');
        (name && !value.is_empty()).then(|| value.to_ascii_lowercase())
    })
}

/// The HTML without its teeth, and the text in it. Parsing takes a while, so it holds up nobody else.
async fn made_safe(written: String) -> (Option<String>, String) {
    if written.trim().is_empty() {
        return (None, String::new());
    }
    let made = tokio::task::spawn_blocking(move || harmless(&written));
    made.await
        .map_or((None, String::new()), |(safe, text)| (Some(safe), text))
}

pub(super) fn harmless(written: &str) -> (String, String) {
    let safe = html::safe(written);
    let text = html_to_text(&safe);
    (safe, text)
}

pub(super) fn handle(body: &PartBody) -> Option<String> {
    if let Some(id) = &body.attachment_id {
        return Some(format!("{BY_ID}{id}"));
    }
    let bytes = body.bytes()?;
    Some(format!("{BY_VALUE}{}", URL_SAFE_NO_PAD.encode(bytes)))
}

pub(super) fn described(part: &Part) -> Attachment {
    let name = decoded(&part.filename);
    let kind = part.mime_type.to_ascii_lowercase();
    let name = if name.is_empty() {
        unnamed(&kind).to_owned()
    } else {
        name
    };
    Attachment {
        name,
        media_type: kind,
        size: part.body.size,
        saved_as: None,
    }
}

/// For what its sender gave no name.
fn unnamed(kind: &str) -> &'static str {
    match kind {
        "message/rfc822" => "message.eml",
        "text/calendar" => "invitation.ics",
        "text/plain" => "text.txt",
        "text/html" => "page.html",
        _ => "attachment",
    }
}
