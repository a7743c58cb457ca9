//! What can go wrong with the database. Values never appear in it, only names of tables and SQLite's words.

use std::{io, path::PathBuf};

use rusqlite::ErrorCode;

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the database file {path} can't be used: {source}")]
    File { path: PathBuf, source: io::Error },
    #[error("the database refused: {0}")]
    Sqlite(rusqlite::Error),
    #[error("the database could not be brought up to date: {0}")]
    Migration(#[from] rusqlite_migration::Error),
    /// A row with the same key is there already (the account is connected, the state was used).
    #[error("a row with the same key is there already")]
    Exists,
    /// A value doesn't fit the column, or is not what we wrote.
    #[error("a value in the database can't be written or read: {0}")]
    Value(&'static str),
    /// The store was closed, because the hub lets go of the profile.
    #[error("the database is closed")]
    Closed,
}

impl StoreError {
    /// Is the file itself broken, rather than busy, full or out of reach?
    #[must_use]
    pub fn is_damage(&self) -> bool {
        let code = match self {
            Self::Sqlite(error)
            | Self::Migration(rusqlite_migration::Error::RusqliteError { err: error, .. }) => {
                error.sqlite_error_code()
            }
            _ => None,
        };
        matches!(
            code,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
        )
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ffi::{SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_UNIQUE};
        match error.sqlite_error().map(|e| e.extended_code) {
            Some(SQLITE_CONSTRAINT_PRIMARYKEY | SQLITE_CONSTRAINT_UNIQUE) => Self::Exists,
            _ => Self::Sqlite(error),
        }
    }
}
