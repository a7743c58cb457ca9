//! The write that was asked for last, held for as long as nothing was written: whoever waits for one asks for it again
//! and again, and reading the row and what lies in it takes longer than all else of an answer.
//!
//! SQLite itself says whether anything was written: it counts the rows that a connection ever changed. There is only
//! one connection, and what a transaction sees before its end never comes here.

use model::ActionId;
use rusqlite::Connection;

use crate::{OutboxRow, StoreError};

#[derive(Default)]
pub(crate) struct Lately {
    row: Option<OutboxRow>,
    /// How many rows had ever been changed when it was read.
    changes: u64,
}

impl Lately {
    pub(crate) fn or_read(
        &mut self,
        db: &Connection,
        id: ActionId,
        read: impl FnOnce(&Connection) -> Result<Option<OutboxRow>, StoreError>,
    ) -> Result<Option<OutboxRow>, StoreError> {
        let changes = db.total_changes();
        let holds = self.changes == changes && self.row.as_ref().is_some_and(|row| row.id == id);
        if !holds {
            self.row = read(db)?;
            self.changes = changes;
        }
        Ok(self.row.clone())
    }
}
