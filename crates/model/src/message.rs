//! Messages to chats, in words no service owns, and how a chat becomes known.

use serde::{Deserialize, Serialize};

use crate::{ConnectionId, Error, Timestamp};

/// A message to be sent: text, a file, or a file with text.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct SendMessage {
    /// A chat's id, its name as `ListChats` shows it, or `@name`.
    pub chat: String,
    #[serde(default)]
    pub text: String,
    #[serde(default)]
    pub format: TextFormat,
    /// Absolute path of a file on this machine.
    #[serde(default)]
    pub file: Option<String>,
    /// Show the file as a picture rather than as a document.
    #[serde(default)]
    pub as_picture: bool,
    /// Id of the message this one answers.
    #[serde(default)]
    pub reply_to: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum TextFormat {
    /// Every character stands for itself.
    #[default]
    Plain,
    /// `**bold**`, `_italic_`, `` `code` ``, code blocks and `[links](https://…)`; everything else stands for itself.
    Markdown,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ChatKind {
    Person,
    Group,
    Channel,
}

/// A chat that messages can be sent to; its title is text from outside.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Chat {
    pub id: String,
    pub kind: ChatKind,
    pub title: String,
    /// `@name`, where it has one.
    pub handle: Option<String>,
    #[cfg_attr(feature = "bindings", ts(type = "string"))]
    pub known_since: Timestamp,
}

/// Waiting for a person to open a link, which makes their chat known: the link works once.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct ClaimView {
    pub connection: ConnectionId,
    /// To be opened by whoever the messages shall reach.
    pub link: String,
    /// The same for adding the bot to a group.
    pub group_link: Option<String>,
    /// The link as a picture (SVG source, our own drawing); to be shown as an image, never inlined.
    pub qr_svg: String,
    #[cfg_attr(feature = "bindings", ts(type = "string"))]
    pub expires_at: Timestamp,
    pub state: ClaimState,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ClaimState {
    Waiting,
    Claimed {
        chat: Chat,
    },
    /// Nobody came in time.
    Expired,
    Cancelled,
    /// The service doesn't let us listen.
    Failed {
        error: Error,
    },
}
