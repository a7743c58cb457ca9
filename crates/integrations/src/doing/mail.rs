//! Mail: sending, listing, reading.

use std::collections::HashMap;

use async_trait::async_trait;
use model::{ActionId, Email, EmailPage, EmailQuery, RemoteRef, SendEmail, Timestamp};

use super::{Journal, LocalFile};
use crate::{CallError, Session};

/// Mail on its way out.
#[derive(Clone, Debug)]
pub struct OutgoingMail {
    /// Travels with the mail, so that it can be found again.
    pub action: ActionId,
    /// The connection's own account, and the name people see beside it.
    pub from: String,
    pub from_name: Option<String>,
    pub content: SendEmail,
    /// `content.attachments`, as they were when queued.
    pub attachments: Vec<LocalFile>,
}

/// One mail, and the handle of each of its attachments, in the order of `email.attachments`.
#[derive(Clone, Debug)]
pub struct ReadMail {
    pub email: Email,
    pub handles: Vec<String>,
}

/// What one look among sent mail came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SentMail {
    pub found: HashMap<ActionId, RemoteRef>,
    /// All that was sent since then was looked through: an action that sent later and isn't among `found` isn't there
    /// (yet). Of what was sent before, nothing is said; a look through a full mailbox doesn't go as far as it was asked.
    pub complete_since: Timestamp,
}

#[async_trait]
pub trait Mail: Send + Sync {
    /// Everything that can be said before it is queued: addresses, sizes. Nothing is sent.
    fn check(&self, mail: &OutgoingMail) -> Result<(), CallError>;

    async fn send(
        &self,
        session: &Session,
        mail: &OutgoingMail,
        journal: &dyn Journal,
    ) -> Result<RemoteRef, CallError>;

    /// Do these scopes let us look for what was sent?
    fn can_find_sent(&self, granted: &[String]) -> bool;

    /// Looks once among what was sent since then for the mails of these actions.
    async fn find_sent(
        &self,
        session: &Session,
        actions: &[ActionId],
        since: Timestamp,
    ) -> Result<SentMail, CallError>;

    async fn list(&self, session: &Session, query: &EmailQuery) -> Result<EmailPage, CallError>;

    async fn read(&self, session: &Session, id: &str) -> Result<ReadMail, CallError>;

    /// The bytes of an attachment; `handle` is from [`Mail::read`] and good for a moment only.
    async fn attachment(
        &self,
        session: &Session,
        id: &str,
        handle: &str,
    ) -> Result<Vec<u8>, CallError>;
}
