//! Writing: one pen, lines in order, many in one transaction. The head of the chain moves with them.
//!
//! The key is read once the vault opens and made when there is none. If it is gone while lines are there, a
//! new chain begins with a line that says so, and checking can say nothing about the older ones.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use model::{Error, ErrorCode, Secret, Status, Timestamp, VaultState};
use store::{
    ConnectionRow, LedgerCheckpoint, LedgerEnds, LedgerHead, LedgerLine, Store, StoreError,
};
use tokio::{sync::watch, time::MissedTickBehavior};
use vault::{Item, LedgerKey, VaultError};

use super::{
    chain::{BEGINNING, Sealer},
    entry::NewEntry,
    queue::{Until, Waiting, until},
};
use crate::{
    core::{Core, store_error, vault_error},
    enduring::enduring,
};

/// Lines are gathered this long, or until there are [`ENOUGH`].
const GATHER: Duration = Duration::from_millis(200);
const ENOUGH: usize = 64;
/// One transaction takes at most this many.
const BATCH: usize = 512;
const MINUTE: Duration = Duration::from_secs(60);
/// No honest ledger gets here; a number beyond it was written by somebody else.
const FARTHEST: i64 = 1 << 53;

/// The first line of a chain that could not go on from the one before it.
pub(super) const RESTART: &str = "chain_restart";

/// A pause hides what else is known.
pub(super) fn shown_status(row: &ConnectionRow) -> &'static str {
    if row.paused {
        Status::Paused.kind()
    } else {
        row.status.kind()
    }
}

#[derive(Debug)]
pub(super) struct Pen {
    key: Secret,
    pub(super) sealer: Sealer,
    /// Where the chain of this key began.
    first_seq: i64,
    /// The last line, and what the next is chained to.
    seq: i64,
    mac: Vec<u8>,
    /// The next line has to say that the chain began anew.
    restarts: bool,
}

impl Pen {
    /// Goes on where the table ends. What was done to the table meanwhile isn't mended: the next line then
    /// follows something that isn't there, so that checking names the place.
    pub(super) fn new(
        key: Secret,
        is_new: bool,
        ends: LedgerEnds,
        dropped: &[LedgerCheckpoint],
    ) -> Self {
        let sealer = Sealer::new(key.clone());
        let head = ends.head.filter(|head| sealer.head_holds(head));
        let last = [
            ends.last,
            dropped.last().map(|one| one.last_seq),
            head.as_ref().map(|head| head.seq),
        ]
        .into_iter()
        .flatten()
        .filter(|seq| *seq < FARTHEST)
        .max()
        .unwrap_or(0);
        let restarts = is_new && last > 0;
        let (first_seq, mac) = match head {
            Some(head) => (head.first_seq, head.mac),
            None if restarts => (last + 1, BEGINNING.to_vec()),
            None => (1, BEGINNING.to_vec()),
        };
        Self {
            key,
            sealer,
            first_seq,
            seq: last,
            mac,
            restarts,
        }
    }

    /// The next lines, chained, and the head that belongs to them.
    pub(super) fn lines(
        &self,
        entries: &[&NewEntry],
        now: Timestamp,
    ) -> Result<(Vec<LedgerLine>, LedgerHead), StoreError> {
        let restart = NewEntry::mark(RESTART).at(now);
        let (mut seq, mut mac) = (self.seq, self.mac.clone());
        let mut lines = Vec::with_capacity(entries.len() + 1);
        for entry in self
            .restarts
            .then_some(&restart)
            .into_iter()
            .chain(entries.iter().copied())
        {
            seq += 1;
            let mut line = LedgerLine::of(&entry.numbered(seq))?;
            self.sealer.chain(&mut line, &mac);
            mac.clone_from(&line.mac);
            lines.push(line);
        }
        Ok((lines, self.sealer.head(self.first_seq, seq, mac)))
    }

    /// They are on disk.
    pub(super) fn move_to(&mut self, head: LedgerHead) {
        self.seq = head.seq;
        self.mac = head.mac;
        self.restarts = false;
    }
}

/// Runs until the hub closes; [`Core::close_ledger`] writes the rest.
pub(crate) fn start(core: &Arc<Core>) {
    let vault = core.vault.watch();
    enduring(core, "the ledger", move |core| {
        let vault = vault.clone();
        write_on(core, vault)
    });
}

async fn write_on(core: Arc<Core>, mut vault: watch::Receiver<VaultState>) {
    let mut minute = tokio::time::interval(MINUTE);
    minute.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            () = core.ledger.ring.notified() => {
                if core.ledger.queue().len() < ENOUGH {
                    tokio::time::sleep(GATHER).await;
                }
            }
            _ = minute.tick() => {
                let now = core.clock.now();
                core.ledger.tell_probes(|tallies| tallies.end_hour(now));
            }
            changed = vault.changed() => if changed.is_err() { return },
            () = core.closing.cancelled() => return,
        }
        if core.closing.is_cancelled() {
            return;
        }
        core.write_waiting().await;
        core.sync_ledger().await;
        core.drop_old_days().await;
    }
}

impl Core {
    /// The first lines of this run: that it began, and how connections stand that no line tells of yet.
    pub(crate) async fn begin_ledger(&self) -> Result<(), Error> {
        self.ledger.note(NewEntry::mark("opened"));
        let rows = self.roster.all();
        let untold = self
            .db(move |store| {
                let mut untold = Vec::new();
                for row in rows {
                    if !store.ledger().has_status(row.id)? {
                        untold.push(row);
                    }
                }
                Ok(untold)
            })
            .await?;
        for row in &untold {
            self.ledger.note(NewEntry::status(row, shown_status(row)));
        }
        Ok(())
    }

