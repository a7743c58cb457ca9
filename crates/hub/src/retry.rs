//! How long to wait before trying again: exponential with full jitter, and what a service itself asks for.
//!
//! Whether trying again is safe at all is decided where the operation is known.

use std::time::Duration;

const FIRST: Duration = Duration::from_secs(1);
/// As Google advises: no longer than about a minute.
const LONGEST: Duration = Duration::from_secs(64);

/// Anywhere between nothing and twice as long as the try before; never less than what the service asked for.
pub(crate) fn pause(tries: u32, asked: Option<Duration>) -> Duration {
    let most = FIRST
        .saturating_mul(1_u32 << tries.saturating_sub(1).min(6))
        .min(LONGEST);
    let jittered = most.mul_f64(fraction());
    asked.map_or(jittered, |asked| asked + jittered.min(FIRST))
}

/// At random between 0 and 1. Without a source of chance the full time is waited.
fn fraction() -> f64 {
    getrandom::u32().map_or(1.0, |chance| f64::from(chance) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_grows_to_a_minute_and_never_undercuts_what_was_asked() {
        for tries in 0..50 {
            assert!(pause(tries, None) <= LONGEST);
            let asked = Duration::from_secs(17);
            let wait = pause(tries, Some(asked));
            assert!(wait >= asked && wait <= asked + FIRST, "{wait:?}");
        }
    }
}
