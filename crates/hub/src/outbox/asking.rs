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
/// The service's clock and ours may differ a little,
const MARGIN: SignedDuration = SignedDuration::from_mins(5);
/// and ours by a time zone, or a day, until it is set right: what was sent then is dated before we sent it.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(26);
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
                let on_wire = was_on_wire(&row);
                let listed = later_by(lost_at(&row.state, on_wire), self.listed_within(&row));
                let would_show =
                    listed <= began && look.as_ref().is_some_and(|look| came_to(look, on_wire));
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

    /// Once more at once, in any case. What goes wrong again and again has its pauses and its end like any other.
    async fn was_not_sent(self: &Arc<Self>, row: OutboxRow) {
        let now = self.clock.now();
        let expires = self.expiry(&row);
        let state = if row.tries > 1 {
            ActionState::Queued {
                not_before: later_by(now, retry::pause(row.tries, None)),
                expires,
                why: Waiting::Later,
            }
        } else {
            ActionState::Queued {
                not_before: now,
                expires: expires.max(later(now, 3600)),
                why: Waiting::Turn,
            }
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

/// Its last byte may have left only then: a large mail is minutes on its way.
fn lost_at(state: &ActionState, on_wire: Timestamp) -> Timestamp {
    match *state {
        ActionState::OutcomeUnknown { at, .. } => at.max(on_wire),
        _ => on_wire,
    }
}

/// What was on the wire then isn't dated before that by the service.
fn sought_since(on_wire: Timestamp) -> Timestamp {
    on_wire.checked_sub(LOOK_BACK).unwrap_or(on_wire)
}

/// Did the look go back as far as what was on the wire at that time?
fn came_to(look: &SentMail, on_wire: Timestamp) -> bool {
    look.complete_since <= on_wire.checked_sub(MARGIN).unwrap_or(on_wire)
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

    fn at(time: &str) -> Timestamp {
        format!("2026-11-26T{time}Z").parse().unwrap()
    }

    #[test]
    fn a_look_in_vain_settles_only_what_it_came_to() {
        let came = |complete_since: &str, on_wire: &str| {
            let look = SentMail {
                found: HashMap::new(),
                complete_since: at(complete_since),
            };
            came_to(&look, at(on_wire))
        };
        assert!(came("10:00:00", "12:00:00"));
        assert!(came("11:55:00", "12:00:00"));
        // The mailbox was too full to be looked through that far back.
        assert!(!came("11:55:01", "12:00:00"));
    }

    #[test]
    fn the_time_to_be_listed_begins_when_the_answer_was_lost_not_when_the_sending_began() {
        let state = ActionState::OutcomeUnknown {
            at: at("12:03:00"),
            error: model::ErrorCode::OutcomeUnknown.into(),
            asking: true,
        };
        assert_eq!(lost_at(&state, at("12:00:00")), at("12:03:00"));
    }
}
