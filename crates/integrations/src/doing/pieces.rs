//! A local file as the body of a request: read ahead on a thread of its own, in few and large pieces, and hashed as
//! it goes, so that a file that was changed after it was queued never arrives whole.
//!
//! The last piece is held back until the hash of everything is known. If it is another than the one noted when the
//! file was queued, the body breaks off instead, and no service takes half a body for a file.

use std::{
    io::{self, Read, Seek, SeekFrom},
    sync::{Arc, Mutex, PoisonError},
};

use futures_util::stream::{self, Stream};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;

use super::{LocalFile, open_ordinary};
use crate::{CallError, Meter};

/// Large enough that neither disk nor channel is felt, small enough that some of them lie in memory unnoticed.
const PIECE: usize = 256 * 1024;

/// Pieces read ahead: with the one being read and the one being written, not two megabytes.
const AHEAD: usize = 4;

/// Reads a file once from its beginning to its end, in as many bodies as it takes.
pub(crate) struct Pieces {
    file: LocalFile,
    /// Of everything before `hashed_to`.
    hash: Sha256,
    hashed_to: u64,
}

/// What became of a body.
#[derive(Clone, Default)]
pub(crate) struct Fate(Arc<Mutex<Told>>);

#[derive(Default)]
struct Told {
    /// The hash of everything up to the body's end, if it was read to there.
    hash: Option<Sha256>,
    fault: Option<Fault>,
}

#[derive(Clone, Copy)]
enum Fault {
    Changed,
    Unreadable,
}

impl Pieces {
    /// Refuses a file whose size is another by now.
    pub async fn of(file: &LocalFile) -> Result<Self, CallError> {
        file.open().await?;
        Ok(Self {
            file: file.clone(),
            hash: Sha256::new(),
            hashed_to: 0,
        })
    }

    /// The bytes `from..from + length` as a body; `from` is where [`Self::advance`] last went.
    pub fn body(&self, from: u64, length: u64, meter: &Arc<Meter>) -> (reqwest::Body, Fate) {
        let (stream, fate) = self.stream(from, length, meter);
        (reqwest::Body::wrap_stream(stream), fate)
    }

    /// The same as a stream, to be put between something else.
    pub fn stream(
        &self,
        from: u64,
        length: u64,
        meter: &Arc<Meter>,
    ) -> (impl Stream<Item = io::Result<Vec<u8>>> + Send + use<>, Fate) {
        let fate = Fate::default();
        let (pieces, mut read) = mpsc::channel(AHEAD);
        let reader = Reader {
            file: self.file.clone(),
            from,
            length,
            hash: self.hash.clone(),
            fate: fate.clone(),
        };
        tokio::task::spawn_blocking(move || reader.run(&pieces));
        let meter = Arc::clone(meter);
        let stream = stream::poll_fn(move |context| {
            let piece = read.poll_recv(context);
            if let std::task::Poll::Ready(Some(Ok(bytes))) = &piece {
                meter.sent(bytes.len());
            }
            piece
        });
        (stream, fate)
    }

    /// Everything before `to` has arrived: the next body begins there. `fate` is of the body that brought it there,
    /// and spares reading the file again when all of it arrived.
    pub async fn advance(&mut self, to: u64, length: u64, fate: &Fate) -> Result<(), CallError> {
        let whole = fate.lock().hash.take();
        match whole {
            Some(hash) if to == self.hashed_to + length => {
                self.hash = hash;
                self.hashed_to = to;
                Ok(())
            }
            _ => self.go_to(to).await,
        }
    }

    /// The next body begins at `to`; what lies before it is read for its hash alone.
    pub async fn go_to(&mut self, to: u64) -> Result<(), CallError> {
        if to < self.hashed_to {
            self.hash = Sha256::new();
            self.hashed_to = 0;
        }
        if to == self.hashed_to {
            return Ok(());
        }
        let (mut hash, from, path) = (self.hash.clone(), self.hashed_to, self.file.path.clone());
        let hashing = tokio::task::spawn_blocking(move || -> io::Result<Sha256> {
            let mut source = open_ordinary(&path)?;
            source.seek(SeekFrom::Start(from))?;
            let mut left = to - from;
            let mut buffer = vec![0; PIECE];
            while left > 0 {
                let most = usize::try_from(left).map_or(PIECE, |left| left.min(PIECE));
                source.read_exact(&mut buffer[..most])?;
                hash.update(&buffer[..most]);
                left -= most as u64;
            }
            Ok(hash)
        });
        match hashing.await {
            Ok(Ok(hash)) => {
                self.hash = hash;
                self.hashed_to = to;
                Ok(())
            }
            Ok(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => {
                Err(self.file.changed())
            }
            _ => Err(self.file.unreadable()),
        }
    }

    /// If a body broke off because of the file, what is wrong with it.
    pub fn fault(&self, fate: &Fate) -> Option<CallError> {
        fate.lock().fault.map(|fault| match fault {
            Fault::Changed => self.file.changed(),
            Fault::Unreadable => self.file.unreadable(),
        })
    }
}

impl Fate {
    fn lock(&self) -> std::sync::MutexGuard<'_, Told> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Reader {
    file: LocalFile,
    from: u64,
    length: u64,
    hash: Sha256,
    fate: Fate,
}

impl Reader {
    /// Ends early when nobody takes the pieces any more.
    fn run(mut self, pieces: &mpsc::Sender<io::Result<Vec<u8>>>) {
        let fault = match self.read(pieces) {
            Ok(true) => None,
            Ok(false) => Some(Fault::Changed),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Some(Fault::Changed),
            Err(_) => Some(Fault::Unreadable),
        };
        if let Some(fault) = fault {
            self.fate.lock().fault = Some(fault);
            // Breaks the body off. What went wrong is said by `fault`.
            let _ = pieces.blocking_send(Err(io::ErrorKind::InvalidData.into()));
        }
    }

