//! Writes: kept before they are sent, sent once, and told about to their end.
//!
//! [`queue`] checks and keeps a write; [`dispatch`] starts what is due; [`flight`] is one try, with [`journal`] telling
//! the table what may have happened; [`ending`] says what an outcome means; [`asking`] asks the service about a write
//! whose answer was lost; [`decisions`] are the person's: take back, send now, send again, leave it.
//!
//! Every change of a row names the state it changes from, so that of two who change it the quicker one has the say.

mod asking;
mod decisions;
mod dispatch;
mod ending;
mod flight;
mod journal;
mod perform;
mod queue;
mod recover;

pub(crate) use ending::ended;
pub(crate) use queue::later;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::AtomicBool},
    time::Duration,
};

use integrations::LocalFile;
use model::{
    ActionFile, ActionFilter, ActionId, ActionView, Capability, ConnectionId, Error, ErrorCode,
    Event,
};
use store::{OutboxRow, QueuedFile};
use tokio::sync::{Notify, OwnedMutexGuard, Semaphore};

use crate::core::Core;
use flight::Flight;

/// Between two tries to keep what has happened.
const KEEP_AGAIN: Duration = Duration::from_secs(1);
const KEEP_AGAIN_AT_MOST: Duration = Duration::from_secs(30);
/// Requests of one connection on the wire at once.
const ON_WIRE: usize = 6;
/// Actions a list shows when nobody says how many.
const LISTED: u32 = 200;
const MOST_LISTED: u32 = 1000;
const UPLOADS_WAIT_H: u32 = 7 * 24;

#[derive(Debug, Default)]
pub(crate) struct Outbox {
    flights: Mutex<HashMap<ActionId, Arc<Flight>>>,
    wires: Mutex<HashMap<ConnectionId, Arc<Semaphore>>>,
    askers: asking::Askers,
    /// Held from counting a caller's writes until the next one is a row: of many at once, none may be counted without
    /// the others. Neither a file is read nor a service asked meanwhile.
    counting: Arc<tokio::sync::Mutex<()>>,
    /// Something was queued, or may be due now.
    due: Notify,
    /// Contents were wiped from the table since the database's log was last emptied.
    untidy: AtomicBool,
}

impl Outbox {
    /// Looks at what is queued, now.
    pub(crate) fn wake(&self) {
        self.due.notify_one();
    }

    async fn counting(&self) -> OwnedMutexGuard<()> {
        Arc::clone(&self.counting).lock_owned().await
    }

    fn flights(&self) -> MutexGuard<'_, HashMap<ActionId, Arc<Flight>>> {
        self.flights.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn flight(&self, id: ActionId) -> Option<Arc<Flight>> {
        self.flights().get(&id).cloned()
    }

    fn wire(&self, connection: ConnectionId) -> Arc<Semaphore> {
        let mut wires = self.wires.lock().unwrap_or_else(PoisonError::into_inner);
        let wire = wires
            .entry(connection)
            .or_insert_with(|| Arc::new(Semaphore::new(ON_WIRE)));
        Arc::clone(wire)
    }
}

impl Core {
    pub(crate) async fn action(&self, id: ActionId) -> Result<ActionView, Error> {
        self.outbox_row(id).await.map(|row| self.action_view(&row))
    }

    pub(crate) async fn actions(&self, filter: ActionFilter) -> Result<Vec<ActionView>, Error> {
        let limit = filter.limit.unwrap_or(LISTED).clamp(1, MOST_LISTED);
        let rows = self
            .db(move |store| {
                store
                    .outbox()
                    .list(filter.connection, filter.open_only, limit)
            })
            .await?;
        Ok(rows.iter().map(|row| self.action_view(row)).collect())
    }

    /// Seconds an action waits for a better moment. An upload may take days by itself, and Google keeps what has
    /// arrived of one for a week.
    pub(crate) fn waits_s(&self, capability: Capability) -> u32 {
        let hours = self.settings.get().queue_expiry_h;
        let hours = match capability {
            Capability::FilesUpload => hours.max(UPLOADS_WAIT_H),
            _ => hours,
        };
        hours.saturating_mul(3600)
    }

    pub(crate) async fn outbox_row(&self, id: ActionId) -> Result<OutboxRow, Error> {
        self.quick_db(move |store| store.outbox().get(id))
            .await?
            .ok_or_else(|| Error::new(ErrorCode::UnknownAction).with("action", id))
    }

    /// The row as the faces see it.
    pub(crate) fn action_view(&self, row: &OutboxRow) -> ActionView {
        let name = integrations::find(&row.integration).map_or_else(
            || row.integration.to_string(),
            |one| one.facts().name.clone(),
        );
        ActionView {
            id: row.id,
            connection: row.connection,
            integration: row.integration.clone(),
            integration_name: name,
            account: row.account.clone(),
            capability: row.capability,
            caller: row.caller.clone(),
            created_at: row.created_at,
            state: row.state.clone(),
            outline: row.outline,
            content: row.content.clone(),
            // Wiped with the contents: an entry without a path is only a figure.
            files: row
                .files
                .iter()
                .filter(|file| !file.path.is_empty())
                .map(|file| ActionFile {
                    path: file.path.clone(),
                    name: file.name.clone(),
                    size: file.size,
                })
                .collect(),
            tries: row.tries,
            progress: self
                .outbox
                .flight(row.id)
                .and_then(|flight| flight.progress()),
        }
    }

    fn show_action(&self, row: &OutboxRow) -> ActionView {
        let view = self.action_view(row);
        self.emit(Event::Action {
            action: Box::new(view.clone()),
        });
        view
    }

    /// Writes a row that moves on from this state; false = somebody else was quicker.
    pub(crate) async fn advance(&self, from: &'static str, row: &OutboxRow) -> Result<bool, Error> {
        let row = row.clone();
        self.db(move |store| store.outbox().advance(from, &row))
            .await
    }

    /// The same for what has happened and can't be done over: tried until a full disk has room again or another program
    /// lets go of the database. `None` = the hub closed before; the next start looks at the row.
    async fn advance_at_last(&self, from: &'static str, row: &OutboxRow) -> Option<bool> {
        let mut pause = KEEP_AGAIN;
        loop {
            match self.advance(from, row).await {
                Ok(moved) => return Some(moved),
                Err(error) => {
                    tracing::warn!(action = %row.id, code = error.code.name(), "what came of an action can't be kept yet");
                }
            }
            tokio::select! {
                () = self.closing.cancelled() => return None,
                () = tokio::time::sleep(pause) => {}
            }
            pause = (pause * 2).min(KEEP_AGAIN_AT_MOST);
        }
    }
}

fn local_file(file: &QueuedFile) -> LocalFile {
    LocalFile {
        path: file.path.clone().into(),
        name: file.name.clone(),
        size: file.size,
        sha256: file.sha256.clone(),
        media_type: file.media_type.clone(),
    }
}
