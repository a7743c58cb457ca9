//! Sign-ins under way and just over. The verifier and the state itself are in the vault; here is only a
//! hash of the state, by which an answer finds its attempt, and whether that attempt was used up.

use model::{AttemptId, ConnectionId, IntegrationId, RedirectKind, Timestamp};
use rusqlite::{OptionalExtension, Row, params};

use crate::{StoreError, column, reach::Reach};

// No foreign key on the connection: what became of an attempt must be sayable when the connection is gone.
pub const CREATE: &str = "
    CREATE TABLE attempts (
        id TEXT PRIMARY KEY,
        state_hash TEXT NOT NULL UNIQUE,
        integration TEXT NOT NULL,
        connection TEXT,
        target TEXT NOT NULL,
        redirect TEXT NOT NULL CHECK (redirect IN ('deep_link', 'loopback')),
        created_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL,
        outcome TEXT NOT NULL CHECK (outcome IN ('pending', 'used', 'cancelled', 'expired'))
    ) STRICT, WITHOUT ROWID;
";

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AttemptRow {
    pub id: AttemptId,
    /// A hash of `state`, never `state`.
    pub state_hash: String,
    pub integration: IntegrationId,
    /// The existing connection that is signed in again.
    pub connection: Option<ConnectionId>,
    /// The connection the grant will belong to: `connection`, or a new id.
    pub target: ConnectionId,
    pub redirect: RedirectKind,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub outcome: AttemptOutcome,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum AttemptOutcome {
    Pending,
    /// Its answer came; a second one is a replay.
    Used,
    Cancelled,
    Expired,
}

column::names!(AttemptOutcome {
    Pending = "pending",
    Used = "used",
    Cancelled = "cancelled",
    Expired = "expired",
});

pub struct Attempts<'a>(pub(crate) Reach<'a>);

impl Attempts<'_> {
    /// Fails with [`StoreError::Exists`] when the id or the state was there before.
    pub fn insert(&self, attempt: &AttemptRow) -> Result<(), StoreError> {
        self.0.with(|db| {
            db.prepare_cached(
                "INSERT INTO attempts (id, state_hash, integration, connection, target, redirect,
                     created_at, expires_at, outcome)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?
            .execute(params![
                attempt.id.to_string(),
                attempt.state_hash,
                attempt.integration.as_str(),
                attempt.connection.map(|id| id.to_string()),
                attempt.target.to_string(),
                redirect_name(attempt.redirect),
                column::millis(attempt.created_at),
                column::millis(attempt.expires_at),
                attempt.outcome.name(),
            ])?;
            Ok(())
        })
    }

    pub fn get(&self, id: AttemptId) -> Result<Option<AttemptRow>, StoreError> {
        self.one("SELECT * FROM attempts WHERE id = ?1", &id.to_string())
    }

    pub fn by_state_hash(&self, state_hash: &str) -> Result<Option<AttemptRow>, StoreError> {
        self.one("SELECT * FROM attempts WHERE state_hash = ?1", state_hash)
    }

    fn one(&self, sql: &str, key: &str) -> Result<Option<AttemptRow>, StoreError> {
        self.0
            .with(|db| Ok(db.prepare_cached(sql)?.query_row([key], read).optional()?))
    }

    /// Ends a pending attempt. True for exactly one caller: an attempt is used once, or not at all.
    pub fn finish(&self, id: AttemptId, outcome: AttemptOutcome) -> Result<bool, StoreError> {
        if outcome == AttemptOutcome::Pending {
            return Ok(false);
        }
        self.0.with(|db| {
            let changed = db
                .prepare_cached(
                    "UPDATE attempts SET outcome = ?2 WHERE id = ?1 AND outcome = 'pending'",
                )?
                .execute([&id.to_string(), outcome.name()])?;
            Ok(changed == 1)
        })
    }

    /// Oldest first.
    pub fn with_outcome(&self, outcome: AttemptOutcome) -> Result<Vec<AttemptRow>, StoreError> {
        self.0.with(|db| {
            Ok(db
                .prepare_cached(
                    "SELECT * FROM attempts WHERE outcome = ?1 ORDER BY created_at, id",
                )?
                .query_map([outcome.name()], read)?
                .collect::<Result<_, _>>()?)
        })
    }

    /// Oldest first.
    pub fn pending(&self) -> Result<Vec<AttemptRow>, StoreError> {
        self.with_outcome(AttemptOutcome::Pending)
    }

    /// Forgets what was created before `time`; how many that were.
    pub fn remove_older_than(&self, time: Timestamp) -> Result<usize, StoreError> {
        self.0.with(|db| {
            Ok(db
                .prepare_cached("DELETE FROM attempts WHERE created_at < ?1")?
                .execute([column::millis(time)])?)
        })
    }
}

