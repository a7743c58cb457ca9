//! Chats that made themselves known, for services that don't let us list them. They go with their connection.

use model::{Chat, ChatKind, ConnectionId};
use rusqlite::{Row, params};

use crate::{StoreError, column, reach::Reach};

pub const CREATE: &str = "
    CREATE TABLE chats (
        connection TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
        id TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('person', 'group', 'channel')),
        title TEXT NOT NULL,
        handle TEXT,
        known_since INTEGER NOT NULL,
        PRIMARY KEY (connection, id)
    ) STRICT, WITHOUT ROWID;
";

pub struct Chats<'a>(pub(crate) Reach<'a>);

impl Chats<'_> {
    /// A chat is known since it was first known; the rest is what it is called now.
    pub fn upsert(&self, connection: ConnectionId, chat: &Chat) -> Result<(), StoreError> {
        self.0.with(|db| {
            db.prepare_cached(
                "INSERT INTO chats (connection, id, kind, title, handle, known_since)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT (connection, id) DO UPDATE SET kind = excluded.kind,
                     title = excluded.title, handle = excluded.handle",
            )?
            .execute(params![
                connection.to_string(),
                chat.id,
                kind_name(chat.kind),
                chat.title,
                chat.handle,
                column::millis(chat.known_since),
            ])?;
            Ok(())
        })
    }

    /// The longest known first.
    pub fn of(&self, connection: ConnectionId) -> Result<Vec<Chat>, StoreError> {
        self.0.with(|db| {
            Ok(db
                .prepare_cached(
                    "SELECT * FROM chats WHERE connection = ?1 ORDER BY known_since, id",
                )?
                .query_map([connection.to_string()], read)?
                .collect::<Result<_, _>>()?)
        })
    }

    /// What a person meant: the id, else the handle (with or without its `@`), else the title. Several only
    /// where several have that very name.
    pub fn find(&self, connection: ConnectionId, name: &str) -> Result<Vec<Chat>, StoreError> {
        let all = self.of(connection)?;
        if let Some(chat) = all.iter().find(|chat| chat.id == name) {
            return Ok(vec![chat.clone()]);
        }
        let plain = |text: &str| text.trim_start_matches('@').to_lowercase();
        let by_handle = |chat: &&Chat| {
            let handle = chat.handle.as_deref();
            handle.is_some_and(|handle| plain(handle) == plain(name))
        };
        let found: Vec<Chat> = all.iter().filter(by_handle).cloned().collect();
        if !found.is_empty() {
            return Ok(found);
        }
        let title = name.trim().to_lowercase();
        Ok(all
            .into_iter()
            .filter(|chat| chat.title.trim().to_lowercase() == title)
            .collect())
    }

    /// A group that became a larger one has another id from then on. True if it was known.
    pub fn rename(
        &self,
        connection: ConnectionId,
        from: &str,
        to: &str,
    ) -> Result<bool, StoreError> {
        self.0.with(|db| {
            let renamed = db
                .prepare_cached(
                    "UPDATE OR REPLACE chats SET id = ?3 WHERE connection = ?1 AND id = ?2",
                )?
                .execute([&connection.to_string(), from, to])?;
            Ok(renamed == 1)
        })
    }

    pub fn remove(&self, connection: ConnectionId, id: &str) -> Result<bool, StoreError> {
        self.0.with(|db| {
            let removed = db
                .prepare_cached("DELETE FROM chats WHERE connection = ?1 AND id = ?2")?
                .execute([&connection.to_string(), id])?;
            Ok(removed == 1)
        })
    }

    pub fn remove_all(&self, connection: ConnectionId) -> Result<usize, StoreError> {
        self.0.with(|db| {
            Ok(db
                .prepare_cached("DELETE FROM chats WHERE connection = ?1")?
                .execute([connection.to_string()])?)
        })
    }
}

