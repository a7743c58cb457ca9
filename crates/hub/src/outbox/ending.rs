//! What an outcome means for an action: over, again later, or unknown. The one place that decides whether a write is
//! repeated by itself: only where nothing happened, or where the service recognises the repeat.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use integrations::{CallError, Idempotency, LocalError};
use model::{ActionState, Capability, Error, ErrorCode, Timestamp, Waiting};
use store::{ConnectionRow, OutboxRow};
use vault::Item;

use super::{flight::Flight, queue::later};
use crate::{
    broker::NoToken,
    calls::{CallFailure, Whose},
    core::{Core, integration},
    ledger::{About, NewEntry},
    retry,
};

/// What comes next.
enum Next {
    Over(ActionState),
    Unknown(Error),
    Later(Waiting, Option<Duration>),
}

impl Core {
    pub(super) async fn conclude(
        self: &Arc<Self>,
        flight: &Arc<Flight>,
        connection: &ConnectionRow,
        outcome: Result<(), CallFailure>,
    ) {
        let row = flight.row().clone();
        let from = row.state.kind();
        let at = self.clock.now();
        match self.next(connection, &row, outcome, at) {
            Next::Over(state) => self.end_flight(from, row, state).await,
            Next::Unknown(error) => {
                let asking = can_ask(connection, &row);
                let state = ActionState::OutcomeUnknown { at, error, asking };
                self.end_flight(from, row.clone(), state).await;
                if asking {
                    self.ask_about(row.connection);
                }
            }
            // Taken back during a try that came to nothing.
            Next::Later(..) if flight.is_cancelled() => {
                self.end_flight(from, row, ActionState::Cancelled { at })
                    .await;
            }
            Next::Later(Waiting::Person, _) => self.wait_for_person(flight).await,
            Next::Later(why, asked) => {
                let wait = retry::pause(row.tries, asked);
                self.requeue(flight, why, wait).await;
            }
        }
    }

    fn next(
        &self,
        connection: &ConnectionRow,
        row: &OutboxRow,
        outcome: Result<(), CallFailure>,
        at: Timestamp,
    ) -> Next {
        let failure = match outcome {
            Ok(()) => {
                let results = row.pieces.iter().map(|piece| piece.made.clone()).collect();
                return Next::Over(ActionState::Sent { at, results });
            }
            Err(failure) => failure,
        };
        let was_on_wire = matches!(row.state, ActionState::Sending { .. });
        let error = self.call_error(&failure, &Whose::from(connection));
        match &failure {
            CallFailure::Token(NoToken::Transient(_)) => Next::Later(Waiting::Later, None),
            CallFailure::Token(NoToken::Ours(ours)) => match ours.code {
                ErrorCode::StoreFailed | ErrorCode::Internal => Next::Later(Waiting::Later, None),
                _ => Next::Over(ActionState::Failed { at, error }),
            },
            CallFailure::Token(_) => Next::Later(Waiting::Person, None),
            CallFailure::Call(CallError::Local(LocalError::Cancelled)) => {
                Next::Over(ActionState::Cancelled { at })
            }
            CallFailure::Call(call) => {
                let lost = call.may_have_happened()
                    // It was answered for, and that couldn't be kept.
                    || *call == CallError::Local(LocalError::NotKept);
                let asked = match call {
                    CallError::RateLimited { retry_after } => *retry_after,
                    _ => None,
                };
                if was_on_wire && lost {
                    match repeatable(row) {
                        Idempotency::NamedAhead => Next::Later(Waiting::Later, None),
                        Idempotency::None => Next::Unknown(Error {
                            code: ErrorCode::OutcomeUnknown,
                            ..error
                        }),
                    }
                } else if call.may_pass() || *call == CallError::Local(LocalError::NotKept) {
                    Next::Later(Waiting::Later, asked)
                } else {
                    Next::Over(ActionState::Failed { at, error })
                }
            }
        }
    }

