//! What an integration tells while it writes, put where a crash leaves it: the row turns to `sending` right before the
//! request that may do it, pieces are kept as they are answered for, and an upload's address rests in the vault.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use integrations::{CallError, Journal, LocalError};
use model::{ActionState, Progress, RemoteRef, Secret};
use store::Piece;
use tokio::time::Instant;
use vault::{Item, UploadSession};

use super::flight::Flight;
use crate::core::Core;

/// A bar moves smoothly at this rate, and a fast upload doesn't drown the faces in events.
const SHOWN_EVERY: Duration = Duration::from_millis(200);

/// The journal of one try.
pub(super) struct FlightJournal {
    pub(super) core: Arc<Core>,
    pub(super) flight: Arc<Flight>,
}

impl FlightJournal {
    pub(super) fn part(self: &Arc<Self>, number: u32) -> PartJournal {
        PartJournal {
            journal: Arc::clone(self),
            number,
        }
    }

    pub(super) fn is_done(&self, part: u32) -> bool {
        let row = self.flight.row();
        // A file is done as a whole; only the parts of a message fall into pieces.
        row.pieces.iter().any(|piece| piece.part == part)
    }

    /// Bytes of the files that are done, and of all.
    fn bytes(&self, part: u32) -> (u64, u64) {
        let row = self.flight.row();
        let of = |upto: usize| row.files.iter().take(upto).map(|file| file.size).sum();
        (
            of(usize::try_from(part).unwrap_or(usize::MAX)),
            of(usize::MAX),
        )
    }

    async fn keep_piece(&self, part: u32, made: RemoteRef) -> Result<(), CallError> {
        let row = {
            let mut row = self.flight.row();
            row.pieces.push(Piece { part, made });
            row.clone()
        };
        // Before anything was on the wire there is no piece, so the row is `sending` by now.
        match self.core.advance_at_last(row.state.kind(), &row).await {
            Some(true) => Ok(()),
            Some(false) | None => Err(LocalError::NotKept.into()),
        }
    }
}

/// The journal as one file of several sees it.
pub(super) struct PartJournal {
    journal: Arc<FlightJournal>,
    number: u32,
}

impl PartJournal {
    /// The part is done, and nothing has to be gone on with any more.
    pub(super) async fn settle(&self, made: RemoteRef) -> Result<(), CallError> {
        self.settle_all(vec![made]).await
    }

    /// Pieces the journal was told of already are not counted twice.
    pub(super) async fn settle_all(&self, made: Vec<RemoteRef>) -> Result<(), CallError> {
        let known = self.pieces();
        for piece in made {
            if !known.contains(&piece) {
                self.journal.keep_piece(self.number, piece).await?;
            }
        }
        Ok(())
    }
}

#[async_trait]
impl Journal for PartJournal {
    async fn on_wire(&self) -> Result<(), CallError> {
        let (core, flight) = (&self.journal.core, &self.journal.flight);
        flight.take_wire(&core.outbox).await;
        if flight.is_cancelled() {
            return Err(LocalError::Cancelled.into());
        }
        let row = {
            let mut row = flight.row();
            if matches!(row.state, ActionState::Sending { .. }) {
                return Ok(());
            }
            let now = core.clock.now();
            row.state = ActionState::Sending { since: now };
            row.on_wire_at = Some(now);
            row.clone()
        };
        match core.advance("queued", &row).await {
            Ok(true) => {
                core.show_action(&row);
                Ok(())
            }
            // Taken back in the last moment.
            Ok(false) => Err(LocalError::Cancelled.into()),
            Err(_) => Err(LocalError::NotKept.into()),
        }
    }

    async fn piece_done(&self, piece: RemoteRef) -> Result<(), CallError> {
        self.journal.keep_piece(self.number, piece).await
    }

    fn pieces(&self) -> Vec<RemoteRef> {
        let row = self.journal.flight.row();
        row.pieces
            .iter()
            .filter(|piece| piece.part == self.number)
            .map(|piece| piece.made.clone())
            .collect()
    }

    fn kept(&self) -> Option<Secret> {
        self.journal.flight.kept(self.number)
    }

    async fn keep(&self, resume: Secret) -> Result<(), CallError> {
        let flight = &self.journal.flight;
        let session: UploadSession = flight.keep(self.number, resume);
        let item = Item::Upload(flight.id);
        let written = self.journal.core.vault.write(&item, &session).await;
        written.map_err(|_| LocalError::NotKept.into())
    }

    fn progress(&self, done: u64, total: u64) {
        let (before, all) = self.journal.bytes(self.number);
        let flight = &self.journal.flight;
        let progress = Progress {
            done: before + done,
            total: all.max(before + total),
        };
        let is_last = progress.done >= progress.total;
        if flight.moved(progress, Instant::now(), SHOWN_EVERY) || is_last {
            let row = flight.row().clone();
            self.journal.core.show_action(&row);
        }
    }

    fn is_cancelled(&self) -> bool {
        self.journal.flight.is_cancelled()
    }
}
