//! The dedicated thread that makes every keychain and file call, and what happens when a call hangs.
//!
//! A locked keyring with a prompter blocks its caller for as long as nobody answers the prompt, and no
//! call can be interrupted. So each has a deadline on this side of the thread: when it passes, the state
//! says locked, further calls are refused at once instead of queueing up behind it, and the next check
//! leaves the thread to its prompt and starts another. If the prompt is answered after all, a thread that
//! wasn't replaced goes on as if nothing had happened; a replaced one ends, and writes nothing more.
//!
//! Here is the callers' side; the thread itself is in `worker`.

mod worker;

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use model::{VaultPlace, VaultState};
use tokio::sync::{oneshot, watch};

use self::worker::{Done, Job, News, Shared, Worker};
use crate::{
    error::VaultError,
    keeper::{Keeper, Ticket},
};

/// How many threads may hang on prompts before a check starts no more of them.
const MOST_LOST: usize = 3;
/// A caller waits for others before it, but not for ever: this many deadlines in all.
const PATIENCE: u32 = 4;

/// What to do about a thread that hangs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum IfHung {
    Refuse,
    /// Leave it and start another, if not too many were left already.
    Replace,
    /// The same, for what only a person asks for: it must not fail because of what checks did.
    ReplaceAnyway,
}

pub(crate) struct Desk {
    shared: Arc<Shared>,
    worker: Mutex<Option<Worker>>,
}

impl Desk {
    /// Starts the thread and, as its first job, the round trip.
    pub(crate) fn open(
        deadline: Duration,
        keeper: impl Fn() -> Keeper + Send + Sync + 'static,
    ) -> Self {
        let shared = Arc::new(Shared {
            keeper: Box::new(keeper),
            state: watch::Sender::new(VaultState::Opening),
            deadline,
            lost: AtomicUsize::new(0),
        });
        let desk = Self {
            worker: Mutex::new(None),
            shared,
        };
        match desk.shared.hire() {
            Ok(worker) => {
                *desk.worker() = Some(worker.clone());
                desk.shared.begin(&worker);
            }
            Err(error) => desk.shared.note(failing(&error)),
        }
        desk
    }

    pub(crate) fn watch(&self) -> watch::Receiver<VaultState> {
        self.shared.state.subscribe()
    }