    /// The row's last change, or the one before a decision; what it held is wiped unless somebody still has to decide.
    pub(crate) async fn end_action(
        self: &Arc<Self>,
        from: &'static str,
        row: OutboxRow,
        state: ActionState,
    ) {
        let ended = ended(row, state);
        match self.advance(from, &ended).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                tracing::warn!(action = %ended.id, code = error.code.name(), "an action's end couldn't be kept; the next start looks at it");
                return;
            }
        }
        self.has_ended(&ended).await;
    }

    /// The same for one that has been tried: what came of it is known nowhere else, so it is kept as soon as it can be.
    pub(super) async fn end_flight(
        self: &Arc<Self>,
        from: &'static str,
        row: OutboxRow,
        state: ActionState,
    ) {
        let ended = ended(row, state);
        if self.advance_at_last(from, &ended).await == Some(true) {
            self.has_ended(&ended).await;
        }
    }

    /// What follows once the end is kept.
    pub(crate) async fn has_ended(self: &Arc<Self>, row: &OutboxRow) {
        tracing::info!(action = %row.id, integration = %row.integration, capability = %row.capability, state = row.state.kind(), "an action ended");
        let about = About {
            connection: row.connection,
            integration: row.integration.clone(),
            account: row.account.clone(),
        };
        let entry = NewEntry::outcome(about, &row.caller, row.capability, row.id, row.state.kind());
        if let Err(error) = self.record(entry).await {
            tracing::warn!(action = %row.id, code = error.code.name(), "an outcome couldn't be written into the ledger");
        }
        if row.content.is_none() {
            self.outbox.untidy.store(true, Ordering::Relaxed);
        }
        if row.content.is_none() && !row.files.is_empty() {
            // Nothing goes on from there any more; what fails here is only an address that ends by itself.
            let _ = self.vault.delete(&Item::Upload(row.id)).await;
        }
        self.show_action(row);
        let troubled = match row.state {
            // Left alone by the person, who needs no telling.
            ActionState::Failed { ref error, .. } => error.code != ErrorCode::OutcomeUnknown,
            ActionState::Expired { .. } => true,
            ActionState::OutcomeUnknown { asking, .. } => !asking,
            _ => false,
        };
        if troubled && let Some(connection) = self.roster.get(row.connection) {
            self.notices.not_sent(self, self.view(&connection));
        }
    }

    /// When a row that was on the wire runs out of time.
    pub(super) fn expiry(&self, row: &OutboxRow) -> Timestamp {
        if let ActionState::Queued { expires, .. } = row.state {
            return expires;
        }
        later(row.created_at, self.waits_s(row.capability))
    }
}

/// The row in its new state, without what it must not hold any longer.
pub(crate) fn ended(row: OutboxRow, state: ActionState) -> OutboxRow {
    let keeps_content = matches!(state, ActionState::OutcomeUnknown { .. });
    OutboxRow {
        content: row.content.filter(|_| keeps_content),
        files: row
            .files
            .into_iter()
            .map(|file| if keeps_content { file } else { wiped(file) })
            .collect(),
        state,
        ..row
    }
}

/// Names are contents too; sizes are what figures are made of.
fn wiped(file: store::QueuedFile) -> store::QueuedFile {
    store::QueuedFile {
        path: String::new(),
        name: String::new(),
        sha256: String::new(),
        ..file
    }
}

/// Does the service recognise a repeat of this write?
pub(super) fn repeatable(row: &OutboxRow) -> Idempotency {
    integration(&row.integration)
        .ok()
        .and_then(|service| service.facts().idempotency.get(&row.capability).copied())
        .unwrap_or(Idempotency::None)
}

/// Can the service be asked whether it happened?
pub(super) fn can_ask(connection: &ConnectionRow, row: &OutboxRow) -> bool {
    row.capability == Capability::MailSend
        && integrations::find(&connection.integration)
            .and_then(|service| service.mail())
            .is_some_and(|mail| mail.can_find_sent(&connection.granted))
}
