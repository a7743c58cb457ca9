//! Waiting, in the two shapes these tests need it: for something to be so, and for something to be there.

use std::time::{Duration, Instant};

use autopilot_tests::{PATIENCE, eventually};

const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Waits until `looks` says so.
pub fn until(what: &str, mut looks: impl FnMut() -> bool) {
    have(what, || looks().then_some(()));
}

/// Waits until there is something to have.
pub fn have<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    eventually(PATIENCE, what, look)
}

/// For those who have more to say about a wait in vain: `None` once `limit` has passed.
pub fn within<T>(limit: Duration, mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let latest = Instant::now() + limit;
    loop {
        match look() {
            None if Instant::now() < latest => std::thread::sleep(LOOK_EVERY),
            found => return found,
        }
    }
}
