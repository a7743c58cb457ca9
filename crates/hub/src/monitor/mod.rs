//! Status that doesn't lie: the 30-second tick, the probes, and what is said about a change.
//!
//! A tick looks at everything local for every connection and probes those that are due: all of them while
//! someone looks at the window, else each every five minutes. One failed probe is confirmed before
//! anything is said; a dead grant is never probed. Waking up and network changes tick at once.

mod attention;
mod notices;
mod round;
mod settle;

use std::{sync::Arc, time::Duration};

pub(crate) use notices::Notices;
pub(crate) use round::{Probe, is_verdict};

use crate::core::Core;

/// Local checks and due probes.
pub(crate) const TICK: Duration = Duration::from_secs(30);
/// Between probes of one connection while nobody looks.
pub(crate) const UNWATCHED: Duration = Duration::from_secs(5 * 60);
/// A failed probe is asked again after this, before it counts.
pub(crate) const CONFIRM_AFTER: Duration = Duration::from_secs(5);
/// A probe that takes longer is a failed probe.
pub(crate) const PROBE_WITHIN: Duration = Duration::from_secs(20);
/// Probes under way at once.
pub(crate) const AT_ONCE: usize = 8;

/// Runs until the hub closes.
pub(crate) fn start(core: &Arc<Core>) {
    attention::watch(core);
    let core = Arc::clone(core);
    tokio::spawn(async move {
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        loop {
            tokio::select! {
                _ = tick.tick() => {}
                () = core.round.notified() => {}
                () = core.closing.cancelled() => return,
            }
            core.round(round::Probe::Due).await;
        }
    });
}
