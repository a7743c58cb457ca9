//! What a probe means for a connection: the one place where a status changes because of a call.

use std::sync::Arc;

use model::{ConnectionId, Status, VaultState};
use store::ConnectionRow;
use vault::Grant;

use crate::{
    calls::{CallFailure, Proof},
    core::Core,
    ledger::NewEntry,
};

/// Busy connections don't show a new time of proof with every call.
const PROVEN_EVERY_S: i64 = 5;

impl Core {
    /// A real call succeeded.
    pub(crate) async fn works(self: &Arc<Self>, id: ConnectionId, proof: Proof) {
        let now = self.clock.now();
        let Proof { found, grant } = proof;
        let remarks = self.said(&found.remarks);
        let status = self
            .forecast(id, &grant)
            .await
            .unwrap_or(Status::Connected { proven_at: now });
        self.transition(id, status, |row| {
            row.proven_at = Some(now);
            row.checked_at = Some(now);
            row.remarks = remarks;
            // Another account behind the same grant can't be; a new name of the same account can.
            if row.identity.id == found.identity.id {
                row.identity = found.identity;
            }
        })
        .await;
    }

    /// A call other than the probe was answered, which proves as much; told at most every few seconds.
    pub(crate) async fn answered(self: &Arc<Self>, id: ConnectionId, grant: &Grant) {
        let Some(row) = self.roster.get(id) else {
            return;
        };
        let now = self.clock.now();
        let is_fresh = row.status.is_up()
            && row
                .proven_at
                .is_some_and(|at| now.duration_since(at).as_secs() < PROVEN_EVERY_S);
        if is_fresh {
            return;
        }
        let status = self
            .forecast(id, grant)
            .await
            .unwrap_or(Status::Connected { proven_at: now });
        self.transition(id, status, |row| {
            row.proven_at = Some(now);
            row.checked_at = Some(now);
        })
        .await;
    }

    pub(crate) async fn fails(self: &Arc<Self>, id: ConnectionId, failure: &CallFailure) {
        let Some(row) = self.roster.get(id) else {
            return;
        };
        let now = self.clock.now();
        let status = since_when(&row, self.verdict(failure, &row));
        self.transition(id, status, |row| row.checked_at = Some(now))
            .await;
    }

    /// Was down, is down: only the time of the look changes.
    pub(crate) async fn still_down(self: &Arc<Self>, id: ConnectionId) {
        let now = self.clock.now();
        if let Err(error) = self.change(id, |row| row.checked_at = Some(now)).await {
            tracing::warn!(code = error.code.name(), "a status couldn't be kept");
        }
    }

    /// Sets the statuses that follow from the vault alone; true when grants can be read.
    pub(crate) async fn look_at_vault(self: &Arc<Self>) -> bool {
        let mut state = self.vault.settled().await;
        if !state.is_unlocked() {
            state = self.vault.look().await;
        }
        let status = match state {
            VaultState::Unlocked { .. } => return true,
            VaultState::NoKeychain => Status::NoKeychain,
            VaultState::Opening | VaultState::Locked { .. } | VaultState::Failing { .. } => {
                Status::VaultLocked
            }
        };
        for row in self.roster.all() {
            // What is known to be dead stays dead, whatever the vault does.
            if !matches!(row.status, Status::NeedsSignIn { .. }) {
                self.transition(row.id, status.clone(), |_| {}).await;
            }
        }
        false
    }

    async fn transition(
        self: &Arc<Self>,
        id: ConnectionId,
        status: Status,
        also: impl FnOnce(&mut ConnectionRow),
    ) {
        let Some(before) = self.roster.get(id) else {
            return;
        };
        let to = status.clone();
        let changed = self
            .change(id, |row| {
                // At the very change: of two looks at once one tells of it, and in the order they came.
                // A pause hides it; its end tells how the connection stands by then.
                if row.status.kind() != status.kind() && !row.paused {
                    let entry = NewEntry::status(&*row, status.kind());
                    self.ledger.note(entry);
                }
                row.status = status;
                also(row);
            })
            .await;
        match changed {
            Ok(Some(view)) => {
                if before.status.kind() != to.kind() {
                    tracing::info!(
                        connection = %id,
                        integration = %before.integration,
                        from = before.status.kind(),
                        to = to.kind(),
                        cause = to.cause().unwrap_or_default(),
                        "a status changed"
                    );
                }
                if to.is_up() && !before.status.is_up() {
                    self.revive_actions(id);
                }
                self.notices.note(self, &before, &to, &view);
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(code = error.code.name(), "a status couldn't be kept"),
        }
    }
}

/// The same trouble keeps the time it began.
fn since_when(row: &ConnectionRow, status: Status) -> Status {
    match (&row.status, status) {
        (Status::ServiceDown { since }, Status::ServiceDown { .. }) => {
            Status::ServiceDown { since: *since }
        }
        (Status::Offline { since }, Status::Offline { .. }) => Status::Offline { since: *since },
        (
            Status::NeedsSignIn {
                cause: before,
                since,
            },
            Status::NeedsSignIn { cause, .. },
        ) if *before == cause => Status::NeedsSignIn {
            cause,
            since: *since,
        },
        (
            Status::Refused {
                reason: before,
                since,
            },
            Status::Refused { reason, .. },
        ) if *before == reason => Status::Refused {
            reason,
            since: *since,
        },
        (_, status) => status,
    }
}

/// Only the person can mend these.
pub(crate) const fn needs_person(status: &Status) -> bool {
    matches!(status, Status::NeedsSignIn { .. })
}
