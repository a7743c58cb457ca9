//! The dedicated thread that makes every keychain and file call, and what happens when a call hangs.
//!
//! A locked keyring with a prompter blocks its caller for as long as nobody answers the prompt, and no
//! call can be interrupted. So each has a deadline on this side of the thread: when it passes, the state
//! says locked, further calls are refused at once instead of queueing up behind it, and the next check
//! leaves the thread to its prompt and starts another. If the prompt is answered after all, a thread that
//! wasn't replaced goes on as if nothing had happened; a replaced one ends, and writes nothing more.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use model::{VaultPlace, VaultState};
use tokio::sync::{oneshot, watch};

use crate::{
    error::VaultError,
    keeper::{Keeper, Ticket},
};

/// How many threads may hang on prompts before a check starts no more of them.
const MOST_LOST: usize = 3;
/// A caller waits for others before it, but not for ever: this many deadlines in all.
const PATIENCE: u32 = 4;

type Job = Box<dyn FnOnce(&mut Keeper, &Ticket) -> Done + Send>;

/// What came of a job: what it says about the vault, and the answer to hand out after that was noted.
pub(crate) struct Done {
    news: News,
    answer: Box<dyn FnOnce()>,
}

enum News {
    State(VaultState),
    /// A call went through.
    Fine,
    Nothing,
}

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

struct Shared {
    keeper: Box<dyn Fn() -> Keeper + Send + Sync>,
    state: watch::Sender<VaultState>,
    deadline: Duration,
    lost: AtomicUsize,
}

#[derive(Clone)]
struct Worker {
    jobs: mpsc::Sender<(Job, Duration, Arc<AtomicBool>)>,
    pulse: Arc<Pulse>,
}

#[derive(Default)]
struct Pulse {
    /// When the job in hand must be over; `None` between jobs.
    due: Mutex<Option<Instant>>,
    in_file: AtomicBool,
    replaced: Arc<AtomicBool>,
}

impl Pulse {
    fn due(&self) -> MutexGuard<'_, Option<Instant>> {
        self.due.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hangs(&self) -> bool {
        self.due().is_some_and(|due| due <= Instant::now())
    }

    fn left(&self) -> Option<Duration> {
        self.due()
            .map(|due| due.saturating_duration_since(Instant::now()))
    }

    fn place(&self) -> VaultPlace {
        if self.in_file.load(Ordering::SeqCst) {
            VaultPlace::File
        } else {
            VaultPlace::Keychain
        }
    }
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
        work: impl FnOnce(&mut Keeper) -> Result<(), VaultError> + Send + 'static,
    ) -> Result<VaultState, VaultError> {
        let deadline = self.shared.deadline.max(at_least);
        self.send(if_hung, deadline, |keeper, ticket| {
            if let Err(error) = work(keeper) {
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

impl Shared {
    fn hire(self: &Arc<Self>) -> std::io::Result<Worker> {
        let (jobs, queue) = mpsc::channel();
        let pulse = Arc::new(Pulse::default());
        let worker = Worker {
            jobs,
            pulse: pulse.clone(),
        };
        let shared = self.clone();
        thread::Builder::new()
            .name("vault".to_owned())
            .spawn(move || {
                shared.serve(&queue, &pulse);
                if pulse.replaced.load(Ordering::SeqCst) {
                    shared.lost.fetch_sub(1, Ordering::SeqCst);
                }
            })?;
        Ok(worker)
    }

    fn serve(&self, queue: &mpsc::Receiver<(Job, Duration, Arc<AtomicBool>)>, pulse: &Arc<Pulse>) {
        *pulse.due() = Some(Instant::now() + self.deadline);
        let mut keeper = (self.keeper)();
        pulse
            .in_file
            .store(keeper.place() == VaultPlace::File, Ordering::SeqCst);
        *pulse.due() = None;

        for (job, deadline, caller_left) in queue {
            if caller_left.load(Ordering::SeqCst) {
                continue;
            }
            let ticket = Ticket {
                caller_left,
                thread_replaced: pulse.replaced.clone(),
            };
            let done = self.timed(pulse, deadline, || {
                catch_unwind(AssertUnwindSafe(|| job(&mut keeper, &ticket)))
            });
            if pulse.replaced.load(Ordering::SeqCst) {
                return;
            }
            let Ok(done) = done else {
                // Whatever was being done, it is in an unknown state now; the places themselves aren't.
                keeper = (self.keeper)();
                self.note(VaultState::Failing {
                    place: keeper.place(),
                    reason: "a call broke off".to_owned(),
                });
                continue;
            };
            pulse
                .in_file
                .store(keeper.place() == VaultPlace::File, Ordering::SeqCst);
            match done.news {
                News::State(state) => self.note(state),
                News::Fine if !self.state.borrow().is_unlocked() => {
                    let ticket = ticket.of_nobody();
                    let state = self.timed(pulse, self.deadline, || keeper.round_trip(&ticket));
                    if pulse.replaced.load(Ordering::SeqCst) {
                        return;
                    }
                    self.note(state);
                }
                News::Fine | News::Nothing => {}
            }
            (done.answer)();
        }
    }

    fn timed<T>(&self, pulse: &Pulse, deadline: Duration, work: impl FnOnce() -> T) -> T {
        *pulse.due() = Some(Instant::now() + deadline);
        let done = work();
        *pulse.due() = None;
        done
    }

    /// The first round trip has no caller who would notice that it hangs, so someone watches it.
    fn begin(self: &Arc<Self>, worker: &Worker) {
        let (over, watched) = mpsc::channel::<()>();
        let job: Job = Box::new(move |keeper, ticket| {
            let state = keeper.round_trip(ticket);
            Done {
                news: News::State(state),
                answer: Box::new(|| drop(over)),
            }
        });
        // The queue was made a moment ago; nobody can have closed it.
        let _ = worker
            .jobs
            .send((job, self.deadline, Arc::new(AtomicBool::new(false))));
        let (shared, pulse) = (self.clone(), worker.pulse.clone());
        let watcher = thread::Builder::new()
            .name("vault-opening".to_owned())
            .spawn(move || {
                while watched.recv_timeout(pulse.left().unwrap_or(shared.deadline))
                    == Err(mpsc::RecvTimeoutError::Timeout)
                {
                    if pulse.hangs() {
                        return shared.note_hung(&pulse);
                    }
                }
            });
        if let Err(error) = watcher {
            tracing::warn!(%error, "nobody watches the vault being opened");
        }
    }

    fn note(&self, state: VaultState) {
        self.state.send_if_modified(|former| {
            let changed = *former != state;
            if changed {
                tracing::info!(?state, "the vault's state changed");
                *former = state;
            }
            changed
        });
    }

    /// Under the pulse's lock, so that a thread that comes back this moment has the last word.
    fn note_hung(&self, pulse: &Pulse) {
        let due = pulse.due();
        if pulse.replaced.load(Ordering::SeqCst) || due.is_none_or(|due| due > Instant::now()) {
            return;
        }
        self.note(match pulse.place() {
            VaultPlace::Keychain => VaultState::Locked {
                place: VaultPlace::Keychain,
            },
            VaultPlace::File => VaultState::Failing {
                place: VaultPlace::File,
                reason: "a call doesn't return".to_owned(),
            },
        });
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
