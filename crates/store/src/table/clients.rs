//! The person's own client registrations. The secret part, where there is one, is in the vault.

use model::{ProviderId, Timestamp};
use rusqlite::{OptionalExtension, Row, params};

use crate::{StoreError, column, reach::Reach};

pub const CREATE: &str = "
    CREATE TABLE clients (
        provider TEXT NOT NULL,
        kind TEXT NOT NULL,
        client_id TEXT NOT NULL,
        has_secret INTEGER NOT NULL CHECK (has_secret IN (0, 1)),
        added_at INTEGER NOT NULL,
        PRIMARY KEY (provider, kind)
    ) STRICT, WITHOUT ROWID;
";

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClientRow {
    pub provider: ProviderId,
    /// A client type of integration.toml: `desktop`, `ios` …
    pub kind: String,
    pub client_id: String,
    /// The vault holds a secret for it.
    pub has_secret: bool,
    pub added_at: Timestamp,
}

pub struct Clients<'a>(pub(crate) Reach<'a>);

impl Clients<'_> {
    /// Replaces the registration of the same provider and kind.
    pub fn put(&self, client: &ClientRow) -> Result<(), StoreError> {
        self.0.with(|db| {
            db.prepare_cached(
                "INSERT INTO clients (provider, kind, client_id, has_secret, added_at)
                 VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (provider, kind) DO UPDATE SET client_id = excluded.client_id,
                     has_secret = excluded.has_secret, added_at = excluded.added_at",
            )?
            .execute(params![
                client.provider.as_str(),
                client.kind,
                client.client_id,
                client.has_secret,
                column::millis(client.added_at),
            ])?;
            Ok(())
        })
    }

    pub fn get(&self, provider: &ProviderId, kind: &str) -> Result<Option<ClientRow>, StoreError> {
        self.0.with(|db| {
            Ok(db
                .prepare_cached("SELECT * FROM clients WHERE provider = ?1 AND kind = ?2")?
                .query_row([provider.as_str(), kind], read)
                .optional()?)
        })
    }

    /// By provider, then kind.
    pub fn all(&self) -> Result<Vec<ClientRow>, StoreError> {
        self.0.with(|db| {
            Ok(db
                .prepare_cached("SELECT * FROM clients ORDER BY provider, kind")?
                .query_map([], read)?
                .collect::<Result<_, _>>()?)
        })
    }

    pub fn remove(&self, provider: &ProviderId, kind: &str) -> Result<bool, StoreError> {
        self.0.with(|db| {
            let removed = db
                .prepare_cached("DELETE FROM clients WHERE provider = ?1 AND kind = ?2")?
                .execute([provider.as_str(), kind])?;
            Ok(removed == 1)
        })
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<ClientRow> {
    Ok(ClientRow {
        provider: ProviderId::new(row.get::<_, String>("provider")?),
        kind: row.get("kind")?,
        client_id: row.get("client_id")?,
        has_secret: row.get("has_secret")?,
        added_at: column::timestamp(row, "added_at")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Store;

    #[test]
    fn a_second_registration_of_a_kind_replaces_the_first() {
        let store = Store::in_memory().unwrap();
        let mut client = ClientRow {
            provider: "google".into(),
            kind: "desktop".to_owned(),
            client_id: "one".to_owned(),
            has_secret: true,
            added_at: Timestamp::UNIX_EPOCH,
        };
        store.clients().put(&client).unwrap();
        client.client_id = "two".to_owned();
        client.has_secret = false;
        store.clients().put(&client).unwrap();
        let kept = store.clients().get(&client.provider, "desktop").unwrap();
        assert_eq!(kept, Some(client.clone()));
        assert_eq!(store.clients().all().unwrap(), [client.clone()]);
        assert!(store.clients().remove(&client.provider, "desktop").unwrap());
        assert!(!store.clients().remove(&client.provider, "desktop").unwrap());
    }
}
