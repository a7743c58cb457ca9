//! A mail as the wire wants it (RFC 5322, MIME by lettre), and everything that can be said against it beforehand.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use lettre::{
    Message,
    message::{
        Body, Mailbox, MultiPart, SinglePart,
        header::{
            ContentDisposition, ContentTransferEncoding, ContentType, HeaderName, HeaderValue,
        },
    },
};
use mail_parser::decoders::html::html_to_text;

use super::{FOLDER, api, html, wire::ACTION_HEADER};
use crate::{CallError, Large, LocalError, LocalFile, OutgoingMail, Sentence};

/// 35 MiB, for the whole mail as it travels.
pub(super) const LONGEST: u64 = 36_700_160;

/// More than that Gmail refuses.
const MOST_RECIPIENTS: usize = 500;

/// Base64 in lines of 76 (RFC 2045 §6.8): 57 bytes each.
const BYTES_A_LINE: usize = 57;

/// What an answer repeats of the mail it answers, so that both stand in one thread.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Parent {
    pub message_id: Option<String>,
    pub references: Vec<String>,
    pub subject: String,
}

/// Everything that can be said before any network and without reading a file.
pub(super) fn check(mail: &OutgoingMail) -> Result<(), CallError> {
    let content = &mail.content;
    let recipients = content.to.len() + content.cc.len() + content.bcc.len();
    if recipients == 0 {
        return Err(invalid("to", "mail_no_recipient"));
    }
    if recipients > MOST_RECIPIENTS {
        return Err(invalid("to", "mail_too_many_recipients"));
    }
    if content.subject.contains(char::is_control) {
        return Err(invalid("subject", "mail_subject_odd"));
    }
    if content.text.is_none() && content.html.is_none() && mail.attachments.is_empty() {
        return Err(invalid("text", "mail_empty"));
    }
    if content
        .reply_to
        .as_deref()
        .is_some_and(|id| !api::is_id(id))
    {
        return Err(invalid("reply_to", "mail_reply_to_odd"));
    }
    // The files stay closed: their sizes are known, and Base64 makes the same of any byte.
    let without_bytes = compose(mail, &Parent::default(), |_| Vec::new())?;
    let files = mail.attachments.iter().map(|file| encoded_len(file.size));
    let whole = files.fold(length(&without_bytes.formatted()), u64::saturating_add);
    fits(whole)
}

pub(super) fn fits(bytes: u64) -> Result<(), CallError> {
    if bytes > LONGEST {
        let what = Large::Whole(Sentence::new(&FOLDER.words, "mail_whole"));
        return Err(LocalError::TooLarge {
            what,
            limit: LONGEST,
        }
        .into());
    }
    Ok(())
}

/// The whole mail; `encoded` are the files' bytes by [`encode`], in their order.
pub(super) fn write(
    mail: &OutgoingMail,
    parent: &Parent,
    encoded: Vec<Vec<u8>>,
) -> Result<Vec<u8>, CallError> {
    let mut encoded = encoded.into_iter();
    let message = compose(mail, parent, |_| encoded.next().unwrap_or_default())?;
    let whole = message.formatted();
    fits(length(&whole))?;
    Ok(whole)
}

fn compose(
    mail: &OutgoingMail,
    parent: &Parent,
    mut bytes_of: impl FnMut(&LocalFile) -> Vec<u8>,
) -> Result<Message, CallError> {
    let content = &mail.content;
    let from = mail
        .from
        .parse()
        .map_err(|_| invalid("from", "mail_from_odd"))?;
    let name = mail.from_name.as_deref().map(one_line);
    let mut message = Message::builder()
        .keep_bcc()
        .from(Mailbox::new(name.filter(|name| !name.is_empty()), from))
        .subject(subject(&content.subject, &parent.subject))
        .message_id(Some(message_id(mail)))
        .raw_header(HeaderValue::new(
            HeaderName::new_from_ascii_str(ACTION_HEADER),
            mail.action.to_string(),
        ));
    for to in &content.to {
        message = message.to(mailbox("to", to)?);
    }
    for cc in &content.cc {
        message = message.cc(mailbox("cc", cc)?);
    }
    for bcc in &content.bcc {
        message = message.bcc(mailbox("bcc", bcc)?);
    }
    if let Some(id) = &parent.message_id {
        let mut references = parent.references.clone();
        references.push(id.clone());
        message = message
            .in_reply_to(id.clone())
            .references(references.join(" "));
    }

    let text = content.text.clone();
    let composed = match (&content.html, mail.attachments.as_slice()) {
        (None, []) => message.singlepart(SinglePart::plain(text.unwrap_or_default())),
        (Some(html), []) => message.multipart(alternative(text, html)),
        (html, files) => {
            let mixed = MultiPart::mixed();
            let mut mixed = match html {
                Some(html) => mixed.multipart(alternative(text, html)),
                None => mixed.singlepart(SinglePart::plain(text.unwrap_or_default())),
            };
            for file in files {
                mixed = mixed.singlepart(attachment(file, bytes_of(file)));
            }
            message.multipart(mixed)
        }
    };
    // Sender and recipients are there, which is all it asks for.
    composed.map_err(|_| invalid("to", "mail_no_recipient"))
}

