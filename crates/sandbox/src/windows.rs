//! Limits as the services have them: so much in any stretch of time, by a sliding window for each key.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::clock::Millis;

/// So many units in any stretch of this length.
#[derive(Clone, Copy)]
pub(crate) struct Limit {
    pub units: u64,
    pub window_ms: Millis,
}

#[derive(Default)]
pub(crate) struct Windows(Mutex<HashMap<String, VecDeque<(Millis, u64)>>>);

impl Windows {
    /// Counts `units` against every key, or counts nothing and tells how many milliseconds to wait.
    pub fn take(&self, wanted: &[(String, Limit)], units: u64, now: Millis) -> Result<(), Millis> {
        let mut windows = self.lock();
        let mut wait = 0;
        for (key, limit) in wanted {
            let window = windows.entry(key.clone()).or_default();
            window.retain(|(at, _)| now - at < limit.window_ms);
            let mut used: u64 = window.iter().map(|(_, units)| units).sum();
            let mut oldest = window.iter();
            while used + units > limit.units {
                // More than the whole limit never fits; the wait is then as long as the window.
                let Some((at, freed)) = oldest.next() else {
                    wait = wait.max(limit.window_ms);
                    break;
                };
                used -= freed;
                wait = wait.max(at + limit.window_ms - now);
            }
        }
        if wait > 0 {
            return Err(wait);
        }
        for (key, _) in wanted {
            windows
                .entry(key.clone())
                .or_default()
                .push_back((now, units));
        }
        Ok(())
    }

    pub fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, VecDeque<(Millis, u64)>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_request_costs_nothing_and_is_told_the_shortest_wait() {
        let windows = Windows::default();
        let limits = |units| {
            vec![(
                "a".to_owned(),
                Limit {
                    units,
                    window_ms: 1000,
                },
            )]
        };
        assert_eq!(windows.take(&limits(2), 1, 0), Ok(()));
        assert_eq!(windows.take(&limits(2), 1, 400), Ok(()));
        assert_eq!(windows.take(&limits(2), 1, 700), Err(300));
        assert_eq!(windows.take(&limits(2), 2, 700), Err(700));
        assert_eq!(windows.take(&limits(2), 1, 1000), Ok(()));
        assert_eq!(windows.take(&limits(2), 3, 9000), Err(1000));
    }
}
