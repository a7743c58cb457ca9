//! Asking the service about writes whose answers were lost, so that nobody has to guess.
//!
//! Found means sent. Not found means not sent only after the service had time to list it; then the write is queued
//! again, because by then repeating it is safe. A look goes through everything that was sent lately, which costs much of
//! what a service allows in a minute; so a connection has one asker, and one look answers for all that is in doubt there.

use std::{
    collections::{BTreeMap, HashMap, hash_map},
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::FutureExt as _;
use integrations::{Meter, SentMail};
use jiff::SignedDuration;
use model::{ActionState, Caller, ConnectionId, RemoteRef, Timestamp, Waiting};
use store::{ConnectionRow, OutboxRow, Piece};
use tokio::sync::Notify;

use super::queue::{later, later_by};
use crate::{
    calls::{CallFailure, Whose},
    core::{Core, integration},
    ledger::NewEntry,
    reads::tallied,
    retry,
};

/// A mail is in the list of what was sent within seconds; a minute leaves room for a slow day.
const LISTED_WITHIN: Duration = Duration::from_secs(60);
/// A stand-in on this machine lists at once.
const LISTED_WITHIN_HERE: Duration = Duration::from_secs(2);
/// The service's clock and ours may differ.
const LOOK_BACK: SignedDuration = SignedDuration::from_mins(5);
/// After a day of no answer the person decides.
const GIVE_UP: Duration = Duration::from_secs(24 * 3600);
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Most answers are there at once.
const LOOK_SOON: Duration = Duration::from_secs(2);
const QUICK_LOOKS: u32 = 4;

/// The askers at work, by connection.
#[derive(Debug, Default)]
pub(super) struct Askers(Mutex<HashMap<ConnectionId, Asker>>);

#[derive(Debug, Default)]
struct Asker {
    /// Something came into doubt since it last read what is.
    has_news: bool,
    news: Arc<Notify>,
}

impl Askers {
    fn lock(&self) -> MutexGuard<'_, HashMap<ConnectionId, Asker>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the asker at work; without one, its place is taken, and the caller has to be it.
    fn take(&self, connection: ConnectionId) -> Option<Arc<Notify>> {
        match self.lock().entry(connection) {
            hash_map::Entry::Occupied(mut asker) => {
                let asker = asker.get_mut();
                asker.has_news = true;
                asker.news.notify_one();
                None
            }
            hash_map::Entry::Vacant(place) => {
                Some(Arc::clone(&place.insert(Asker::default()).news))
            }
        }
    }

    fn hears(&self, connection: ConnectionId) {
        if let Some(asker) = self.lock().get_mut(&connection) {
            asker.has_news = false;
        }
    }

    /// False if there is news: then it goes on.
    fn leave(&self, connection: ConnectionId) -> bool {
        let mut askers = self.lock();
        let may = askers.get(&connection).is_none_or(|asker| !asker.has_news);
        if may {
            askers.remove(&connection);
        }
        may
    }
}

impl Core {
    /// Asks until there is an answer to everything that is in doubt there; closing doesn't wait for it, the next start
    /// goes on.
    pub(super) fn ask_about(self: &Arc<Self>, connection: ConnectionId) {
        let Some(news) = self.outbox.askers.take(connection) else {
            return;
        };
        let core = Arc::clone(self);
        tokio::spawn(async move {
            let mut tries = 0;
            loop {
                core.outbox.askers.hears(connection);
                let asked = AssertUnwindSafe(core.ask_once(connection, tries))
                    .catch_unwind()
                    .await;
                let is_left = asked.unwrap_or_else(|_| {
                    tracing::error!(%connection, "asking ended in a defect of ours; it is asked again");
                    true
                });
                if !is_left && core.outbox.askers.leave(connection) {
                    return;
                }
                tries += 1;
                let wait = if tries < QUICK_LOOKS {
                    LOOK_SOON
                } else {
                    retry::pause(tries, Some(LOOK_EVERY))
                };
                tokio::select! {
                    () = tokio::time::sleep(wait) => {}
                    () = news.notified() => tries = 0,
                    () = core.closing.cancelled() => return,
                }
            }
        });
    }

    fn listed_within(&self, row: &OutboxRow) -> Duration {
        if self.is_stand_in(&row.integration) {
            LISTED_WITHIN_HERE
        } else {
            LISTED_WITHIN
        }
    }

    /// False once nothing is left to ask.
    async fn ask_once(self: &Arc<Self>, connection: ConnectionId, tries: u32) -> bool {
        let Ok(open) = self.db(|store| store.outbox().open()).await else {
            return true;
        };
        let mut by_caller: BTreeMap<Caller, Vec<OutboxRow>> = BTreeMap::new();
        for row in open {
            let is_asked = matches!(row.state, ActionState::OutcomeUnknown { asking: true, .. });
            if row.connection == connection && is_asked {
                by_caller.entry(row.caller.clone()).or_default().push(row);
            }
        }
        let Some(known) = self.roster.get(connection) else {
            for row in by_caller.into_values().flatten() {
                self.put(left_to_the_person(row)).await;
            }
            return false;
        };
        let mut is_left = false;
        for (caller, rows) in by_caller {
            // Judged by when the look began: what is listed while we look must count.
            let began = self.clock.now();
            let mut look = self.look_for(&known, &caller, &rows).await;
            for row in rows {
                let made = look.as_mut().and_then(|look| look.found.remove(&row.id));
                let would_show = look.as_ref().is_some_and(|look| {
                    would_show(look, was_on_wire(&row), self.listed_within(&row), began)
                });
                match made {
                    Some(made) => self.was_sent(row, made).await,
                    None if would_show => self.was_not_sent(row).await,
                    None if tries > 0 && self.is_hopeless(&row) => {
                        let from = row.state.kind();
                        let row = left_to_the_person(row);
                        let state = row.state.clone();
                        self.end_action(from, row, state).await;
                    }
                    None => is_left = true,
                }
            }
        }
        is_left
    }

    async fn was_sent(self: &Arc<Self>, mut row: OutboxRow, made: RemoteRef) {
        row.pieces.push(Piece {
            part: 0,
            made: made.clone(),
        });
        let state = ActionState::Sent {
            at: self.clock.now(),
            results: vec![made],
        };
        self.end_action("outcome_unknown", row, state).await;
    }

    async fn was_not_sent(self: &Arc<Self>, row: OutboxRow) {
        let now = self.clock.now();
        let state = ActionState::Queued {
            not_before: now,
            expires: self.expiry(&row).max(later(now, 3600)),
            why: Waiting::Turn,
        };
        self.put(OutboxRow { state, ..row }).await;
        self.outbox.wake();
    }

    fn is_hopeless(&self, row: &OutboxRow) -> bool {
        let ActionState::OutcomeUnknown { at, .. } = row.state else {
            return false;
        };
        self.clock.now().duration_since(at).unsigned_abs() >= GIVE_UP
    }

    async fn put(self: &Arc<Self>, row: OutboxRow) {
        if let Ok(true) = self.advance("outcome_unknown", &row).await {
            self.show_action(&row);
        }
    }

    /// `None` = no answer this time.
    async fn look_for(
        self: &Arc<Self>,
        connection: &ConnectionRow,
        caller: &Caller,
        rows: &[OutboxRow],
    ) -> Option<SentMail> {
        let mail = integration(&connection.integration).ok()?.mail()?;
        let since = sought_since(rows.iter().map(was_on_wire).min()?);
        let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
        let look = |session: integrations::Session| {
            let ids = ids.clone();
            let future: futures_core::future::BoxFuture<'_, _> =
                Box::pin(async move { mail.find_sent(&session, &ids, since).await });
            future
        };
        let meter = Arc::new(Meter::default());
        let fresh = self.fresh_token(connection.id).await.ok()?;
        let started = tokio::time::Instant::now();
        let outcome = self.once(caller, connection, &fresh, &meter, &look).await;
        let result = outcome
            .as_ref()
            .map(|_| ())
            .map_err(|failure: &CallFailure| self.call_error(failure, &Whose::from(connection)));
        // On behalf of whoever sent it.
        let mut entry = NewEntry::call(connection, caller, model::Capability::MailRead);
        if let [only] = ids[..] {
            entry = entry.action(only);
        }
        self.ledger.note(tallied(entry, &meter, started, &result));
        outcome.ok()
    }
}

fn was_on_wire(row: &OutboxRow) -> Timestamp {
    row.on_wire_at.unwrap_or(row.created_at)
}

/// What was on the wire then isn't dated before that by the service.
fn sought_since(on_wire: Timestamp) -> Timestamp {
    on_wire.checked_sub(LOOK_BACK).unwrap_or(on_wire)
}

/// Would a look that began then have found what was on the wire at that time, had it been sent?
fn would_show(look: &SentMail, on_wire: Timestamp, listed: Duration, began: Timestamp) -> bool {
    look.complete_since <= sought_since(on_wire) && later_by(on_wire, listed) <= began
}

/// Nobody is asked about it any more.
fn left_to_the_person(row: OutboxRow) -> OutboxRow {
    let state = match row.state {
        ActionState::OutcomeUnknown { at, error, .. } => ActionState::OutcomeUnknown {
            at,
            error,
            asking: false,
        },
        other => other,
    };
    OutboxRow { state, ..row }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_in_vain_settles_only_what_it_came_to_and_what_was_listed_by_then() {
        let at = |time: &str| format!("2026-11-26T{time}Z").parse::<Timestamp>().unwrap();
        let look = |complete_since| SentMail {
            found: HashMap::new(),
            complete_since,
        };
        let settles = |since: &str, on_wire: &str, began: &str| {
            would_show(&look(at(since)), at(on_wire), LISTED_WITHIN, at(began))
        };
        assert!(settles("10:00:00", "12:00:00", "12:01:00"));
        // The mailbox was too full to be looked through that far back.
        assert!(!settles("11:55:01", "12:00:00", "12:01:00"));
        assert!(settles("11:55:00", "12:00:00", "12:01:00"));
        // It may not be in the list yet.
        assert!(!settles("10:00:00", "12:00:00", "12:00:59"));
    }
}
