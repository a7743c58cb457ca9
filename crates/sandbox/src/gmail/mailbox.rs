//! What an account keeps at Gmail. Messages lie in files as they were received; here is only what a search looks at.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, Serializer};

use super::{mime, seed, words};
use crate::blobs::Blob;
use crate::clock::Millis;
use crate::server::App;
use crate::state::Section;

/// A uint64 that an f64 can't hold.
const FIRST_HISTORY: u64 = 9_007_199_254_740_995;
/// How much of a text a search looks at.
const SEARCHED: usize = 16 * 1024;
const SNIPPET: usize = 180;

#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Mail {
    boxes: BTreeMap<String, Mailbox>,
    /// Absent = no limit.
    pub units_per_minute: Option<u64>,
}

impl Section for Mail {
    const NAME: &'static str = "gmail";
}

#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Mailbox {
    #[serde(skip)]
    ready: bool,
    /// The moment that the seed's dates are counted back from.
    seeded_at: Option<Millis>,
    #[serde(serialize_with = "without_seed", default)]
    pub messages: BTreeMap<String, Message>,
    pub drafts: BTreeMap<String, Draft>,
    pub history: Vec<Event>,
    last: u64,
}

/// The seed is made again at every start.
fn without_seed<S: Serializer>(
    messages: &BTreeMap<String, Message>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(
        messages
            .iter()
            .filter(|(_, message)| !matches!(message.source, Source::Seed(_))),
    )
}

/// Where the bytes of a message are.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum Source {
    Seed(usize),
    Blob(Blob),
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Message {
    pub id: String,
    pub thread_id: String,
    pub labels: Vec<String>,
    pub internal_date: Millis,
    pub history_id: u64,
    pub source: Source,
    pub size: u64,
    /// The `Message-ID` that Gmail gave it.
    pub message_id: String,
    /// A recipient's copy shows no `Bcc`.
    pub hides_bcc: bool,
    /// Everybody it was sent to, `Bcc` included.
    pub recipients: Vec<String>,
    pub from: String,
    pub to: String,
    pub cc: String,
    pub subject: String,
    pub text: String,
    pub snippet: String,
    pub files: Vec<String>,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Draft {
    pub id: String,
    pub message: Message,
}

/// A line of the history.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Event {
    pub id: u64,
    pub message: String,
    pub thread: String,
    pub labels: Vec<String>,
}

impl Message {
    /// What can be read off the bytes of a message. The rest is for the caller to fill in.
    pub fn read(raw: &[u8], source: Source) -> Message {
        let part = mime::parse(raw);
        let plain = |name: &str| words::unworded(part.header(name).unwrap_or_default());
        let text = part.readable();
        let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let snippet: String = flat.chars().take(SNIPPET).collect();
        Message {
            id: String::new(),
            thread_id: String::new(),
            labels: Vec::new(),
            internal_date: 0,
            history_id: 0,
            source,
            size: raw.len() as u64,
            message_id: plain("Message-ID"),
            hides_bcc: false,
            recipients: Vec::new(),
            from: plain("From"),
            to: plain("To"),
            cc: plain("Cc"),
            subject: plain("Subject"),
            text: flat.chars().take(SEARCHED).collect(),
            snippet: escaped(&snippet),
            files: part.files(),
        }
    }

    pub fn has(&self, label: &str) -> bool {
        self.labels.iter().any(|known| known == label)
    }

    /// The message as Gmail shows it: with Gmail's `Message-ID`, and without what a recipient may not see.
    pub fn raw(&self, app: &App, mailbox_date: Millis, account: &str) -> std::io::Result<Vec<u8>> {
        match &self.source {
            Source::Seed(number) => Ok(seed::raw(account, *number, mailbox_date)),
            Source::Blob(blob) => Ok(self.rewritten(&app.blobs.read(&blob.name)?)),
        }
    }

