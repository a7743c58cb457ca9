//! The order in which the tables came to be. A line once released is never changed, only followed by more.

use rusqlite_migration::{M, Migrations};

use crate::table::{
    attempts, callers, chats, clients, connections, imports, ledger, ledger_checkpoints, outbox,
    proof, revocations, rotations, settings,
};

const STEPS: &[M<'static>] = &[
    M::up(connections::CREATE),
    M::up(attempts::CREATE),
    M::up(rotations::CREATE),
    M::up(revocations::CREATE),
    M::up(clients::CREATE),
    M::up(settings::CREATE),
    M::up(proof::CREATE),
    M::up(outbox::CREATE),
    M::up(ledger::CREATE),
    M::up(ledger_checkpoints::CREATE),
    M::up(chats::CREATE),
    M::up(connections::ADD_TOKEN_ALLOWED),
    M::up(outbox::ADD_APPROVAL),
    M::up(callers::CREATE),
    M::up(connections::ADD_NAME),
    M::up(imports::CREATE),
];

/// Each step in one transaction, counted in `user_version`.
pub const MIGRATIONS: Migrations<'static> = Migrations::from_slice(STEPS);

/// The newest `user_version` this build understands.
pub const NEWEST: usize = STEPS.len();

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_leads_up_from_an_empty_file() {
        MIGRATIONS.validate().unwrap();
    }

    #[test]
    fn a_write_that_waits_outlives_the_new_outbox() {
        let mut db = rusqlite::Connection::open_in_memory().unwrap();
        // The last step before approvals.
        MIGRATIONS.to_version(&mut db, 11).unwrap();
        db.execute_batch(
            "INSERT INTO outbox (id, connection, integration, account, capability, caller, created_at, state,
                detail, outline, content, files, pieces, tries, on_wire_at)
             VALUES ('a', 'c', 'gmail', 'anna@example.org', 'mail.send', '{}', 7, 'queued', '{}', '{}', 'text',
                '[]', '[]', 2, NULL)",
        )
        .unwrap();
        MIGRATIONS.to_latest(&mut db).unwrap();
        let kept: (String, String, i64, u32) = db
            .query_row(
                "SELECT state, content, created_at, tries FROM outbox WHERE id = 'a'",
                [],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
            )
            .unwrap();
        assert_eq!(kept, ("queued".to_owned(), "text".to_owned(), 7, 2));
    }

    #[test]
    fn every_table_is_strict() {
        let mut db = rusqlite::Connection::open_in_memory().unwrap();
        MIGRATIONS.to_latest(&mut db).unwrap();
        let loose: Vec<String> = db
            .prepare(
                "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'
                 AND NOT strict AND name NOT LIKE 'sqlite_%'",
            )
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        assert_eq!(loose, Vec::<String>::new());
    }
}
