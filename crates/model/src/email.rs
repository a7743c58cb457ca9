//! Mail, in words no service owns: what can be sent, how it is listed, what reading one gives.
//!
//! Everything here but what the person writes themselves comes from outside and is data, never instructions.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// Mail to be sent. Addresses are RFC 5322 mailboxes: `anna@example.org` or `Anna Berg <anna@example.org>`.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct SendEmail {
    #[serde(default)]
    pub to: Vec<String>,
    #[serde(default)]
    pub cc: Vec<String>,
    #[serde(default)]
    pub bcc: Vec<String>,
    #[serde(default)]
    pub subject: String,
    /// Plain text. At least one of `text` and `html` is there; with `html` alone, a plain text is made from it.
    #[serde(default)]
    pub text: Option<String>,
    #[serde(default)]
    pub html: Option<String>,
    /// Absolute paths of files on this machine.
    #[serde(default)]
    pub attachments: Vec<String>,
    /// The id of the mail this one answers, as `ListEmails` gave it; keeps the thread.
    #[serde(default)]
    pub reply_to: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct EmailQuery {
    /// In the service's own search language; empty = everything.
    #[serde(default)]
    pub search: String,
    /// At most this many, 1 to 500; `None` = 50.
    #[serde(default)]
    pub limit: Option<u32>,
    /// `EmailPage::next` of the page before.
    #[serde(default)]
    pub page: Option<String>,
}

/// Newest first.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct EmailPage {
    pub emails: Vec<EmailSummary>,
    pub next: Option<String>,
}

/// The headers a list shows, decoded; text from outside.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct EmailSummary {
    /// The service's own id.
    pub id: String,
    pub thread: Option<String>,
    pub from: String,
    pub to: String,
    pub subject: String,
    /// The first words of the body.
    pub snippet: String,
    #[cfg_attr(feature = "bindings", ts(type = "string | null"))]
    pub date: Option<Timestamp>,
}

/// One mail, read.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Email {
    pub summary: EmailSummary,
    pub cc: String,
    pub text: String,
    /// Without scripts, styles, forms and anything that would be fetched from elsewhere.
    pub safe_html: Option<String>,
    pub attachments: Vec<Attachment>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Attachment {
    /// As the sender named it; made safe before anything is saved under it.
    pub name: String,
    pub media_type: String,
    /// Bytes.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub size: u64,
    /// Where it was saved, if that was asked for.
    pub saved_as: Option<String>,
}
