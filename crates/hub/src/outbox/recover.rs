//! What a crash left: only what was on the wire may have happened.

use std::{collections::BTreeSet, sync::Arc};

use integrations::Idempotency;
use model::{ActionState, Error, ErrorCode, Waiting};
use store::OutboxRow;

use super::ending::{can_ask, repeatable};
use crate::core::Core;

/// What is over stays in the list of actions this long.
const SHOWN_FOR_H: i64 = 30 * 24;

impl Core {
    pub(super) async fn recover_actions(self: &Arc<Self>) {
        let now = self.clock.now();
        if let Ok(before) = now.checked_sub(jiff::SignedDuration::from_hours(SHOWN_FOR_H)) {
            let _ = self
                .db(move |store| store.outbox().remove_over_before(before))
                .await;
        }
        let Ok(open) = self.db(|store| store.outbox().open()).await else {
            return;
        };
        let mut in_doubt = BTreeSet::new();
        for row in open {
            let connection = row.connection;
            let is_asked = match row.state {
                ActionState::Sending { .. } => self.recover_sending(row).await,
                ActionState::OutcomeUnknown { asking, .. } => asking,
                _ => false,
            };
            if is_asked {
                in_doubt.insert(connection);
            }
        }
        // Now that all of it is in the table: one look answers for everything.
        for connection in in_doubt {
            self.ask_about(connection);
        }
    }

    /// Whether the service can be asked about it.
    async fn recover_sending(self: &Arc<Self>, row: OutboxRow) -> bool {
        let now = self.clock.now();
        let connection = self.roster.get(row.connection);
        let state = match (repeatable(&row), &connection) {
            (Idempotency::NamedAhead, _) => ActionState::Queued {
                not_before: now,
                expires: self.expiry(&row),
                why: Waiting::Turn,
            },
            (Idempotency::None, connection) => ActionState::OutcomeUnknown {
                at: now,
                error: Error::new(ErrorCode::OutcomeUnknown)
                    .with("account", &row.account)
                    .with("service", service_name(&row)),
                asking: connection
                    .as_ref()
                    .is_some_and(|connection| can_ask(connection, &row)),
            },
        };
        let asking = matches!(state, ActionState::OutcomeUnknown { asking: true, .. });
        let is_unknown = matches!(state, ActionState::OutcomeUnknown { .. });
        let row = OutboxRow { state, ..row };
        match self.advance("sending", &row).await {
            Ok(moved) => {
                if moved && is_unknown {
                    self.has_ended(&row).await;
                }
                asking
            }
            Err(error) => {
                tracing::warn!(action = %row.id, code = error.code.name(), "an interrupted action is looked at at the next start");
                false
            }
        }
    }
}

fn service_name(row: &OutboxRow) -> String {
    integrations::find(&row.integration).map_or_else(
        || row.integration.to_string(),
        |one| one.facts().name.clone(),
    )
}
