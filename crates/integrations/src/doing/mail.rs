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

    /// Looks once among what was sent since then for the mails of these actions. One that is missing from the answer
    /// isn't there (yet).
    async fn find_sent(
        &self,
        session: &Session,
        actions: &[ActionId],
        since: Timestamp,
    ) -> Result<HashMap<ActionId, RemoteRef>, CallError>;

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
