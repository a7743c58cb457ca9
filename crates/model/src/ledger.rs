//! What happened: who, what, when, how long, how much, with which result. Never contents, never secrets.
//!
//! Every figure a face shows is a question asked of the ledger.

use serde::{Deserialize, Serialize};

use crate::{ActionId, Caller, Capability, ConnectionId, IntegrationId, Timestamp};

/// What kind of thing a line tells.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// A read, or one try of a write.
    Call,
    /// A write ended: sent, failed, unknown, cancelled, expired, resolved.
    Outcome,
    /// Probes of an hour, counted.
    Probes,
    /// A connection's status changed.
    Status,
    /// A connection was made or ended.
    Connection,
    /// What a caller may do changed, or a person decided about something it wanted.
    Policy,
    /// A raw token was given out.
    Token,
}

/// One line of the ledger.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct LedgerEntry {
    /// Counts up without gaps.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub seq: u64,
    #[cfg_attr(feature = "bindings", ts(type = "string"))]
    pub at: Timestamp,
    pub kind: EntryKind,
    /// `None` = the hub itself.
    pub caller: Option<Caller>,
    pub connection: Option<ConnectionId>,
    pub integration: Option<IntegrationId>,
    /// What a person recognises the connection by.
    pub account: Option<String>,
    pub capability: Option<Capability>,
    pub action: Option<ActionId>,
    /// `ok`, an error's code, or the new status or state by its stable name.
    pub result: String,
    /// How many calls this line stands for.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub calls: u64,
    /// How many of them failed.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub errors: u64,
    /// Milliseconds, all calls of the line together.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub millis: u64,
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub bytes_out: u64,
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub bytes_in: u64,
}

#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct LedgerFilter {
    #[serde(default)]
    pub connection: Option<ConnectionId>,
    #[serde(default)]
    pub kind: Option<EntryKind>,
    #[serde(default)]
    pub capability: Option<Capability>,
    /// Only lines that tell of a failure.
    #[serde(default)]
    pub failures_only: bool,
    #[serde(default)]
    #[cfg_attr(feature = "bindings", ts(type = "string | null"))]
    pub since: Option<Timestamp>,
    #[serde(default)]
    #[cfg_attr(feature = "bindings", ts(type = "string | null"))]
    pub until: Option<Timestamp>,
    /// Only lines before this one: the last of the page before.
    #[serde(default)]
    #[cfg_attr(feature = "bindings", ts(type = "number | null"))]
    pub before: Option<u64>,
    /// At most this many, newest first; `None` = 200, never more than 1000.
    #[serde(default)]
    pub limit: Option<u32>,
}

/// What checking the chain found.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct LedgerCheck {
    /// Lines that were checked.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub lines: u64,
    /// Whole days that retention dropped, each with a signed checkpoint that holds.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub dropped_days: u64,
    pub verdict: LedgerVerdict,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum LedgerVerdict {
    Whole,
    /// The first line that isn't what was written, or whose neighbour is missing.
    BrokenAt {
        #[cfg_attr(feature = "bindings", ts(type = "number"))]
        seq: u64,
    },
    /// The end of the ledger is missing: fewer lines than were written.
    CutOff {
        #[cfg_attr(feature = "bindings", ts(type = "number"))]
        written: u64,
    },
    /// The key isn't in the vault any more, so nothing can be said.
    KeyMissing,
}

/// Which figures to add up.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct UsageQuery {
    #[serde(default)]
    pub connection: Option<ConnectionId>,
    /// Days back from today, 1 to 400; `None` = 30.
    #[serde(default)]
    pub days: Option<u32>,
    /// Minutes east of UTC that decide where a day begins.
    #[serde(default)]
    pub utc_offset_min: i32,
}

/// Calls of one day, connection and caller.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct UsageRow {
    /// `2026-11-26`.
    pub day: String,
    pub connection: Option<ConnectionId>,
    pub account: Option<String>,
    pub integration: Option<IntegrationId>,
    /// `None` = the hub itself (probes).
    pub caller: Option<Caller>,
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub calls: u64,
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub errors: u64,
    /// Milliseconds, all calls together; divided by `calls` it is the mean latency.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub millis: u64,
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub bytes_out: u64,
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub bytes_in: u64,
}

/// One day of a connection's health, in seconds that add up to the part of the day it existed and was watched.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct HealthDay {
    pub day: String,
    /// Connected, or expiring.
    pub up_s: u32,
    /// The service was down or asked for a pause, or this machine was offline.
    pub unreachable_s: u32,
    /// The person was needed: a sign-in, a locked vault, a missing registration.
    pub needs_person_s: u32,
    pub paused_s: u32,
    /// Never proven, or the hub didn't run.
    pub unknown_s: u32,
}
