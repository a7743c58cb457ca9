//! Walking the chain: checkpoints of dropped days first, then every line up to the head.
//!
//! It reads some lines at a time, so that nobody else waits long for the database, and stops at the head as
//! it was when the walk began.

use std::collections::BTreeSet;

use model::{Error, LedgerCheck, LedgerVerdict};
use store::{LedgerCheckpoint, LedgerFound, Store, StoreError};

use super::chain::{BEGINNING, Sealer};
use crate::core::Core;

const AT_ONCE: u32 = 2000;

impl Core {
    pub(crate) async fn check_ledger(&self) -> Result<LedgerCheck, Error> {
        let _upkeep = self.ledger.upkeep.lock().await;
        let sealer = self.sealer().await?;
        self.db(move |store| check(store, &sealer)).await
    }
}

pub(super) fn check(store: &Store, sealer: &Sealer) -> Result<LedgerCheck, StoreError> {
    let (ends, dropped) =
        store.transaction(|tx| Ok((tx.ledger().ends()?, tx.ledger_checkpoints().all()?)))?;
    let mut found = LedgerCheck {
        lines: 0,
        dropped_days: 0,
        verdict: LedgerVerdict::Whole,
    };
    let Some(head) = ends.head.filter(|head| sealer.head_holds(head)) else {
        found.verdict = match (ends.last, dropped.last()) {
            (None, None) => LedgerVerdict::Whole,
            // Without its head nobody can say where the ledger ended.
            (Some(last), _) => broken(last),
            (None, Some(dropped)) => broken(dropped.last_seq),
        };
        return Ok(found);
    };
    let walked = walk_dropped(&dropped, sealer, head.first_seq);
    found.dropped_days = walked.days;
    let mut mac = walked.mac;
    let mut expected = walked.next;
    if let Some(seq) = walked.broken {
        found.verdict = broken(seq);
        return Ok(found);
    }
    while expected <= head.seq {
        let lines = store.ledger().walk(expected, head.seq, AT_ONCE)?;
        if lines.is_empty() {
            found.verdict = LedgerVerdict::CutOff {
                written: head.seq.unsigned_abs(),
            };
            return Ok(found);
        }
        for (seq, line) in lines {
            let Some(line) = line.filter(|line| seq == expected && sealer.line_holds(line, &mac))
            else {
                found.verdict = broken(seq);
                return Ok(found);
            };
            mac = line.mac;
            found.lines += 1;
            expected += 1;
        }
    }
    found.verdict = if mac != head.mac {
        broken(head.seq)
    } else if ends.last.is_some_and(|last| last > head.seq) {
        broken(head.seq.saturating_add(1))
    } else if ends.first.is_some_and(|first| first < walked.next) {
        older_lines(ends.first, head.first_seq)
    } else {
        LedgerVerdict::Whole
    };
    Ok(found)
}

/// Lines before the walk began: of a chain whose key is gone, or put back after they were dropped.
fn older_lines(first: Option<i64>, chain_began: i64) -> LedgerVerdict {
    match first {
        Some(first) if first >= chain_began => broken(first),
        _ => LedgerVerdict::KeyMissing,
    }
}

pub(super) struct Dropped {
    days: u64,
    /// What the first line that is left is chained to.
    pub(super) mac: Vec<u8>,
    /// Its number.
    pub(super) next: i64,
    broken: Option<i64>,
}

/// What is left of the dropped days, from where the present chain began.
pub(super) fn walk_dropped(
    dropped: &[LedgerCheckpoint],
    sealer: &Sealer,
    first_seq: i64,
) -> Dropped {
    let mut days = BTreeSet::new();
    let mut state = Dropped {
        days: 0,
        mac: BEGINNING.to_vec(),
        next: first_seq,
        broken: None,
    };
    for one in dropped {
        // Of an older chain: sealed with a key that is gone, or dropped unread.
        if one.last_seq < first_seq {
            continue;
        }
        let holds = sealer.checkpoint_holds(one)
            && one.first_seq == state.next
            && one.found == LedgerFound::Whole;
        if holds {
            days.insert(one.day);
        } else if state.broken.is_none() {
            state.broken = Some(one.first_seq);
        }
        state.next = one.last_seq.saturating_add(1);
        state.mac.clone_from(&one.last_mac);
    }
    state.days = u64::try_from(days.len()).unwrap_or(u64::MAX);
    state
}

fn broken(seq: i64) -> LedgerVerdict {
    LedgerVerdict::BrokenAt {
        seq: seq.unsigned_abs(),
    }
}
