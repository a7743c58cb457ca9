//! Starting what is due, in the order it was asked.
//!
//! Messages to one chat keep their order: a later one waits until the earlier one is over. Everything else may overtake.

use std::{
    collections::HashSet,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use model::{Action, ActionState, ConnectionId, Timestamp};
use store::{OutboxRow, Store};

use super::flight::Flight;
use crate::{core::Core, enduring::enduring};

/// Under way at once; more wait in the table rather than in memory.
const MOST_FLIGHTS: usize = 1000;
/// The wall clock can be set, so no sleep is longer.
const LOOK_AGAIN: Duration = Duration::from_secs(15);

impl Core {
    /// Runs until the hub closes.
    pub(crate) fn start_outbox(self: &Arc<Self>) {
        enduring(self, "the outbox", |core| async move {
            core.recover_actions().await;
            loop {
                let next = core.dispatch().await;
                tokio::select! {
                    () = core.outbox.due.notified() => {}
                    () = tokio::time::sleep(next) => {}
                    () = core.closing.cancelled() => return,
                }
            }
        });
    }

    /// How long until there is something to start.
    async fn dispatch(self: &Arc<Self>) -> Duration {
        let Ok(open) = self.db(|store| store.outbox().open()).await else {
            return LOOK_AGAIN;
        };
        if open.is_empty() && self.outbox.untidy.swap(false, Ordering::Relaxed) {
            // Nothing is under way: the moment to let go of what the database's log still holds of it.
            let _ = self.db(Store::tidy).await;
        }
        let now = self.clock.now();
        let mut next = LOOK_AGAIN;
        let mut taken_chats = HashSet::new();
        for row in open {
            if let ActionState::AwaitingApproval { expires, .. } = row.state {
                if expires > now {
                    next = next.min(until(now, expires));
                } else {
                    self.end_action("awaiting_approval", row, ActionState::Expired { at: now })
                        .await;
                }
                continue;
            }
            let is_first = chat(&row).is_none_or(|chat| taken_chats.insert(chat));
            let ActionState::Queued { not_before, .. } = row.state else {
                continue;
            };
            if !is_first || self.outbox.flight(row.id).is_some() {
                continue;
            }
            if not_before > now {
                next = next.min(until(now, not_before));
                continue;
            }
            if self.outbox.flights().len() >= MOST_FLIGHTS {
                break;
            }
            let flight = Arc::new(Flight::new(row));
            self.outbox.flights().insert(flight.id, Arc::clone(&flight));
            self.flights.spawn(Arc::clone(self).fly(flight));
        }
        next
    }
}

/// Whose order an action keeps. An unknown outcome holds nobody up.
fn chat(row: &OutboxRow) -> Option<(ConnectionId, String)> {
    match (&row.content, &row.state) {
        (
            Some(Action::SendMessage(message)),
            ActionState::Queued { .. } | ActionState::Sending { .. },
        ) => Some((row.connection, message.chat.clone())),
        _ => None,
    }
}

fn until(now: Timestamp, at: Timestamp) -> Duration {
    Duration::try_from(at.duration_since(now)).unwrap_or(Duration::ZERO)
}