    /// Has `work` done on the thread.
    ///
    /// # Errors
    /// What `work` says; `TimedOut` after the deadline; `Locked` at once if the thread hangs already.
    pub(crate) async fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Keeper, &Ticket) -> Result<T, VaultError> + Send + 'static,
    ) -> Result<T, VaultError> {
        self.send(IfHung::Refuse, self.shared.deadline, |keeper, ticket| {
            let outcome = work(keeper, ticket);
            let news = match &outcome {
                Ok(_) => News::Fine,
                // An error that is about this one call still came from a place that answers.
                Err(error) => error.state(keeper.place()).map_or(News::Fine, News::State),
            };
            (outcome, news)
        })
        .await
    }

    /// Has `work` done on the thread without letting it say anything about the vault as a whole.
    ///
    /// # Errors
    /// As for [`Self::call`].
    pub(crate) async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Keeper, &Ticket) -> Result<T, VaultError> + Send + 'static,
    ) -> Result<T, VaultError> {
        self.send(IfHung::Refuse, self.shared.deadline, |keeper, ticket| {
            (work(keeper, ticket), News::Nothing)
        })
        .await
    }

    /// Has `work` done on the thread, and the round trip after it; its outcome becomes the state.
    ///
    /// # Errors
    /// As for [`Self::call`].
    pub(crate) async fn prove_after(
        &self,
        if_hung: IfHung,
        at_least: Duration,
        work: impl FnOnce(&mut Keeper, &Ticket) -> Result<(), VaultError> + Send + 'static,
    ) -> Result<VaultState, VaultError> {
        let deadline = self.shared.deadline.max(at_least);
        self.send(if_hung, deadline, |keeper, ticket| {
            if let Err(error) = work(keeper, ticket) {
                return (Err(error), News::Nothing);
            }
            // Worth finishing for the state's sake, even if whoever asked has left.
            let state = keeper.round_trip(&ticket.of_nobody());
            (Ok(state.clone()), News::State(state))
        })
        .await
    }

    /// Lets queued calls finish and ends the thread. Later calls fail.
    pub(crate) async fn close(&self) {
        // Behind everything that is queued already; whether it is ever answered changes nothing.
        let _ = self.aside(|_, _| Ok(())).await;
        *self.worker() = None;
    }

    async fn send<T: Send + 'static>(
        &self,
        if_hung: IfHung,
        deadline: Duration,
        work: impl FnOnce(&mut Keeper, &Ticket) -> (Result<T, VaultError>, News) + Send + 'static,
    ) -> Result<T, VaultError> {
        let worker = self.worker_for(if_hung)?;
        let (answer, mut answered) = oneshot::channel();
        let caller_left = Arc::new(AtomicBool::new(false));
        let job: Job = Box::new(|keeper, ticket| {
            let (outcome, news) = work(keeper, ticket);
            Done {
                news,
                // A caller that left needs no answer.
                answer: Box::new(|| drop(answer.send(outcome))),
            }
        });
        worker
            .jobs
            .send((job, deadline, caller_left.clone()))
            .map_err(|_| closed())?;

        let asked = Instant::now();
        let patience = deadline.max(self.shared.deadline) * PATIENCE;
        loop {
            let wait = worker.pulse.left().unwrap_or(deadline);
            match tokio::time::timeout(wait, &mut answered).await {
                Ok(Ok(outcome)) => return outcome,
                // Its sender is only ever dropped unused when the job panicked.
                Ok(Err(_)) => return Err(VaultError::Failed("the call broke off".to_owned())),
                Err(_) => {
                    let hangs = worker.pulse.hangs();
                    if !hangs && asked.elapsed() < patience {
                        continue;
                    }
                    caller_left.store(true, Ordering::SeqCst);
                    if hangs {
                        self.shared.note_hung(&worker.pulse);
                    }
                    return answered.try_recv().unwrap_or(Err(VaultError::TimedOut));
                }
            }
        }
    }

    /// The thread to ask, replaced first if it hangs and may be.
    fn worker_for(&self, if_hung: IfHung) -> Result<Worker, VaultError> {
        let mut seat = self.worker();
        let worker = seat.as_ref().ok_or_else(closed)?;
        if !worker.pulse.hangs() {
            return Ok(worker.clone());
        }
        self.shared.note_hung(&worker.pulse);
        let lost = self.shared.lost.load(Ordering::SeqCst);
        if if_hung == IfHung::Refuse || (if_hung == IfHung::Replace && lost >= MOST_LOST) {
            return Err(match worker.pulse.place() {
                VaultPlace::Keychain => VaultError::Locked,
                VaultPlace::File => VaultError::TimedOut,
            });
        }
        let next = self.shared.hire().map_err(|error| spawn_failed(&error))?;
        self.shared.lost.fetch_add(1, Ordering::SeqCst);
        worker.pulse.replaced.store(true, Ordering::SeqCst);
        *seat = Some(next.clone());
        Ok(next)
    }

    fn worker(&self) -> MutexGuard<'_, Option<Worker>> {
        self.worker.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn closed() -> VaultError {
    VaultError::Failed("the vault was closed".to_owned())
}

fn spawn_failed(error: &std::io::Error) -> VaultError {
    VaultError::Failed(format!("no thread for the vault: {error}"))
}

fn failing(error: &std::io::Error) -> VaultState {
    VaultState::Failing {
        place: VaultPlace::Keychain,
        reason: spawn_failed(error).to_string(),
    }
}
