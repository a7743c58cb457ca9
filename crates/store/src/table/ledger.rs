//! What happened, line by line. The table only grows: SQLite itself refuses to change a line, and to delete
//! one outside of [`Ledger::drop_days`].
//!
//! That stops our own mistakes. What a stranger did to the file is found by the chain of MACs, which the hub
//! computes over a line as it lies here; so a line is read back raw, and made sense of afterwards.

mod line;
mod told;

use model::{LedgerEntry, LedgerFilter};
use rusqlite::{OptionalExtension, ToSql, params, params_from_iter};

pub use self::{
    line::LedgerLine,
    told::{LedgerMark, day_name},
};
use crate::{StoreError, column, reach::Reach};

/// The gate is open only inside the transaction of [`Ledger::drop_days`], and only up to a line.
pub const CREATE: &str = "
    CREATE TABLE ledger (
        seq INTEGER PRIMARY KEY CHECK (seq > 0),
        at INTEGER NOT NULL,
        kind TEXT NOT NULL,
        caller TEXT,
        connection TEXT,
        integration TEXT,
        account TEXT,
        capability TEXT,
        action TEXT,
        result TEXT NOT NULL,
        calls INTEGER NOT NULL CHECK (calls >= 0),
        errors INTEGER NOT NULL CHECK (errors >= 0),
        millis INTEGER NOT NULL CHECK (millis >= 0),
        bytes_out INTEGER NOT NULL CHECK (bytes_out >= 0),
        bytes_in INTEGER NOT NULL CHECK (bytes_in >= 0),
        mac BLOB NOT NULL
    ) STRICT;
    CREATE INDEX ledger_by_time ON ledger (at);
    CREATE INDEX ledger_by_connection ON ledger (connection, kind, at);
    CREATE TABLE ledger_gate (up_to INTEGER NOT NULL) STRICT;
    CREATE TABLE ledger_head (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        first_seq INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        mac BLOB NOT NULL,
        seal BLOB NOT NULL
    ) STRICT;
    CREATE TRIGGER ledger_lines_stay BEFORE UPDATE ON ledger
        BEGIN SELECT RAISE(ABORT, 'a line of the ledger never changes'); END;
    CREATE TRIGGER ledger_grows BEFORE INSERT ON ledger
        WHEN NEW.seq <= (SELECT MAX(seq) FROM ledger)
        BEGIN SELECT RAISE(ABORT, 'the ledger grows at its end'); END;
    CREATE TRIGGER ledger_keeps BEFORE DELETE ON ledger
        WHEN NOT EXISTS (SELECT 1 FROM ledger_gate WHERE up_to >= OLD.seq)
        BEGIN SELECT RAISE(ABORT, 'only retention drops lines of the ledger'); END;
";

const FAILURES: &str = "(errors > 0
    OR (kind = 'outcome' AND result IN ('failed', 'outcome_unknown', 'expired', 'denied'))
    OR (kind = 'status' AND result IN ('needs_sign_in', 'offline', 'service_down', 'refused',
        'vault_locked', 'no_keychain', 'not_configured')))";

const PAGE: u32 = 200;
const LARGEST_PAGE: u32 = 1000;

/// Where the chain of the present key begins and ends, sealed with that key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LedgerHead {
    pub first_seq: i64,
    pub seq: i64,
    pub mac: Vec<u8>,
    pub seal: Vec<u8>,
}

/// The first and last number there are, and the head, seen in one moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LedgerEnds {
    pub first: Option<i64>,
    pub last: Option<i64>,
    pub head: Option<LedgerHead>,
}

pub struct Ledger<'a>(pub(crate) Reach<'a>);