fn alternative(text: Option<String>, html: &str) -> MultiPart {
    let text = text.unwrap_or_else(|| html_to_text(&html::safe(html)));
    MultiPart::alternative_plain_html(text, html.to_owned())
}

/// Always as Base64, so that every byte arrives as it is: a text's line ends too.
fn attachment(file: &LocalFile, encoded: Vec<u8>) -> SinglePart {
    SinglePart::builder()
        .header(ContentDisposition::attachment(&one_line(&file.name)))
        .header(content_type(&file.media_type))
        .body(Body::dangerous_pre_encoded(
            encoded,
            ContentTransferEncoding::Base64,
        ))
}

/// A mail or a multipart may not travel as Base64 (RFC 2046 §5.2.1), so it goes as bytes whose name says what it is.
fn content_type(media_type: &str) -> ContentType {
    let composite = media_type.starts_with("message/") || media_type.starts_with("multipart/");
    let stated = (!composite && media_type.is_ascii())
        .then(|| ContentType::parse(media_type).ok())
        .flatten();
    stated
        .or_else(|| ContentType::parse("application/octet-stream").ok())
        .unwrap_or(ContentType::TEXT_PLAIN)
}

pub(super) fn encode(bytes: &[u8]) -> Vec<u8> {
    let mut text = String::with_capacity(bytes.len() / BYTES_A_LINE * 78 + 80);
    for (number, line) in bytes.chunks(BYTES_A_LINE).enumerate() {
        if number > 0 {
            text.push_str("\r\n");
        }
        STANDARD.encode_string(line, &mut text);
    }
    text.into_bytes()
}

/// How long [`encode`] makes that many bytes.
pub(super) const fn encoded_len(bytes: u64) -> u64 {
    if bytes == 0 {
        return 0;
    }
    let lines = bytes.div_ceil(BYTES_A_LINE as u64);
    bytes
        .div_ceil(3)
        .saturating_mul(4)
        .saturating_add((lines - 1) * 2)
}

fn mailbox(field: &'static str, text: &str) -> Result<Mailbox, CallError> {
    let odd = || invalid(field, "mail_address_odd");
    if text.contains(char::is_control) {
        return Err(odd());
    }
    text.trim().parse().map_err(|_| odd())
}

/// An answer that has no subject of its own takes that of the mail it answers: Gmail splits the thread otherwise.
fn subject(own: &str, parents: &str) -> String {
    let parents = one_line(parents);
    let is_answer = parents
        .get(..3)
        .is_some_and(|start| start.eq_ignore_ascii_case("re:"));
    match (own.trim(), parents.as_str()) {
        ("", "") => String::new(),
        ("", parents) if is_answer => parents.to_owned(),
        ("", parents) => format!("Re: {parents}"),
        (own, _) => own.to_owned(),
    }
}

/// Gmail replaces it; other services behind the same road may keep it.
fn message_id(mail: &OutgoingMail) -> String {
    let domain = mail.from.rsplit_once('@').map_or("", |(_, domain)| domain);
    let plain = |domain: &str| {
        domain
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
    };
    let domain = if !domain.is_empty() && plain(domain) {
        domain
    } else {
        // Reserved so that it is never anyone's (RFC 2606 §2).
        "autopilot.invalid"
    };
    format!("<{}@{domain}>", mail.action)
}

/// Names end up in headers, where a line end would begin another one.
fn one_line(text: &str) -> String {
    text.chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect::<String>()
        .trim()
        .to_owned()
}

/// The message ids in a header that came from outside: well-formed ones only, the first and the last ten.
pub(super) fn message_ids(header: &str) -> Vec<String> {
    const EACH_END: usize = 10;
    let ids: Vec<String> = header
        .split_ascii_whitespace()
        .filter(|id| {
            let inner = id.strip_prefix('<').and_then(|id| id.strip_suffix('>'));
            inner.is_some_and(|inner| {
                (3..=250).contains(&inner.len())
                    && inner
                        .bytes()
                        .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>'))
            })
        })
        .map(str::to_owned)
        .collect();
    if ids.len() <= 2 * EACH_END {
        return ids;
    }
    [&ids[..EACH_END], &ids[ids.len() - EACH_END..]].concat()
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

fn invalid(field: &'static str, reason: &'static str) -> CallError {
    LocalError::Invalid { field, reason }.into()
}
