//! Listing files, and bringing one here.

use std::sync::Arc;

use futures_core::future::BoxFuture;
use integrations::{CallError, Files, Session};
use model::{
    ActionId, Caller, Capability, ConnectionRef, Downloaded, Error, ErrorCode, Event, FilePage,
    FileQuery, Progress, RemoteFile,
};
use store::ConnectionRow;
use tokio::{sync::Mutex, time::Instant};

use super::saving::{self, Saving};
use crate::core::{Core, integration};

const LONGEST_PAGE: u32 = 1000;
const SHOWN_EVERY: std::time::Duration = std::time::Duration::from_millis(200);

impl Core {
    pub(crate) async fn list_files(
        self: &Arc<Self>,
        caller: &Caller,
        wanted: &ConnectionRef,
        query: FileQuery,
    ) -> Result<FilePage, Error> {
        if query
            .limit
            .is_some_and(|limit| !(1..=LONGEST_PAGE).contains(&limit))
        {
            return Err(self.no_such_page(LONGEST_PAGE));
        }
        let row = self.able(wanted, Capability::FilesList)?;
        let files = files_of(&row)?;
        let call = move |session: Session| {
            let query = query.clone();
            let future: BoxFuture<'_, Result<FilePage, CallError>> =
                Box::pin(async move { files.list(&session, &query).await });
            future
        };
        self.read(caller, &row, Capability::FilesList, &call).await
    }

    /// The file is there under its name once it is whole, and not before.
    pub(crate) async fn download_file(
        self: &Arc<Self>,
        caller: &Caller,
        id: ActionId,
        wanted: &ConnectionRef,
        file: String,
        into: (String, Option<String>),
    ) -> Result<Downloaded, Error> {
        let row = self.able(wanted, Capability::FilesDownload)?;
        self.may_use_folder(caller, &row, Capability::FilesDownload, &into.0)?;
        let (folder, name) = (saving::folder(&into.0)?, into.1);
        let files = files_of(&row)?;
        let describe = move |session: Session| {
            let file = file.clone();
            let future: BoxFuture<'_, Result<RemoteFile, CallError>> =
                Box::pin(async move { files.describe(&session, &file).await });
            future
        };
        let remote = self
            .read(caller, &row, Capability::FilesDownload, &describe)
            .await?;
        let saving = Saving::begin(&folder, name.as_deref().unwrap_or(&remote.name)).await?;
        let saving = Arc::new(Mutex::new(saving));
        let shown = Arc::new(std::sync::Mutex::new(None::<Instant>));
        let download = {
            let (core, saving) = (Arc::clone(self), Arc::clone(&saving));
            move |session: Session| {
                let (core, saving, remote) =
                    (Arc::clone(&core), Arc::clone(&saving), remote.clone());
                let shown = Arc::clone(&shown);
                let future: BoxFuture<'_, Result<integrations::Fetched, CallError>> =
                    Box::pin(async move {
                        let mut saving = saving.lock().await;
                        // A repeat begins anew; what came before may have been cut anywhere.
                        saving.restart().await?;
                        let tell = |done: u64, total: Option<u64>| {
                            let total = total.or(remote.size).unwrap_or(done);
                            if is_time(&shown) || done >= total {
                                let progress = Progress { done, total };
                                core.emit(Event::Download { id, progress });
                            }
                        };
                        files
                            .download(&session, &remote, saving.file(), &tell)
                            .await
                    });
                future
            }
        };
        let fetched = self
            .read(caller, &row, Capability::FilesDownload, &download)
            .await?;
        drop(download);
        let saving = Arc::into_inner(saving)
            .ok_or_else(|| Error::new(ErrorCode::Internal))?
            .into_inner();
        Ok(Downloaded {
            path: saving.finish().await?,
            size: fetched.size,
            sha256: fetched.sha256,
        })
    }
}

fn is_time(shown: &std::sync::Mutex<Option<Instant>>) -> bool {
    let mut shown = shown
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let due = shown.is_none_or(|at| at.elapsed() >= SHOWN_EVERY);
    if due {
        *shown = Some(Instant::now());
    }
    due
}

fn files_of(row: &ConnectionRow) -> Result<&'static dyn Files, Error> {
    integration(&row.integration)?
        .files()
        .ok_or_else(|| Error::new(ErrorCode::Internal))
}
