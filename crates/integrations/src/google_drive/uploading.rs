//! Uploading: under an id that is fetched and kept first, so that however often it is tried there is one file. Small
//! files go in one request, larger ones piece by piece (`resumable`), and in the end Drive's checksum is compared.

use futures_util::stream::{self, StreamExt as _};
use md5::Md5;
use model::{RemoteRef, Secret};
use reqwest::header;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::Digest as _;

use super::{
    api::{self, File},
    patience::Patience,
    resumable::{self, Ended},
};
use crate::{
    CallError, Facts, Journal, Large, LocalError, OutgoingFile, Session, call,
    doing::{Pieces, hexadecimal, open_ordinary},
    role,
};

/// Drive's own limits: for a file, and for one that comes in one request with its name ("5 MB", in the smaller
/// reading of the two).
const LARGEST: u64 = 5_497_558_138_880;
const LARGEST_AT_ONCE: u64 = 5_000_000;

/// Drive's limit for a name.
const LONGEST_NAME: usize = 32_767;

/// For the largest file in one request over a line of half a megabit a second.
const AT_ONCE_TIME: std::time::Duration = std::time::Duration::from_secs(180);

/// Everything that can be said before it is queued.
pub(super) fn check(outgoing: &OutgoingFile) -> Result<(), CallError> {
    let invalid = |field, reason| Err(LocalError::Invalid { field, reason }.into());
    let file = &outgoing.file;
    if file.name.trim().is_empty() {
        return invalid("name", "name_empty");
    }
    if file.name.len() > LONGEST_NAME {
        return invalid("name", "name_long");
    }
    if outgoing
        .folder
        .as_ref()
        .is_some_and(|id| id.trim().is_empty())
    {
        return invalid("folder", "folder_odd");
    }
    if file.size > LARGEST {
        let what = Large::File(file.name.clone());
        return Err(LocalError::TooLarge {
            what,
            limit: LARGEST,
        }
        .into());
    }
    Ok(())
}

/// What a later try goes on from. An upload's address is as good as a token, so this rests in the vault.
#[derive(Serialize, Deserialize)]
pub(super) struct Kept {
    /// Whose it is: another file doesn't go on from here.
    path: String,
    sha256: String,
    folder: Option<String>,
    /// The id that the file will have.
    pub id: String,
    /// Where its bytes go, once Drive has said so.
    pub room: Option<String>,
}

pub(super) struct Upload<'a> {
    pub facts: &'a Facts,
    pub session: &'a Session,
    pub outgoing: &'a OutgoingFile,
    pub journal: &'a dyn Journal,
    pub kept: Kept,
}

pub(super) async fn upload(
    facts: &Facts,
    session: &Session,
    outgoing: &OutgoingFile,
    journal: &dyn Journal,
) -> Result<RemoteRef, CallError> {
    check(outgoing)?;
    let pieces = Pieces::of(&outgoing.file).await?;
    let mut upload = Upload {
        facts,
        session,
        outgoing,
        journal,
        kept: named(facts, session, outgoing, journal).await?,
    };
    journal.on_wire().await?;
    let ended = if outgoing.file.size <= LARGEST_AT_ONCE {
        upload.at_once(&pieces).await?
    } else {
        resumable::run(&mut upload, pieces).await?
    };
    upload.compare(ended).await
}

/// The id an earlier try kept, or a new one that is kept before anything is done with it.
async fn named(
    facts: &Facts,
    session: &Session,
    outgoing: &OutgoingFile,
    journal: &dyn Journal,
) -> Result<Kept, CallError> {
    let path = outgoing.file.path.to_string_lossy().into_owned();
    let earlier = journal
        .kept()
        .and_then(|kept| serde_json::from_str::<Kept>(kept.expose()).ok())
        .filter(|kept| {
            kept.path == path
                && kept.sha256 == outgoing.file.sha256
                && kept.folder == outgoing.folder
        });
    if let Some(kept) = earlier {
        return Ok(kept);
    }
    let mut patience = Patience::default();
    let id = loop {
        match api::new_id(facts, session).await {
            Ok(id) => break id,
            Err(error) => patience.bear(error).await?,
        }
    };
    let kept = Kept {
        path,
        sha256: outgoing.file.sha256.clone(),
        folder: outgoing.folder.clone(),
        id,
        room: None,
    };
    kept.keep(journal).await?;
    Ok(kept)
}

impl Kept {
    pub async fn keep(&self, journal: &dyn Journal) -> Result<(), CallError> {
        let text = serde_json::to_string(self).map_err(|_| LocalError::NotKept)?;
        journal.keep(Secret::new(text)).await
    }
}

