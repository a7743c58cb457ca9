//! Moving house: a profile's connections, rules and settings as one file, and back. docs/moving.md describes it.
//!
//! [`document`] is the file's form; [`export`] fills it. What comes in is hostile until it was looked at: [`file`] limits
//! what is read, [`check`] refuses what doesn't fit, [`plan`] says what it would change, and [`apply`] does exactly that
//! once the person has seen it. Secrets leave and come only sealed by a passphrase, which the vault's crate does; here
//! they are [`model::Secret`]s at most.

mod apply;
mod check;
mod document;
mod export;
mod file;
#[cfg(any(test, fuzzing))]
pub(crate) mod hostile;
mod plan;
mod refusal;

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use model::{
    Caller, Error, ErrorCode, ImportId, ImportPreview, Imported, IntegrationId, Request, Response,
    Secret, SecretInput, Settings,
};
use serde_json::{Map, Value};
use vault::{MovedSecrets, Parcel, ParcelError};

use self::{
    check::{Checked, Places},
    document::{Cover, Document},
    file::Trouble,
    refusal::Refusal,
};
use crate::core::{Core, endpoints_to_keep};

/// A plan holds secrets in memory; nobody reads a preview for longer.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(10 * 60);

#[derive(Default)]
pub(crate) struct Moving {
    /// The one import that was shown and not decided yet.
    shown: Mutex<Option<Shown>>,
    /// Held while the vault and the tables are being written by an import, or by what must not meet one.
    pub(crate) busy: tokio::sync::Mutex<()>,
    /// Tests stop the process between two steps.
    #[cfg(test)]
    pub(crate) steps_left: Mutex<Option<usize>>,
    #[cfg(test)]
    pub(crate) stopped: tokio::sync::Notify,
}

struct Shown {
    preview: ImportPreview,
    file: Checked,
}

impl std::fmt::Debug for Moving {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Moving")
    }
}

impl Moving {
    fn shown(&self) -> MutexGuard<'_, Option<Shown>> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn forget(&self, id: ImportId) {
        let mut shown = self.shown();
        if shown.as_ref().is_some_and(|shown| shown.preview.id == id) {
            *shown = None;
        }
    }

    /// Between two steps the process may end; nothing that comes after may be needed for what came before.
    async fn step(&self) {
        #[cfg(test)]
        {
            let ends_here = {
                let mut left = self.steps_left.lock().unwrap();
                match left.as_mut() {
                    Some(0) => true,
                    Some(left) => {
                        *left -= 1;
                        false
                    }
                    None => false,
                }
            };
            if ends_here {
                self.stopped.notify_one();
                std::future::pending::<()>().await;
            }
        }
        #[cfg(not(test))]
        std::future::ready(()).await;
    }
}

impl Core {
    pub(crate) async fn answer_about_moving(
        self: &Arc<Self>,
        caller: &Caller,
        request: Request,
    ) -> Result<Response, Error> {
        match request {
            Request::Export => self.export(caller).await.map(Response::Export),
            Request::ExportTo {
                path,
                passphrase,
                replace,
            } => {
                let passphrase = passphrase.map(SecretInput::into_secret);
                self.export_to(caller, &path, passphrase, replace)
                    .await
                    .map(Response::Exported)
            }
            Request::PreviewImport { path, passphrase } => {
                let passphrase = passphrase.map(SecretInput::into_secret);
                self.preview_import(&path, passphrase)
                    .await
                    .map(|preview| Response::Import(Box::new(preview)))
            }
            Request::Import { id } => self.import(caller, id).await.map(Response::Imported),
            Request::CancelImport { id } => {
                self.moving.forget(id);
                Ok(Response::Done)
            }
            _ => Err(Error::new(ErrorCode::Internal)),
        }
    }

    async fn preview_import(
        self: &Arc<Self>,
        path: &str,
        passphrase: Option<Secret>,
    ) -> Result<ImportPreview, Error> {
        self.has_window()?;
        let path = file::whole(path)?;
        // The former one's secrets aren't kept beside this one's.
        *self.moving.shown() = None;
        let places = self.places();
        let name = path.display().to_string();
        let read = tokio::task::spawn_blocking(move || read(&path, passphrase.as_ref(), &places))
            .await
            .map_err(|_| Error::new(ErrorCode::Internal))?;
        let file = read.map_err(|why| self.unread(&name, why))?;
        let id = ImportId::generate();
        let plan = self.plan(id, &file).await?;
        let preview = plan.preview.clone();
        *self.moving.shown() = Some(Shown {
            preview: plan.preview,
            file,
        });
        let core = Arc::downgrade(self);
        tokio::spawn(async move {
            tokio::time::sleep(FORGOTTEN_AFTER).await;
            if let Some(core) = core.upgrade() {
                core.moving.forget(id);
            }
        });
        Ok(preview)
    }

    async fn import(self: &Arc<Self>, caller: &Caller, id: ImportId) -> Result<Imported, Error> {
        self.has_window()?;
        let shown = {
            let mut shown = self.moving.shown();
            shown.take_if(|shown| shown.preview.id == id)
        };
        let shown =
            shown.ok_or_else(|| Refusal::new("reason_import_forgotten").error(&self.words()))?;
        let (core, caller) = (Arc::clone(self), caller.clone());
        self.finish(async move { core.apply(&caller, &shown.preview, &shown.file).await })
            .await?
    }