    fn rewritten(&self, received: &[u8]) -> Vec<u8> {
        let (head, _) = crate::multipart::head_and_body(received);
        let mut shown = Vec::with_capacity(received.len() + 80);
        let mut skipping = false;
        for line in head.split_inclusive(|byte| *byte == b'\n') {
            if !line.starts_with(b" ") && !line.starts_with(b"\t") {
                let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
                skipping = name.eq_ignore_ascii_case(b"message-id")
                    || (self.hides_bcc && name.eq_ignore_ascii_case(b"bcc"));
            }
            if !skipping {
                shown.extend_from_slice(line);
            }
        }
        shown.extend_from_slice(format!("Message-ID: {}\r\n", self.message_id).as_bytes());
        shown.extend_from_slice(&received[head.len()..]);
        shown
    }
}

/// Gmail's snippets come escaped.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

impl Mailbox {
    pub fn history_id(&self) -> u64 {
        FIRST_HISTORY + self.last
    }

    pub fn seeded_at(&self) -> Millis {
        self.seeded_at.unwrap_or(0)
    }

    /// An id that no other message of any mailbox has.
    pub fn fresh_id(&mut self) -> String {
        self.last += 1;
        let random = uuid::Uuid::new_v4().as_u128() & 0xffff_ffff;
        format!("19{:06x}{random:08x}", self.last & 0xff_ffff)
    }

    /// Newest first.
    pub fn newest_first(&self) -> Vec<&Message> {
        let mut all: Vec<&Message> = self.messages.values().collect();
        all.sort_by(|one, other| {
            (other.internal_date, &other.id).cmp(&(one.internal_date, &one.id))
        });
        all
    }

    pub fn insert(&mut self, mut message: Message) -> Message {
        self.last += 1;
        message.history_id = self.history_id();
        self.history.push(Event {
            id: message.history_id,
            message: message.id.clone(),
            thread: message.thread_id.clone(),
            labels: message.labels.clone(),
        });
        self.messages.insert(message.id.clone(), message.clone());
        message
    }

    /// The thread of a message with one of these ids and the same subject.
    pub fn thread_of(&self, references: &[String], subject: &str) -> Option<String> {
        let subject = plain_subject(subject);
        self.messages
            .values()
            .find(|message| {
                references.contains(&message.message_id)
                    && plain_subject(&message.subject) == subject
            })
            .map(|message| message.thread_id.clone())
    }

    pub fn has_thread(&self, id: &str) -> bool {
        self.messages
            .values()
            .any(|message| message.thread_id == id)
    }

    fn ready(&mut self, account: &str, now: Millis) {
        if self.ready {
            return;
        }
        self.ready = true;
        let at = *self.seeded_at.get_or_insert(now);
        for mut message in seed::messages(account, at) {
            message.history_id = FIRST_HISTORY;
            self.messages.insert(message.id.clone(), message);
        }
    }
}

/// A subject without what replying and forwarding put before it.
fn plain_subject(subject: &str) -> String {
    let mut rest = subject.trim();
    loop {
        let lower = rest.to_lowercase();
        let Some(prefix) = ["re:", "fwd:", "fw:", "aw:"]
            .iter()
            .find(|prefix| lower.starts_with(**prefix))
        else {
            return lower;
        };
        rest = rest[prefix.len()..].trim_start();
    }
}

/// Looks at an account's mailbox.
pub(crate) fn look<R>(app: &App, account: &str, look: impl FnOnce(&Mailbox) -> R) -> R {
    let now = app.clock.now();
    app.state.visit::<Mail, _>(|mail| {
        let mailbox = mail.boxes.entry(account.to_owned()).or_default();
        mailbox.ready(account, now);
        look(mailbox)
    })
}

/// Changes an account's mailbox.
pub(crate) fn change<R>(app: &App, account: &str, change: impl FnOnce(&mut Mailbox) -> R) -> R {
    let now = app.clock.now();
    app.state.write::<Mail, _>(|mail| {
        let mailbox = mail.boxes.entry(account.to_owned()).or_default();
        mailbox.ready(account, now);
        change(mailbox)
    })
}
