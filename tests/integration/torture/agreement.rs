//! Do the database and the keychain say the same? Both are looked at from outside, while the hub runs.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use autopilot_tests::{World, keychain};
use rusqlite::{Connection, OpenFlags, Row};

/// A hub mends what a kill left right after it opens.
const WITHIN: Duration = Duration::from_secs(30);

/// Has every connection been called since the start?
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Used {
    NotYet,
    Yes,
}

/// Waits until they agree.
pub fn reached(world: &World, used: Used) {
    let until = Instant::now() + WITHIN;
    loop {
        let found = disagreements(world, used);
        if found.is_empty() {
            return;
        }
        assert!(Instant::now() < until, "they don't agree: {found:#?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn disagreements(world: &World, used: Used) -> Vec<String> {
    // The keychain first: what is written meanwhile is in the database by the time it is read.
    let items: BTreeSet<String> = keychain::names(world.profile()).into_iter().collect();
    let db = open(world);
    let mut found = Vec::new();

    let connections: BTreeMap<String, (String, i64)> = rows(
        &db,
        "SELECT id, status, generation FROM connections",
        |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))),
    )
    .into_iter()
    .collect();
    for (id, (status, generation)) in &connections {
        match keychain::grant(world.profile(), id) {
            None if status.contains("needs_sign_in") => {}
            None => found.push(format!("{id} is {status}, and has no grant")),
            Some(grant) => {
                // A grant that was kept leads; its row follows when it is first used.
                let kept = grant["generation"].as_i64().unwrap();
                if *generation > kept || (used == Used::Yes && *generation < kept) {
                    found.push(format!(
                        "{id} has the grant {kept}, and its row says {generation}"
                    ));
                }
            }
        }
    }
    let texts = |query: &str| -> BTreeSet<String> {
        rows(&db, query, |row| row.get(0)).into_iter().collect()
    };
    let revocations = texts("SELECT connection FROM revocations WHERE phase = 'pending'");
    let attempts = texts("SELECT state_hash FROM attempts WHERE outcome = 'pending'");
    for item in &items {
        let belongs = match item.split_once('/') {
            Some(("grant", id)) => connections.contains_key(id),
            Some(("revocation", id)) => revocations.contains(id),
            Some(("attempt", hash)) => attempts.contains(hash),
            _ => true,
        };
        if !belongs {
            found.push(format!("{item} is nobody's"));
        }
    }
    found.extend(
        texts("SELECT connection FROM revocations WHERE phase = 'moving'")
            .into_iter()
            .map(|id| format!("{id} is still being moved aside")),
    );
    found.extend(
        texts("SELECT id FROM imports")
            .into_iter()
            .map(|id| format!("the import {id} isn't over")),
    );
    found
}

/// Reads beside the hub, as a backup would.
pub fn open(world: &World) -> Connection {
    let db = Connection::open_with_flags(world.database(), OpenFlags::SQLITE_OPEN_READ_ONLY)
        .expect("the database is there");
    db.busy_timeout(Duration::from_secs(5)).unwrap();
    // Right after a kill there may be pages that the hub has to take back first, and whoever only reads may not.
    let until = Instant::now() + WITHIN;
    while let Err(error) = db.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())) {
        assert!(
            Instant::now() < until,
            "the database can't be read: {error}"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
    db
}

pub fn rows<T>(
    db: &Connection,
    query: &str,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Vec<T> {
    db.prepare(query)
        .unwrap()
        .query_map([], read)
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap()
}