    /// `false` when the file isn't the one that was queued.
    fn read(&mut self, pieces: &mpsc::Sender<io::Result<Vec<u8>>>) -> io::Result<bool> {
        let mut source = open_ordinary(&self.file.path)?;
        source.seek(SeekFrom::Start(self.from))?;
        let mut left = self.length;
        while left > 0 {
            let most = usize::try_from(left).map_or(PIECE, |left| left.min(PIECE));
            let mut piece = Vec::with_capacity(most);
            // Unlike `read_exact` this doesn't need the room to be zeroed first.
            (&mut source).take(most as u64).read_to_end(&mut piece)?;
            if piece.len() < most {
                return Ok(false);
            }
            self.hash.update(&piece);
            left -= most as u64;
            let ends_file = left == 0 && self.from + self.length == self.file.size;
            if ends_file && hexadecimal(self.hash.clone()) != self.file.sha256 {
                return Ok(false);
            }
            if left == 0 {
                self.fate.lock().hash = Some(self.hash.clone());
            }
            if pieces.blocking_send(Ok(piece)).is_err() {
                return Ok(true);
            }
        }
        Ok(true)
    }
}

/// A digest as services and [`LocalFile`] write it.
pub(crate) fn hexadecimal(hash: impl Digest) -> String {
    hash.finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{LocalError, doing::remembered};

    fn file(bytes: &[u8]) -> (tempfile::TempDir, LocalFile) {
        remembered::file("a.bin", bytes)
    }

    async fn drain(mut body: reqwest::Body) -> Result<Vec<u8>, ()> {
        use http_body_util::BodyExt as _;
        let mut all = Vec::new();
        while let Some(frame) = body.frame().await {
            all.extend_from_slice(frame.map_err(|_| ())?.data_ref().unwrap());
        }
        Ok(all)
    }

    #[tokio::test]
    async fn a_file_arrives_byte_for_byte_in_as_many_bodies_as_it_takes() {
        let bytes: Vec<u8> = (0..700_000_u32).map(|n| (n % 251) as u8).collect();
        let (_folder, local) = file(&bytes);
        let mut pieces = Pieces::of(&local).await.unwrap();
        let meter = Arc::new(Meter::default());
        let (first, fate) = pieces.body(0, 300_000, &meter);
        let mut all = drain(first).await.unwrap();
        pieces.advance(300_000, 300_000, &fate).await.unwrap();
        // The service kept less of the second than was sent.
        let (second, fate) = pieces.body(300_000, 300_000, &meter);
        all.extend_from_slice(&drain(second).await.unwrap()[..100]);
        pieces.advance(300_100, 300_000, &fate).await.unwrap();
        let (rest, fate) = pieces.body(300_100, 399_900, &meter);
        all.extend_from_slice(&drain(rest).await.unwrap());
        assert!(pieces.fault(&fate).is_none());
        assert!(all == bytes);
        assert_eq!(meter.bytes_out(), 300_000 + 300_000 + 399_900);
    }

    #[tokio::test]
    async fn a_file_that_changed_never_arrives_whole_and_is_named() {
        let (_folder, local) = file(&[7; 600_000]);
        let mut other = vec![7; 600_000];
        other[3] = 8;
        std::fs::write(&local.path, other).unwrap();
        let pieces = Pieces::of(&local).await.unwrap();
        let (body, fate) = pieces.body(0, 600_000, &Arc::default());
        assert_eq!(drain(body).await, Err(()));
        assert_eq!(
            pieces.fault(&fate),
            Some(
                LocalError::FileChanged {
                    name: "a.bin".to_owned()
                }
                .into()
            )
        );
        // So is one that was cut off after the size was looked at.
        std::fs::write(&local.path, [7; 10]).unwrap();
        let (body, fate) = pieces.body(0, 600_000, &Arc::default());
        assert_eq!(drain(body).await, Err(()));
        assert_eq!(pieces.fault(&fate), Some(local.changed()));
        assert!(Pieces::of(&local).await.is_err());
    }
}
