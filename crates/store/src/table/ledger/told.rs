//! What the ledger tells when it is asked: usage, how a connection stood, how long its sign-ins lasted. Every figure on a
//! screen is a query over lines; nothing here writes.

use model::{ConnectionId, IntegrationId, Timestamp, UsageRow};
use rusqlite::{OptionalExtension, Row, ToSql, params, params_from_iter};

use super::Ledger;
use crate::{StoreError, column};

/// Lines of these kinds stand for calls; the others tell of a change.
const CALLS: &str = "kind IN ('call', 'probes')";

pub(super) const DAY_MS: i64 = 24 * 3600 * 1000;

/// The hub opened, closed, or woke; with the time of the line before it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LedgerMark {
    pub at: i64,
    pub result: String,
    pub millis: i64,
    pub before: Option<i64>,
}

impl Ledger<'_> {
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
}

pub(super) fn usage_sql(of_one: bool) -> String {
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
