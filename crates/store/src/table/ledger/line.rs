//! A line of the ledger: as it lies in the table, and as what it says. The MAC is over the former, so nothing here repairs
//! what it reads.

use model::{Capability, EntryKind, IntegrationId, LedgerEntry, Timestamp};
use rusqlite::Row;

use crate::{StoreError, column};

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

    /// As a row of the table has it.
    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
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

pub(super) const fn kind_name(kind: EntryKind) -> &'static str {
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
