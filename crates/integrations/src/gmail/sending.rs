//! Sending: everything that can be repeated first, then the one request that can't.

use base64::{Engine as _, engine::general_purpose::URL_SAFE};
use model::RemoteRef;
use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::{
    FOLDER, api, fetching,
    listing::decoded,
    mime::{self, Parent},
    wire::Headers,
};
use crate::{CallError, Journal, LocalError, OutgoingMail, Session};

/// JSON carries the mail in Base64 once more; above this it is uploaded as it is.
const LONGEST_IN_JSON: usize = 5 * 1024 * 1024;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sent {
    id: String,
    thread_id: Option<String>,
}

pub(super) async fn send(
    session: &Session,
    mail: &OutgoingMail,
    journal: &dyn Journal,
) -> Result<RemoteRef, CallError> {
    mime::check(mail)?;
    let (parent, thread) = match &mail.content.reply_to {
        Some(id) => parent(session, id).await?,
        None => (Parent::default(), None),
    };
    let mut encoded = Vec::with_capacity(mail.attachments.len());
    for file in &mail.attachments {
        encoded.push(mime::encode(&file.read().await?));
    }
    let message = mime::write(mail, &parent, encoded)?;
    let bytes = u64::try_from(message.len()).unwrap_or(u64::MAX);
    let request = if message.len() <= LONGEST_IN_JSON {
        api::send_raw(session, &in_json(&message, thread.as_deref()))?
    } else if let Some(thread) = &thread {
        let (content_type, body) = with_thread(&message, thread);
        api::send_upload(session, "multipart", &content_type, body)?
    } else {
        api::send_upload(session, "media", "message/rfc822", message)?
    };

    session.pace(&FOLDER.facts, "mail.send", 1, None).await;
    if journal.is_cancelled() {
        return Err(LocalError::Cancelled.into());
    }
    journal.on_wire().await?;
    let sent: Sent = api::send(session, request).await?.json()?;
    journal.progress(bytes, bytes);
    Ok(RemoteRef {
        link: link(&mail.from, sent.thread_id.as_deref().unwrap_or(&sent.id)),
        id: sent.id,
        within: sent.thread_id,
    })
}

/// What an answer needs of the mail it answers, and its thread.
async fn parent(session: &Session, id: &str) -> Result<(Parent, Option<String>), CallError> {
    let message = fetching::one(session, id, Headers::Parent)
        .await?
        .ok_or_else(|| CallError::Refused {
            status: 404,
            reason: "parentNotFound".to_owned(),
        })?;
    let ids = |name| {
        let header = message.payload.header(name).unwrap_or_default();
        mime::message_ids(header)
    };
    let parent = Parent {
        message_id: ids("Message-ID").pop(),
        references: ids("References"),
        subject: message
            .payload
            .header("Subject")
            .map(decoded)
            .unwrap_or_default(),
    };
    Ok((parent, message.thread_id))
}

fn in_json(message: &[u8], thread: Option<&str>) -> serde_json::Value {
    let raw = URL_SAFE.encode(message);
    match thread {
        Some(thread) => json!({"raw": raw, "threadId": thread}),
        None => json!({"raw": raw}),
    }
}

/// `multipart/related` (RFC 2387): what Gmail shall know of the mail, then the mail.
fn with_thread(message: &[u8], thread: &str) -> (String, Vec<u8>) {
    let boundary = unlike(message);
    let known = json!({"threadId": thread});
    let mut body = format!(
        "--{boundary}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n{known}\r\n\
         --{boundary}\r\nContent-Type: message/rfc822\r\n\r\n"
    )
    .into_bytes();
    body.reserve(message.len() + boundary.len() + 8);
    body.extend_from_slice(message);
    body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    (format!("multipart/related; boundary={boundary}"), body)
}

/// A boundary that doesn't occur in it, whatever its sender quotes.
fn unlike(message: &[u8]) -> String {
    let mut number = 0_u64;
    loop {
        let boundary = format!("autopilot-mail-{number}");
        let line = format!("--{boundary}");
        let occurs = message
            .windows(line.len())
            .any(|window| window == line.as_bytes());
        if !occurs {
            return boundary;
        }
        number += 1;
    }
}

/// Opens the thread in the browser, in this account whatever else is signed in there.
fn link(account: &str, thread: &str) -> Option<String> {
    let mut link = Url::parse("https://mail.google.com/mail/").ok()?;
    link.query_pairs_mut().append_pair("authuser", account);
    link.set_fragment(Some(&format!("all/{thread}")));
    Some(link.into())
}
