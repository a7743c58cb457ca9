//! What Telegram remembers of a bot: its chats, messages, updates and webhook.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::limits::Limits;
use super::parameters::Parameters;
use super::{Done, Refused};
use crate::blobs::Blob;
use crate::server::App;
use crate::state::Section;

#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Telegram {
    #[serde(default)]
    pub revoked: BTreeSet<i64>,
    #[serde(default)]
    pub webhooks: BTreeMap<i64, String>,
    #[serde(default)]
    pub limits: Limits,
    /// By the bot's id.
    #[serde(default)]
    bots: BTreeMap<i64, Known>,
}

impl Section for Telegram {
    const NAME: &'static str = "telegram";
}

/// What there is of one bot.
#[derive(Serialize, Deserialize)]
pub(crate) struct Known {
    pub chats: BTreeMap<i64, Chat>,
    pub messages: Vec<Message>,
    pub updates: Vec<Update>,
    pub last_message: i64,
    pub last_update: i64,
    /// As if another program were polling.
    pub other_poller: bool,
    /// The last `allowed_updates`.
    pub allowed: Option<Vec<String>>,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Chat {
    pub id: i64,
    pub kind: Kind,
    /// Of a person, or of a group.
    pub name: String,
    pub username: Option<String>,
    pub blocked: bool,
    pub upgraded_to: Option<i64>,
}

#[derive(Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    Private,
    Group,
    Supergroup,
}

impl Kind {
    pub fn word(self) -> &'static str {
        match self {
            Kind::Private => "private",
            Kind::Group => "group",
            Kind::Supergroup => "supergroup",
        }
    }
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Message {
    pub id: i64,
    pub chat: i64,
    pub date: i64,
    /// As Telegram answers it.
    pub shown: Value,
    pub file: Option<Blob>,
    pub file_name: Option<String>,
    pub deleted: bool,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Update {
    pub id: i64,
    pub kind: String,
    pub content: Value,
}

impl Chat {
    pub fn shown(&self) -> Value {
        let mut shown = json!({ "id": self.id, "type": self.kind.word() });
        if self.kind == Kind::Private {
            let (first, last) = self.name.split_once(' ').unwrap_or((&self.name, ""));
            shown["first_name"] = first.into();
            if !last.is_empty() {
                shown["last_name"] = last.into();
            }
        } else {
            shown["title"] = self.name.clone().into();
        }
        if let Some(username) = &self.username {
            shown["username"] = username.clone().into();
        }
        shown
    }

    /// The person behind a private chat.
    pub fn person(&self) -> Value {
        let mut person = self.shown();
        if let Some(fields) = person.as_object_mut() {
            fields.remove("type");
            fields.insert("is_bot".into(), false.into());
            fields.insert("language_code".into(), "en".into());
        }
        person
    }
}

impl Default for Known {
    fn default() -> Self {
        let chat = |id, kind, name: &str, username: Option<&str>| Chat {
            id,
            kind,
            name: name.into(),
            username: username.map(str::to_owned),
            blocked: false,
            upgraded_to: None,
        };
        let chats = [
            chat(700_001, Kind::Private, "Anna Berg", Some("anna_berg")),
            chat(700_002, Kind::Private, "Ben Okoro", Some("ben_okoro")),
            chat(-5001, Kind::Group, "Orchard group", None),
            chat(
                -1_005_002,
                Kind::Supergroup,
                "Harvest talk",
                Some("harvest_talk"),
            ),
        ];
        Known {
            chats: chats.into_iter().map(|chat| (chat.id, chat)).collect(),
            messages: Vec::new(),
            updates: Vec::new(),
            last_message: 0,
            last_update: 870_000_000,
            other_poller: false,
            allowed: None,
        }
    }
}

impl Telegram {
    pub fn bot(&mut self, id: i64) -> &mut Known {
        self.bots.entry(id).or_default()
    }
}

impl Known {
    /// The chat that a bot may write to, or why it may not.
    pub fn writable(&self, chat: &Target) -> Result<Chat, Refused> {
        let chat = self.find(chat)?;
        if let Some(next) = chat.upgraded_to {
            return Err(Refused::upgraded(next));
        }
        if chat.blocked {
            return Err(Refused::forbidden(match chat.kind {
                Kind::Private => "bot was blocked by the user",
                Kind::Group => "bot was kicked from the group chat",
                Kind::Supergroup => "bot was kicked from the supergroup chat",
            }));
        }
        Ok(chat.clone())
    }

    pub fn find(&self, chat: &Target) -> Result<&Chat, Refused> {
        match chat {
            Target::Id(id) => self.chats.get(id),
            // Private chats have no name that a bot could use.
            Target::Name(name) => self.chats.values().find(|chat| {
                chat.kind == Kind::Supergroup && chat.username.as_deref() == Some(name)
            }),
        }
        .ok_or_else(|| Refused::bad("chat not found"))
    }

    pub fn add_update(&mut self, kind: &str, content: Value) {
        self.last_update += 1;
        self.updates.push(Update {
            id: self.last_update,
            kind: kind.into(),
            content,
        });
    }

    pub fn next_message(&mut self) -> i64 {
        self.last_message += 1;
        self.last_message
    }
}

/// `chat_id` of a call.
pub(crate) enum Target {
    Id(i64),
    Name(String),
}

impl Target {
    pub fn read(parameters: &Parameters) -> Result<Target, Refused> {
        let text = parameters
            .text("chat_id")
            .filter(|text| !text.is_empty())
            .ok_or_else(|| Refused::bad("chat_id is empty"))?;
        match (text.parse(), text.strip_prefix('@')) {
            (Ok(id), _) => Ok(Target::Id(id)),
            (_, Some(name)) => Ok(Target::Name(name.to_owned())),
            _ => Err(Refused::bad("chat not found")),
        }
    }
}

/// `getChat`
pub(crate) fn get(app: &App, bot: i64, parameters: &Parameters) -> Result<Done, Refused> {
    let target = Target::read(parameters)?;
    let chat = app
        .state
        .visit::<Telegram, _>(|telegram| telegram.bot(bot).find(&target).cloned())?;
    if let Some(next) = chat.upgraded_to {
        return Err(Refused::upgraded(next));
    }
    let mut shown = chat.shown();
    shown["accent_color_id"] = 0.into();
    shown["max_reaction_count"] = 11.into();
    shown["accepted_gift_types"] = json!({
        "unlimited_gifts": false, "limited_gifts": false, "unique_gifts": false, "premium_subscription": false,
        "gifts_from_channels": false,
    });
    if chat.kind != Kind::Private {
        shown["permissions"] = json!({ "can_send_messages": true });
    }
    Ok(shown.into())
}
