//! What happened, line by line. The table only grows: SQLite itself refuses to change a line, and to delete
//! one outside of [`Ledger::drop_days`].
//!
//! That stops our own mistakes. What a stranger did to the file is found by the chain of MACs, which the hub
//! computes over a line as it lies here; so a line is read back raw, and made sense of afterwards.

use model::{
    Capability, ConnectionId, EntryKind, IntegrationId, LedgerEntry, LedgerFilter, Timestamp,
    UsageRow,
};
use rusqlite::{OptionalExtension, Row, ToSql, params, params_from_iter};

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

/// Lines of these kinds stand for calls; the others tell of a change.
const CALLS: &str = "kind IN ('call', 'probes')";

const FAILURES: &str = "(errors > 0
    OR (kind = 'outcome' AND result IN ('failed', 'outcome_unknown', 'expired', 'denied'))
    OR (kind = 'status' AND result IN ('needs_sign_in', 'offline', 'service_down', 'refused',
        'vault_locked', 'no_keychain', 'not_configured')))";

const PAGE: u32 = 200;
const LARGEST_PAGE: u32 = 1000;
const DAY_MS: i64 = 24 * 3600 * 1000;

/// A line exactly as it lies in the table, before anything is made of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LedgerLine {
    pub seq: i64,
    pub at: i64,
    pub kind: String,
    pub caller: Option<String>,
    pub connection: Option<String>,
    pub integration: Option<String>,
    pub account: Option<String>,
    pub capability: Option<String>,
    pub action: Option<String>,
    pub result: String,
    pub calls: i64,
    pub errors: i64,
    pub millis: i64,
    pub bytes_out: i64,
    pub bytes_in: i64,
    pub mac: Vec<u8>,
}

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

/// The hub opened, closed, or woke; with the time of the line before it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LedgerMark {
    pub at: i64,
    pub result: String,
    pub millis: i64,
    pub before: Option<i64>,
}

impl LedgerLine {
    /// The line of an entry, still without its MAC.
    pub fn of(entry: &LedgerEntry) -> Result<Self, StoreError> {
        Ok(Self {
            seq: column::count(entry.seq)?,
            at: column::millis(entry.at),
            kind: kind_name(entry.kind).to_owned(),
            caller: entry.caller.as_ref().map(column::to_json).transpose()?,
            connection: entry.connection.map(|id| id.to_string()),
            integration: entry.integration.as_ref().map(ToString::to_string),
            account: entry.account.clone(),
            capability: entry.capability.map(|one| one.name().to_owned()),
            action: entry.action.map(|id| id.to_string()),
            result: entry.result.clone(),
            calls: column::count(entry.calls)?,
            errors: column::count(entry.errors)?,
            millis: column::count(entry.millis)?,
            bytes_out: column::count(entry.bytes_out)?,
            bytes_in: column::count(entry.bytes_in)?,
            mac: Vec::new(),
        })
    }

    /// What the line says, if it is one we could have written.
    pub fn entry(&self) -> Result<LedgerEntry, StoreError> {
        let unsigned = |n: i64| u64::try_from(n).map_err(|_| UNREADABLE);
        Ok(LedgerEntry {
            seq: unsigned(self.seq)?,
            at: Timestamp::from_millisecond(self.at).map_err(|_| UNREADABLE)?,
            kind: kind_of(&self.kind).ok_or(UNREADABLE)?,
            caller: maybe(self.caller.as_deref(), |text| {
                serde_json::from_str(text).ok()
            })?,
            connection: maybe(self.connection.as_deref(), |text| text.parse().ok())?,
            integration: self.integration.as_deref().map(IntegrationId::from),
            account: self.account.clone(),
            capability: maybe(self.capability.as_deref(), capability_of)?,
            action: maybe(self.action.as_deref(), |text| text.parse().ok())?,
            result: self.result.clone(),
            calls: unsigned(self.calls)?,
            errors: unsigned(self.errors)?,
            millis: unsigned(self.millis)?,
            bytes_out: unsigned(self.bytes_out)?,
            bytes_in: unsigned(self.bytes_in)?,
        })
    }
}

