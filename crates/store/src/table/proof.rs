//! One row that is rewritten to prove that writing works. Nobody reads it.

use rusqlite::Connection;

use crate::StoreError;

pub const CREATE: &str = "
    CREATE TABLE proof (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        times INTEGER NOT NULL
    ) STRICT;
    INSERT INTO proof VALUES (1, 0);
";

/// Counts up, so that a page really changes and has to be synced.
pub fn write(db: &Connection) -> Result<(), StoreError> {
    let written = db
        .prepare_cached("UPDATE proof SET times = times + 1 WHERE id = 1")?
        .execute([])?;
    match written {
        1 => Ok(()),
        _ => Err(StoreError::Value("the row that proves writing is gone")),
    }
}