impl Ledger<'_> {
    /// Adds lines at the end, and the head that seals them; to be called in a transaction.
    pub fn append(&self, lines: &[LedgerLine], head: &LedgerHead) -> Result<(), StoreError> {
        self.0.with(|db| {
            let mut insert = db.prepare_cached(
                "INSERT INTO ledger (seq, at, kind, caller, connection, integration, account,
                     capability, action, result, calls, errors, millis, bytes_out, bytes_in, mac)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
            )?;
            for line in lines {
                insert.execute(params![
                    line.seq,
                    line.at,
                    line.kind,
                    line.caller,
                    line.connection,
                    line.integration,
                    line.account,
                    line.capability,
                    line.action,
                    line.result,
                    line.calls,
                    line.errors,
                    line.millis,
                    line.bytes_out,
                    line.bytes_in,
                    line.mac,
                ])?;
            }
            db.prepare_cached(
                "INSERT INTO ledger_head (id, first_seq, seq, mac, seal) VALUES (1, ?1, ?2, ?3, ?4)
                 ON CONFLICT (id) DO UPDATE SET first_seq = excluded.first_seq,
                     seq = excluded.seq, mac = excluded.mac, seal = excluded.seal",
            )?
            .execute(params![head.first_seq, head.seq, head.mac, head.seal])?;
            Ok(())
        })
    }

    pub fn ends(&self) -> Result<LedgerEnds, StoreError> {
        self.0.with(|db| {
            let (first, last) =
                db.query_row("SELECT MIN(seq), MAX(seq) FROM ledger", [], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })?;
            let head = db
                .prepare_cached("SELECT * FROM ledger_head WHERE id = 1")?
                .query_row([], |row| {
                    Ok(LedgerHead {
                        first_seq: row.get("first_seq")?,
                        seq: row.get("seq")?,
                        mac: row.get("mac")?,
                        seal: row.get("seal")?,
                    })
                })
                .optional()?;
            Ok(LedgerEnds { first, last, head })
        })
    }

    /// Some lines in the order they were written: number and line, or no line where it can't even be read.
    pub fn walk(
        &self,
        from: i64,
        to: i64,
        limit: u32,
    ) -> Result<Vec<(i64, Option<LedgerLine>)>, StoreError> {
        self.0.with(|db| {
            Ok(db
                .prepare_cached(
                    "SELECT * FROM ledger WHERE seq BETWEEN ?1 AND ?2 ORDER BY seq LIMIT ?3",
                )?
                .query_map(params![from, to, limit], |row| {
                    Ok((row.get("seq")?, LedgerLine::read(row).ok()))
                })?
                .collect::<Result<_, _>>()?)
        })
    }

    /// Newest first. A line that makes no sense is left out: checking the chain names it.
    pub fn page(&self, filter: &LedgerFilter) -> Result<Vec<LedgerEntry>, StoreError> {
        let mut when = vec!["1"];
        let mut values: Vec<Box<dyn ToSql>> = Vec::new();
        let mut add = |sql: &'static str, value: Box<dyn ToSql>| {
            when.push(sql);
            values.push(value);
        };
        if let Some(id) = filter.connection {
            add("connection = ?", Box::new(id.to_string()));
        }
        if let Some(kind) = filter.kind {
            add("kind = ?", Box::new(line::kind_name(kind)));
        }
        if let Some(capability) = filter.capability {
            add("capability = ?", Box::new(capability.name()));
        }
        if let Some(since) = filter.since {
            add("at >= ?", Box::new(column::millis(since)));
        }
        if let Some(until) = filter.until {
            add("at < ?", Box::new(column::millis(until)));
        }
        if let Some(before) = filter.before {
            add("seq < ?", Box::new(column::count(before)?));
        }
        if filter.failures_only {
            when.push(FAILURES);
        }
        let limit = filter.limit.unwrap_or(PAGE).clamp(1, LARGEST_PAGE);
        values.push(Box::new(limit));
        let sql = format!(
            "SELECT * FROM ledger WHERE {} ORDER BY seq DESC LIMIT ?",
            when.join(" AND ")
        );
        let lines: Vec<LedgerLine> = self.0.with(|db| {
            Ok(db
                .prepare_cached(&sql)?
                .query_map(params_from_iter(values), LedgerLine::read)?
                .filter_map(Result::ok)
                .collect())
        })?;
        Ok(lines.iter().filter_map(|line| line.entry().ok()).collect())
    }

    /// The last line that retention may drop: everything up to it is older than `older_than`, but for what a
    /// clock that ran ahead dated later than `now`.
    pub fn droppable(&self, older_than: i64, now: i64) -> Result<Option<i64>, StoreError> {
        self.0.with(|db| {
            Ok(db
                .prepare_cached(
                    "SELECT MAX(seq) FROM ledger WHERE at < ?1 AND seq < COALESCE(
                         (SELECT MIN(seq) FROM ledger WHERE at BETWEEN ?1 AND ?2),
                         9223372036854775807)",
                )?
                .query_row([older_than, now], |row| row.get(0))?)
        })
    }

    /// Deletes every line up to this one; to be called in the transaction that keeps their checkpoints.
    pub fn drop_days(&self, up_to: i64) -> Result<usize, StoreError> {
        self.0.with(|db| {
            db.execute("INSERT INTO ledger_gate (up_to) VALUES (?1)", [up_to])?;
            let gone = db.execute("DELETE FROM ledger WHERE seq <= ?1", [up_to])?;
            db.execute("DELETE FROM ledger_gate", [])?;
            Ok(gone)
        })
    }
}

#[cfg(test)]
#[path = "ledger_tests.rs"]
mod tests;
