//! What makes the monitor look at once: waking from sleep, a changed network, a vault that opened or closed.

use std::{sync::Arc, time::Duration};

use model::Event;

use crate::{core::Core, enduring::enduring, ledger::NewEntry};

/// Sleep shows as time since boot running ahead of the timer.
const LOOK_EVERY: Duration = Duration::from_secs(1);
const SLEPT: Duration = Duration::from_secs(5);

pub(super) fn watch(core: &Arc<Core>) {
    wake(core);
    vault(core);
    network(core);
}

fn wake(core: &Arc<Core>) {
    enduring(core, "watching for sleep", |core| async move {
        let mut before = core.clock.boot();
        loop {
            tokio::select! {
                () = tokio::time::sleep(LOOK_EVERY) => {}
                () = core.closing.cancelled() => return,
            }
            let now = core.clock.boot();
            let passed = now.saturating_sub(before);
            if passed > LOOK_EVERY + SLEPT {
                // Nothing was watched meanwhile.
                core.ledger.note(NewEntry::mark("woke").took(passed));
                core.round.notify_one();
            }
            before = now;
        }
    });
}

fn vault(core: &Arc<Core>) {
    let state = core.vault.watch();
    enduring(core, "watching the vault", move |core| {
        let mut state = state.clone();
        async move {
            loop {
                tokio::select! {
                    changed = state.changed() => if changed.is_err() { return },
                    () = core.closing.cancelled() => return,
                }
                let vault = state.borrow_and_update().clone();
                core.emit(Event::Vault { vault });
                core.round.notify_one();
            }
        }
    });
}

/// The watcher stops when it is dropped, so it lives in a task of its own until the hub closes.
fn network(core: &Arc<Core>) {
    let listener = Arc::clone(core);
    let watching = netwatcher::watch_interfaces_with_callback(move |update| {
        if !update.is_initial {
            listener.round.notify_one();
        }
    });
    match watching {
        Ok(handle) => {
            let closing = core.closing.clone();
            tokio::spawn(async move {
                closing.cancelled().await;
                drop(handle);
            });
        }
        Err(error) => {
            tracing::warn!(%error, "network changes aren't seen; the tick sees them later")
        }
    }
}
