//! Grants that were disconnected and still have to be ended at the provider. The grant itself rests in
//! the vault under `revocation/ID`; a row is there before it moves, so that a crash loses neither.

use model::{ConnectionId, IntegrationId, Timestamp};
use rusqlite::{Row, params};

use crate::{StoreError, column, reach::Reach};

pub const CREATE: &str = "
    CREATE TABLE revocations (
        connection TEXT PRIMARY KEY,
        integration TEXT NOT NULL,
        account TEXT NOT NULL,
        phase TEXT NOT NULL CHECK (phase IN ('moving', 'pending')),
        created_at INTEGER NOT NULL,
        tries INTEGER NOT NULL,
        next_try_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
";

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RevocationRow {
    /// Of the connection that was.
    pub connection: ConnectionId,
    pub integration: IntegrationId,
    /// What a person recognises, for the notice when it could not be done.
    pub account: String,
    pub phase: RevocationPhase,
    pub created_at: Timestamp,
    pub tries: u32,
    pub next_try_at: Timestamp,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum RevocationPhase {
    /// The grant may be under its old name in the vault, its new one, or both.
    Moving,
    /// The grant is under its new name and waits to be revoked.
    Pending,
}

column::names!(RevocationPhase {
    Moving = "moving",
    Pending = "pending",
});

pub struct Revocations<'a>(pub(crate) Reach<'a>);

impl Revocations<'_> {
    pub fn insert(&self, revocation: &RevocationRow) -> Result<(), StoreError> {
        self.0.with(|db| {
            db.prepare_cached(
                "INSERT INTO revocations
                     (connection, integration, account, phase, created_at, tries, next_try_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![
                revocation.connection.to_string(),
                revocation.integration.as_str(),
                revocation.account,
                revocation.phase.name(),
                column::millis(revocation.created_at),
                revocation.tries,
                column::millis(revocation.next_try_at),
            ])?;
            Ok(())
        })
    }

    /// The grant has moved. False = no such row.
    pub fn set_pending(&self, connection: ConnectionId) -> Result<bool, StoreError> {
        self.0.with(|db| {
            let changed = db
                .prepare_cached("UPDATE revocations SET phase = 'pending' WHERE connection = ?1")?
                .execute([connection.to_string()])?;
            Ok(changed == 1)
        })
    }

    /// Counts a try that failed. False = no such row.
    pub fn retry_later(
        &self,
        connection: ConnectionId,
        next_try_at: Timestamp,
    ) -> Result<bool, StoreError> {
        self.0.with(|db| {
            let changed = db
                .prepare_cached(
                    "UPDATE revocations SET tries = tries + 1, next_try_at = ?2 WHERE connection = ?1",
                )?
                .execute(params![
                    connection.to_string(),
                    column::millis(next_try_at)
                ])?;
            Ok(changed == 1)
        })
    }

    /// Those waiting to be revoked whose time has come, the longest waiting first.
    pub fn due(&self, now: Timestamp) -> Result<Vec<RevocationRow>, StoreError> {
        self.0.with(|db| {
            Ok(db
                .prepare_cached(
                    "SELECT * FROM revocations WHERE phase = 'pending' AND next_try_at <= ?1
                     ORDER BY next_try_at, connection",
                )?
                .query_map([column::millis(now)], read)?
                .collect::<Result<_, _>>()?)
        })
    }

    /// Oldest first.
    pub fn all(&self) -> Result<Vec<RevocationRow>, StoreError> {
        self.0.with(|db| {
            Ok(db
                .prepare_cached("SELECT * FROM revocations ORDER BY created_at, connection")?
                .query_map([], read)?
                .collect::<Result<_, _>>()?)
        })
    }

    pub fn remove(&self, connection: ConnectionId) -> Result<bool, StoreError> {
        self.0.with(|db| {
            let removed = db
                .prepare_cached("DELETE FROM revocations WHERE connection = ?1")?
                .execute([connection.to_string()])?;
            Ok(removed == 1)
        })
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<RevocationRow> {
    Ok(RevocationRow {
        connection: column::parsed(row, "connection")?,
        integration: IntegrationId::new(row.get::<_, String>("integration")?),
        account: row.get("account")?,
        phase: column::parsed(row, "phase")?,
        created_at: column::timestamp(row, "created_at")?,
        tries: row.get("tries")?,
        next_try_at: column::timestamp(row, "next_try_at")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Store;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(ms).unwrap()
    }

    #[test]
    fn a_revocation_is_due_once_its_grant_has_moved_and_its_time_has_come() {
        let store = Store::in_memory().unwrap();
        let row = RevocationRow {
            connection: ConnectionId::generate(),
            integration: "gmail".into(),
            account: "anna@example.org".to_owned(),
            phase: RevocationPhase::Moving,
            created_at: at(1),
            tries: 0,
            next_try_at: at(1),
        };
        let table = store.revocations();
        table.insert(&row).unwrap();
        assert_eq!(table.due(at(9)).unwrap(), []);
        assert!(table.set_pending(row.connection).unwrap());
        assert_eq!(table.due(at(9)).unwrap().len(), 1);

        assert!(table.retry_later(row.connection, at(100)).unwrap());
        assert_eq!(table.due(at(99)).unwrap(), []);
        assert_eq!(table.due(at(100)).unwrap()[0].tries, 1);

        assert!(table.remove(row.connection).unwrap());
        assert_eq!(table.all().unwrap(), []);
        assert!(!table.set_pending(row.connection).unwrap());
    }
}
