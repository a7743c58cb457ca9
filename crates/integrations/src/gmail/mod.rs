//! Gmail: sending and reading mail through API v1.
//!
//! Signs in with Google. What it can do follows from the scopes granted; a grant that may only send can't even
//! ask Gmail whose mailbox it is, so there the sign-in service is asked.

mod api;
mod errors;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use async_trait::async_trait;
use model::{Identity, Secret};

use crate::{
    CallError, ClientFile, FieldError, Folder, Integration, Probe, Session, TokenError,
    TokenVerdict, google, integration::read_typed_client,
};

pub static INTEGRATION: Gmail = Gmail;

#[derive(Debug)]
pub struct Gmail;

static FOLDER: LazyLock<Folder> = LazyLock::new(|| {
    Folder::read(
        include_str!("integration.toml"),
        include_str!("texts/en.json"),
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

    fn judge_token_error(&self, error: &TokenError) -> TokenVerdict {
        google::judge_token_error(error)
    }
}
