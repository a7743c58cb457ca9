//! The ledger: everything that happened, in order, and every figure that is asked of it.
//!
//! Rooms tell it with [`Ledger::note`], which never waits and never fails, or with `Core::record`, which
//! returns once the line is on disk. `writing` numbers the lines and chains them; `checking` walks the
//! chain; `retention` drops whole days; `figures` and `health` are questions. Contents and secrets have no
//! place in an [`entry`].

mod chain;
mod checking;
mod entry;
mod figures;
mod health;
mod queue;
mod retention;
mod tally;
mod writing;

#[cfg(test)]
mod tests;

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use model::{ConnectionId, Error, ErrorCode, Request, Response};
use store::ConnectionRow;
use tokio::sync::{Notify, oneshot};

pub(crate) use entry::{About, NewEntry};
pub(crate) use writing::start;

use crate::{clock::Clock, core::Core};
use queue::{Queue, Told, Until, Waiting};
use tally::Tallies;
use writing::Pen;

/// What waits to be written, and what it is written with.
#[derive(Debug)]
pub(crate) struct Ledger {
    clock: Clock,
    queue: Mutex<Queue>,
    tallies: Mutex<Tallies>,
    /// Something waits.
    ring: Notify,
    /// Lines were committed that the disk may not have yet.
    owes_sync: AtomicBool,
    /// Whoever holds it writes; empty until the key could be read.
    pen: tokio::sync::Mutex<Option<Pen>>,
    /// Checking and dropping keep out of each other's way. Holds the day of the last dropping.
    upkeep: tokio::sync::Mutex<Option<i64>>,
}

impl Ledger {
    pub(crate) fn new(clock: Clock) -> Self {
        Self {
            clock,
            queue: Mutex::default(),
            tallies: Mutex::default(),
            ring: Notify::new(),
            owes_sync: AtomicBool::new(false),
            pen: tokio::sync::Mutex::default(),
            upkeep: tokio::sync::Mutex::default(),
        }
    }

    /// Keeps a line for the next write, within a quarter of a second; while the vault is locked, until it opens.
    pub(crate) fn note(&self, entry: NewEntry) {
        let entry = entry.at(self.clock.now());
        self.queue().push(Waiting { entry, told: None });
        self.ring.notify_one();
    }

    /// Counts a probe; one line an hour and connection tells of them.
    pub(crate) fn probed(&self, row: &ConnectionRow, worked: bool, took: Duration) {
        let now = self.clock.now();
        self.tell_probes(|tallies| tallies.end_hour(now));
        self.tallies().count(row.into(), worked, took, now);
    }

    fn tell_probes(&self, which: impl FnOnce(&mut Tallies) -> Vec<NewEntry>) {
        let told = which(&mut self.tallies());
        if !told.is_empty() {
            let mut queue = self.queue();
            for entry in told {
                queue.push(Waiting { entry, told: None });
            }
            self.ring.notify_one();
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tallies(&self) -> MutexGuard<'_, Tallies> {
        self.tallies.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Core {
    /// Writes a line and returns once it is on disk. After an error it goes on waiting like one that was noted.
    pub(crate) async fn record(self: &Arc<Self>, entry: NewEntry) -> Result<(), Error> {
        self.write_and_tell(entry, Until::Synced).await
    }

    /// Writes a line and returns once our own end can't undo it; the disk has it a quarter of a second later. For what is
    /// asked for often, by somebody who waits, and is no worse unrecorded than a power cut.
    pub(crate) async fn record_quickly(self: &Arc<Self>, entry: NewEntry) -> Result<(), Error> {
        self.write_and_tell(entry, Until::Committed).await?;
        self.ledger.owes_sync.store(true, Ordering::Release);
        self.ledger.ring.notify_one();
        Ok(())
    }

    async fn write_and_tell(self: &Arc<Self>, entry: NewEntry, until: Until) -> Result<(), Error> {
        let (sender, hears) = oneshot::channel();
        let entry = entry.at(self.clock.now());
        let told = Some(Told { until, sender });
        self.ledger.queue().push(Waiting { entry, told });
        // A hub that has just begun is looking at its vault still: that is no reason to say that it is locked.
        self.vault.settled().await;
        self.write_soon().await?;
        hears
            .await
            .unwrap_or_else(|_| Err(Error::new(ErrorCode::StoreFailed)))
    }

    /// Writes what waits, in a flight of its own: whoever asked may go away meanwhile.
    async fn write_soon(self: &Arc<Self>) -> Result<(), Error> {
        let core = Arc::clone(self);
        self.finish(async move { core.write_waiting().await }).await
    }

    /// How long this connection's sign-ins lasted, in milliseconds, oldest first; what just happened is part of it.
    pub(crate) async fn sign_in_lives(
        self: &Arc<Self>,
        connection: ConnectionId,
        since: i64,
    ) -> Result<Vec<i64>, Error> {
        self.write_soon().await?;
        self.db(move |store| store.ledger().sign_in_lives(connection, since))
            .await
    }

    pub(crate) async fn answer_about_ledger(
        self: &Arc<Self>,
        request: Request,
    ) -> Result<Response, Error> {
        // What was just done is part of the answer.
        self.write_soon().await?;
        match request {
            Request::ListLedger { filter } => self
                .db(move |store| store.ledger().page(&filter))
                .await
                .map(Response::Ledger),
            Request::VerifyLedger => self.check_ledger().await.map(Response::LedgerCheck),
            Request::Usage { query } => self.usage(query).await.map(Response::Usage),
            Request::Health {
                connection,
                days,
                utc_offset_min,
            } => self
                .health(connection, days, utc_offset_min)
                .await
                .map(Response::Health),
            _ => Err(Error::new(ErrorCode::Internal)),
        }
    }
}
