//! Small values by key, as JSON. For what a person chose or the app must not say twice; never for secrets.

use rusqlite::OptionalExtension;
use serde::{Serialize, de::DeserializeOwned};

use crate::{StoreError, column, reach::Reach};

pub const CREATE: &str = "
    CREATE TABLE settings (
        key TEXT PRIMARY KEY,
        value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
";

pub struct Settings<'a>(pub(crate) Reach<'a>);

impl Settings<'_> {
    /// `None` = never put. A value of another shape is an error, not `None`.
    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, StoreError> {
        self.0.with(|db| {
            Ok(db
                .prepare_cached("SELECT value FROM settings WHERE key = ?1")?
                .query_row([key], |row| column::json(row, "value"))
                .optional()?)
        })
    }

    pub fn put<T: Serialize + ?Sized>(&self, key: &str, value: &T) -> Result<(), StoreError> {
        let value = column::to_json(value)?;
        self.0.with(|db| {
            db.prepare_cached(
                "INSERT INTO settings (key, value) VALUES (?1, ?2)
                 ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            )?
            .execute([key, &value])?;
            Ok(())
        })
    }

    pub fn remove(&self, key: &str) -> Result<bool, StoreError> {
        self.0.with(|db| {
            let removed = db
                .prepare_cached("DELETE FROM settings WHERE key = ?1")?
                .execute([key])?;
            Ok(removed == 1)
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::Store;

    #[test]
    fn a_setting_is_what_was_last_put() {
        let store = Store::in_memory().unwrap();
        store.settings().put("tray_told", &false).unwrap();
        store.settings().put("tray_told", &true).unwrap();
        assert_eq!(store.settings().get("tray_told").unwrap(), Some(true));
        assert!(store.settings().remove("tray_told").unwrap());
        assert_eq!(store.settings().get::<bool>("tray_told").unwrap(), None);
    }

    #[test]
    fn a_setting_of_another_shape_is_an_error() {
        let store = Store::in_memory().unwrap();
        store.settings().put("a", "text").unwrap();
        assert!(store.settings().get::<u8>("a").is_err());
    }
}
