//! What rooms say happened. Never contents, never secrets: there is no place for them here.

use std::time::Duration;

use model::{
    ActionId, Caller, Capability, ConnectionId, EntryKind, IntegrationId, LedgerEntry, Timestamp,
};
use store::ConnectionRow;

/// Which connection a line is about, as it was called then.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct About {
    pub(crate) connection: ConnectionId,
    pub(crate) integration: IntegrationId,
    pub(crate) account: String,
}

impl From<&ConnectionRow> for About {
    fn from(row: &ConnectionRow) -> Self {
        Self {
            connection: row.id,
            integration: row.integration.clone(),
            account: row.identity.account.clone(),
        }
    }
}

/// A line to be; its number and its time are the ledger's business.
#[derive(Clone, PartialEq, Eq, Debug)]
#[must_use]
pub(crate) struct NewEntry(LedgerEntry);

impl NewEntry {
    /// One call to a service, so far without a fault.
    pub(crate) fn call(about: impl Into<About>, caller: &Caller, capability: Capability) -> Self {
        let mut entry = Self::bare(EntryKind::Call, "ok").about(about).by(caller);
        entry.0.capability = Some(capability);
        entry.0.calls = 1;
        entry
    }

    /// A write ended; `result` is the state it ended in, by its stable name.
    pub(crate) fn outcome(
        about: impl Into<About>,
        caller: &Caller,
        capability: Capability,
        action: ActionId,
        result: &str,
    ) -> Self {
        let mut entry = Self::bare(EntryKind::Outcome, result)
            .about(about)
            .by(caller)
            .action(action);
        entry.0.capability = Some(capability);
        entry
    }

    /// A connection's status changed to this.
    pub(crate) fn status(about: impl Into<About>, status: &str) -> Self {
        Self::bare(EntryKind::Status, status).about(about)
    }

    /// A connection was made or ended.
    pub(crate) fn connection(about: impl Into<About>, what: &str) -> Self {
        Self::bare(EntryKind::Connection, what).about(about)
    }

    /// What a caller may do changed, or a person decided about something it wanted.
    pub(crate) fn policy(what: &str, caller: &Caller) -> Self {
        Self::bare(EntryKind::Policy, what).by(caller)
    }

    /// A raw token was given to this caller.
    pub(crate) fn token(about: impl Into<About>, caller: &Caller) -> Self {
        Self::bare(EntryKind::Token, "ok").about(about).by(caller)
    }

    /// Something about the hub itself, which belongs to no connection.
    pub(crate) fn mark(what: &str) -> Self {
        Self::bare(EntryKind::Connection, what)
    }

    /// Probes of an hour.
    pub(super) fn probes(about: About, calls: u64, errors: u64, millis: u64) -> Self {
        let mut entry =
            Self::bare(EntryKind::Probes, if errors == 0 { "ok" } else { "failed" }).about(about);
        entry.0.calls = calls;
        entry.0.errors = errors;
        entry.0.millis = millis;
        entry
    }

    fn bare(kind: EntryKind, result: &str) -> Self {
        Self(LedgerEntry {
            seq: 0,
            at: Timestamp::UNIX_EPOCH,
            kind,
            caller: None,
            connection: None,
            integration: None,
            account: None,
            capability: None,
            action: None,
            result: result.to_owned(),
            calls: 0,
            errors: 0,
            millis: 0,
            bytes_out: 0,
            bytes_in: 0,
        })
    }

    fn about(mut self, about: impl Into<About>) -> Self {
        let about = about.into();
        self.0.connection = Some(about.connection);
        self.0.integration = Some(about.integration);
        self.0.account = Some(about.account);
        self
    }

    pub(crate) fn by(mut self, caller: &Caller) -> Self {
        self.0.caller = Some(caller.clone());
        self
    }

    pub(crate) fn of_action(
        self,
        about: impl Into<About>,
        capability: Capability,
        action: ActionId,
    ) -> Self {
        let mut entry = self.about(about).action(action);
        entry.0.capability = Some(capability);
        entry
    }

    pub(crate) const fn action(mut self, action: ActionId) -> Self {
        self.0.action = Some(action);
        self
    }

    /// The call failed, with this code.
    pub(crate) fn failed(mut self, code: &str) -> Self {
        code.clone_into(&mut self.0.result);
        self.0.errors = self.0.calls;
        self
    }

    pub(crate) fn took(mut self, time: Duration) -> Self {
        self.0.millis = millis(time);
        self
    }

    pub(crate) const fn bytes(mut self, out: u64, r#in: u64) -> Self {
        self.0.bytes_out = out;
        self.0.bytes_in = r#in;
        self
    }

    /// For what was counted before it is told.
    pub(super) const fn at(mut self, at: Timestamp) -> Self {
        self.0.at = at;
        self
    }

    pub(super) const fn kind(&self) -> EntryKind {
        self.0.kind
    }

    /// A count beyond what the table can hold is cut: an absurd figure must not hold up every other line.
    pub(super) fn numbered(&self, seq: i64) -> LedgerEntry {
        let fitting = |n: u64| n.min(i64::MAX.unsigned_abs());
        LedgerEntry {
            seq: seq.unsigned_abs(),
            calls: fitting(self.0.calls),
            errors: fitting(self.0.errors),
            millis: fitting(self.0.millis),
            bytes_out: fitting(self.0.bytes_out),
            bytes_in: fitting(self.0.bytes_in),
            ..self.0.clone()
        }
    }
}

pub(super) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
