//! Writes on their way out: what is to be sent, to where, for whom, and how far it is. A row is here before anything
//! is on the wire; what it holds is wiped when it is over.

use model::{
    Action, ActionId, ActionState, Caller, Capability, ConnectionId, IntegrationId, Outline,
    RemoteRef, Timestamp,
};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};

use crate::{StoreError, column, reach::Reach};

pub const CREATE: &str = "
    CREATE TABLE outbox (
        id TEXT PRIMARY KEY,
        connection TEXT NOT NULL,
        integration TEXT NOT NULL,
        account TEXT NOT NULL,
        capability TEXT NOT NULL,
        caller TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'failed',
            'outcome_unknown', 'cancelled', 'expired')),
        detail TEXT NOT NULL,
        outline TEXT NOT NULL,
        content TEXT,
        files TEXT NOT NULL,
        pieces TEXT NOT NULL,
        tries INTEGER NOT NULL CHECK (tries >= 0),
        on_wire_at INTEGER
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX outbox_open ON outbox (state, created_at) WHERE state IN ('queued', 'sending', 'outcome_unknown');
    CREATE INDEX outbox_time ON outbox (created_at);
";

/// Writes that a person looks at first have states of their own. A table's check can't be changed, so the table is
/// made anew.
pub const ADD_APPROVAL: &str = "
    ALTER TABLE outbox RENAME TO outbox_before;
    DROP INDEX outbox_open;
    DROP INDEX outbox_time;
    CREATE TABLE outbox (
        id TEXT PRIMARY KEY,
        connection TEXT NOT NULL,
        integration TEXT NOT NULL,
        account TEXT NOT NULL,
        capability TEXT NOT NULL,
        caller TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('awaiting_approval', 'denied', 'queued', 'sending', 'sent', 'failed',
            'outcome_unknown', 'cancelled', 'expired')),
        detail TEXT NOT NULL,
        outline TEXT NOT NULL,
        content TEXT,
        files TEXT NOT NULL,
        pieces TEXT NOT NULL,
        tries INTEGER NOT NULL CHECK (tries >= 0),
        on_wire_at INTEGER
    ) STRICT, WITHOUT ROWID;
    INSERT INTO outbox SELECT * FROM outbox_before;
    DROP TABLE outbox_before;
    CREATE INDEX outbox_open ON outbox (state, created_at)
        WHERE state IN ('awaiting_approval', 'queued', 'sending', 'outcome_unknown');
    CREATE INDEX outbox_time ON outbox (created_at);
    CREATE INDEX outbox_caller ON outbox (caller, created_at);
";

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OutboxRow {
    /// Made by the caller: the same again is the same action.
    pub id: ActionId,
    pub connection: ConnectionId,
    pub integration: IntegrationId,
    /// What a person recognises, also when the connection is gone.
    pub account: String,
    pub capability: Capability,
    pub caller: Caller,
    pub created_at: Timestamp,
    pub state: ActionState,
    pub outline: Outline,
    /// `None` once it is over.
    pub content: Option<Action>,
    /// The files of `content`, as they were when queued, in their order.
    pub files: Vec<QueuedFile>,
    /// What was done of a write that falls into several.
    pub pieces: Vec<Piece>,
    pub tries: u32,
    /// When it was last on the wire.
    pub on_wire_at: Option<Timestamp>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct QueuedFile {
    pub path: String,
    pub name: String,
    pub size: u64,
    /// Lower-case hexadecimal.
    pub sha256: String,
    pub media_type: String,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Piece {
    /// Which file of several; 0 where there is only one part.
    pub part: u32,
    pub made: RemoteRef,
}

pub struct Outbox<'a>(pub(crate) Reach<'a>);

/// The start of every query whose rows [`read`] reads: the columns are in its order.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, connection, integration, account, capability, caller, created_at, detail, outline, content,
                files, pieces, tries, on_wire_at FROM outbox ",
            $rest
        )
    };
}

