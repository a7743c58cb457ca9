//! Files: listing, uploading, downloading.

use async_trait::async_trait;
use model::{FilePage, FileQuery, RemoteFile, RemoteRef};
use tokio::io::AsyncWrite;

use super::{Journal, LocalFile};
use crate::{CallError, Session};

/// One file on its way out.
#[derive(Clone, Debug)]
pub struct OutgoingFile {
    pub file: LocalFile,
    /// Id of a folder at the service; `None` = the top.
    pub folder: Option<String>,
}

/// What a download brought.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fetched {
    pub size: u64,
    /// Of the bytes that came, lower-case hexadecimal. Where the service states one, they have been compared.
    pub sha256: String,
}

#[async_trait]
pub trait Files: Send + Sync {
    /// Everything that can be said before it is queued.
    fn check(&self, file: &OutgoingFile) -> Result<(), CallError>;

    async fn list(&self, session: &Session, query: &FileQuery) -> Result<FilePage, CallError>;

    async fn describe(&self, session: &Session, id: &str) -> Result<RemoteFile, CallError>;

    /// In constant memory whatever the size; goes on from `journal.kept()` where an earlier try ended, and compares
    /// checksums at the end. Repeating it never makes a second file.
    async fn upload(
        &self,
        session: &Session,
        file: &OutgoingFile,
        journal: &dyn Journal,
    ) -> Result<RemoteRef, CallError>;

    /// In constant memory; a lost connection is taken up again from where it broke. `progress` gets bytes so far and
    /// the total, where that is known.
    async fn download(
        &self,
        session: &Session,
        file: &RemoteFile,
        into: &mut (dyn AsyncWrite + Unpin + Send),
        progress: &(dyn Fn(u64, Option<u64>) + Send + Sync),
    ) -> Result<Fetched, CallError>;
}