    /// The last lines of this run. The vault must still be there.
    pub(crate) async fn close_ledger(&self) {
        self.ledger.tell_probes(super::tally::Tallies::end);
        self.ledger.note(NewEntry::mark("closed"));
        self.write_waiting().await;
        let lost = self.ledger.queue().len();
        if lost > 0 {
            tracing::warn!(
                lost,
                "lines of the ledger could not be written before closing"
            );
        }
    }

    /// Writes what waits. What can't be written goes on waiting; who waits for it is told.
    pub(super) async fn write_waiting(&self) {
        let mut pen = self.ledger.pen.lock().await;
        loop {
            let batch = self.ledger.queue().take(BATCH);
            if batch.is_empty() {
                return;
            }
            if let Err(error) = self.write_batch(&mut pen, &batch).await {
                // What is in the table now is read again before the next try.
                if error.code == ErrorCode::StoreFailed {
                    tracing::warn!(detail = error.detail, "the ledger could not be written");
                    *pen = None;
                }
                let keep = batch.into_iter().map(|mut one| {
                    if let Some(told) = one.told.take() {
                        // Who waited may have gone.
                        let _ = told.sender.send(Err(error.clone()));
                    }
                    one
                });
                let keep = keep.collect();
                self.ledger.queue().put_back(keep);
                return;
            }
            for told in batch.into_iter().filter_map(|one| one.told) {
                let _ = told.sender.send(Ok(()));
            }
        }
    }

    async fn write_batch(&self, pen: &mut Option<Pen>, batch: &[Waiting]) -> Result<(), Error> {
        let with = match pen {
            Some(with) => with,
            None => pen.insert(self.take_up_pen().await?),
        };
        let entries: Vec<&NewEntry> = batch.iter().map(|one| &one.entry).collect();
        let (lines, head) = with
            .lines(&entries, self.clock.now())
            .map_err(store_error)?;
        let kept = head.clone();
        match until(batch) {
            Until::Synced => {
                self.db(move |store| store.transaction(|tx| tx.ledger().append(&lines, &kept)))
                    .await?;
            }
            Until::Committed => {
                self.quick_db(move |store| {
                    store.transaction_unsynced(|tx| tx.ledger().append(&lines, &kept))
                })
                .await?;
            }
        }
        with.move_to(head);
        Ok(())
    }

    /// Brings to the disk what was only committed.
    async fn sync_ledger(&self) {
        if !self.ledger.owes_sync.swap(false, Ordering::AcqRel) {
            return;
        }
        if let Err(error) = self.db(Store::prove_write).await {
            tracing::warn!(
                detail = error.detail,
                "the ledger's last lines may not be on the disk"
            );
            self.ledger.owes_sync.store(true, Ordering::Release);
        }
    }

    /// Reads the key and where the chain ends.
    async fn take_up_pen(&self) -> Result<Pen, Error> {
        let (key, is_new) = self.ledger_key().await?;
        let (ends, dropped) = self
            .db(|store| {
                store.transaction(|tx| Ok((tx.ledger().ends()?, tx.ledger_checkpoints().all()?)))
            })
            .await?;
        let pen = Pen::new(key, is_new, ends, &dropped);
        if pen.restarts {
            tracing::warn!("the ledger's key is gone; a new chain begins");
        }
        Ok(pen)
    }

    async fn ledger_key(&self) -> Result<(Secret, bool), Error> {
        if !self.vault.state().is_unlocked() {
            return Err(Error::new(ErrorCode::VaultLocked));
        }
        match self.vault.read::<LedgerKey>(&Item::LedgerKey).await {
            Ok(Some(kept)) => return Ok((kept.key, false)),
            // An unreadable key is no key: nothing can be checked with it, and nothing else is lost with it.
            Ok(None) | Err(VaultError::Unreadable) => {}
            Err(error) => return Err(vault_error(&error)),
        }
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)
            .map_err(|error| Error::new(ErrorCode::Internal).detail(error))?;
        let record = LedgerKey {
            key: Secret::new(hex::encode(bytes)),
        };
        self.vault
            .write(&Item::LedgerKey, &record)
            .await
            .map_err(|error| vault_error(&error))?;
        Ok((record.key, true))
    }

    /// A new, empty vault file must hold the key that is in use.
    pub(crate) async fn carry_ledger_key(&self) -> Result<(), Error> {
        let pen = self.ledger.pen.lock().await;
        let Some(pen) = pen.as_ref() else {
            return Ok(());
        };
        let record = LedgerKey {
            key: pen.key.clone(),
        };
        self.vault
            .write(&Item::LedgerKey, &record)
            .await
            .map_err(|error| vault_error(&error))
    }

    /// What seals, for reading; `None` while the vault is locked.
    pub(super) async fn sealer(&self) -> Result<Sealer, Error> {
        let mut pen = self.ledger.pen.lock().await;
        if pen.is_none() {
            *pen = Some(self.take_up_pen().await?);
        }
        pen.as_ref()
            .map(|pen| pen.sealer.clone())
            .ok_or_else(|| Error::new(ErrorCode::VaultLocked))
    }
}
