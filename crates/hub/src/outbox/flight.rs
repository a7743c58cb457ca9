//! One action under way: a fresh token, the write, and what came of it. Runs as a task of its own that closing waits
//! for; whoever asked may be long gone.

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::FutureExt as _;
use integrations::{CallError, Meter};
use model::{ActionId, ActionState, Progress, Secret, Waiting};
use store::{ConnectionRow, OutboxRow};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Instant,
};
use tokio_util::sync::CancellationToken;
use vault::{Item, UploadSession, VaultError};

use super::{Outbox, journal::FlightJournal, perform, queue::later_by};
use crate::{
    calls::{CallFailure, Whose},
    core::{Core, integration},
    ledger::NewEntry,
    reads::tallied,
    retry,
};

/// What waits for the person is looked at this often; what changes it wakes the outbox besides.
const ASK_PERSON_AGAIN: Duration = Duration::from_secs(30);

/// A vault that doesn't answer is asked again after this.
const VAULT_AGAIN: Duration = Duration::from_secs(2);

pub(super) struct Flight {
    pub(super) id: ActionId,
    row: Mutex<OutboxRow>,
    resume: Mutex<UploadSession>,
    moved: Mutex<Option<(Progress, Instant)>>,
    permit: Mutex<Option<OwnedSemaphorePermit>>,
    cancelled: CancellationToken,
}

impl std::fmt::Debug for Flight {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Flight").field(&self.id).finish()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Flight {
    pub(super) fn new(row: OutboxRow) -> Self {
        Self {
            id: row.id,
            row: Mutex::new(row),
            resume: Mutex::default(),
            moved: Mutex::default(),
            permit: Mutex::default(),
            cancelled: CancellationToken::new(),
        }
    }

    pub(super) fn row(&self) -> MutexGuard<'_, OutboxRow> {
        lock(&self.row)
    }

    pub(super) fn progress(&self) -> Option<Progress> {
        lock(&self.moved).map(|(progress, _)| progress)
    }

    /// True when it is time to show it.
    pub(super) fn moved(&self, progress: Progress, now: Instant, every: Duration) -> bool {
        let mut moved = lock(&self.moved);
        let due = moved.is_none_or(|(_, shown)| now.duration_since(shown) >= every);
        let shown = match *moved {
            Some((_, shown)) if !due => shown,
            _ => now,
        };
        *moved = Some((progress, shown));
        due
    }

    pub(super) fn kept(&self, part: u32) -> Option<Secret> {
        lock(&self.resume).parts.get(&part).cloned()
    }

    pub(super) fn keep(&self, part: u32, resume: Secret) -> UploadSession {
        let mut session = lock(&self.resume);
        // Files are sent one after another: what came before is done.
        session.parts.retain(|number, _| *number >= part);
        session.parts.insert(part, resume);
        session.clone()
    }

    pub(super) fn cancel(&self) {
        self.cancelled.cancel();
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.cancelled.is_cancelled()
    }

    /// One of the connection's places on the wire, kept until the flight ends. Only taken once the limits let it go,
    /// so that whatever waits for a limit holds up nothing else.
    pub(super) async fn take_wire(&self, outbox: &Outbox) {
        if lock(&self.permit).is_some() {
            return;
        }
        let connection = self.row().connection;
        let wire: Arc<Semaphore> = outbox.wire(connection);
        if let Ok(permit) = wire.acquire_owned().await {
            *lock(&self.permit) = Some(permit);
        }
    }
}

impl Core {
    /// One try of a queued action, to whatever end: also a panic in an integration ends only this one.
    pub(super) async fn fly(self: Arc<Self>, flight: Arc<Flight>) {
        let flown = AssertUnwindSafe(self.fly_once(&flight))
            .catch_unwind()
            .await;
        if flown.is_err() {
            tracing::error!(action = %flight.id, "an action ended in a defect of ours");
            let row = flight.row().clone();
            let (from, at) = (row.state.kind(), self.clock.now());
            let error = model::Error::new(model::ErrorCode::Internal);
            let state = match row.state {
                // Nobody knows how far it came.
                ActionState::Sending { .. } => ActionState::OutcomeUnknown {
                    at,
                    error,
                    asking: false,
                },
                _ => ActionState::Failed { at, error },
            };
            self.end_flight(from, row, state).await;
        }
        self.outbox.flights().remove(&flight.id);
        self.outbox.wake();
    }

