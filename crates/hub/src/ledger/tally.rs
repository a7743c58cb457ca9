//! Probes are many and alike: they are counted, and told once an hour.

use std::{collections::BTreeMap, time::Duration};

use model::{ConnectionId, Timestamp};

use super::entry::{About, NewEntry, millis};

#[derive(Debug, Default)]
pub(super) struct Tallies {
    hour: i64,
    counted: BTreeMap<ConnectionId, Tally>,
}

#[derive(Debug)]
struct Tally {
    about: About,
    calls: u64,
    errors: u64,
    millis: u64,
    last: Timestamp,
}

impl Tallies {
    pub(super) fn count(&mut self, about: About, worked: bool, took: Duration, now: Timestamp) {
        self.hour = hour(now);
        let tally = self.counted.entry(about.connection).or_insert(Tally {
            about,
            calls: 0,
            errors: 0,
            millis: 0,
            last: now,
        });
        tally.calls += 1;
        tally.errors += u64::from(!worked);
        tally.millis = tally.millis.saturating_add(millis(took));
        tally.last = now;
    }

    /// What was counted, if that hour is over.
    pub(super) fn end_hour(&mut self, now: Timestamp) -> Vec<NewEntry> {
        if self.hour == hour(now) {
            Vec::new()
        } else {
            self.end()
        }
    }

    /// What was counted so far, each dated with its last probe: it belongs to that hour and day.
    pub(super) fn end(&mut self) -> Vec<NewEntry> {
        std::mem::take(&mut self.counted)
            .into_values()
            .map(|tally| {
                NewEntry::probes(tally.about, tally.calls, tally.errors, tally.millis)
                    .at(tally.last)
            })
            .collect()
    }
}

fn hour(at: Timestamp) -> i64 {
    at.as_second().div_euclid(3600)
}
