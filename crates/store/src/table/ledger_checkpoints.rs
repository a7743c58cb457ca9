//! What is left of the days that retention dropped from the ledger: enough to go on checking the chain.

use rusqlite::{Row, params};

use crate::{StoreError, column, reach::Reach};

// A clock that was set back makes one day two runs of lines; so it is the first line that names a checkpoint.
pub const CREATE: &str = "
    CREATE TABLE ledger_checkpoints (
        first_seq INTEGER PRIMARY KEY,
        last_seq INTEGER NOT NULL CHECK (last_seq >= first_seq),
        day INTEGER NOT NULL,
        rows INTEGER NOT NULL,
        found TEXT NOT NULL CHECK (found IN ('whole', 'broken', 'unknown')),
        last_mac BLOB NOT NULL,
        mac BLOB NOT NULL
    ) STRICT;
";

/// How the lines were when they were dropped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LedgerFound {
    Whole,
    Broken,
    /// Their key was gone.
    Unknown,
}

column::names!(LedgerFound {
    Whole = "whole",
    Broken = "broken",
    Unknown = "unknown",
});

impl LedgerFound {
    /// The name as it is stored, and signed.
    #[must_use]
    pub const fn stored(self) -> &'static str {
        self.name()
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LedgerCheckpoint {
    pub first_seq: i64,
    pub last_seq: i64,
    /// Days since 1970, in UTC.
    pub day: i64,
    pub rows: i64,
    pub found: LedgerFound,
    /// What the first line after them is chained to.
    pub last_mac: Vec<u8>,
    /// Over all of the above.
    pub mac: Vec<u8>,
}

pub struct LedgerCheckpoints<'a>(pub(crate) Reach<'a>);

impl LedgerCheckpoints<'_> {
    pub fn insert(&self, one: &LedgerCheckpoint) -> Result<(), StoreError> {
        self.0.with(|db| {
            db.prepare_cached(
                "INSERT INTO ledger_checkpoints (first_seq, last_seq, day, rows, found, last_mac, mac)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![
                one.first_seq,
                one.last_seq,
                one.day,
                one.rows,
                one.found.name(),
                one.last_mac,
                one.mac,
            ])?;
            Ok(())
        })
    }

    /// In the order of the lines they stand for.
    pub fn all(&self) -> Result<Vec<LedgerCheckpoint>, StoreError> {
        self.0.with(|db| {
            Ok(db
                .prepare_cached("SELECT * FROM ledger_checkpoints ORDER BY first_seq")?
                .query_map([], read)?
                .collect::<Result<_, _>>()?)
        })
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<LedgerCheckpoint> {
    Ok(LedgerCheckpoint {
        first_seq: row.get("first_seq")?,
        last_seq: row.get("last_seq")?,
        day: row.get("day")?,
        rows: row.get("rows")?,
        found: column::parsed(row, "found")?,
        last_mac: row.get("last_mac")?,
        mac: row.get("mac")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Store;

    #[test]
    fn checkpoints_come_back_in_the_order_of_their_lines() {
        let store = Store::in_memory().unwrap();
        let one = |first_seq, found| LedgerCheckpoint {
            first_seq,
            last_seq: first_seq + 9,
            day: 20_000,
            rows: 10,
            found,
            last_mac: vec![1; 32],
            mac: vec![2; 32],
        };
        let (first, second) = (one(1, LedgerFound::Whole), one(11, LedgerFound::Broken));
        store.ledger_checkpoints().insert(&second).unwrap();
        store.ledger_checkpoints().insert(&first).unwrap();
        assert_eq!(store.ledger_checkpoints().all().unwrap(), [first, second]);
    }
}
