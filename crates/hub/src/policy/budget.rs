//! What a caller may use up: so many requests a minute, and of a service's quota at most half, so that an agent in a
//! loop never eats what the person needs. Writes a day are counted in the outbox, which outlives a restart.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use integrations::{ChatTarget, Facts, Pacer};
use model::{Budget, Caller, ConnectionId};
use tokio::time::Instant;

use crate::pace::Pace;

const MINUTE: Duration = Duration::from_secs(60);
/// Of every limit, an agent's own share: one in so many.
const SHARE: u32 = 2;

/// For programs a person starts: there to stop a runaway script, not to be noticed.
pub(super) const PROGRAMS: Budget = Budget {
    per_minute: 10_000,
    writes_per_day: 100_000,
};

/// Requests of the last minute, by caller.
#[derive(Debug, Default)]
pub(super) struct Spent(Mutex<HashMap<Caller, VecDeque<Instant>>>);

impl Spent {
    /// Counts one request, or says how long it takes until one fits.
    pub(super) fn spend(&self, caller: &Caller, per_minute: u32) -> Result<(), Duration> {
        let now = Instant::now();
        let mut spent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let times = spent.entry(caller.clone()).or_default();
        while times.front().is_some_and(|at| *at + MINUTE <= now) {
            times.pop_front();
        }
        if times.len() >= usize::try_from(per_minute).unwrap_or(usize::MAX) {
            let free = times.front().map_or(now, |at| *at + MINUTE);
            return Err(free.duration_since(now));
        }
        times.push_back(now);
        Ok(())
    }

    pub(super) fn forget(&self, caller: &Caller) {
        let mut spent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        spent.remove(caller);
    }
}

/// What is kept back from agents: their own, smaller limits for each connection.
#[derive(Debug, Default)]
pub(crate) struct Reserves(Mutex<HashMap<ConnectionId, Arc<Pace>>>);

impl Reserves {
    /// An agent's way through the connection's limits: first its own share, which all agents have together, then
    /// everybody's.
    pub(crate) fn of(
        &self,
        connection: ConnectionId,
        facts: &Facts,
        everybodys: Arc<Pace>,
    ) -> Arc<dyn Pacer> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let share = kept
            .entry(connection)
            .or_insert_with(|| Arc::new(Pace::share_of(facts, SHARE)));
        Arc::new(Shared {
            share: Arc::clone(share),
            everybodys,
        })
    }

    pub(crate) fn forget(&self, connection: ConnectionId) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.remove(&connection);
    }
}

#[derive(Debug)]
struct Shared {
    share: Arc<Pace>,
    everybodys: Arc<Pace>,
}

#[async_trait]
impl Pacer for Shared {
    async fn take(&self, units: u32, to: Option<&ChatTarget>) {
        self.share.take(units, None).await;
        self.everybodys.take(units, to).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agent() -> Caller {
        Caller::Agent {
            executable: "/opt/agent".to_owned(),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_minutes_requests_come_back_one_by_one() {
        let spent = Spent::default();
        assert!(spent.spend(&agent(), 2).is_ok());
        tokio::time::advance(Duration::from_secs(20)).await;
        assert!(spent.spend(&agent(), 2).is_ok());
        assert_eq!(spent.spend(&agent(), 2), Err(Duration::from_secs(40)));
        tokio::time::advance(Duration::from_secs(40)).await;
        assert!(spent.spend(&agent(), 2).is_ok());
        assert!(spent.spend(&agent(), 2).is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn agents_leave_half_of_a_services_quota_to_the_person() {
        let gmail = integrations::find(&"gmail".into()).unwrap().facts();
        let everybodys = Arc::new(Pace::share_of(gmail, 1));
        let reserves = Reserves::default();
        let id = ConnectionId::generate();
        let agents = reserves.of(id, gmail, Arc::clone(&everybodys));
        let whole: u32 = gmail
            .rate_limits
            .iter()
            .map(|limit| limit.units)
            .max()
            .unwrap();
        let started = Instant::now();
        // All that agents may have for now, in units that fit any shorter limit.
        for _ in 0..whole / SHARE / 20 {
            agents.take(20, None).await;
        }
        let own_share = started.elapsed();
        // The person isn't held up by what the agents used.
        everybodys.take(20, None).await;
        assert!(started.elapsed() < own_share + Duration::from_secs(1));
        agents.take(20, None).await;
        assert!(
            started.elapsed() >= Duration::from_secs(59),
            "the agents wait"
        );
    }
}
