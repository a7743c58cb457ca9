//! Status that doesn't lie: the tick, the probes, and what is said about a change.
//!
//! A tick looks at everything local for every connection and probes those that are due: all of them while
//! someone looks at the window, else each ten times less often. How often is the person's to say. One failed probe is confirmed before
//! anything is said; a dead grant is never probed. Waking up and network changes tick at once.

mod attention;
mod beat;
mod forecast;
mod manners;
mod notices;
mod round;
mod settle;

use std::{sync::Arc, time::Duration};

pub(crate) use forecast::{Rhythms, alike, trial_of};
pub(crate) use notices::Notices;
pub(crate) use round::{Probe, is_verdict};

use crate::{core::Core, enduring::enduring};

/// A failed probe is asked again after this, before it counts.
pub(crate) const CONFIRM_AFTER: Duration = Duration::from_secs(5);
/// A probe that takes longer is a failed probe.
pub(crate) const PROBE_WITHIN: Duration = Duration::from_secs(20);
/// After a call for a round, further calls are gathered this long.
const SETTLE: Duration = Duration::from_millis(500);
/// Probes under way at once.
pub(crate) const AT_ONCE: usize = 8;

/// Runs until the hub closes.
pub(crate) fn start(core: &Arc<Core>) {
    attention::watch(core);
    enduring(core, "ticks", |core| async move {
        let mut beat = beat::Beat::of(core.settings.watch());
        let mut under_way = tokio::task::JoinSet::new();
        loop {
            let called = tokio::select! {
                () = beat.next() => false,
                () = core.round.notified() => true,
                Some(_) = under_way.join_next() => continue,
                () = core.closing.cancelled() => return,
            };
            // A tick waits for a slow round to end; a wake or a changed network doesn't.
            if called || under_way.is_empty() {
                let core = Arc::clone(&core);
                under_way.spawn(async move { core.round(round::Probe::Due).await });
            }
            if called {
                // A burst of changes is one call.
                tokio::time::sleep(SETTLE).await;
            }
        }
    });
}