    /// What an import changes, a person must have seen.
    fn has_window(&self) -> Result<(), Error> {
        if self.headless {
            return Err(Error::new(ErrorCode::WindowNeeded));
        }
        Ok(())
    }

    fn unread(&self, name: &str, why: Unread) -> Error {
        match why {
            Unread::PassphraseNeeded => Error::new(ErrorCode::PassphraseNeeded).with("file", name),
            Unread::WrongPassphrase => Error::new(ErrorCode::WrongPassphrase),
            Unread::Trouble(Trouble::Disk(error)) => Error::new(ErrorCode::FileUnreadable)
                .with("file", name)
                .detail(error.kind()),
            Unread::Trouble(Trouble::Refused(refusal)) => {
                refusal.error(&self.words()).with("file", name)
            }
        }
    }

    fn overridden(&self) -> BTreeMap<IntegrationId, BTreeMap<String, String>> {
        let services = self.overrides.0.iter();
        services
            .map(|(id, endpoints)| (id.as_str().into(), endpoints_to_keep(endpoints)))
            .collect()
    }

    fn places(&self) -> Places {
        let all = integrations::all().iter().map(|service| {
            let endpoints = endpoints_to_keep(&self.endpoints(*service));
            (service.facts().id.clone(), endpoints)
        });
        Places {
            overridden: self.overridden(),
            all: all.collect(),
        }
    }
}

/// Why there is nothing to show.
#[derive(Debug)]
enum Unread {
    PassphraseNeeded,
    WrongPassphrase,
    Trouble(Trouble),
}

impl From<Trouble> for Unread {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

impl From<Refusal> for Unread {
    fn from(refusal: Refusal) -> Self {
        Self::Trouble(refusal.into())
    }
}

/// Blocks: the disk, and half a second of scrypt for a sealed file.
fn read(path: &Path, passphrase: Option<&Secret>, places: &Places) -> Result<Checked, Unread> {
    read_bytes(&file::read(path)?, passphrase, places)
}

fn read_bytes(
    bytes: &[u8],
    passphrase: Option<&Secret>,
    places: &Places,
) -> Result<Checked, Unread> {
    if !Parcel::is_one(bytes) {
        let document = document_of(
            || serde_json::from_slice(bytes).map_err(|_| begins_like_ours(bytes)),
            || serde_json::from_slice(bytes).ok(),
        )?;
        if document.secrets.is_some() {
            return Err(Refusal::new("reason_import_open_secrets").into());
        }
        return Ok(check::check(document, None, places)?);
    }
    let passphrase = passphrase.ok_or(Unread::PassphraseNeeded)?;
    let parcel = Parcel::open(passphrase, bytes).map_err(|error| match error {
        ParcelError::WrongPassphrase => Unread::WrongPassphrase,
        ParcelError::TooMuchWork => Refusal::new("reason_import_too_much_work").into(),
        ParcelError::NotByPassphrase => Refusal::new("reason_import_not_by_passphrase").into(),
        ParcelError::Damaged => Refusal::new("reason_import_damaged")
            .with("part", "encryption")
            .into(),
    })?;
    let document = document_of(
        || parcel.document().map_err(|_| true),
        || parcel.document().ok(),
    )?;
    let secrets: MovedSecrets = parcel
        .secrets()
        .map_err(|_| Refusal::new("reason_import_damaged").with("part", "sign-ins"))?;
    Ok(check::check(document, Some(secrets), places)?)
}

/// A file that was cut short is still recognised.
fn begins_like_ours(bytes: &[u8]) -> bool {
    let start = &bytes[..bytes.len().min(256)];
    start
        .windows(document::FORMAT.len())
        .any(|part| part == document::FORMAT.as_bytes())
}

/// Is it ours, may we understand it, and do we? Where there is no cover, whether it looked like ours.
fn document_of(
    cover: impl FnOnce() -> Result<Cover, bool>,
    document: impl FnOnce() -> Option<Document>,
) -> Result<Document, Refusal> {
    let damaged = || Refusal::new("reason_import_damaged").with("part", "format");
    let not_ours = || Refusal::new("reason_import_not_ours");
    let cover = cover().map_err(|like_ours| if like_ours { damaged() } else { not_ours() })?;
    if cover.format != document::FORMAT {
        return Err(not_ours());
    }
    if cover.version > document::VERSION {
        return Err(Refusal::new("reason_import_newer"));
    }
    document()
        .filter(|_| cover.version == document::VERSION)
        .ok_or_else(damaged)
}

/// How services are reached, and what the window speaks, is of one machine. A file that could set a proxy or a
/// certificate would decide where tokens go.
const STAYS: [&str; 2] = ["network", "language"];

/// The settings that move.
fn moved_settings(settings: &Settings) -> Result<Map<String, Value>, Error> {
    match serde_json::to_value(settings) {
        Ok(Value::Object(mut map)) => {
            map.retain(|name, _| !STAYS.contains(&name.as_str()));
            Ok(map)
        }
        _ => Err(Error::new(ErrorCode::Internal)),
    }
}
