//! Connected accounts: whose, through what, with which permissions, and where they stand. No tokens.

use model::{ConnectionId, Identity, IntegrationId, Status, Timestamp};
use rusqlite::{OptionalExtension, Row, params};

use crate::{StoreError, column, reach::Reach};

pub const CREATE: &str = "
    CREATE TABLE connections (
        id TEXT PRIMARY KEY,
        integration TEXT NOT NULL,
        identity_id TEXT NOT NULL,
        account TEXT NOT NULL,
        display_name TEXT,
        status TEXT NOT NULL,
        proven_at INTEGER,
        checked_at INTEGER,
        connected_at INTEGER NOT NULL,
        asked TEXT NOT NULL,
        granted TEXT NOT NULL,
        remarks TEXT NOT NULL,
        paused INTEGER NOT NULL CHECK (paused IN (0, 1)),
        generation INTEGER NOT NULL CHECK (generation >= 0),
        UNIQUE (integration, identity_id)
    ) STRICT;
";

/// The person may let programs hold the raw token; nobody may from the start.
pub const ADD_TOKEN_ALLOWED: &str = "
    ALTER TABLE connections ADD COLUMN token_allowed INTEGER NOT NULL DEFAULT 0 CHECK (token_allowed IN (0, 1));
";

/// What the person calls it.
pub const ADD_NAME: &str = "ALTER TABLE connections ADD COLUMN name TEXT;";

const INSERT: &str = "
    INSERT INTO connections (id, integration, identity_id, account, display_name, status, proven_at,
        checked_at, connected_at, asked, granted, remarks, paused, generation, token_allowed, name)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)";

/// What the person set, and since when it has been connected, survive a new sign-in.
const OR_UPDATE: &str = "
    ON CONFLICT (id) DO UPDATE SET integration = excluded.integration,
        identity_id = excluded.identity_id, account = excluded.account,
        display_name = excluded.display_name, status = excluded.status,
        proven_at = excluded.proven_at, checked_at = excluded.checked_at, asked = excluded.asked,
        granted = excluded.granted, remarks = excluded.remarks, generation = excluded.generation";

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConnectionRow {
    pub id: ConnectionId,
    pub integration: IntegrationId,
    /// One account is connected once per integration.
    pub identity: Identity,
    pub status: Status,
    /// When a real call last succeeded.
    pub proven_at: Option<Timestamp>,
    /// When a real call was last tried.
    pub checked_at: Option<Timestamp>,
    pub connected_at: Timestamp,
    /// Scopes asked for at the last sign-in.
    pub asked: Vec<String>,
    /// Scopes really granted.
    pub granted: Vec<String>,
    /// Sentences the integration wants shown beside it.
    pub remarks: Vec<String>,
    /// What the person calls it.
    pub name: Option<String>,
    pub paused: bool,
    /// May programs be given its raw token?
    pub token_allowed: bool,
    /// Of the grant in the vault; rises with every change of it.
    pub generation: u64,
}

pub struct Connections<'a>(pub(crate) Reach<'a>);

