//! Google Drive: the files Autopilot put there or was handed, through API v3. Nothing else in a Drive can be
//! seen with the one scope it asks for.

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

pub static INTEGRATION: GoogleDrive = GoogleDrive;

#[derive(Debug)]
pub struct GoogleDrive;

static FOLDER: LazyLock<Folder> = LazyLock::new(|| {
    Folder::read(
        include_str!("integration.toml"),
        include_str!("texts/en.json"),
        include_str!("icon.svg"),
    )
});

#[async_trait]
impl Integration for GoogleDrive {
    fn folder(&self) -> &'static Folder {
        &FOLDER
    }

    async fn probe(&self, session: &Session) -> Result<Probe, CallError> {
        let user = api::about(session).await?.user;
        let identity = Identity {
            // Stays the same when the account's address changes.
            id: user.permission_id,
            account: user.email_address,
            display_name: user.display_name.filter(|name| !name.is_empty()),
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
