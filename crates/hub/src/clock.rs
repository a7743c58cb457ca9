//! Two clocks: the wall, for what is shown and kept, and time since boot, for how long a token lasts.
//!
//! Time since boot goes on during sleep and isn't moved when somebody sets the clock, so that a token is
//! never believed fresh after a night's sleep nor dead after a jump of the wall clock.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use model::Timestamp;

/// Cheap to clone; all clones of a hub's clock move together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clock {
    /// Seconds added to both clocks; only tests move it.
    ahead: Arc<AtomicI64>,
}

impl Clock {
    pub(crate) fn now(&self) -> Timestamp {
        let ahead = jiff::SignedDuration::from_secs(self.ahead.load(Ordering::Relaxed));
        let now = Timestamp::now();
        let whole = now.checked_add(ahead).unwrap_or(now);
        // Milliseconds are plenty, and keep what is kept and what is shown equal.
        Timestamp::from_millisecond(whole.as_millisecond()).unwrap_or(whole)
    }

    /// Time since boot, sleep included.
    pub(crate) fn boot(&self) -> Duration {
        let ahead = Duration::from_secs(self.ahead.load(Ordering::Relaxed).unsigned_abs());
        since_boot() + ahead
    }

    #[cfg(test)]
    pub(crate) fn advance(&self, seconds: i64) {
        self.ahead.fetch_add(seconds, Ordering::Relaxed);
    }
}

/// The end of a life in seconds, as a provider states it. An absurd one is cut to a year: it only decides
/// when to look again.
pub(crate) fn after(now: Timestamp, seconds: u64) -> Timestamp {
    const YEAR: u64 = 365 * 24 * 3600;
    let seconds = i64::try_from(seconds.min(YEAR)).unwrap_or(0);
    now.checked_add(jiff::SignedDuration::from_secs(seconds))
        .unwrap_or(now)
}

#[cfg(target_os = "linux")]
fn since_boot() -> Duration {
    let at = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    Duration::new(
        at.tv_sec.unsigned_abs(),
        u32::try_from(at.tv_nsec).unwrap_or(0),
    )
}

/// On macOS this clock goes on during sleep.
#[cfg(target_os = "macos")]
fn since_boot() -> Duration {
    let at = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    Duration::new(
        at.tv_sec.unsigned_abs(),
        u32::try_from(at.tv_nsec).unwrap_or(0),
    )
}

/// On Windows `Instant` goes on during sleep.
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn since_boot() -> Duration {
    static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    START.get_or_init(std::time::Instant::now).elapsed()
}
