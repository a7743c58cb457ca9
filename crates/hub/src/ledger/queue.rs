//! Lines that wait to be written: in order, and bounded, because a vault may stay locked for long.

use std::collections::VecDeque;

use model::{EntryKind, Error};
use tokio::sync::oneshot;

use super::entry::NewEntry;

/// A day of a busy profile. Lines are small: this is a few megabytes at worst.
const AT_MOST: usize = 10_000;

/// What somebody waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Until {
    /// It is in the database: our own end can't undo it any more.
    Committed,
    /// It is on the disk: nor can a power cut.
    Synced,
}

/// Who waits for a line to be written.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) until: Until,
    pub(super) sender: oneshot::Sender<Result<(), Error>>,
}

#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) entry: NewEntry,
    pub(super) told: Option<Told>,
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

/// What a batch is to be waited for. Lines nobody waits for have the time to be synced.
pub(super) fn until(batch: &[Waiting]) -> Until {
    let mut told = batch.iter().filter_map(|one| one.told.as_ref()).peekable();
    let all_do_without = told.peek().is_some() && told.all(|one| one.until == Until::Committed);
    match all_do_without {
        true => Until::Committed,
        false => Until::Synced,
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
    fn the_disk_is_waited_for_unless_all_who_wait_do_without() {
        let waiting_until = |until| Waiting {
            entry: NewEntry::mark("a"),
            told: Some(Told {
                until,
                sender: oneshot::channel().0,
            }),
        };
        let noted = || waiting(NewEntry::mark("a"));
        let committed = || waiting_until(Until::Committed);
        assert_eq!(until(&[noted()]), Until::Synced);
        assert_eq!(until(&[noted(), committed()]), Until::Committed);
        let one_who_does = [committed(), waiting_until(Until::Synced)];
        assert_eq!(until(&one_who_does), Until::Synced);
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
