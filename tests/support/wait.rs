//! Patience with an end: polling for a condition, never sleeping for luck.

use std::{
    process::{Child, ExitStatus},
    time::{Duration, Instant},
};

/// Long enough for a busy machine; nothing should ever take this long.
pub const PATIENCE: Duration = Duration::from_secs(60);

const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Asks until there is an answer. Panics with `what` once the deadline has passed.
pub fn eventually<T>(within: Duration, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let until = Instant::now() + within;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(
            Instant::now() < until,
            "{what}: not within {} s",
            within.as_secs()
        );
        std::thread::sleep(LOOK_EVERY);
    }
}

/// Waits for a process to end by itself; kills it and panics when it doesn't.
pub fn end_within(child: &mut Child, within: Duration, what: &str) -> ExitStatus {
    let until = Instant::now() + within;
    loop {
        if let Some(status) = child.try_wait().expect("a child can be waited for") {
            return status;
        }
        if Instant::now() >= until {
            let _ = child.kill();
            let _ = child.wait();
            panic!("{what} didn't end within {} s", within.as_secs());
        }
        std::thread::sleep(LOOK_EVERY);
    }
}
