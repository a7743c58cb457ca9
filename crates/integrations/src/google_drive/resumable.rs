//! Drive's resumable protocol: a room is opened for the file, pieces are put into it one after another, and after a
//! failure Drive is asked how much it has. The room's address outlives a crash in the journal, so that nothing Drive
//! has is sent again.

use std::time::Duration;

use reqwest::{RequestBuilder, Response, header};
use url::Url;

use super::{
    api::{self, File},
    errors,
    patience::Patience,
    uploading::Upload,
};
use crate::{CallError, LocalError, call, doing::Pieces, role};

/// A multiple of 256 KiB, as Drive wants it; large enough that the pauses between are not felt.
const CHUNK: u64 = 8 * 1024 * 1024;

/// For a chunk over a line of a tenth of a megabit a second.
const CHUNK_TIME: Duration = Duration::from_secs(10 * 60);

/// Tidying up is a courtesy, which nobody waits for.
const TIDY_TIME: Duration = Duration::from_secs(5);

/// Rooms live a week; one that is gone again and again has another reason.
const MOST_ROOMS: u32 = 3;

/// Drive's "go on" (its own use of 308, not RFC 9110's redirect).
const RESUME_INCOMPLETE: u16 = 308;

/// How an upload ended.
pub(super) enum Ended {
    Created(File),
    /// There is a file of this id: an earlier try made it.
    Taken,
}

/// What Drive says about a room.
enum Standing {
    /// It has everything before this byte.
    Has(u64),
    Ended(Ended),
    /// There is no such room (any more), or it makes no sense to it what we say.
    Gone(CallError),
}

pub(super) async fn run(upload: &mut Upload<'_>, pieces: Pieces) -> Result<Ended, CallError> {
    let mut sending = Sending {
        pieces,
        patience: Patience::default(),
        rooms: 0,
        best: 0,
    };
    let ended = sending.run(upload).await;
    // Neither a file that changed nor one that was taken back is gone on with.
    if let Err(CallError::Local(LocalError::Cancelled | LocalError::FileChanged { .. })) = &ended
        && let Ok(Some(room)) = upload.room()
    {
        let request = upload.session.http.delete(room).timeout(TIDY_TIME);
        let _ = upload
            .session
            .send(api::signed(upload.session, request))
            .await;
    }
    ended
}

struct Sending {
    pieces: Pieces,
    patience: Patience,
    rooms: u32,
    /// The most that Drive ever had.
    best: u64,
}

impl Sending {
    async fn run(&mut self, upload: &mut Upload<'_>) -> Result<Ended, CallError> {
        let total = upload.outgoing.file.size;
        // A room from an earlier try is asked first; a new one is empty.
        let mut has = None;
        loop {
            upload.check_cancelled()?;
            let step = match (upload.room()?, has) {
                (None, _) => upload.open_room().await,
                (Some(room), None) => upload.ask(room).await,
                (Some(room), Some(from)) => self.put(upload, room, from).await,
            };
            match step {
                Ok(Standing::Has(now)) if now > total => {
                    return Err(CallError::NotUnderstood {
                        status: RESUME_INCOMPLETE,
                    });
                }
                Ok(Standing::Has(now)) => {
                    let stalled = has.is_some_and(|before| now <= before);
                    // All there and still not ended: asked again, it will say.
                    has = Some(now).filter(|now| *now < total);
                    if now > self.best {
                        self.best = now;
                        self.patience.renew();
                    } else if stalled || has.is_none() {
                        let silent = CallError::NotUnderstood {
                            status: RESUME_INCOMPLETE,
                        };
                        self.patience.bear(silent).await?;
                    }
                    self.pieces.go_to(now).await?;
                    upload.journal.progress(now, total);
                }
                Ok(Standing::Ended(ended)) => {
                    upload.journal.progress(total, total);
                    return Ok(ended);
                }
                Ok(Standing::Gone(error)) => {
                    self.rooms += 1;
                    if self.rooms >= MOST_ROOMS {
                        return Err(error);
                    }
                    upload.kept.room = None;
                    upload.kept.keep(upload.journal).await?;
                    has = None;
                }
                Err(error) => {
                    self.patience.bear(error).await?;
                    has = None;
                }
            }
        }
    }