const UNREADABLE: StoreError = StoreError::Value("a line of the ledger");

fn maybe<T>(
    text: Option<&str>,
    read: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, StoreError> {
    text.map(|text| read(text).ok_or(UNREADABLE)).transpose()
}

const fn kind_name(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Call => "call",
        EntryKind::Outcome => "outcome",
        EntryKind::Probes => "probes",
        EntryKind::Status => "status",
        EntryKind::Connection => "connection",
        EntryKind::Policy => "policy",
        EntryKind::Token => "token",
    }
}

fn kind_of(name: &str) -> Option<EntryKind> {
    [
        EntryKind::Call,
        EntryKind::Outcome,
        EntryKind::Probes,
        EntryKind::Status,
        EntryKind::Connection,
        EntryKind::Policy,
        EntryKind::Token,
    ]
    .into_iter()
    .find(|kind| kind_name(*kind) == name)
}

fn capability_of(name: &str) -> Option<Capability> {
    Capability::ALL.into_iter().find(|one| one.name() == name)
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
                    Ok((row.get("seq")?, line(row).ok()))
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
            add("kind = ?", Box::new(kind_name(kind)));
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
                .query_map(params_from_iter(values), line)?
                .filter_map(Result::ok)
                .collect())
        })?;
        Ok(lines.iter().filter_map(|line| line.entry().ok()).collect())
    }

    /// Calls since then, added up by day (`offset_ms` east of UTC), connection and caller.
    pub fn usage(
        &self,
        connection: Option<ConnectionId>,
        since: i64,
        offset_ms: i64,
    ) -> Result<Vec<UsageRow>, StoreError> {
        let sql = usage_sql(connection.is_some());
        let mut values: Vec<Box<dyn ToSql>> = vec![Box::new(offset_ms), Box::new(since)];
        values.extend(connection.map(|id| Box::new(id.to_string()) as Box<dyn ToSql>));
        self.0.with(|db| {
            Ok(db
                .prepare_cached(&sql)?
                .query_map(params_from_iter(values), usage_row)?
                .collect::<Result<_, _>>()?)
        })
    }

    /// Does any line tell how this connection stood?
    pub fn has_status(&self, connection: ConnectionId) -> Result<bool, StoreError> {
        self.0.with(|db| {
            Ok(db
                .prepare_cached(
                    "SELECT EXISTS (SELECT 1 FROM ledger WHERE connection = ?1 AND kind = 'status')",
                )?
                .query_row([connection.to_string()], |row| row.get(0))?)
        })
    }

    /// The changes of a connection's status since then, and the last one before: when, and to what.
    pub fn statuses(
        &self,
        connection: ConnectionId,
        since: i64,
    ) -> Result<Vec<(i64, String)>, StoreError> {
        self.0.with(|db| {
            let mine = "connection = ?1 AND kind = 'status'";
            let before = db
                .prepare_cached(&format!(
                    "SELECT at, result FROM ledger WHERE {mine} AND at < ?2 ORDER BY at DESC, seq DESC LIMIT 1"
                ))?
                .query_row(params![connection.to_string(), since], pair)
                .optional()?;
            let mut all: Vec<(i64, String)> = before.into_iter().collect();
            let after = db
                .prepare_cached(&format!(
                    "SELECT at, result FROM ledger WHERE {mine} AND at >= ?2 ORDER BY at, seq"
                ))?
                .query_map(params![connection.to_string(), since], pair)?
                .collect::<Result<Vec<_>, _>>()?;
            all.extend(after);
            Ok(all)
        })
    }

    /// How long each sign-in of this connection lasted that began since then and ended, oldest first, in milliseconds.
    pub fn sign_in_lives(
        &self,
        connection: ConnectionId,
        since: i64,
    ) -> Result<Vec<i64>, StoreError> {
        self.0.with(|db| {
            let lines = db
                .prepare_cached(
                    "SELECT at, result FROM ledger WHERE connection = ?1 AND at >= ?2 AND (
                         kind = 'status' AND result = 'needs_sign_in'
                         OR kind = 'connection' AND result IN ('connected', 'reconnected')
                     ) ORDER BY at, seq",
                )?
                .query_map(params![connection.to_string(), since], pair)?
                .collect::<Result<Vec<_>, _>>()?;
            let mut began = None;
            let mut lives = Vec::new();
            for (at, result) in lines {
                if result == "needs_sign_in" {
                    lives.extend(began.take().map(|began: i64| at - began));
                } else {
                    began = Some(at);
                }
            }
            Ok(lives)
        })
    }

    /// When the hub itself came and went since then, and the last such line before.
    pub fn marks(&self, since: i64) -> Result<Vec<LedgerMark>, StoreError> {
        self.0.with(|db| {
            Ok(db
                .prepare_cached(
                    "SELECT seq, at, result, millis,
                         (SELECT at FROM ledger AS earlier WHERE earlier.seq = ledger.seq - 1) AS before
                     FROM ledger
                     WHERE connection IS NULL AND kind = 'connection' AND at >= COALESCE(
                         (SELECT MAX(at) FROM ledger WHERE connection IS NULL
                             AND kind = 'connection' AND at < ?1), ?1)
                     ORDER BY at, seq",
                )?
                .query_map([since], |row| {
                    Ok(LedgerMark {
                        at: row.get("at")?,
                        result: row.get("result")?,
                        millis: row.get("millis")?,
                        before: row.get("before")?,
                    })
                })?
                .collect::<Result<_, _>>()?)
        })
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

fn usage_sql(of_one: bool) -> String {
    let one = if of_one { " AND connection = ?3" } else { "" };
    // SQLite takes the bare columns from the line that MAX found: the latest name of an account.
    format!(
        "SELECT (at + ?1) / {DAY_MS} AS day, connection, caller, account, integration, MAX(seq),
             SUM(calls) AS calls, SUM(errors) AS errors, SUM(millis) AS millis,
             SUM(bytes_out) AS bytes_out, SUM(bytes_in) AS bytes_in
         FROM ledger WHERE at >= ?2 AND {CALLS}{one}
         GROUP BY day, connection, caller ORDER BY day, connection, caller"
    )
}

fn usage_row(row: &Row<'_>) -> rusqlite::Result<UsageRow> {
    let caller: Option<String> = row.get("caller")?;
    Ok(UsageRow {
        day: day_name(row.get("day")?),
        connection: column::maybe_parsed(row, "connection")?,
        account: row.get("account")?,
        integration: row
            .get::<_, Option<String>>("integration")?
            .map(IntegrationId::new),
        caller: caller.and_then(|text| serde_json::from_str(&text).ok()),
        calls: column::unsigned(row, "calls")?,
        errors: column::unsigned(row, "errors")?,
        millis: column::unsigned(row, "millis")?,
        bytes_out: column::unsigned(row, "bytes_out")?,
        bytes_in: column::unsigned(row, "bytes_in")?,
    })
}

/// `2026-11-26`, from days since 1970.
#[must_use]
pub fn day_name(day: i64) -> String {
    let name = Timestamp::from_millisecond(day.saturating_mul(DAY_MS))
        .map(|at| at.strftime("%Y-%m-%d").to_string());
    name.unwrap_or_default()
}

fn pair(row: &Row<'_>) -> rusqlite::Result<(i64, String)> {
    Ok((row.get(0)?, row.get(1)?))
}

fn line(row: &Row<'_>) -> rusqlite::Result<LedgerLine> {
    Ok(LedgerLine {
        seq: row.get("seq")?,
        at: row.get("at")?,
        kind: row.get("kind")?,
        caller: row.get("caller")?,
        connection: row.get("connection")?,
        integration: row.get("integration")?,
        account: row.get("account")?,
        capability: row.get("capability")?,
        action: row.get("action")?,
        result: row.get("result")?,
        calls: row.get("calls")?,
        errors: row.get("errors")?,
        millis: row.get("millis")?,
        bytes_out: row.get("bytes_out")?,
        bytes_in: row.get("bytes_in")?,
        mac: row.get("mac")?,
    })
}

#[cfg(test)]
#[path = "ledger_tests.rs"]
mod tests;