    async fn fly_once(self: &Arc<Self>, flight: &Arc<Flight>) {
        let row = flight.row().clone();
        if let ActionState::Queued { expires, .. } = row.state
            && expires <= self.clock.now()
        {
            let at = self.clock.now();
            self.end_flight("queued", row, ActionState::Expired { at })
                .await;
        } else if let Some(connection) = self.roster.get(row.connection) {
            self.try_action(flight, &connection).await;
        } else {
            let error = model::Error::new(model::ErrorCode::UnknownConnection)
                .with("connection", &row.account);
            let at = self.clock.now();
            self.end_flight("queued", row, ActionState::Failed { at, error })
                .await;
        }
    }

    async fn try_action(self: &Arc<Self>, flight: &Arc<Flight>, connection: &ConnectionRow) {
        if connection.paused {
            self.wait_for_person(flight).await;
            return;
        }
        if !flight.row().files.is_empty() {
            let item = Item::Upload(flight.id);
            match self.vault.read::<UploadSession>(&item).await {
                Ok(session) => *lock(&flight.resume) = session.unwrap_or_default(),
                // Begun anew: what it says is lost.
                Err(VaultError::Unreadable) => {}
                Err(VaultError::Locked | VaultError::NoKeychain) => {
                    self.wait_for_person(flight).await;
                    return;
                }
                // What has arrived must not be sent again only because the vault has no time.
                Err(_) => {
                    let wait = retry::pause(1, Some(VAULT_AGAIN));
                    self.requeue(flight, Waiting::Later, wait).await;
                    return;
                }
            }
        }
        flight.row().tries += 1;
        let meter = Arc::new(Meter::default());
        let started = Instant::now();
        let outcome = self.write_once(flight, connection, &meter).await;
        let result = outcome
            .as_ref()
            .map(|_| ())
            .map_err(|failure| self.call_error(failure, &Whose::from(connection)));
        if meter.requests() > 0 {
            let row = flight.row().clone();
            let entry = NewEntry::call(connection, &row.caller, row.capability).action(row.id);
            self.ledger.note(tallied(entry, &meter, started, &result));
        }
        if let Err(failure) = &outcome {
            self.doubt(connection, failure).await;
        }
        self.conclude(flight, connection, outcome).await;
    }

    async fn write_once(
        self: &Arc<Self>,
        flight: &Arc<Flight>,
        connection: &ConnectionRow,
        meter: &Arc<Meter>,
    ) -> Result<(), CallFailure> {
        let service = integration(&connection.integration)
            .map_err(|error| CallFailure::Token(crate::broker::NoToken::Ours(error)))?;
        self.play_a_defect(&connection.integration);
        let fresh = self
            .fresh_token(connection.id)
            .await
            .map_err(CallFailure::Token)?;
        let caller = flight.row().caller.clone();
        let chat = match &flight.row().content {
            Some(model::Action::SendMessage(message)) => Some(message.chat.clone()),
            _ => None,
        };
        let chat = match chat {
            Some(name) => Some(
                self.chat_id(connection, &name)
                    .await
                    .map_err(|error| CallFailure::Token(crate::broker::NoToken::Ours(error)))?,
            ),
            None => None,
        };
        let journal = Arc::new(FlightJournal {
            core: Arc::clone(self),
            flight: Arc::clone(flight),
        });
        let write = |session: integrations::Session| {
            let (journal, chat) = (Arc::clone(&journal), chat.clone());
            let row = flight.row().clone();
            let future: futures_core::future::BoxFuture<'_, Result<Option<String>, CallError>> =
                Box::pin(async move {
                    perform::perform(service, connection, &row, chat, &session, &journal).await
                });
            future
        };
        let moved_to = self
            .once(&caller, connection, &fresh, meter, &write)
            .await?;
        if let (Some(from), Some(to)) = (chat, moved_to) {
            let id = connection.id;
            // Only a name is lost if this fails; the next message is told again.
            let _ = self
                .db(move |store| store.chats().rename(id, &from, &to))
                .await;
        }
        Ok(())
    }

    pub(super) async fn wait_for_person(self: &Arc<Self>, flight: &Arc<Flight>) {
        self.requeue(flight, Waiting::Person, ASK_PERSON_AGAIN)
            .await;
    }

    /// Nothing happened yet: it waits, within its time.
    pub(super) async fn requeue(
        self: &Arc<Self>,
        flight: &Arc<Flight>,
        why: Waiting,
        wait: Duration,
    ) {
        let row = flight.row().clone();
        let from = row.state.kind();
        let now = self.clock.now();
        let expires = self.expiry(&row);
        if expires <= now {
            self.end_flight(from, row, ActionState::Expired { at: now })
                .await;
            return;
        }
        let queued = OutboxRow {
            state: ActionState::Queued {
                not_before: later_by(now, wait).min(expires),
                expires,
                why,
            },
            ..row
        };
        if self.advance_at_last(from, &queued).await == Some(true) {
            self.show_action(&queued);
        }
    }
}
