//! One limit of a service: units within any stretch of time of one length. Knows what was spent and what is reserved, and
//! finds the first moment for more; it waits for nothing.

use std::{collections::VecDeque, time::Duration};

use integrations::RateLimit;
use tokio::time::Instant;

/// Two calls that leave a window apart can arrive a little closer together.
const MARGIN: f64 = 1.01;

/// What was spent within one span of time, looking back from any moment.
#[derive(Debug)]
pub(super) struct Window {
    pub(super) units: u32,
    /// What the facts say, whatever is set.
    pub(super) usual: u32,
    pub(super) span: Duration,
    pub(super) not_before: Option<Instant>,
    /// In order of time; some may lie ahead.
    spent: VecDeque<(Instant, u32)>,
}

impl Window {
    pub(super) fn new(limit: &RateLimit) -> Self {
        Self {
            units: limit.units,
            usual: limit.units,
            span: Duration::from_secs(u64::from(limit.window_s)).mul_f64(MARGIN),
            not_before: None,
            spent: VecDeque::new(),
        }
    }

    /// The first moment from `from` on at which these units fit, after everything that was reserved before.
    pub(super) fn in_turn(&self, units: u32, from: Instant) -> Instant {
        let mut at = self.begin(from);
        if let Some(&(last, _)) = self.spent.back() {
            at = at.max(last);
        }
        let units = units.min(self.units);
        let mut used: u32 = 0;
        for &(when, some) in self.spent.iter().rev() {
            if when + self.span <= at {
                break;
            }
            used += some;
            if used + units > self.units {
                // This one has to leave the window first, and so do all before it.
                return at.max(when + self.span);
            }
        }
        at
    }

    /// The first moment from `from` on at which these units fit, before what others reserved for later where there is room.
    pub(super) fn in_between(&self, units: u32, from: Instant) -> Instant {
        let from = self.begin(from);
        let units = units.min(self.units);
        let all: u64 = self.spent.iter().map(|&(_, some)| u64::from(some)).sum();
        if all + u64::from(units) <= u64::from(self.units) {
            return from;
        }
        // Room comes only where something leaves the window.
        let leaving = self.spent.iter().map(|&(when, _)| when + self.span);
        std::iter::once(from)
            .chain(leaving.filter(|&at| at > from))
            .find(|&at| self.fits(units, at))
            // Never: after the last has left there is nothing in the window.
            .unwrap_or(from)
    }

    /// Whether no stretch of time around this moment would hold too much.
    fn fits(&self, units: u32, at: Instant) -> bool {
        let ends = self
            .spent
            .iter()
            .map(|&(when, _)| when)
            .filter(|&when| when > at && when < at + self.span);
        std::iter::once(at).chain(ends).all(|end| {
            let held = self
                .spent
                .iter()
                .filter(|&&(when, _)| when <= end && when + self.span > end);
            let used: u64 = held.map(|&(_, some)| u64::from(some)).sum();
            used + u64::from(units) <= u64::from(self.units)
        })
    }

    fn begin(&self, from: Instant) -> Instant {
        self.not_before.map_or(from, |moment| from.max(moment))
    }

    /// More than a whole window never fits; it goes alone.
    pub(super) fn spend(&mut self, units: u32, at: Instant) {
        let now = Instant::now();
        while self
            .spent
            .front()
            .is_some_and(|&(when, _)| when + self.span <= now)
        {
            self.spent.pop_front();
        }
        let units = units.min(self.units);
        let place = self.spent.partition_point(|&(when, _)| when < at);
        match self.spent.get_mut(place) {
            Some((when, some)) if *when == at => *some += units,
            _ => self.spent.insert(place, (at, units)),
        }
    }
}
