//! The journal of imports under way. A row is there before the vault is given anything, so that a crash leaves the
//! profile as it was before, or as it is after: `Writing` is undone at the next start, `Done` happened.

use model::{ImportId, Timestamp};
use rusqlite::{Row, params};
use serde::{Serialize, de::DeserializeOwned};

use crate::{StoreError, column, reach::Reach};

pub const CREATE: &str = "
    CREATE TABLE imports (
        id TEXT PRIMARY KEY,
        phase TEXT NOT NULL CHECK (phase IN ('writing', 'done')),
        items TEXT NOT NULL,
        begun_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
";

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ImportRow<I> {
    pub id: ImportId,
    pub phase: ImportPhase,
    /// What of the vault belongs to it. Names, never what they name.
    pub items: Vec<I>,
    pub begun_at: Timestamp,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ImportPhase {
    /// The vault may hold some of its items; no table knows of them.
    Writing,
    /// The tables have it; the ledger may not.
    Done,
}

column::names!(ImportPhase {
    Writing = "writing",
    Done = "done",
});

pub struct Imports<'a>(pub(crate) Reach<'a>);

impl Imports<'_> {
    pub fn begin<I: Serialize>(&self, import: &ImportRow<I>) -> Result<(), StoreError> {
        let items = column::to_json(&import.items)?;
        self.0.with(|db| {
            db.prepare_cached(
                "INSERT INTO imports (id, phase, items, begun_at) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![
                import.id.to_string(),
                import.phase.name(),
                items,
                column::millis(import.begun_at),
            ])?;
            Ok(())
        })
    }

    /// In the very transaction that writes the rest. Fails where the row is gone: then so is the import.
    pub fn set_done(&self, id: ImportId) -> Result<(), StoreError> {
        self.0.with(|db| {
            let changed = db
                .prepare_cached("UPDATE imports SET phase = 'done' WHERE id = ?1")?
                .execute([id.to_string()])?;
            match changed {
                1 => Ok(()),
                _ => Err(StoreError::Value("an import without its journal")),
            }
        })
    }

    /// Oldest first.
    pub fn all<I: DeserializeOwned>(&self) -> Result<Vec<ImportRow<I>>, StoreError> {
        self.0.with(|db| {
            Ok(db
                .prepare_cached("SELECT * FROM imports ORDER BY begun_at, id")?
                .query_map([], read::<I>)?
                .collect::<Result<_, _>>()?)
        })
    }

    pub fn remove(&self, id: ImportId) -> Result<bool, StoreError> {
        self.0.with(|db| {
            let removed = db
                .prepare_cached("DELETE FROM imports WHERE id = ?1")?
                .execute([id.to_string()])?;
            Ok(removed == 1)
        })
    }
}

fn read<I: DeserializeOwned>(row: &Row<'_>) -> rusqlite::Result<ImportRow<I>> {
    Ok(ImportRow {
        id: column::parsed(row, "id")?,
        phase: column::parsed(row, "phase")?,
        items: column::json(row, "items")?,
        begun_at: column::timestamp(row, "begun_at")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Store;

    #[test]
    fn an_import_is_done_in_the_transaction_that_did_it_or_not_at_all() {
        let store = Store::in_memory().unwrap();
        let row = ImportRow {
            id: ImportId::generate(),
            phase: ImportPhase::Writing,
            items: vec!["grant/1".to_owned()],
            begun_at: Timestamp::UNIX_EPOCH,
        };
        store.imports().begin(&row).unwrap();
        let failed: Result<(), _> = store.transaction(|tx| {
            tx.imports().set_done(row.id)?;
            Err(StoreError::Value("on purpose"))
        });
        assert!(failed.is_err());
        assert_eq!(store.imports().all().unwrap(), std::slice::from_ref(&row));
        store
            .transaction(|tx| tx.imports().set_done(row.id))
            .unwrap();
        let kept = store.imports().all::<String>().unwrap();
        assert_eq!(kept[0].phase, ImportPhase::Done);
        assert!(store.imports().remove(row.id).unwrap());
        assert!(store.imports().set_done(row.id).is_err());
    }
}
