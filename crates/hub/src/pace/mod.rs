//! The services' limits, kept ahead of time: whoever calls waits here rather than being told to by a 429.
//!
//! A limit counts what was spent in a window that slides, as the services do; spending is reserved in the order of
//! asking, so a burst of any size takes exactly as long as the limits demand. Windows are shared by all callers of a
//! connection, some by all connections of one client registration. Times are tokio's, so a paused clock moves them.
//!
//! A chat's own limit is waited for first, holding the chat's turn, so that one busy chat never holds up another; and
//! within a limit that connections share, one that waits for its own leaves the time before to the others.

mod window;

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use integrations::{ChatTarget, Facts, Pacer, RateLimit, Shared};
use model::{ConnectionId, IntegrationId};
use tokio::time::Instant;
use window::Window;

/// Chats that were quiet this long are forgotten: their windows are empty by then.
const FORGET_AFTER: Duration = Duration::from_secs(10 * 60);

/// All limits of a hub.
#[derive(Debug, Default)]
pub(crate) struct Paces(Mutex<Kept>);

/// Provider and client id.
type Registration = (String, String);
type SharedWindows = Arc<Mutex<Vec<Window>>>;

#[derive(Debug, Default)]
struct Kept {
    connections: HashMap<ConnectionId, Arc<Pace>>,
    /// What a client registration may do at each of the services it is good for.
    registrations: HashMap<(IntegrationId, Registration), SharedWindows>,
    quotas: BTreeMap<IntegrationId, u32>,
}

impl Paces {
    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The limits of one connection; `registration` is whose client it was made with, if any.
    pub(crate) fn of(
        &self,
        connection: ConnectionId,
        facts: &Facts,
        registration: Option<Registration>,
    ) -> Arc<Pace> {
        let mut kept = self.lock();
        if let Some(pace) = kept.connections.get(&connection) {
            return Arc::clone(pace);
        }
        let shared = registration.map(|name| {
            let limits = windows(facts, Shared::Registration, None);
            let all = kept
                .registrations
                .entry((facts.id.clone(), name))
                .or_insert_with(|| Arc::new(Mutex::new(limits)));
            Arc::clone(all)
        });
        let own = windows(
            facts,
            Shared::Connection,
            kept.quotas.get(&facts.id).copied(),
        );
        let pace = Arc::new(Pace {
            integration: Some(facts.id.clone()),
            own: Mutex::new(own),
            shared,
            per_target: facts
                .rate_limits
                .iter()
                .filter(|limit| limit.shared == Shared::Target)
                .cloned()
                .collect(),
            targets: Mutex::default(),
        });
        kept.connections.insert(connection, Arc::clone(&pace));
        pace
    }

    pub(crate) fn forget(&self, connection: ConnectionId) {
        self.lock().connections.remove(&connection);
    }

    /// The person's project has other quotas than the usual. What was spent stays spent.
    pub(crate) fn set_quotas(&self, quotas: &BTreeMap<IntegrationId, u32>) {
        let mut kept = self.lock();
        kept.quotas.clone_from(quotas);
        for pace in kept.connections.values() {
            let quota = pace
                .integration
                .as_ref()
                .and_then(|id| quotas.get(id))
                .copied();
            let mut own = pace.own.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(longest) = own.iter_mut().max_by_key(|window| window.span) {
                longest.units = quota.unwrap_or(longest.usual);
            }
        }
    }
}

/// The limits of one connection; by default none.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    integration: Option<IntegrationId>,
    own: Mutex<Vec<Window>>,
    shared: Option<SharedWindows>,
    per_target: Vec<RateLimit>,
    targets: Mutex<HashMap<String, Target>>,
}

#[derive(Clone, Debug)]
struct Target {
    turn: Arc<tokio::sync::Mutex<Vec<Window>>>,
    used_at: Instant,
}

impl Pace {
    /// One part in so many of a service's limits, by themselves.
    pub(crate) fn share_of(facts: &Facts, parts: u32) -> Self {
        let limits = facts.rate_limits.iter();
        let own = limits
            .filter(|limit| limit.shared != Shared::Target)
            .map(|limit| {
                let mut window = Window::new(limit);
                window.units = (window.units / parts).max(1);
                window
            })
            .collect();
        Self {
            integration: Some(facts.id.clone()),
            own: Mutex::new(own),
            ..Self::default()
        }
    }

    /// The service asks for a pause after all (somebody else draws on the same limit): nobody calls before it is over.
    pub(crate) fn pause(&self, wait: Duration) {
        let until = Instant::now() + wait;
        for window in lock(&self.own).iter_mut() {
            window.not_before = window.not_before.max(Some(until));
        }
    }

    fn target(&self, to: &ChatTarget) -> Arc<tokio::sync::Mutex<Vec<Window>>> {
        let now = Instant::now();
        let mut targets = self.targets.lock().unwrap_or_else(PoisonError::into_inner);
        targets.retain(|_, target| now.duration_since(target.used_at) < FORGET_AFTER);
        let target = targets.entry(to.id.clone()).or_insert_with(|| {
            let limits = self
                .per_target
                .iter()
                .filter(|limit| limit.kind.as_deref().is_none_or(|kind| kind == to.kind))
                .map(Window::new)
                .collect();
            Target {
                turn: Arc::new(tokio::sync::Mutex::new(limits)),
                used_at: now,
            }
        });
        target.used_at = now;
        Arc::clone(&target.turn)
    }

    /// The moment at which these units may be spent, reserved.
    fn reserve(&self, units: u32, not_before: Instant) -> Instant {
        let mut own = lock(&self.own);
        let mut shared = self.shared.as_deref().map(lock);
        let shared = shared.as_deref_mut().map_or(&mut [][..], Vec::as_mut_slice);
        let mut at = not_before;
        // Moving on for one window can be too early for another again.
        loop {
            let later = own.iter().fold(at, |at, window| window.in_turn(units, at));
            let later = shared
                .iter()
                .fold(later, |at, window| window.in_between(units, at));
            if later == at {
                break;
            }
            at = later;
        }
        for window in own.iter_mut().chain(shared) {
            window.spend(units, at);
        }
        at
    }
}

#[async_trait]
impl Pacer for Pace {
    async fn take(&self, units: u32, to: Option<&ChatTarget>) {
        let at = match to {
            None => self.reserve(units, Instant::now()),
            Some(to) => {
                let turn = self.target(to);
                let mut windows = turn.lock().await;
                // A message counts once for its chat, whatever it costs the connection.
                let mut chat_free = Instant::now();
                for window in windows.iter_mut() {
                    chat_free = chat_free.max(window.in_turn(1, chat_free));
                }
                tokio::time::sleep_until(chat_free).await;
                let at = self.reserve(units, Instant::now());
                for window in windows.iter_mut() {
                    window.spend(1, at);
                }
                at
            }
        };
        tokio::time::sleep_until(at).await;
    }
}

fn windows(facts: &Facts, shared: Shared, quota: Option<u32>) -> Vec<Window> {
    let mut windows: Vec<Window> = facts
        .rate_limits
        .iter()
        .filter(|limit| limit.shared == shared)
        .map(Window::new)
        .collect();
    if let Some(quota) = quota
        && let Some(longest) = windows.iter_mut().max_by_key(|window| window.span)
    {
        longest.units = quota;
    }
    windows
}

fn lock(windows: &Mutex<Vec<Window>>) -> MutexGuard<'_, Vec<Window>> {
    windows.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
#[path = "../tests/pace.rs"]
mod tests;
