//! The journal of refresh tokens on their way to be spent. A row left over after a crash says: this
//! generation of the grant may have been used up, although its answer was never seen.

use model::{ConnectionId, Timestamp};
use rusqlite::{OptionalExtension, Row, params};

use crate::{StoreError, column, reach::Reach};

// No foreign key: a row may outlive its connection while the grant is being revoked.
pub const CREATE: &str = "
    CREATE TABLE rotations (
        connection TEXT NOT NULL,
        generation INTEGER NOT NULL,
        sent_at INTEGER NOT NULL,
        PRIMARY KEY (connection, generation)
    ) STRICT, WITHOUT ROWID;
";

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RotationRow {
    pub connection: ConnectionId,
    /// Of the grant whose refresh token is spent.
    pub generation: u64,
    pub sent_at: Timestamp,
}

pub struct Rotations<'a>(pub(crate) Reach<'a>);

impl Rotations<'_> {
    /// Before the token is sent; on disk when this returns. Sending the same generation again moves `sent_at`.
    pub fn begin(&self, rotation: &RotationRow) -> Result<(), StoreError> {
        let generation = column::count(rotation.generation)?;
        self.0.with(|db| {
            db.prepare_cached(
                "INSERT INTO rotations (connection, generation, sent_at) VALUES (?1, ?2, ?3)
                 ON CONFLICT (connection, generation) DO UPDATE SET sent_at = excluded.sent_at",
            )?
            .execute(params![
                rotation.connection.to_string(),
                generation,
                column::millis(rotation.sent_at)
            ])?;
            Ok(())
        })
    }

    /// Once the answer is persisted. Ends this generation and older ones; a newer one under way stays.
    pub fn end(&self, connection: ConnectionId, generation: u64) -> Result<(), StoreError> {
        let generation = column::count(generation)?;
        self.0.with(|db| {
            db.prepare_cached("DELETE FROM rotations WHERE connection = ?1 AND generation <= ?2")?
                .execute(params![connection.to_string(), generation])?;
            Ok(())
        })
    }

    /// The newest generation that was sent and not ended.
    pub fn get(&self, connection: ConnectionId) -> Result<Option<RotationRow>, StoreError> {
        self.0.with(|db| {
            Ok(db
                .prepare_cached(
                    "SELECT * FROM rotations WHERE connection = ?1 ORDER BY generation DESC LIMIT 1",
                )?
                .query_row([connection.to_string()], read)
                .optional()?)
        })
    }

    pub fn all(&self) -> Result<Vec<RotationRow>, StoreError> {
        self.0.with(|db| {
            Ok(db
                .prepare_cached("SELECT * FROM rotations ORDER BY sent_at, connection, generation")?
                .query_map([], read)?
                .collect::<Result<_, _>>()?)
        })
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<RotationRow> {
    Ok(RotationRow {
        connection: column::parsed(row, "connection")?,
        generation: column::unsigned(row, "generation")?,
        sent_at: column::timestamp(row, "sent_at")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Store;

    #[test]
    fn ending_an_old_rotation_leaves_a_newer_one_under_way() {
        let store = Store::in_memory().unwrap();
        let connection = ConnectionId::generate();
        let row = |generation| RotationRow {
            connection,
            generation,
            sent_at: Timestamp::UNIX_EPOCH,
        };
        store.rotations().begin(&row(1)).unwrap();
        store.rotations().begin(&row(2)).unwrap();
        store.rotations().end(connection, 1).unwrap();
        assert_eq!(store.rotations().all().unwrap(), [row(2)]);
        assert_eq!(store.rotations().get(connection).unwrap(), Some(row(2)));
        store.rotations().end(connection, 2).unwrap();
        assert_eq!(store.rotations().get(connection).unwrap(), None);
    }

    #[test]
    fn sending_a_generation_again_is_one_row() {
        let store = Store::in_memory().unwrap();
        let mut row = RotationRow {
            connection: ConnectionId::generate(),
            generation: 7,
            sent_at: Timestamp::UNIX_EPOCH,
        };
        store.rotations().begin(&row).unwrap();
        row.sent_at = Timestamp::from_millisecond(5).unwrap();
        store.rotations().begin(&row).unwrap();
        assert_eq!(store.rotations().all().unwrap(), [row]);
    }

    #[test]
    fn a_generation_beyond_the_column_is_refused_rather_than_wrapped() {
        let store = Store::in_memory().unwrap();
        let row = RotationRow {
            connection: ConnectionId::generate(),
            generation: u64::MAX,
            sent_at: Timestamp::UNIX_EPOCH,
        };
        assert!(matches!(
            store.rotations().begin(&row),
            Err(StoreError::Value(_))
        ));
    }
}
