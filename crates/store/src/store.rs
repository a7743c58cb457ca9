//! The handle: opening, proving, closing. What is in the tables is [`crate::table`]'s business.

use std::{
    fmt,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, TransactionBehavior, config::DbConfig};

use crate::{
    SetAside, SetAsideWhy, StoreError, file,
    lately::Lately,
    reach::Tx,
    salvage,
    schema::{MIGRATIONS, NEWEST},
    table::proof,
};

/// Nobody else should hold the database; a backup or a virus scanner may, for a moment.
const BUSY: Duration = Duration::from_secs(5);

/// A handle on a profile's database; clones share it.
#[derive(Clone)]
pub struct Store(Arc<Mutex<Option<Held>>>);

struct Held {
    db: Connection,
    lately: Lately,
}

/// An open store, and the former file where that could not be used.
#[derive(Debug)]
pub struct Opened {
    pub store: Store,
    pub set_aside: Option<SetAside>,
}

impl Store {
    /// Opens the database, making it where it is missing and bringing it up to date where it is older.
    ///
    /// A damaged or newer file is set aside and a new one begun, with what a damaged one still says. A file that is
    /// merely out of reach (busy, no rights, disk full) is an error and stays where it is.
    pub fn open(path: &Path) -> Result<Opened, StoreError> {
        file::take_over(path)?;
        match Self::open_as_is(path)? {
            Found::Usable(store) => Ok(Opened {
                store,
                set_aside: None,
            }),
            Found::Unusable(why) => {
                let saved = why == SetAsideWhy::Damaged && Self::salvage(path)?;
                let set_aside = file::set_aside(path, why, saved)?;
                file::take_over(path)?;
                match Self::open_as_is(path)? {
                    Found::Usable(store) => Ok(Opened {
                        store,
                        set_aside: Some(set_aside),
                    }),
                    Found::Unusable(_) => {
                        Err(StoreError::Value("a new file that is damaged at once"))
                    }
                }
            }
        }
    }

    /// False = nothing of it can be brought over.
    fn salvage(path: &Path) -> Result<bool, StoreError> {
        let to = file::salvaged(path);
        // What a crash left half written.
        file::remove(&to)?;
        match salvage::gather(path) {
            Ok(Some(gathered)) => salvage::write(&gathered, &to).map(|()| true),
            Ok(None) => Ok(false),
            Err(error) => {
                tracing::warn!(%error, "nothing of the damaged database can be brought over");
                Ok(false)
            }
        }
    }

    /// A database that is gone when the last handle is; for tests and measurements.
    pub fn in_memory() -> Result<Self, StoreError> {
        let mut db = Connection::open_in_memory()?;
        settle(&mut db)?;
        Ok(Self::around(db))
    }

