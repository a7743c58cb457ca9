//! This process's way to the hub, and what it knows of it: which connections there are, and how writes move on.
//!
//! What is known is kept fresh by events, so that listing tools asks nothing. A hub that goes away is waited for; only
//! a call starts one.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use futures_util::StreamExt;
use link::Session;
use model::{
    ActionId, ActionView, Admission, ClientInfo, ConnectionView, Error, ErrorCode, Event, Progress,
    Request, Response, Texts, door::EventStream,
};
use tokio::{
    sync::{broadcast, watch},
    task::AbortHandle,
    time::{sleep, timeout},
};

use crate::FIRST_QUESTION;

/// A hub that has to be started first, and its keychain woken.
const FIRST_ANSWER_WITHIN: Duration = Duration::from_secs(15);
/// Between two tries to listen to a hub that answers nothing sensible.
const BREATH: Duration = Duration::from_secs(1);
/// What waits for a follower that is busy; one that misses some asks.
const BACKLOG: usize = 256;
/// Clients behind one process that are told apart.
const MOST_CLIENTS: usize = 16;

/// What is known of the hub.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// Counts connections to a hub: between two of them something may have been missed.
    pub(crate) hub: u64,
    /// The first try to learn anything is over.
    pub(crate) tried: bool,
    /// `None` = not let in, or no hub.
    pub(crate) connections: Option<Vec<ConnectionView>>,
}

pub(crate) struct Reach {
    session: Session,
    pub(crate) texts: Texts,
    /// How long a call waits for the end of a write.
    pub(crate) patience: Duration,
    seen: watch::Sender<Seen>,
    writes: broadcast::Sender<Arc<ActionView>>,
    downloads: broadcast::Sender<(ActionId, Progress)>,
    clients: Mutex<Vec<ClientInfo>>,
    listening: Mutex<Option<AbortHandle>>,
}

impl Reach {
    /// Connects, and listens from now on.
    pub(crate) fn begin(session: Session, patience: Duration) -> Arc<Self> {
        let reach = Arc::new(Self {
            session: session.clone(),
            texts: Texts::english(),
            patience,
            seen: watch::Sender::new(Seen::default()),
            writes: broadcast::Sender::new(BACKLOG),
            downloads: broadcast::Sender::new(BACKLOG),
            clients: Mutex::default(),
            listening: Mutex::default(),
        });
        let task = tokio::spawn(listen(Arc::downgrade(&reach), session));
        *lock(&reach.listening) = Some(task.abort_handle());
        reach
    }

    /// Asks the hub, whichever holds the profile by then.
    pub(crate) async fn ask(&self, request: Request) -> Result<Response, Error> {
        self.session.ask(request).await
    }

    /// Told to the hub once for each client there is; believed nowhere.
    pub(crate) fn meet(self: &Arc<Self>, client: ClientInfo) {
        {
            let mut clients = lock(&self.clients);
            if clients.contains(&client) || clients.len() >= MOST_CLIENTS {
                return;
            }
            clients.push(client.clone());
        }
        // Otherwise it is told once there is a hub to tell.
        if self.seen.borrow().hub > 0 {
            let reach = Arc::clone(self);
            tokio::spawn(async move { reach.introduce(client).await });
        }
    }

    async fn introduce(&self, client: ClientInfo) {
        let client = Some(client);
        // A hub that doesn't want to know serves us all the same.
        let _ = self.ask(Request::Introduce { client }).await;
    }

    /// What is known, once the first try to learn it is over.
    pub(crate) async fn seen(&self) -> Seen {
        let mut seen = self.seen.subscribe();
        let _ = timeout(FIRST_ANSWER_WITHIN, seen.wait_for(|seen| seen.tried)).await;
        self.seen.borrow().clone()
    }

    pub(crate) fn watch(&self) -> watch::Receiver<Seen> {
        self.seen.subscribe()
    }

    pub(crate) fn writes(&self) -> broadcast::Receiver<Arc<ActionView>> {
        self.writes.subscribe()
    }

