//! Retention: days older than the person wants are dropped whole, a day a transaction, and each leaves a
//! sealed checkpoint, so that the chain can still be walked.
//!
//! A day is checked before it goes, and its checkpoint says how it was: dropping never makes a broken chain
//! look whole.

use model::Error;
use store::{LedgerCheckpoint, LedgerFound, Store, StoreError, Tx};

use super::{
    chain::Sealer,
    checking::walk_dropped,
    figures::{DAY_MS, day_of},
};
use crate::core::Core;

const AT_ONCE: u32 = 2000;

impl Core {
    /// Once a day, and at start; while the vault is locked nothing can be sealed, and so nothing is dropped.
    pub(super) async fn drop_old_days(&self) {
        let now = self.clock.now().as_millisecond();
        let today = day_of(now, 0);
        let mut last = self.ledger.upkeep.lock().await;
        if *last == Some(today) {
            return;
        }
        match self.drop_before(now).await {
            Ok(()) => *last = Some(today),
            Err(error) => {
                tracing::debug!(code = error.code.name(), "old lines are dropped later");
            }
        }
    }

    /// The person chose another span.
    pub(crate) async fn look_at_old_days(&self) {
        *self.ledger.upkeep.lock().await = None;
        self.ledger.ring.notify_one();
    }

    async fn drop_before(&self, now: i64) -> Result<(), Error> {
        let sealer = self.sealer().await?;
        let kept_days = i64::from(self.settings.get().ledger_days);
        let older_than = (day_of(now, 0) - kept_days) * DAY_MS;
        self.db(move |store| drop_days(store, &sealer, older_than, now))
            .await
    }
}

pub(super) fn drop_days(
    store: &Store,
    sealer: &Sealer,
    older_than: i64,
    now: i64,
) -> Result<(), StoreError> {
    while store.transaction(|tx| drop_one(tx, sealer, older_than, now))? {}
    Ok(())
}

/// The first day there is, if it is old enough. True = there may be more.
fn drop_one(tx: &Tx<'_>, sealer: &Sealer, older_than: i64, now: i64) -> Result<bool, StoreError> {
    let ends = tx.ledger().ends()?;
    let (Some(first), Some(up_to)) = (ends.first, tx.ledger().droppable(older_than, now)?) else {
        return Ok(false);
    };
    let began = ends
        .head
        .filter(|head| sealer.head_holds(head))
        .map_or(1, |head| head.first_seq);
    let before = walk_dropped(&tx.ledger_checkpoints().all()?, sealer, began);
    let is_older = first < began;
    let mut checkpoint = LedgerCheckpoint {
        first_seq: first,
        last_seq: first,
        day: 0,
        rows: 0,
        found: if is_older {
            LedgerFound::Unknown
        } else {
            LedgerFound::Whole
        },
        last_mac: before.mac,
        mac: Vec::new(),
    };
    let mut expected = if is_older { first } else { before.next };
    // Of two chains the end of the older one ends the run.
    let up_to = if is_older {
        up_to.min(began - 1)
    } else {
        up_to
    };
    let mut from = first;
    'run: loop {
        let lines = tx.ledger().walk(from, up_to, AT_ONCE)?;
        if lines.is_empty() {
            break;
        }
        for (seq, line) in lines {
            from = seq + 1;
            if let Some(line) = &line {
                let day = day_of(line.at, 0);
                if checkpoint.rows == 0 {
                    checkpoint.day = day;
                } else if checkpoint.day != day {
                    break 'run;
                }
            }
            let holds = line.as_ref().is_some_and(|line| {
                seq == expected && sealer.line_holds(line, &checkpoint.last_mac)
            });
            if !holds && checkpoint.found == LedgerFound::Whole {
                checkpoint.found = LedgerFound::Broken;
            }
            checkpoint.last_seq = seq;
            checkpoint.rows += 1;
            checkpoint.last_mac = line.map(|line| line.mac).unwrap_or_default();
            expected = seq + 1;
        }
    }
    if checkpoint.rows == 0 {
        return Ok(false);
    }
    sealer.seal_checkpoint(&mut checkpoint);
    tx.ledger_checkpoints().insert(&checkpoint)?;
    tx.ledger().drop_days(checkpoint.last_seq)?;
    Ok(true)
}
