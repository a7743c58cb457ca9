//! Gmail's JSON, as far as we read it. All of it comes from outside: whatever may be missing may be missing.

use base64::{
    Engine as _,
    alphabet::{STANDARD, URL_SAFE},
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use model::Timestamp;
use serde::Deserialize;

/// A page of `messages.list`; the key is absent when there is none.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "camelCase")]
pub(super) struct List {
    #[serde(default)]
    pub messages: Vec<Listed>,
    pub next_page_token: Option<String>,
}

#[derive(Deserialize, Debug)]
pub(super) struct Listed {
    pub id: String,
}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "camelCase")]
pub(super) struct Message {
    pub id: String,
    pub thread_id: Option<String>,
    /// HTML-escaped.
    #[serde(default)]
    pub snippet: String,
    /// Milliseconds since 1970, in digits.
    pub internal_date: Option<String>,
    #[serde(default)]
    pub payload: Part,
}

impl Message {
    /// When Google took it in.
    pub fn accepted(&self) -> Option<Timestamp> {
        let millis = self.internal_date.as_deref()?.parse().ok()?;
        Timestamp::from_millisecond(millis).ok()
    }
}

/// A MIME part, its own parts below it.
#[derive(Deserialize, Default, Debug)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Part {
    pub mime_type: String,
    pub filename: String,
    pub headers: Vec<Header>,
    pub body: PartBody,
    pub parts: Vec<Self>,
}

#[derive(Deserialize, Default, Debug)]
#[serde(default)]
pub(super) struct Header {
    pub name: String,
    pub value: String,
}

/// Either the bytes, or the id they come by.
#[derive(Deserialize, Default, Debug)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct PartBody {
    pub attachment_id: Option<String>,
    pub size: u64,
    pub data: Option<String>,
}

impl Part {
    /// The first header of that name, as it stands.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|header| header.name.eq_ignore_ascii_case(name))
            .map(|header| header.value.as_str())
    }
}

impl PartBody {
    /// The bytes that came along.
    pub fn bytes(&self) -> Option<Vec<u8>> {
        decode(self.data.as_deref()?)
    }
}

/// Which headers a `messages.get` brings.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Headers {
    /// What a list shows.
    Summary,
    /// Which action sent it.
    Action,
    /// What an answer to it repeats.
    Parent,
}

/// Names the action that sent a mail: Gmail replaces the Message-ID, but leaves this alone.
pub(super) const ACTION_HEADER: &str = "X-Autopilot-Action";

impl Headers {
    pub fn query(self) -> Vec<(&'static str, &'static str)> {
        let (names, fields): (&[&str], _) = match self {
            Self::Summary => (
                &["From", "To", "Subject", "Date"],
                "id,threadId,snippet,internalDate,payload/headers",
            ),
            Self::Action => (&[ACTION_HEADER], "id,threadId,internalDate,payload/headers"),
            Self::Parent => (
                &["Message-ID", "References", "Subject"],
                "id,threadId,payload/headers",
            ),
        };
        let mut query = vec![("format", "metadata")];
        query.extend(names.iter().map(|name| ("metadataHeaders", *name)));
        query.push(("fields", fields));
        query
    }
}

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const URL_SAFE_LENIENT: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, LENIENT);
const STANDARD_LENIENT: GeneralPurpose = GeneralPurpose::new(&STANDARD, LENIENT);

/// Base64 as Google writes it (RFC 4648 §5), or as everyone else does; with padding or without.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let text = text.trim_ascii();
    URL_SAFE_LENIENT
        .decode(text)
        .or_else(|_| STANDARD_LENIENT.decode(text))
        .ok()
}
