//! The thread: it takes jobs off its queue, notes what they say about the vault, and hands out answers.
//! It never looks at a deadline; it only lets others see when the job in hand is due.

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
use tokio::sync::watch;

use crate::keeper::{Keeper, Ticket};

pub(super) type Job = Box<dyn FnOnce(&mut Keeper, &Ticket) -> Done + Send>;

/// What came of a job: what it says about the vault, and the answer to hand out after that was noted.
pub(super) struct Done {
    pub(super) news: News,
    pub(super) answer: Box<dyn FnOnce()>,
}

pub(super) enum News {
    State(VaultState),
    /// A call went through.
    Fine,
    Nothing,
}

/// What the handle and every thread of one vault have in common.
pub(super) struct Shared {
    pub(super) keeper: Box<dyn Fn() -> Keeper + Send + Sync>,
    pub(super) state: watch::Sender<VaultState>,
    pub(super) deadline: Duration,
    /// Threads that were left to their prompts and haven't come back.
    pub(super) lost: AtomicUsize,
}

#[derive(Clone)]
pub(super) struct Worker {
    pub(super) jobs: mpsc::Sender<(Job, Duration, Arc<AtomicBool>)>,
    pub(super) pulse: Arc<Pulse>,
}

#[derive(Default)]
pub(super) struct Pulse {
    /// When the job in hand must be over; `None` between jobs.
    due: Mutex<Option<Instant>>,
    in_file: AtomicBool,
    pub(super) replaced: Arc<AtomicBool>,
}

impl Pulse {
    fn due(&self) -> MutexGuard<'_, Option<Instant>> {
        self.due.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn hangs(&self) -> bool {
        self.due().is_some_and(|due| due <= Instant::now())
    }

    pub(super) fn left(&self) -> Option<Duration> {
        self.due()
            .map(|due| due.saturating_duration_since(Instant::now()))
    }

    pub(super) fn place(&self) -> VaultPlace {
        if self.in_file.load(Ordering::SeqCst) {
            VaultPlace::File
        } else {
            VaultPlace::Keychain
        }
    }
}

impl Shared {
    pub(super) fn hire(self: &Arc<Self>) -> std::io::Result<Worker> {
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
    pub(super) fn begin(self: &Arc<Self>, worker: &Worker) {
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

    pub(super) fn note(&self, state: VaultState) {
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
    pub(super) fn note_hung(&self, pulse: &Pulse) {
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