impl Upload<'_> {
    /// What Drive is told of the file besides its bytes.
    pub fn metadata(&self) -> serde_json::Value {
        let mut metadata = json!({
            "id": self.kept.id,
            "name": self.outgoing.file.name,
            "mimeType": self.outgoing.file.media_type,
        });
        if let Some(folder) = &self.outgoing.folder {
            metadata["parents"] = json!([folder]);
        }
        metadata
    }

    /// `files.create` with these bytes: where to, and what is wanted to be told in the end.
    pub fn creating(&self, kind: &str) -> Result<reqwest::RequestBuilder, CallError> {
        let url = self
            .session
            .endpoints
            .at(role::UPLOAD, &["upload", "drive", "v3", "files"])?;
        let request = self.session.http.post(url).query(&[
            ("uploadType", kind),
            ("supportsAllDrives", "true"),
            ("fields", api::COMPARED),
        ]);
        Ok(api::signed(self.session, request))
    }

    pub fn check_cancelled(&self) -> Result<(), CallError> {
        match self.journal.is_cancelled() {
            true => Err(LocalError::Cancelled.into()),
            false => Ok(()),
        }
    }

    /// `multipart/related`: the name first, the bytes after it.
    async fn at_once(&self, pieces: &Pieces) -> Result<Ended, CallError> {
        let mut patience = Patience::default();
        loop {
            self.check_cancelled()?;
            match self.try_at_once(pieces).await {
                Ok(ended) => return Ok(ended),
                Err(error) => patience.bear(error).await?,
            }
        }
    }

    async fn try_at_once(&self, pieces: &Pieces) -> Result<Ended, CallError> {
        self.session.pace(self.facts, "files.upload", 1, None).await;
        let file = &self.outgoing.file;
        let boundary = boundary();
        let head = format!(
            "--{boundary}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n{}\r\n--{boundary}\r\nContent-Type: {}\r\n\r\n",
            self.metadata(),
            file.media_type.replace(['\r', '\n'], " "),
        );
        let tail = format!("\r\n--{boundary}--\r\n");
        let length = head.len() as u64 + file.size + tail.len() as u64;
        let (bytes, fate) = pieces.stream(0, file.size, &self.session.meter);
        let around = |text: String| stream::iter([Ok(text.into_bytes())]);
        let body = around(head).chain(bytes).chain(around(tail));
        let request = self
            .creating("multipart")?
            .header(
                header::CONTENT_TYPE,
                format!("multipart/related; boundary={boundary}"),
            )
            .header(header::CONTENT_LENGTH, length)
            .timeout(AT_ONCE_TIME)
            .body(reqwest::Body::wrap_stream(body));
        let answer = call::send(&self.session.meter, request).await;
        // A body that broke off because of the file looks like a lost connection.
        if let Some(fault) = pieces.fault(&fate) {
            return Err(fault);
        }
        let answer = answer?;
        if answer.status == 409 {
            return Ok(Ended::Taken);
        }
        let created: File = api::read(&answer)?;
        self.journal.progress(file.size, file.size);
        Ok(Ended::Created(created))
    }

    /// What is at Drive in the end is what was sent, or it is said.
    async fn compare(&self, ended: Ended) -> Result<RemoteRef, CallError> {
        let (mut file, created_now) = match ended {
            Ended::Created(file) => (file, true),
            // Nobody else has the id, so an earlier try made it.
            Ended::Taken => (self.look().await?, false),
        };
        // Right after an upload the checksums may not be there yet.
        if file.id.is_empty() || (file.sha256_checksum.is_none() && file.md5_checksum.is_none()) {
            file = self.look().await.unwrap_or(file);
        }
        if self.is_same(&file).await? {
            return Ok(file.made(self.outgoing.folder.as_ref()));
        }
        // What an earlier try made may have been changed by the person since then; it is theirs.
        if created_now {
            let _ = api::delete(self.facts, self.session, &self.kept.id).await;
            let _ = self.journal.keep(Secret::new(String::new())).await;
        }
        Err(LocalError::ChecksumMismatch.into())
    }

    async fn look(&self) -> Result<File, CallError> {
        let mut patience = Patience::default();
        loop {
            match api::get(self.facts, self.session, &self.kept.id, api::COMPARED).await {
                Ok(file) => return Ok(file),
                Err(error) => patience.bear(error).await?,
            }
        }
    }

    /// By the strongest checksum that Drive states.
    async fn is_same(&self, there: &File) -> Result<bool, CallError> {
        let here = &self.outgoing.file;
        if there.bytes().is_some_and(|size| size != here.size) {
            return Ok(false);
        }
        if let Some(sha256) = &there.sha256_checksum {
            return Ok(sha256.eq_ignore_ascii_case(&here.sha256));
        }
        match &there.md5_checksum {
            Some(md5) => Ok(md5.eq_ignore_ascii_case(&self.md5().await?)),
            // A file without either is one of Google's own kind, and not what was sent.
            None => Ok(there.bytes().is_some()),
        }
    }

    async fn md5(&self) -> Result<String, CallError> {
        let path = self.outgoing.file.path.clone();
        let reading = tokio::task::spawn_blocking(move || {
            let mut hash = Md5::new();
            let mut source = open_ordinary(&path)?;
            std::io::copy(&mut source, &mut Hashing(&mut hash))?;
            std::io::Result::Ok(hexadecimal(hash))
        });
        match reading.await {
            Ok(Ok(hash)) => Ok(hash),
            _ => Err(self.outgoing.file.unreadable()),
        }
    }
}

struct Hashing<'a>(&'a mut Md5);

impl std::io::Write for Hashing<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Never in the file, because nobody could know it.
fn boundary() -> String {
    let part = || getrandom::u64().unwrap_or_default();
    format!("part-{:016x}{:016x}", part(), part())
}