    pub(crate) fn downloads(&self) -> broadcast::Receiver<(ActionId, Progress)> {
        self.downloads.subscribe()
    }

    /// The connections as the hub tells them now, or why it doesn't.
    pub(crate) async fn connections(&self) -> Result<Vec<ConnectionView>, Error> {
        let answer = self.ask(Request::ListConnections).await;
        self.learn(answer)
    }

    fn learn(&self, answer: Result<Response, Error>) -> Result<Vec<ConnectionView>, Error> {
        match answer {
            Ok(Response::Connections(connections)) => {
                self.know(Some(connections.clone()));
                Ok(connections)
            }
            Ok(_) => Err(unexpected()),
            Err(error) => {
                if matches!(error.code, ErrorCode::NotAdmitted | ErrorCode::AgentsPaused) {
                    self.know(None);
                }
                Err(error)
            }
        }
    }

    fn know(&self, connections: Option<Vec<ConnectionView>>) {
        self.seen.send_if_modified(|seen| {
            let is_new = seen.connections != connections;
            seen.connections = connections;
            is_new
        });
    }

    /// A new connection to a hub: what was known may be old, and it knows nothing of our clients.
    async fn met_hub(&self, answer: Result<Response, Error>) {
        let known = self.learn(answer).is_ok();
        self.seen.send_modify(|seen| {
            seen.hub += 1;
            seen.tried = true;
            if !known {
                seen.connections = None;
            }
        });
        let clients = lock(&self.clients).clone();
        for client in clients {
            self.introduce(client).await;
        }
    }

    async fn take(&self, event: Event) {
        match event {
            Event::Action { action } => {
                let _ = self.writes.send(Arc::from(action));
            }
            Event::Download { id, progress } => {
                let _ = self.downloads.send((id, progress));
            }
            Event::ConnectionChanged { connection } => {
                self.seen.send_modify(|seen| upsert(seen, connection));
            }
            Event::ConnectionRemoved { id } => self.seen.send_modify(|seen| {
                if let Some(connections) = &mut seen.connections {
                    connections.retain(|one| one.id != id);
                }
            }),
            Event::CallerChanged { caller } => {
                let admitted = matches!(caller.admission, Admission::Admitted { .. });
                if admitted != self.seen.borrow().connections.is_some() {
                    let _ = self.connections().await;
                }
            }
            Event::CallerRemoved { .. } => self.know(None),
            Event::Settings { settings } => {
                if settings.agents_paused {
                    self.know(None);
                } else if self.seen.borrow().connections.is_none() {
                    let _ = self.connections().await;
                }
            }
            _ => {}
        }
    }
}

impl Drop for Reach {
    fn drop(&mut self) {
        if let Some(task) = lock(&self.listening).take() {
            task.abort();
        }
    }
}

/// The first hub is started where none runs: somebody is about to need it. Later ones are waited for.
async fn listen(reach: Weak<Reach>, session: Session) {
    loop {
        let met = session.events_and(FIRST_QUESTION).await;
        if let Ok((events, connections)) = met {
            hear(&reach, events, connections).await;
        } else {
            let Some(reach) = reach.upgrade() else { return };
            reach.seen.send_modify(|seen| seen.tried = true);
            sleep(BREATH).await;
        }
        session.wait_for_hub().await;
    }
}

async fn hear(reach: &Weak<Reach>, mut events: EventStream, connections: Result<Response, Error>) {
    if let Some(reach) = reach.upgrade() {
        reach.met_hub(connections).await;
    }
    while let Some(event) = events.next().await {
        let Some(reach) = reach.upgrade() else { return };
        reach.take(event).await;
    }
}

fn upsert(seen: &mut Seen, connection: ConnectionView) {
    // Nothing is told to whom nothing may be listed.
    let Some(connections) = &mut seen.connections else {
        return;
    };
    match connections.iter_mut().find(|one| one.id == connection.id) {
        Some(known) => *known = connection,
        None => connections.push(connection),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The hub answered something else than was asked: a defect of ours.
pub(crate) fn unexpected() -> Error {
    Error::new(ErrorCode::Internal).detail("the hub answered something else than was asked")
}
