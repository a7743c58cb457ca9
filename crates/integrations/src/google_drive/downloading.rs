//! Downloading: streamed, taken up again where the line broke, and compared with the checksum that Drive states.
//!
//! Google's own documents are not downloaded: what could be had is a conversion (to PDF, up to 10 MB), which is
//! another file under the document's name, and nothing could be compared. Whoever wants it gets it in the browser,
//! where the format can be chosen.

use std::time::Duration;

use md5::Md5;
use model::RemoteFile;
use reqwest::{Response, header};
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncWrite, AsyncWriteExt as _};

use super::{
    api::{self, File},
    errors,
    patience::Patience,
};
use crate::{
    CallError, Facts, Fetched, LocalError, Session, Unreachable, call, doing::hexadecimal,
};

/// A line on which nothing comes for this long is a broken one.
const SILENCE: Duration = Duration::from_secs(60);

/// All of it may take long; what counts is that something comes.
const WHOLE_TIME: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// More than any refusal.
const LONGEST_REFUSAL: usize = 1024 * 1024;

pub(super) type Progress<'a> = &'a (dyn Fn(u64, Option<u64>) + Send + Sync);

pub(super) async fn download(
    facts: &Facts,
    session: &Session,
    file: &RemoteFile,
    into: &mut (dyn AsyncWrite + Unpin + Send),
    progress: Progress<'_>,
) -> Result<Fetched, CallError> {
    let stated = stated(facts, session, &file.id).await?;
    if !stated.has_bytes() {
        return Err(CallError::Refused {
            status: 403,
            reason: "fileNotDownloadable".to_owned(),
        });
    }
    let mut fetch = Fetch {
        facts,
        session,
        total: stated.bytes(),
        done: 0,
        sha256: Sha256::new(),
        // Only where there is nothing better to compare with.
        md5: stated.sha256_checksum.is_none().then(Md5::new),
        into,
        progress,
    };
    let mut patience = Patience::default();
    while fetch.total != Some(fetch.done) {
        let before = fetch.done;
        let tried = fetch.go_on(&stated.id).await;
        if fetch.done > before {
            patience.renew();
        }
        match tried {
            Ok(()) if fetch.total.is_none_or(|total| total == fetch.done) => break,
            // The answer ended early, without the line having broken.
            Ok(()) => patience.bear(Unreachable::Broken.into()).await?,
            Err(error) => patience.bear(error).await?,
        }
    }
    fetch.finish(&stated).await
}

async fn stated(facts: &Facts, session: &Session, id: &str) -> Result<File, CallError> {
    let mut patience = Patience::default();
    loop {
        match api::get(facts, session, id, api::COMPARED).await {
            Ok(file) => return Ok(file),
            Err(error) => patience.bear(error).await?,
        }
    }
}

struct Fetch<'a> {
    facts: &'a Facts,
    session: &'a Session,
    total: Option<u64>,
    done: u64,
    sha256: Sha256,
    md5: Option<Md5>,
    into: &'a mut (dyn AsyncWrite + Unpin + Send),
    progress: Progress<'a>,
}

impl Fetch<'_> {
    /// One request, for everything that isn't here yet.
    async fn go_on(&mut self, id: &str) -> Result<(), CallError> {
        let session = self.session;
        session.pace(self.facts, "files.download", 1, None).await;
        let mut request = session
            .http
            .get(api::file_url(session, id)?)
            .query(&[("alt", "media"), ("supportsAllDrives", "true")])
            // Packed bytes couldn't be counted from the outside.
            .header(header::ACCEPT_ENCODING, "identity")
            .timeout(WHOLE_TIME);
        if self.done > 0 {
            request = request.header(header::RANGE, format!("bytes={}-", self.done));
        }
        let response = call::begin(&session.meter, api::signed(session, request));
        let response = patiently(response).await??;
        let mut skip = match response.status().as_u16() {
            // A server that knows no ranges begins anew.
            200 => self.done,
            206 if starts_at(&response) == Some(self.done) => 0,
            206 => return Err(CallError::NotUnderstood { status: 206 }),
            _ => {
                let answer = call::read(&session.meter, response, LONGEST_REFUSAL).await?;
                errors::judge(&answer)?;
                return Err(answer.not_understood());
            }
        };
        let mut response = response;
        while let Some(bytes) = patiently(response.chunk())
            .await?
            .map_err(|error| CallError::from(Unreachable::of(&error)))?
        {
            session.meter.received(bytes.len());
            let known = usize::try_from(skip).map_or(bytes.len(), |skip| skip.min(bytes.len()));
            skip -= known as u64;
            self.take(&bytes[known..]).await?;
        }
        Ok(())
    }

    async fn take(&mut self, bytes: &[u8]) -> Result<(), CallError> {
        let now = self.done + bytes.len() as u64;
        // More than there is would never end.
        if self.total.is_some_and(|total| now > total) {
            return Err(LocalError::ChecksumMismatch.into());
        }
        let written = self.into.write_all(bytes).await;
        written.map_err(LocalError::from)?;
        self.sha256.update(bytes);
        if let Some(md5) = &mut self.md5 {
            md5.update(bytes);
        }
        self.done = now;
        (self.progress)(self.done, self.total);
        Ok(())
    }

    async fn finish(self, stated: &File) -> Result<Fetched, CallError> {
        self.into.flush().await.map_err(LocalError::from)?;
        let sha256 = hexadecimal(self.sha256);
        let same = match (&stated.sha256_checksum, &stated.md5_checksum, self.md5) {
            (Some(there), _, _) => there.eq_ignore_ascii_case(&sha256),
            (None, Some(there), Some(md5)) => there.eq_ignore_ascii_case(&hexadecimal(md5)),
            _ => true,
        };
        if !same {
            return Err(LocalError::ChecksumMismatch.into());
        }
        Ok(Fetched {
            size: self.done,
            sha256,
        })
    }
}

async fn patiently<T>(coming: impl Future<Output = T>) -> Result<T, CallError> {
    tokio::time::timeout(SILENCE, coming)
        .await
        .map_err(|_| Unreachable::Timeout.into())
}

/// From `Content-Range: bytes FIRST-LAST/TOTAL`.
fn starts_at(response: &Response) -> Option<u64> {
    let range = response.headers().get(header::CONTENT_RANGE)?;
    let range = range.to_str().ok()?.trim().strip_prefix("bytes ")?;
    range.split_once('-')?.0.parse().ok()
}
