//! Writes: what can be asked for, and the life of one from being asked to its end.
//!
//! ```text
//! awaiting_approval ─(a person)─> queued | denied
//!    └──> cancelled | expired
//! queued ─> sending ─> sent | failed | outcome_unknown ─(the person decides)─> queued | sent | failed
//!    └──> cancelled | expired
//! ```
//! A write is a row before it is a request, and its id is made by whoever asks: asking again with the same id
//! returns the same action and does nothing twice.

use serde::{Deserialize, Serialize};

use crate::{
    ActionId, AskedBecause, Caller, Capability, ConnectionId, Error, IntegrationId, SendEmail,
    SendMessage, Timestamp, UploadFiles,
};

/// A typed write.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum Action {
    SendEmail(SendEmail),
    UploadFiles(UploadFiles),
    SendMessage(SendMessage),
}

impl Action {
    #[must_use]
    pub const fn capability(&self) -> Capability {
        match self {
            Self::SendEmail(_) => Capability::MailSend,
            Self::UploadFiles(_) => Capability::FilesUpload,
            Self::SendMessage(_) => Capability::MessageSend,
        }
    }

    /// Files on this machine that it takes along.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        let (several, one) = match self {
            Self::SendEmail(mail) => (mail.attachments.as_slice(), None),
            Self::UploadFiles(upload) => (upload.files.as_slice(), None),
            Self::SendMessage(message) => ([].as_slice(), message.file.as_deref()),
        };
        several.iter().map(String::as_str).chain(one)
    }

    /// Counts that may outlive the contents.
    #[must_use]
    pub fn outline(&self) -> Outline {
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let (recipients, files) = match self {
            Self::SendEmail(mail) => (
                mail.to.len() + mail.cc.len() + mail.bcc.len(),
                mail.attachments.len(),
            ),
            Self::UploadFiles(upload) => (0, upload.files.len()),
            Self::SendMessage(message) => (1, usize::from(message.file.is_some())),
        };
        Outline {
            recipients: count(recipients),
            files: count(files),
            bytes: 0,
        }
    }
}

/// What is still known of an action once its contents are wiped.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Outline {
    pub recipients: u32,
    pub files: u32,
    /// Bytes of the files, together.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub bytes: u64,
}

/// Where an action stands.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ActionState {
    /// A person has to look at it in our window first. Nothing was sent.
    AwaitingApproval {
        #[cfg_attr(feature = "bindings", ts(type = "string"))]
        since: Timestamp,
        #[cfg_attr(feature = "bindings", ts(type = "string"))]
        expires: Timestamp,
        because: AskedBecause,
    },
    /// A person said no; nothing was sent.
    Denied {
        #[cfg_attr(feature = "bindings", ts(type = "string"))]
        at: Timestamp,
    },
    /// Not begun, and can be cancelled.
    Queued {
        #[cfg_attr(feature = "bindings", ts(type = "string"))]
        not_before: Timestamp,
        #[cfg_attr(feature = "bindings", ts(type = "string"))]
        expires: Timestamp,
        why: Waiting,
    },
    /// On the wire: it may have happened.
    Sending {
        #[cfg_attr(feature = "bindings", ts(type = "string"))]
        since: Timestamp,
    },
    Sent {
        #[cfg_attr(feature = "bindings", ts(type = "string"))]
        at: Timestamp,
        results: Vec<RemoteRef>,
    },
    /// The service said no, or it never left; nothing happened.
    Failed {
        #[cfg_attr(feature = "bindings", ts(type = "string"))]
        at: Timestamp,
        error: Error,
    },
    /// It was sent and no answer tells what became of it: the person decides, unless the service can still be asked.
    OutcomeUnknown {
        #[cfg_attr(feature = "bindings", ts(type = "string"))]
        at: Timestamp,
        /// What is known.
        error: Error,
        /// The service is being asked; nobody has to decide yet.
        asking: bool,
    },
    Cancelled {
        #[cfg_attr(feature = "bindings", ts(type = "string"))]
        at: Timestamp,
    },
    /// It waited until its time was over.
    Expired {
        #[cfg_attr(feature = "bindings", ts(type = "string"))]
        at: Timestamp,
    },
}

impl ActionState {
    /// The stable name.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::AwaitingApproval { .. } => "awaiting_approval",
            Self::Denied { .. } => "denied",
            Self::Queued { .. } => "queued",
            Self::Sending { .. } => "sending",
            Self::Sent { .. } => "sent",
            Self::Failed { .. } => "failed",
            Self::OutcomeUnknown { .. } => "outcome_unknown",
            Self::Cancelled { .. } => "cancelled",
            Self::Expired { .. } => "expired",
        }
    }

    /// Will nothing happen any more by itself? Unknown counts as over once the service can't be asked.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        match self {
            Self::AwaitingApproval { .. } | Self::Queued { .. } | Self::Sending { .. } => false,
            Self::OutcomeUnknown { asking, .. } => !*asking,
            Self::Sent { .. }
            | Self::Failed { .. }
            | Self::Denied { .. }
            | Self::Cancelled { .. }
            | Self::Expired { .. } => true,
        }
    }
}

/// Why an action isn't under way yet.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Waiting {
    /// Its turn comes next.
    Turn,
    /// The person may still take it back.
    Undo,
    /// The service can't be reached, or asked for a pause.
    Later,
    /// The connection needs the person (a sign-in, an unlocked keychain, an end of the pause).
    Person,
}

/// Something the service made, by its own id.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct RemoteRef {
    pub id: String,
    /// A thread or chat it belongs to.
    pub within: Option<String>,
    /// An address for the person's browser.
    pub link: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct ActionView {
    pub id: ActionId,
    pub connection: ConnectionId,
    pub integration: IntegrationId,
    pub integration_name: String,
    pub account: String,
    pub capability: Capability,
    pub caller: Caller,
    #[cfg_attr(feature = "bindings", ts(type = "string"))]
    pub created_at: Timestamp,
    pub state: ActionState,
    pub outline: Outline,
    /// What is to be sent; wiped when it is over.
    pub content: Option<Action>,
    /// The files of it, as they were when it was asked for, in their order; wiped when it is over.
    pub files: Vec<ActionFile>,
    /// How often it was tried.
    pub tries: u32,
    /// While bytes move.
    pub progress: Option<Progress>,
}

/// A file that is to be sent: what is sent later is this file, unchanged.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct ActionFile {
    /// The absolute path on this machine.
    pub path: String,
    /// The name it is sent under.
    pub name: String,
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub size: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Progress {
    /// Bytes the service has.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub done: u64,
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub total: u64,
}

/// What the person knows about an action whose outcome is unknown.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// It did not happen, or twice is fine: send it again.
    SendAgain,
    /// It happened, or shall not: let it rest.
    Discard,
}

/// Which actions to list.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct ActionFilter {
    #[serde(default)]
    pub connection: Option<ConnectionId>,
    /// Only those that are not over.
    #[serde(default)]
    pub open_only: bool,
    /// At most this many, newest first; `None` = 200.
    #[serde(default)]
    pub limit: Option<u32>,
}
