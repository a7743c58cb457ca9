//! Google Drive: the files Autopilot put there or was handed, through API v3. Nothing else in a Drive can be
//! seen with the one scope it asks for.

mod api;
mod downloading;
mod errors;
#[cfg(any(test, fuzzing))]
pub(crate) mod hostile;
mod listing;
mod patience;
mod resumable;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod transfer_tests;
mod uploading;

use std::sync::LazyLock;

use async_trait::async_trait;
use model::{FilePage, FileQuery, Identity, RemoteFile, RemoteRef, Secret};
use tokio::io::AsyncWrite;

use crate::{
    CallError, ClientFile, Fetched, FieldError, Files, Folder, Integration, Journal, OutgoingFile,
    Probe, Session, TokenError, TokenVerdict, Words, google, integration::read_typed_client,
};

pub static INTEGRATION: GoogleDrive = GoogleDrive;

#[derive(Debug)]
pub struct GoogleDrive;

static FOLDER: LazyLock<Folder> = LazyLock::new(|| {
    Folder::read(
        include_str!("integration.toml"),
        Words::read(include_str!("texts/en.json"), include_str!("texts/de.json")),
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

    fn files(&self) -> Option<&dyn Files> {
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
impl Files for GoogleDrive {
    fn check(&self, file: &OutgoingFile) -> Result<(), CallError> {
        uploading::check(file)
    }

    async fn list(&self, session: &Session, query: &FileQuery) -> Result<FilePage, CallError> {
        listing::list(self.facts(), session, query).await
    }

    async fn describe(&self, session: &Session, id: &str) -> Result<RemoteFile, CallError> {
        let file = api::get(self.facts(), session, id, api::SHOWN).await?;
        Ok(file.shown())
    }

    async fn upload(
        &self,
        session: &Session,
        file: &OutgoingFile,
        journal: &dyn Journal,
    ) -> Result<RemoteRef, CallError> {
        uploading::upload(self.facts(), session, file, journal).await
    }

    async fn download(
        &self,
        session: &Session,
        file: &RemoteFile,
        into: &mut (dyn AsyncWrite + Unpin + Send),
        progress: &(dyn Fn(u64, Option<u64>) + Send + Sync),
    ) -> Result<Fetched, CallError> {
        downloading::download(self.facts(), session, file, into, progress).await
    }
}
