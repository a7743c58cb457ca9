//! Messages to chats, and making a chat known by a link that works once.

use async_trait::async_trait;
use model::{ChatKind, RemoteRef, SendMessage};

use super::{Journal, LocalFile};
use crate::{CallError, Session};

/// A message on its way out.
#[derive(Clone, Debug)]
pub struct OutgoingMessage {
    /// The chat by the service's own id or `@name`, whatever the person called it.
    pub chat: String,
    pub content: SendMessage,
    /// `content.file`, as it was when queued.
    pub file: Option<LocalFile>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SentMessage {
    /// One a piece; a long text falls into several.
    pub pieces: Vec<RemoteRef>,
    /// The chat goes by another id from now on.
    pub moved_to: Option<String>,
}

/// Which limits a chat draws on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChatTarget {
    pub id: String,
    /// Matches `rate_limits.kind` of the facts.
    pub kind: &'static str,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClaimLinks {
    pub link: String,
    pub group_link: Option<String>,
}

/// Whoever opened the link.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Claimed {
    pub id: String,
    pub kind: ChatKind,
    pub title: String,
    pub handle: Option<String>,
}

#[async_trait]
pub trait Messages: Send + Sync {
    /// Everything that can be said before it is queued. Nothing is sent.
    fn check(&self, message: &OutgoingMessage) -> Result<(), CallError>;

    /// Is this the service's own way of naming a chat, so that it needs no list to be known?
    fn is_chat_id(&self, text: &str) -> bool;

    /// Writes pieces one after another, each told to the journal; pieces the journal knows are not sent again.
    async fn send(
        &self,
        session: &Session,
        message: &OutgoingMessage,
        journal: &dyn Journal,
    ) -> Result<SentMessage, CallError>;

    /// Links that make a chat known when somebody opens them; `account` is the connection's, `payload` works once.
    fn claim_links(&self, account: &str, payload: &str) -> ClaimLinks;

    /// Listens once, for at most `wait`; `position` is where the last listening ended and is moved on.
    async fn listen_for_claim(
        &self,
        session: &Session,
        payload: &str,
        position: &mut Option<i64>,
        wait: std::time::Duration,
    ) -> Result<Option<Claimed>, CallError>;
}
