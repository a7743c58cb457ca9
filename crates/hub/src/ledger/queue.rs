//! Lines that wait to be written: in order, and bounded, because a vault may stay locked for long.

use std::collections::VecDeque;

use model::{EntryKind, Error};
use tokio::sync::oneshot;

use super::entry::NewEntry;

/// A day of a busy profile. Lines are small: this is a few megabytes at worst.
const AT_MOST: usize = 10_000;

#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) entry: NewEntry,
    /// Who waits for it to be written.
    pub(super) told: Option<oneshot::Sender<Result<(), Error>>>,
}

impl Waiting {
    /// Without these the timeline lies; without one call among thousands a figure is a little low.
    fn goes_first(&self) -> bool {
        self.told.is_some()
            || matches!(
                self.entry.kind(),
                EntryKind::Status | EntryKind::Connection | EntryKind::Outcome
            )
    }
}

#[derive(Debug, Default)]
pub(super) struct Queue(VecDeque<Waiting>);

impl Queue {
    pub(super) fn push(&mut self, one: Waiting) {
        if self.0.len() >= AT_MOST {
            let less = if one.goes_first() {
                // Of equals the oldest goes.
                Some(
                    self.0
                        .iter()
                        .position(|other| !other.goes_first())
                        .unwrap_or(0),
                )
            } else {
                None
            };
            tracing::warn!(
                kind = ?one.entry.kind(),
                "the ledger can't be written and its memory is full; a line is lost"
            );
            match less {
                Some(place) => drop(self.0.remove(place)),
                None => return,
            }
        }
        self.0.push_back(one);
    }

    pub(super) fn take(&mut self, at_most: usize) -> Vec<Waiting> {
        let n = self.0.len().min(at_most);
        self.0.drain(..n).collect()
    }

    /// Back to where they were taken from.
    pub(super) fn put_back(&mut self, batch: Vec<Waiting>) {
        for one in batch.into_iter().rev() {
            self.0.push_front(one);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use model::{Caller, Capability, ConnectionId};

    use super::*;
    use crate::ledger::About;

    fn about() -> About {
        About {
            connection: ConnectionId::generate(),
            integration: "gmail".into(),
            account: "a".to_owned(),
        }
    }

    fn waiting(entry: NewEntry) -> Waiting {
        Waiting { entry, told: None }
    }

    #[test]
    fn a_full_queue_gives_up_calls_and_keeps_every_change_of_status() {
        let mut queue = Queue::default();
        let call = || {
            waiting(NewEntry::call(
                about(),
                &Caller::Window,
                Capability::MailRead,
            ))
        };
        queue.push(waiting(NewEntry::status(about(), "connected")));
        for _ in 0..AT_MOST + 5 {
            queue.push(call());
        }
        for _ in 0..7 {
            queue.push(waiting(NewEntry::status(about(), "offline")));
        }
        queue.push(call());
        assert_eq!(queue.len(), AT_MOST);
        let statuses = queue
            .take(AT_MOST)
            .iter()
            .filter(|one| one.entry.kind() == EntryKind::Status)
            .count();
        assert_eq!(statuses, 8);
    }

    #[test]
    fn what_could_not_be_written_keeps_its_place() {
        let mut queue = Queue::default();
        let names = ["a", "b", "c", "d"];
        for name in names {
            queue.push(waiting(NewEntry::mark(name)));
        }
        let batch = queue.take(2);
        queue.put_back(batch);
        let results: Vec<String> = queue
            .take(9)
            .iter()
            .map(|one| one.entry.numbered(1).result)
            .collect();
        assert_eq!(results, names);
    }
}