    /// The next chunk.
    async fn put(
        &mut self,
        upload: &Upload<'_>,
        room: Url,
        from: u64,
    ) -> Result<Standing, CallError> {
        let session = upload.session;
        session.pace(upload.facts, "files.part", 1, None).await;
        let total = upload.outgoing.file.size;
        let length = CHUNK.min(total - from);
        let (body, fate) = self.pieces.body(from, length, &session.meter);
        let last = from + length - 1;
        let request = session
            .http
            .put(room)
            .header(header::CONTENT_LENGTH, length)
            .header(
                header::CONTENT_RANGE,
                format!("bytes {from}-{last}/{total}"),
            )
            .timeout(CHUNK_TIME)
            .body(body);
        let standing = upload.standing(request).await;
        // A body that broke off because of the file looks like a lost connection.
        if let Some(fault) = self.pieces.fault(&fate) {
            return Err(fault);
        }
        if let Ok(Standing::Has(now)) = standing
            && now == from + length
        {
            self.pieces.advance(now, length, &fate).await?;
        }
        standing
    }
}

impl Upload<'_> {
    /// Where the bytes go; only to where the token may go too.
    fn room(&self) -> Result<Option<Url>, CallError> {
        let Some(room) = &self.kept.room else {
            return Ok(None);
        };
        let home = self.session.endpoints.get(role::UPLOAD)?.origin();
        Ok(Url::parse(room).ok().filter(|room| room.origin() == home))
    }

    async fn open_room(&mut self) -> Result<Standing, CallError> {
        self.session.pace(self.facts, "files.upload", 1, None).await;
        let file = &self.outgoing.file;
        let request = self
            .creating("resumable")?
            .header("X-Upload-Content-Type", &file.media_type)
            .header("X-Upload-Content-Length", file.size)
            .json(&self.metadata());
        let response = call::begin(&self.session.meter, request).await?;
        let place = header_of(&response, &header::LOCATION);
        let answer = call::read(&self.session.meter, response, LONGEST_WORD).await?;
        if answer.status == 409 {
            return Ok(Standing::Ended(Ended::Taken));
        }
        errors::judge(&answer)?;
        let home = self.session.endpoints.get(role::UPLOAD)?;
        self.kept.room = place
            .and_then(|place| home.join(&place).ok())
            .map(String::from);
        if self.room()?.is_none() {
            self.kept.room = None;
            return Err(answer.not_understood());
        }
        self.kept.keep(self.journal).await?;
        Ok(Standing::Has(0))
    }

    /// How much has arrived?
    async fn ask(&self, room: Url) -> Result<Standing, CallError> {
        self.session.pace(self.facts, "files.part", 1, None).await;
        let total = self.outgoing.file.size;
        let request = self
            .session
            .http
            .put(room)
            .header(header::CONTENT_LENGTH, 0)
            .header(header::CONTENT_RANGE, format!("bytes */{total}"));
        self.standing(request).await
    }

    async fn standing(&self, request: RequestBuilder) -> Result<Standing, CallError> {
        let request = api::signed(self.session, request);
        let response = call::begin(&self.session.meter, request).await?;
        let range = header_of(&response, &header::RANGE);
        let answer = call::read(&self.session.meter, response, LONGEST_WORD).await?;
        Ok(match answer.status {
            RESUME_INCOMPLETE => Standing::Has(match range {
                Some(range) => stored(&range).ok_or_else(|| answer.not_understood())?,
                // Nothing is stored.
                None => 0,
            }),
            404 | 410 => Standing::Gone(said(&answer)),
            409 => Standing::Ended(Ended::Taken),
            // Drive wants everything else it refuses about a room begun anew.
            400 | 412 | 416 => Standing::Gone(said(&answer)),
            _ => Standing::Ended(Ended::Created(api::read(&answer)?)),
        })
    }
}

/// The answers of a room are short: a range, or the fields that were asked for.
const LONGEST_WORD: usize = 64 * 1024;

fn said(answer: &call::Answer) -> CallError {
    errors::judge(answer)
        .err()
        .unwrap_or_else(|| answer.not_understood())
}

fn header_of(response: &Response, name: &header::HeaderName) -> Option<String> {
    let value = response.headers().get(name)?;
    value.to_str().ok().map(str::to_owned)
}

/// From `bytes=0-N`: everything before N + 1.
fn stored(range: &str) -> Option<u64> {
    let last: u64 = range.trim().strip_prefix("bytes=0-")?.parse().ok()?;
    last.checked_add(1)
}

#[cfg(test)]
mod tests {
    use super::stored;

    #[test]
    fn what_is_stored_is_read_from_the_range() {
        assert_eq!(stored("bytes=0-0"), Some(1));
        assert_eq!(stored(" bytes=0-8388607 "), Some(8_388_608));
        for odd in [
            "",
            "bytes=5-9",
            "bytes 0-9/10",
            "bytes=0-",
            "bytes=0-18446744073709551615",
        ] {
            assert_eq!(stored(odd), None, "{odd}");
        }
    }
}