impl Outbox<'_> {
    /// False = there is one of this id already; it stays as it is.
    pub fn insert(&self, row: &OutboxRow) -> Result<bool, StoreError> {
        let caller = column::to_json(&row.caller)?;
        let detail = column::to_json(&row.state)?;
        let outline = column::to_json(&row.outline)?;
        let content = row.content.as_ref().map(column::to_json).transpose()?;
        let files = column::to_json(&row.files)?;
        let pieces = column::to_json(&row.pieces)?;
        self.0.with(|db| {
            let inserted = db
                .prepare_cached(
                    "INSERT INTO outbox (id, connection, integration, account, capability, caller,
                        created_at, state, detail, outline, content, files, pieces, tries, on_wire_at)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
                     ON CONFLICT (id) DO NOTHING",
                )?
                .execute(params![
                    row.id.to_string(),
                    row.connection.to_string(),
                    row.integration.as_str(),
                    row.account,
                    row.capability.name(),
                    caller,
                    column::millis(row.created_at),
                    row.state.kind(),
                    detail,
                    outline,
                    content,
                    files,
                    pieces,
                    row.tries,
                    row.on_wire_at.map(column::millis),
                ])?;
            Ok(inserted == 1)
        })
    }

    /// What changes in the life of an action, if it still is in the state it is believed to be in, and no try further.
    /// False = it isn't, and nothing was changed: whoever was quicker has the say.
    pub fn advance(&self, from: &str, row: &OutboxRow) -> Result<bool, StoreError> {
        let detail = column::to_json(&row.state)?;
        let content = row.content.as_ref().map(column::to_json).transpose()?;
        let files = column::to_json(&row.files)?;
        let pieces = column::to_json(&row.pieces)?;
        self.0.with(|db| {
            let changed = db
                .prepare_cached(
                    "UPDATE outbox SET state = ?3, detail = ?4, content = ?5, files = ?6,
                        pieces = ?7, tries = ?8, on_wire_at = ?9
                     WHERE id = ?1 AND state = ?2 AND tries <= ?8",
                )?
                .execute(params![
                    row.id.to_string(),
                    from,
                    row.state.kind(),
                    detail,
                    content,
                    files,
                    pieces,
                    row.tries,
                    row.on_wire_at.map(column::millis),
                ])?;
            Ok(changed == 1)
        })
    }

    pub fn get(&self, id: ActionId) -> Result<Option<OutboxRow>, StoreError> {
        let read = |db: &Connection| {
            Ok(db
                .prepare_cached(select!("WHERE id = ?1"))?
                .query_row([id.to_string()], read)
                .optional()?)
        };
        match self.0 {
            Reach::Shared(store) => store.with_lately(|db, lately| lately.or_read(db, id, read)),
            Reach::Held(db) => read(db),
        }
    }

    /// Those that are not over, the longest waiting first.
    pub fn open(&self) -> Result<Vec<OutboxRow>, StoreError> {
        self.0.with(|db| {
            Ok(db
                .prepare_cached(select!(
                    "WHERE state IN ('awaiting_approval', 'queued', 'sending', 'outcome_unknown')
                     ORDER BY created_at, id"
                ))?
                .query_map([], read)?
                .collect::<Result<_, _>>()?)
        })
    }

    /// Newest first.
    pub fn list(
        &self,
        connection: Option<ConnectionId>,
        open_only: bool,
        limit: u32,
    ) -> Result<Vec<OutboxRow>, StoreError> {
        self.0.with(|db| {
            Ok(db
                .prepare_cached(select!(
                    "WHERE (?1 IS NULL OR connection = ?1)
                       AND (?2 = 0 OR state IN ('awaiting_approval', 'queued', 'sending', 'outcome_unknown'))
                     ORDER BY created_at DESC, id DESC LIMIT ?3"
                ))?
                .query_map(
                    params![connection.map(|id| id.to_string()), open_only, limit],
                    read,
                )?
                .collect::<Result<_, _>>()?)
        })
    }

    /// Writes that this caller asked for since then and that nobody refused; of one kind through one connection, or all.
    pub fn count_since(
        &self,
        caller: &Caller,
        of: Option<(ConnectionId, Capability)>,
        since: Timestamp,
    ) -> Result<u32, StoreError> {
        let caller = column::to_json(caller)?;
        let connection = of.map(|(connection, _)| connection.to_string());
        let capability = of.map(|(_, capability)| capability.name());
        self.0.with(|db| {
            Ok(db
                .prepare_cached(
                    "SELECT count(*) FROM outbox WHERE caller = ?1 AND created_at > ?2
                     AND state NOT IN ('denied', 'cancelled', 'expired')
                     AND (?3 IS NULL OR connection = ?3) AND (?4 IS NULL OR capability = ?4)",
                )?
                .query_row(
                    params![caller, column::millis(since), connection, capability],
                    |row| row.get(0),
                )?)
        })
    }

    /// What is over for long isn't shown any more; the ledger keeps that it was.
    pub fn remove_over_before(&self, before: Timestamp) -> Result<usize, StoreError> {
        self.0.with(|db| {
            Ok(db
                .prepare_cached(
                    "DELETE FROM outbox WHERE created_at < ?1
                     AND state IN ('sent', 'failed', 'denied', 'cancelled', 'expired')",
                )?
                .execute([column::millis(before)])?)
        })
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<OutboxRow> {
    let capability = row.get_ref(4)?.as_str()?;
    Ok(OutboxRow {
        id: column::parsed(row, 0)?,
        connection: column::parsed(row, 1)?,
        integration: IntegrationId::new(row.get::<_, String>(2)?),
        account: row.get(3)?,
        capability: Capability::ALL
            .into_iter()
            .find(|one| one.name() == capability)
            .ok_or(rusqlite::Error::InvalidQuery)?,
        caller: column::json(row, 5)?,
        created_at: column::timestamp(row, 6)?,
        state: column::json(row, 7)?,
        outline: column::json(row, 8)?,
        content: column::maybe_json(row, 9)?,
        files: column::json(row, 10)?,
        pieces: column::json(row, 11)?,
        tries: row.get(12)?,
        on_wire_at: column::maybe_timestamp(row, 13)?,
    })
}

#[cfg(test)]
#[path = "outbox_tests.rs"]
mod tests;