const fn kind_name(kind: ChatKind) -> &'static str {
    match kind {
        ChatKind::Person => "person",
        ChatKind::Group => "group",
        ChatKind::Channel => "channel",
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Chat> {
    Ok(Chat {
        id: row.get("id")?,
        kind: match row.get::<_, String>("kind")?.as_str() {
            "person" => ChatKind::Person,
            "channel" => ChatKind::Channel,
            _ => ChatKind::Group,
        },
        title: row.get("title")?,
        handle: row.get("handle")?,
        known_since: column::timestamp(row, "known_since")?,
    })
}

#[cfg(test)]
mod tests {
    use model::{Identity, Status, Timestamp};

    use super::*;
    use crate::{ConnectionRow, Store};

    fn with_connection() -> (Store, ConnectionId) {
        let store = Store::in_memory().unwrap();
        let id = ConnectionId::generate();
        let row = ConnectionRow {
            id,
            integration: "telegram".into(),
            identity: Identity {
                id: "1".to_owned(),
                account: "@bot".to_owned(),
                display_name: None,
            },
            status: Status::Unproven,
            proven_at: None,
            checked_at: None,
            connected_at: Timestamp::UNIX_EPOCH,
            asked: vec![],
            granted: vec![],
            remarks: vec![],
            name: None,
            paused: false,
            token_allowed: false,
            generation: 0,
        };
        store.connections().insert(&row).unwrap();
        (store, id)
    }

    fn chat(id: &str, title: &str, handle: Option<&str>, known_ms: i64) -> Chat {
        Chat {
            id: id.to_owned(),
            kind: ChatKind::Group,
            title: title.to_owned(),
            handle: handle.map(str::to_owned),
            known_since: Timestamp::from_millisecond(known_ms).unwrap(),
        }
    }

    #[test]
    fn a_chat_keeps_when_it_became_known_and_takes_its_new_name() {
        let (store, id) = with_connection();
        store
            .chats()
            .upsert(id, &chat("7", "Old", None, 1))
            .unwrap();
        store
            .chats()
            .upsert(id, &chat("7", "New", Some("@new"), 9))
            .unwrap();
        assert_eq!(
            store.chats().of(id).unwrap(),
            [chat("7", "New", Some("@new"), 1)]
        );
    }

    #[test]
    fn a_chat_is_found_by_id_then_handle_then_title() {
        let (store, id) = with_connection();
        for one in [
            chat("7", "Anna", Some("@anna_x"), 1),
            chat("8", "7", None, 2),
            chat("9", "ÉQUIPE", None, 3),
            chat("10", "équipe", None, 4),
        ] {
            store.chats().upsert(id, &one).unwrap();
        }
        let ids = |name: &str| -> Vec<String> {
            let found = store.chats().find(id, name).unwrap();
            found.into_iter().map(|chat| chat.id).collect()
        };
        assert_eq!(ids("7"), ["7"]);
        assert_eq!(ids("Anna_X"), ["7"]);
        assert_eq!(ids("@anna_x"), ["7"]);
        assert_eq!(ids("anna"), ["7"]);
        assert_eq!(ids("Équipe"), ["9", "10"]);
        assert_eq!(ids("nobody"), Vec::<String>::new());
    }

    #[test]
    fn a_group_that_moved_is_one_chat_even_when_both_were_known() {
        let (store, id) = with_connection();
        store
            .chats()
            .upsert(id, &chat("7", "Old", None, 1))
            .unwrap();
        store
            .chats()
            .upsert(id, &chat("-100", "New", None, 2))
            .unwrap();
        assert!(store.chats().rename(id, "7", "-100").unwrap());
        assert_eq!(
            store.chats().of(id).unwrap(),
            [chat("-100", "Old", None, 1)]
        );
        assert!(!store.chats().rename(id, "7", "-100").unwrap());
    }

    #[test]
    fn chats_go_with_their_connection() {
        let (store, id) = with_connection();
        store.chats().upsert(id, &chat("7", "A", None, 1)).unwrap();
        store.chats().upsert(id, &chat("8", "B", None, 1)).unwrap();
        assert!(store.chats().remove(id, "8").unwrap());
        store.connections().remove(id).unwrap();
        assert_eq!(store.chats().of(id).unwrap(), []);
        assert_eq!(store.chats().remove_all(id).unwrap(), 0);
    }
}