const fn redirect_name(redirect: RedirectKind) -> &'static str {
    match redirect {
        RedirectKind::DeepLink => "deep_link",
        RedirectKind::Loopback => "loopback",
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<AttemptRow> {
    Ok(AttemptRow {
        id: column::parsed(row, "id")?,
        state_hash: row.get("state_hash")?,
        integration: IntegrationId::new(row.get::<_, String>("integration")?),
        connection: column::maybe_parsed(row, "connection")?,
        target: column::parsed(row, "target")?,
        // The table's CHECK allows these two.
        redirect: match row.get::<_, String>("redirect")?.as_str() {
            "deep_link" => RedirectKind::DeepLink,
            _ => RedirectKind::Loopback,
        },
        created_at: column::timestamp(row, "created_at")?,
        expires_at: column::timestamp(row, "expires_at")?,
        outcome: column::parsed(row, "outcome")?,
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;
    use crate::Store;

    fn attempt(state_hash: &str, created_ms: i64) -> AttemptRow {
        AttemptRow {
            id: AttemptId::generate(),
            state_hash: state_hash.to_owned(),
            integration: "gmail".into(),
            connection: None,
            target: ConnectionId::generate(),
            redirect: RedirectKind::DeepLink,
            created_at: Timestamp::from_millisecond(created_ms).unwrap(),
            expires_at: Timestamp::from_millisecond(created_ms + 600_000).unwrap(),
            outcome: AttemptOutcome::Pending,
        }
    }

    #[test]
    fn an_attempt_comes_back_as_it_was() {
        let store = Store::in_memory().unwrap();
        let mut row = attempt("h", 1);
        row.connection = Some(row.target);
        row.redirect = RedirectKind::Loopback;
        store.attempts().insert(&row).unwrap();
        assert_eq!(store.attempts().by_state_hash("h").unwrap(), Some(row));
        assert_eq!(store.attempts().by_state_hash("other").unwrap(), None);
    }

    #[test]
    fn a_state_is_never_taken_twice() {
        let store = Store::in_memory().unwrap();
        store.attempts().insert(&attempt("h", 1)).unwrap();
        assert!(matches!(
            store.attempts().insert(&attempt("h", 2)),
            Err(StoreError::Exists)
        ));
    }

    #[test]
    fn of_many_answers_at_once_exactly_one_uses_the_attempt() {
        let store = Store::in_memory().unwrap();
        let row = attempt("h", 1);
        store.attempts().insert(&row).unwrap();
        let start = Barrier::new(16);
        let used = std::thread::scope(|scope| {
            let tries: Vec<_> = (0..16)
                .map(|_| {
                    let store = store.clone();
                    let (start, id) = (&start, row.id);
                    scope.spawn(move || {
                        start.wait();
                        store.attempts().finish(id, AttemptOutcome::Used).unwrap()
                    })
                })
                .collect();
            tries
                .into_iter()
                .map(|t| t.join().unwrap())
                .filter(|used| *used)
                .count()
        });
        assert_eq!(used, 1);
    }

    #[test]
    fn a_finished_attempt_stays_as_it_ended() {
        let store = Store::in_memory().unwrap();
        let row = attempt("h", 1);
        let table = store.attempts();
        table.insert(&row).unwrap();
        assert!(!table.finish(row.id, AttemptOutcome::Pending).unwrap());
        assert_eq!(table.pending().unwrap().len(), 1);
        assert!(table.finish(row.id, AttemptOutcome::Cancelled).unwrap());
        assert!(!table.finish(row.id, AttemptOutcome::Used).unwrap());
        assert_eq!(table.pending().unwrap(), []);
        let kept = table.get(row.id).unwrap().unwrap();
        assert_eq!(kept.outcome, AttemptOutcome::Cancelled);
    }

    #[test]
    fn old_attempts_are_forgotten_and_young_ones_kept() {
        let store = Store::in_memory().unwrap();
        let young = attempt("young", 50);
        store.attempts().insert(&attempt("old", 49)).unwrap();
        store.attempts().insert(&young).unwrap();
        let forgotten = store.attempts().remove_older_than(young.created_at);
        assert_eq!(forgotten.unwrap(), 1);
        assert!(store.attempts().get(young.id).unwrap().is_some());
    }
}
