//! What a person decides about an action: take it back, send it now, send it again, let it rest.

use std::sync::Arc;

use model::{
    ActionId, ActionState, ActionView, ConnectionId, Error, ErrorCode, Resolution, Waiting,
};
use store::OutboxRow;

use super::{ending::ended, queue::later};
use crate::core::Core;

impl Core {
    /// What is queued is taken back; an upload under way stops between two pieces. What is on the wire in one piece
    /// can't be stopped any more.
    pub(crate) async fn cancel_action(self: &Arc<Self>, id: ActionId) -> Result<ActionView, Error> {
        let row = self.outbox_row(id).await?;
        match row.state {
            ActionState::Queued { .. } => {
                let at = self.clock.now();
                let cancelled = ended(row, ActionState::Cancelled { at });
                if self.advance("queued", &cancelled).await? {
                    if let Some(flight) = self.outbox.flight(id) {
                        flight.cancel();
                    }
                    self.has_ended(&cancelled).await;
                    return Ok(self.action_view(&cancelled));
                }
                // It took off in this very moment.
                self.stop_flight(id).await
            }
            ActionState::Sending { .. } => self.stop_flight(id).await,
            ActionState::Cancelled { .. } => Ok(self.action_view(&row)),
            ActionState::AwaitingApproval { .. } => {
                let at = self.clock.now();
                let cancelled = ended(row, ActionState::Cancelled { at });
                if !self.advance("awaiting_approval", &cancelled).await? {
                    return Err(too_late(&self.outbox_row(id).await?));
                }
                self.has_ended(&cancelled).await;
                Ok(self.action_view(&cancelled))
            }
            _ => Err(too_late(&row)),
        }
    }

    async fn stop_flight(self: &Arc<Self>, id: ActionId) -> Result<ActionView, Error> {
        let row = self.outbox_row(id).await?;
        let stoppable = row.capability == model::Capability::FilesUpload;
        match (&row.state, self.outbox.flight(id)) {
            (ActionState::Cancelled { .. }, _) => Ok(self.action_view(&row)),
            (ActionState::Sending { .. }, Some(flight)) if stoppable => {
                flight.cancel();
                Ok(self.action_view(&row))
            }
            _ => Err(too_late(&row)),
        }
    }

    pub(crate) async fn send_now(self: &Arc<Self>, id: ActionId) -> Result<ActionView, Error> {
        let row = self.outbox_row(id).await?;
        let ActionState::Queued { expires, .. } = row.state else {
            return Err(too_late(&row));
        };
        let state = ActionState::Queued {
            not_before: self.clock.now(),
            expires,
            why: Waiting::Turn,
        };
        self.put_back("queued", OutboxRow { state, ..row }).await
    }

    pub(crate) async fn resolve_action(
        self: &Arc<Self>,
        id: ActionId,
        resolution: Resolution,
    ) -> Result<ActionView, Error> {
        let row = self.outbox_row(id).await?;
        let ActionState::OutcomeUnknown { error, .. } = row.state.clone() else {
            return Err(too_late(&row));
        };
        let now = self.clock.now();
        match resolution {
            Resolution::SendAgain => {
                let state = ActionState::Queued {
                    not_before: now,
                    expires: later(now, self.waits_s(row.capability)),
                    why: Waiting::Turn,
                };
                self.put_back("outcome_unknown", OutboxRow { state, ..row })
                    .await
            }
            Resolution::Discard => {
                let state = ActionState::Failed { at: now, error };
                let row = ended(row, state);
                if !self.advance("outcome_unknown", &row).await? {
                    return Err(too_late(&self.outbox_row(id).await?));
                }
                self.has_ended(&row).await;
                Ok(self.action_view(&row))
            }
        }
    }

    /// The connection works again: what waited for that goes now.
    pub(crate) fn revive_actions(self: &Arc<Self>, connection: ConnectionId) {
        let core = Arc::clone(self);
        self.flights.spawn(async move {
            for row in core.open_of(connection).await {
                let ActionState::Queued { expires, why, .. } = row.state else {
                    continue;
                };
                if matches!(why, Waiting::Later | Waiting::Person) {
                    let state = ActionState::Queued {
                        not_before: core.clock.now(),
                        expires,
                        why: Waiting::Turn,
                    };
                    // Somebody quicker is as good.
                    let _ = core.put_back("queued", OutboxRow { state, ..row }).await;
                }
            }
        });
    }

    /// The connection is gone: nothing goes out through it any more, and nothing of it is kept at hand.
    pub(crate) async fn drop_actions(self: &Arc<Self>, connection: ConnectionId) {
        for row in self.open_of(connection).await {
            let at = self.clock.now();
            let from = row.state.kind();
            if matches!(
                row.state,
                ActionState::Queued { .. } | ActionState::AwaitingApproval { .. }
            ) {
                self.end_action(from, row, ActionState::Cancelled { at })
                    .await;
            }
        }
        self.claims.cancel(connection);
        self.paces.forget(connection);
        self.shelves.forget(connection);
        self.reserves.forget(connection);
        if let Err(error) = self
            .db(move |store| store.chats().remove_all(connection))
            .await
        {
            tracing::warn!(%connection, code = error.code.name(), "the chats of a connection that ended are still listed");
        }
    }

    async fn open_of(&self, connection: ConnectionId) -> Vec<OutboxRow> {
        let mut open = self
            .db(|store| store.outbox().open())
            .await
            .unwrap_or_default();
        open.retain(|row| row.connection == connection);
        open
    }

    pub(crate) async fn put_back(
        self: &Arc<Self>,
        from: &'static str,
        row: OutboxRow,
    ) -> Result<ActionView, Error> {
        if !self.advance(from, &row).await? {
            return Err(too_late(&self.outbox_row(row.id).await?));
        }
        let view = self.show_action(&row);
        self.outbox.wake();
        Ok(view)
    }
}

fn too_late(row: &OutboxRow) -> Error {
    Error::new(ErrorCode::TooLate)
        .with("state", row.state.kind())
        .with("action", row.id)
}
