//! Gmail: sending and reading mail through API v1.
//!
//! Signs in with Google. What it can do follows from the scopes granted; a grant that may only send can't even
//! ask Gmail whose mailbox it is, so there the sign-in service is asked.

mod api;
mod batch;
mod errors;
mod fetching;
mod finding;
#[cfg(any(test, fuzzing))]
pub(crate) mod hostile;
mod html;
mod listing;
mod mime;
mod reading;
mod sending;
#[cfg(test)]
mod tests;
mod wire;

use std::sync::LazyLock;

use async_trait::async_trait;
use model::{ActionId, EmailPage, EmailQuery, Identity, RemoteRef, Secret, Timestamp};

use crate::{
    CallError, ClientFile, FieldError, Folder, Integration, Journal, Mail, OutgoingMail, Probe,
    ReadMail, SentMail, Session, TokenError, TokenVerdict, Words, google,
    integration::read_typed_client,
};

pub static INTEGRATION: Gmail = Gmail;

#[derive(Debug)]
pub struct Gmail;

static FOLDER: LazyLock<Folder> = LazyLock::new(|| {
    Folder::read(
        include_str!("integration.toml"),
        Words::read(include_str!("texts/en.json"), include_str!("texts/de.json")),
        include_str!("icon.svg"),
    )
});

#[async_trait]
impl Integration for Gmail {
    fn folder(&self) -> &'static Folder {
        &FOLDER
    }

    async fn probe(&self, session: &Session) -> Result<Probe, CallError> {
        let (address, display_name) = if api::may_read_profile(&session.granted) {
            (api::profile(session).await?.email_address, None)
        } else {
            let userinfo = google::userinfo(session).await?;
            (userinfo.email, userinfo.name)
        };
        // Both ways must name the same account, and addresses are written in any case.
        let identity = Identity {
            id: address.to_lowercase(),
            account: address,
            display_name,
        };
        Ok(Probe {
            identity,
            remarks: Vec::new(),
        })
    }

    fn mail(&self) -> Option<&dyn Mail> {
        Some(self)
    }

    fn read_client(
        &self,
        kind: &str,
        client_id: &str,
        client_secret: Option<&Secret>,
    ) -> Result<ClientFile, FieldError> {
        read_typed_client(self.facts(), kind, client_id, client_secret)
            .and_then(google::read_client)
    }

    fn read_client_file(&self, contents: &Secret) -> Result<ClientFile, FieldError> {
        google::read_client_file(contents)
    }

    fn project_of(&self, client_id: &str) -> Option<String> {
        google::project_of(client_id)
    }

    fn judge_token_error(&self, error: &TokenError) -> TokenVerdict {
        google::judge_token_error(error)
    }
}

#[async_trait]
impl Mail for Gmail {
    fn check(&self, mail: &OutgoingMail) -> Result<(), CallError> {
        mime::check(mail)
    }

    async fn send(
        &self,
        session: &Session,
        mail: &OutgoingMail,
        journal: &dyn Journal,
    ) -> Result<RemoteRef, CallError> {
        sending::send(session, mail, journal).await
    }

    fn can_find_sent(&self, granted: &[String]) -> bool {
        api::may_search(granted)
    }

    async fn find_sent(
        &self,
        session: &Session,
        actions: &[ActionId],
        since: Timestamp,
    ) -> Result<SentMail, CallError> {
        finding::find_sent(session, actions, since).await
    }

    async fn list(&self, session: &Session, query: &EmailQuery) -> Result<EmailPage, CallError> {
        listing::list(session, query).await
    }

    async fn read(&self, session: &Session, id: &str) -> Result<ReadMail, CallError> {
        reading::read(session, id).await
    }

    async fn attachment(
        &self,
        session: &Session,
        id: &str,
        handle: &str,
    ) -> Result<Vec<u8>, CallError> {
        reading::attachment(session, id, handle).await
    }
}