impl Connections<'_> {
    /// Fails with [`StoreError::Exists`] when the id, or the account in this integration, is there already.
    pub fn insert(&self, connection: &ConnectionRow) -> Result<(), StoreError> {
        self.write(INSERT, connection)
    }

    /// A new sign-in of a connection, or the first. An existing row keeps `connected_at`, `name`, `paused` and
    /// `token_allowed`.
    ///
    /// Fails with [`StoreError::Exists`] when the account belongs to another connection.
    pub fn upsert(&self, connection: &ConnectionRow) -> Result<(), StoreError> {
        self.write(&format!("{INSERT}{OR_UPDATE}"), connection)
    }

    /// Everything of an existing row. False = no such row, and none is made: a connection that was just
    /// ended doesn't come back because something was still known about it.
    pub fn update(&self, row: &ConnectionRow) -> Result<bool, StoreError> {
        let status = column::to_json(&row.status)?;
        let granted = column::to_json(&row.granted)?;
        let remarks = column::to_json(&row.remarks)?;
        let generation = column::count(row.generation)?;
        self.0.with(|db| {
            let changed = db
                .prepare_cached(
                    "UPDATE connections SET identity_id = ?2, account = ?3, display_name = ?4,
                        status = ?5, proven_at = ?6, checked_at = ?7, granted = ?8, remarks = ?9,
                        paused = ?10, generation = ?11, token_allowed = ?12, name = ?13
                     WHERE id = ?1",
                )?
                .execute(params![
                    row.id.to_string(),
                    row.identity.id,
                    row.identity.account,
                    row.identity.display_name,
                    status,
                    row.proven_at.map(column::millis),
                    row.checked_at.map(column::millis),
                    granted,
                    remarks,
                    row.paused,
                    generation,
                    row.token_allowed,
                    row.name,
                ])?;
            Ok(changed == 1)
        })
    }

    fn write(&self, sql: &str, row: &ConnectionRow) -> Result<(), StoreError> {
        let status = column::to_json(&row.status)?;
        let asked = column::to_json(&row.asked)?;
        let granted = column::to_json(&row.granted)?;
        let remarks = column::to_json(&row.remarks)?;
        let generation = column::count(row.generation)?;
        self.0.with(|db| {
            db.prepare_cached(sql)?.execute(params![
                row.id.to_string(),
                row.integration.as_str(),
                row.identity.id,
                row.identity.account,
                row.identity.display_name,
                status,
                row.proven_at.map(column::millis),
                row.checked_at.map(column::millis),
                column::millis(row.connected_at),
                asked,
                granted,
                remarks,
                row.paused,
                generation,
                row.token_allowed,
                row.name,
            ])?;
            Ok(())
        })
    }

    pub fn get(&self, id: ConnectionId) -> Result<Option<ConnectionRow>, StoreError> {
        self.0.with(|db| {
            Ok(db
                .prepare_cached("SELECT * FROM connections WHERE id = ?1")?
                .query_row([id.to_string()], read)
                .optional()?)
        })
    }

    /// The connection of an account, if it is connected through this integration.
    pub fn by_identity(
        &self,
        integration: &IntegrationId,
        identity_id: &str,
    ) -> Result<Option<ConnectionRow>, StoreError> {
        self.0.with(|db| {
            Ok(db
                .prepare_cached(
                    "SELECT * FROM connections WHERE integration = ?1 AND identity_id = ?2",
                )?
                .query_row([integration.as_str(), identity_id], read)
                .optional()?)
        })
    }

    /// The longest connected first.
    pub fn all(&self) -> Result<Vec<ConnectionRow>, StoreError> {
        self.0.with(|db| {
            Ok(db
                .prepare_cached("SELECT * FROM connections ORDER BY connected_at, id")?
                .query_map([], read)?
                .collect::<Result<_, _>>()?)
        })
    }

    pub fn remove(&self, id: ConnectionId) -> Result<bool, StoreError> {
        self.0.with(|db| {
            let removed = db
                .prepare_cached("DELETE FROM connections WHERE id = ?1")?
                .execute([id.to_string()])?;
            Ok(removed == 1)
        })
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<ConnectionRow> {
    let id: ConnectionId = column::parsed(row, "id")?;
    Ok(ConnectionRow {
        id,
        integration: IntegrationId::new(row.get::<_, String>("integration")?),
        identity: Identity {
            id: row.get("identity_id")?,
            account: row.get("account")?,
            display_name: row.get("display_name")?,
        },
        // A status is found again by the next probe; an account that isn't listed is not.
        status: column::json(row, "status").unwrap_or_else(|_| {
            tracing::warn!(%id, "a stored status can't be read; it will be checked anew");
            Status::Unproven
        }),
        proven_at: column::maybe_timestamp(row, "proven_at")?,
        checked_at: column::maybe_timestamp(row, "checked_at")?,
        connected_at: column::timestamp(row, "connected_at")?,
        asked: column::json(row, "asked")?,
        granted: column::json(row, "granted")?,
        remarks: column::json(row, "remarks")?,
        name: row.get("name")?,
        paused: row.get("paused")?,
        token_allowed: row.get("token_allowed")?,
        generation: column::unsigned(row, "generation")?,
    })
}

#[cfg(test)]
#[path = "connections_tests.rs"]
mod tests;