    fn open_as_is(path: &Path) -> Result<Found, StoreError> {
        file::prepare(path)?;
        let mut db = Connection::open_with_flags(
            path,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        // Until we know that the file is ours, closing it must leave it as it was found.
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        let outcome = judge(&db).and_then(|verdict| match verdict {
            Some(why) => Ok(Some(why)),
            None => settle(&mut db).map(|()| None),
        });
        match outcome {
            Ok(None) => {
                db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
                Ok(Found::Usable(Self::around(db)))
            }
            Ok(Some(why)) => Ok(Found::Unusable(why)),
            Err(error) if error.is_damage() => {
                tracing::warn!(%error, "the database is damaged");
                Ok(Found::Unusable(SetAsideWhy::Damaged))
            }
            Err(error) => Err(error),
        }
    }

    fn around(db: Connection) -> Self {
        let lately = Lately::default();
        Self(Arc::new(Mutex::new(Some(Held { db, lately }))))
    }

    /// A panic elsewhere while the lock was held left no half-done transaction: that was rolled back.
    fn lock(&self) -> MutexGuard<'_, Option<Held>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn with<T>(
        &self,
        f: impl FnOnce(&mut Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        f(&mut self.lock().as_mut().ok_or(StoreError::Closed)?.db)
    }

    /// With what was read last, outside of any transaction.
    pub(crate) fn with_lately<T>(
        &self,
        f: impl FnOnce(&Connection, &mut Lately) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut held = self.lock();
        let Held { db, lately } = held.as_mut().ok_or(StoreError::Closed)?;
        f(db, lately)
    }

    /// Does SQLite find the file sound? False = `quick_check` names faults.
    pub fn check(&self) -> Result<bool, StoreError> {
        match self.with(|db| is_sound(db)) {
            Err(error) if error.is_damage() => Ok(false),
            answer => answer,
        }
    }

    /// A real write, committed and synced to disk: asked for before something that can't be repeated is spent.
    pub fn prove_write(&self) -> Result<(), StoreError> {
        self.with(|db| proof::write(db))
    }

    /// Empties the log of the database: pages that were overwritten in the file still lie there as they were. For when
    /// something was wiped that shall be gone.
    pub fn tidy(&self) -> Result<(), StoreError> {
        self.with(|db| {
            // Answers how far it came; a reader of ours can't be in the way, for there is only this connection.
            Ok(db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?)
        })
    }

    /// Everything `f` does through the transaction is committed together, or nothing is.
    ///
    /// `f` must use the tables of the transaction: the store itself is locked for as long as it runs.
    pub fn transaction<T>(
        &self,
        f: impl FnOnce(&Tx<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.with(|db| committed(db, f))
    }

    /// [`Store::transaction`], committed without waiting for the disk. Our own end, however sudden, loses nothing of it;
    /// a power cut may, until the next commit that is waited for: that takes it along.
    pub fn transaction_unsynced<T>(
        &self,
        f: impl FnOnce(&Tx<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.with(|db| {
            db.execute_batch("PRAGMA synchronous = NORMAL")?;
            let outcome = committed(db, f);
            db.execute_batch("PRAGMA synchronous = FULL")?;
            outcome
        })
    }

    /// Nobody holds the database at this moment.
    #[must_use]
    pub fn is_free(&self) -> bool {
        self.0.try_lock().is_ok()
    }

    /// Lets go of the file, whatever clones are left: their calls fail with [`StoreError::Closed`].
    pub fn close(self) {
        let Some(Held { db, .. }) = self.lock().take() else {
            return;
        };
        if let Err((_, error)) = db.close() {
            tracing::warn!(%error, "the database did not close cleanly; the next start recovers it");
        }
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Store")
    }
}

enum Found {
    Usable(Store),
    Unusable(SetAsideWhy),
}

/// Reads only. Newer is asked first, because a later version may hold what our check doesn't know.
fn judge(db: &Connection) -> Result<Option<SetAsideWhy>, StoreError> {
    db.busy_timeout(BUSY)?;
    let version: i64 = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    match usize::try_from(version) {
        Err(_) => Ok(Some(SetAsideWhy::Damaged)),
        Ok(version) if version > NEWEST => Ok(Some(SetAsideWhy::Newer)),
        Ok(_) if is_sound(db)? => Ok(None),
        Ok(_) => Ok(Some(SetAsideWhy::Damaged)),
    }
}

fn committed<T>(
    db: &mut Connection,
    f: impl FnOnce(&Tx<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let value = f(&Tx(&tx))?;
    tx.commit()?;
    Ok(value)
}

fn is_sound(db: &Connection) -> Result<bool, StoreError> {
    let said: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    Ok(said == "ok")
}

/// Sets the rules of the connection and brings the tables up to date.
fn settle(db: &mut Connection) -> Result<(), StoreError> {
    db.busy_timeout(BUSY)?;
    let mode: String = db.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    if mode != "wal" && mode != "memory" {
        tracing::warn!(
            mode,
            "this file system has no write-ahead log; writes are slower"
        );
    }
    // FULL: a journalled rotation must be on disk before the token is spent. `fullfsync` is what makes
    // that true on macOS, and means nothing elsewhere. Removed accounts are overwritten, not just unlinked.
    db.execute_batch(
        "PRAGMA synchronous = FULL;
         PRAGMA fullfsync = ON;
         PRAGMA checkpoint_fullfsync = ON;
         PRAGMA secure_delete = ON;
         PRAGMA trusted_schema = OFF;",
    )?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    // Off while migrating, so that a later step may rebuild a table others point at.
    db.execute_batch("PRAGMA foreign_keys = OFF")?;
    MIGRATIONS.to_latest(db)?;
    db.execute_batch("PRAGMA foreign_keys = ON")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pragma(store: &Store, name: &str) -> i64 {
        store
            .with(|db| Ok(db.query_row(&format!("PRAGMA {name}"), [], |row| row.get(0))?))
            .unwrap()
    }

    #[test]
    fn foreign_keys_are_enforced() {
        let store = Store::in_memory().unwrap();
        assert_eq!(pragma(&store, "foreign_keys"), 1);
        let refused = store.with(|db| {
            Ok(db.execute_batch(
                "CREATE TABLE parent (id INTEGER PRIMARY KEY) STRICT;
                 CREATE TABLE child (parent INTEGER REFERENCES parent (id)) STRICT;
                 INSERT INTO child VALUES (1);",
            )?)
        });
        assert!(matches!(refused, Err(StoreError::Sqlite(_))));
    }

    #[test]
    fn every_commit_reaches_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("a.db")).unwrap().store;
        const FULL: i64 = 2;
        assert_eq!(pragma(&store, "synchronous"), FULL);
        // Also after one that was not waited for, and after one that failed.
        store
            .transaction_unsynced(|tx| tx.settings().put("a", &1))
            .unwrap();
        assert_eq!(pragma(&store, "synchronous"), FULL);
        let failed: Result<(), _> =
            store.transaction_unsynced(|_| Err(StoreError::Value("for the test")));
        assert!(failed.is_err());
        assert_eq!(pragma(&store, "synchronous"), FULL);
        assert_eq!(store.settings().get("a").unwrap(), Some(1));
    }

    #[test]
    fn a_failed_transaction_leaves_nothing() {
        let store = Store::in_memory().unwrap();
        let failed: Result<(), _> = store.transaction(|tx| {
            tx.settings().put("a", &1)?;
            Err(StoreError::Value("on purpose"))
        });
        assert!(failed.is_err());
        assert_eq!(store.settings().get::<i32>("a").unwrap(), None);
    }

    #[test]
    fn a_panic_inside_a_transaction_leaves_nothing_and_the_store_goes_on() {
        let store = Store::in_memory().unwrap();
        let other = store.clone();
        std::thread::spawn(move || {
            other.transaction(|tx| -> Result<(), StoreError> {
                tx.settings().put("a", &1)?;
                panic!("on purpose")
            })
        })
        .join()
        .unwrap_err();
        assert_eq!(store.settings().get::<i32>("a").unwrap(), None);
        store.prove_write().unwrap();
    }

    #[test]
    fn a_closed_store_says_so_to_every_clone() {
        let store = Store::in_memory().unwrap();
        let clone = store.clone();
        store.close();
        assert!(matches!(clone.prove_write(), Err(StoreError::Closed)));
    }

    #[test]
    fn a_sound_store_passes_its_check() {
        assert!(Store::in_memory().unwrap().check().unwrap());
    }
}
