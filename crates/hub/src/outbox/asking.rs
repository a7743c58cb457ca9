//! Asking the service about a write whose answer was lost, so that nobody has to guess.
//!
//! Found means sent. Not found means not sent only after the service had time to list it; then the write is queued
//! again, because by then repeating it is safe.

use std::{sync::Arc, time::Duration};

use integrations::Meter;
use model::{ActionId, ActionState, IntegrationId, RemoteRef, Waiting};
use store::{ConnectionRow, OutboxRow, Piece};

use super::queue::{later, later_by};
use crate::{
    calls::{CallFailure, Whose},
    core::{Core, integration},
    ledger::NewEntry,
    reads::tallied,
    retry,
};

/// A mail is in the list of what was sent within seconds; a minute leaves room for a slow day.
const LISTED_WITHIN: Duration = Duration::from_secs(60);
/// A stand-in on this machine lists at once.
const LISTED_WITHIN_HERE: Duration = Duration::from_secs(2);
/// The service's clock and ours may differ.
const LOOK_BACK_S: u32 = 300;
/// After a day of no answer the person decides.
const GIVE_UP: Duration = Duration::from_secs(24 * 3600);
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Most answers are there at once.
const LOOK_SOON: Duration = Duration::from_secs(2);
const QUICK_LOOKS: u32 = 4;

enum Found {
    Sent(RemoteRef),
    NotSent,
    /// Too early to say, or no answer.
    NotYet,
}

impl Core {
    /// Asks until there is an answer; closing doesn't wait for it, the next start goes on.
    pub(super) fn ask_about(self: &Arc<Self>, id: ActionId) {
        let core = Arc::clone(self);
        tokio::spawn(async move {
            let mut tries = 0;
            loop {
                if core.ask_once(id, tries).await {
                    return;
                }
                tries += 1;
                let wait = if tries < QUICK_LOOKS {
                    LOOK_SOON
                } else {
                    retry::pause(tries, Some(LOOK_EVERY))
                };
                tokio::select! {
                    () = tokio::time::sleep(wait) => {}
                    () = core.closing.cancelled() => return,
                }
            }
        });
    }

    fn listed_within(&self, integration: &IntegrationId) -> Duration {
        if self.is_stand_in(integration) {
            LISTED_WITHIN_HERE
        } else {
            LISTED_WITHIN
        }
    }

    /// True once nothing is left to ask.
    async fn ask_once(self: &Arc<Self>, id: ActionId, tries: u32) -> bool {
        let Ok(row) = self.outbox_row(id).await else {
            return true;
        };
        let ActionState::OutcomeUnknown {
            at,
            error,
            asking: true,
        } = row.state.clone()
        else {
            // The person was quicker.
            return true;
        };
        let Some(connection) = self.roster.get(row.connection) else {
            let state = ActionState::OutcomeUnknown {
                at,
                error,
                asking: false,
            };
            self.put(OutboxRow { state, ..row }).await;
            return true;
        };
        match self.look_for(&connection, &row).await {
            Found::Sent(made) => {
                let now = self.clock.now();
                let mut row = row;
                row.pieces.push(Piece {
                    part: 0,
                    made: made.clone(),
                });
                let state = ActionState::Sent {
                    at: now,
                    results: vec![made],
                };
                self.end_action("outcome_unknown", row, state).await;
                true
            }
            Found::NotSent => {
                let now = self.clock.now();
                let state = ActionState::Queued {
                    not_before: now,
                    expires: self.expiry(&row).max(later(now, 3600)),
                    why: Waiting::Turn,
                };
                self.put(OutboxRow { state, ..row }).await;
                self.outbox.wake();
                true
            }
            Found::NotYet => {
                let since = self.clock.now().duration_since(at);
                if tries > 0 && since.unsigned_abs() >= GIVE_UP {
                    let state = ActionState::OutcomeUnknown {
                        at,
                        error,
                        asking: false,
                    };
                    self.end_action("outcome_unknown", row, state).await;
                    return true;
                }
                false
            }
        }
    }

    async fn put(self: &Arc<Self>, row: OutboxRow) {
        if let Ok(true) = self.advance("outcome_unknown", &row).await {
            self.show_action(&row);
        }
    }

    async fn look_for(self: &Arc<Self>, connection: &ConnectionRow, row: &OutboxRow) -> Found {
        let Some(mail) = integration(&connection.integration)
            .ok()
            .and_then(|service| service.mail())
        else {
            return Found::NotYet;
        };
        let was_on_wire = row.on_wire_at.unwrap_or(row.created_at);
        let since = was_on_wire
            .checked_sub(jiff::SignedDuration::from_secs(i64::from(LOOK_BACK_S)))
            .unwrap_or(was_on_wire);
        // Judged by when the look began: what is listed while we look must count.
        let is_settled =
            later_by(was_on_wire, self.listed_within(&row.integration)) <= self.clock.now();
        let id = row.id;
        let look = move |session: integrations::Session| {
            let future: futures_core::future::BoxFuture<'_, _> =
                Box::pin(async move { mail.find_sent(&session, id, since).await });
            future
        };
        let meter = Arc::new(Meter::default());
        let fresh = match self.fresh_token(connection.id).await {
            Ok(fresh) => fresh,
            Err(_) => return Found::NotYet,
        };
        let started = tokio::time::Instant::now();
        let outcome = self
            .once(&row.caller, connection, &fresh, &meter, &look)
            .await;
        let result = outcome
            .as_ref()
            .map(|_| ())
            .map_err(|failure: &CallFailure| self.call_error(failure, &Whose::from(connection)));
        // On behalf of whoever sent it.
        let entry =
            NewEntry::call(connection, &row.caller, model::Capability::MailRead).action(row.id);
        self.ledger.note(tallied(entry, &meter, started, &result));
        match outcome {
            Ok(Some(made)) => Found::Sent(made),
            Ok(None) if is_settled => Found::NotSent,
            Ok(None) | Err(_) => Found::NotYet,
        }
    }
}
