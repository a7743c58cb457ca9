//! The database as a file: kill -9, damage, a later version, and who may read it.
#![allow(
    clippy::unwrap_used,
    reason = "a test's small functions may fail as loudly as the test"
)]

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use model::{ConnectionId, Identity, Status, Timestamp};
use store::{ConnectionRow, SetAsideWhy, Store, StoreError};

/// Tells the child of the kill test where to write. Absent = a plain test run.
const CHILD_WRITES_TO: &str = "AUTOPILOT_STORE_TEST_WRITES_TO";

fn connection(n: u64) -> ConnectionRow {
    ConnectionRow {
        id: ConnectionId::generate(),
        integration: "gmail".into(),
        identity: Identity {
            id: n.to_string(),
            account: format!("{n}@example.org"),
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
    }
}

fn write_one(store: &Store, n: u64) -> ConnectionId {
    let row = connection(n);
    store
        .transaction(|tx| {
            tx.connections().insert(&row)?;
            tx.settings().put("written", &(n + 1))
        })
        .unwrap();
    row.id
}

/// Files beside each other whose name has `part` in it.
fn named(folder: &Path, part: &str) -> Vec<PathBuf> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().contains(part))
        .collect();
    names.sort();
    names
}

#[test]
#[ignore = "the child of the kill test; does nothing by itself"]
#[allow(
    clippy::disallowed_methods,
    reason = "how the test speaks to its own child"
)]
fn child_that_writes_until_it_is_killed() {
    let Some(path) = std::env::var_os(CHILD_WRITES_TO) else {
        return;
    };
    let store = Store::open(Path::new(&path)).unwrap().store;
    let mut n = store.settings().get("written").unwrap().unwrap_or(0);
    loop {
        let id = write_one(&store, n);
        // Said only after the commit: from here on it must never be lost.
        let mut out = std::io::stdout().lock();
        writeln!(out, "kept {id}").unwrap();
        out.flush().unwrap();
        n += 1;
    }
}

#[test]
fn whatever_was_acknowledged_survives_kill_9() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("autopilot.db");
    let mut kept: Vec<ConnectionId> = vec![];
    for round in 1..=4 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child_that_writes_until_it_is_killed"])
            .args(["--ignored", "--nocapture", "--test-threads=1"])
            .env(CHILD_WRITES_TO, &path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap())
            .lines()
            .map(Result::unwrap)
            // The test harness' own words share the first line, and the last may be cut short.
            .filter_map(|line| line.split("kept ").nth(1)?.parse::<ConnectionId>().ok());
        kept.extend(said.by_ref().take(round * 13));
        child.kill().unwrap();
        child.wait().unwrap();
        kept.extend(said);

        let opened = Store::open(&path).unwrap();
        assert_eq!(opened.set_aside, None);
        assert!(opened.store.check().unwrap());
        for id in &kept {
            let row = opened.store.connections().get(*id).unwrap();
            assert!(row.is_some(), "{id} was acknowledged and is gone");
        }
        // Both tables of the transaction agree, however the process ended.
        let rows = opened.store.connections().all().unwrap().len();
        assert_eq!(opened.store.settings().get("written").unwrap(), Some(rows));
        opened.store.close();
    }
    assert!(kept.len() >= 130);
}

#[test]
fn what_was_written_is_there_after_closing_and_opening() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("made/on/the/way/autopilot.db");
    let store = Store::open(&path).unwrap().store;
    let id = write_one(&store, 0);
    store.close();
    let opened = Store::open(&path).unwrap();
    assert_eq!(opened.set_aside, None);
    assert!(opened.store.connections().get(id).unwrap().is_some());
}

#[test]
fn a_file_that_is_no_database_is_set_aside_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("autopilot.db");
    let nonsense = vec![7u8; 9000];
    fs::write(&path, &nonsense).unwrap();
    fs::write(folder.path().join("autopilot.db-wal"), b"its log").unwrap();
    let opened = Store::open(&path).unwrap();
    let aside = opened.set_aside.unwrap();
    assert_eq!(aside.why, SetAsideWhy::Damaged);
    assert_eq!(fs::read(&aside.file).unwrap(), nonsense);
    let log = PathBuf::from(format!("{}-wal", aside.file.display()));
    assert_eq!(fs::read(log).unwrap(), b"its log");
    write_one(&opened.store, 0);
    opened.store.close();

    // It happens again within the second: the first one is not replaced.
    fs::write(&path, b"once more, no database at all").unwrap();
    let second = Store::open(&path).unwrap().set_aside.unwrap();
    assert_ne!(second.file, aside.file);
    assert_eq!(fs::read(&aside.file).unwrap(), nonsense);
}

#[test]
fn a_database_with_a_torn_page_is_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("autopilot.db");
    let store = Store::open(&path).unwrap().store;
    for n in 0..200 {
        write_one(&store, n);
    }
    store.close();
    let mut bytes = fs::read(&path).unwrap();
    let page = usize::from(u16::from_be_bytes([bytes[16], bytes[17]]));
    // Everything behind the header and the schema: the tables' own pages.
    for byte in &mut bytes[page..] {
        *byte = 0xA5;
    }
    fs::write(&path, &bytes).unwrap();
    let opened = Store::open(&path).unwrap();
    let aside = opened.set_aside.unwrap();
    assert_eq!(aside.why, SetAsideWhy::Damaged);
    assert_eq!(fs::read(aside.file).unwrap(), bytes);
    assert!(!aside.saved);
    assert_eq!(opened.store.connections().all().unwrap(), []);
}

#[test]
fn whichever_page_is_torn_the_accounts_beside_it_are_kept() {
    const ACCOUNTS: usize = 200;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("autopilot.db");
    let store = Store::open(&path).unwrap().store;
    let written: Vec<_> = (0..ACCOUNTS as u64).map(|n| write_one(&store, n)).collect();
    store.close();
    let bytes = fs::read(&path).unwrap();
    let page = usize::from(u16::from_be_bytes([bytes[16], bytes[17]]));
    let mut kept = vec![];
    for torn in 1..bytes.len() / page {
        let mut bytes = bytes.clone();
        bytes[torn * page..][..page].fill(0xA5);
        let copy = folder.path().join(format!("torn-{torn}.db"));
        fs::write(&copy, &bytes).unwrap();
        let opened = Store::open(&copy).unwrap();
        let rows = opened.store.connections().all().unwrap();
        assert!(rows.iter().all(|row| written.contains(&row.id)), "{torn}");
        if let Some(aside) = &opened.set_aside {
            assert_eq!(
                fs::read(&aside.file).unwrap(),
                bytes,
                "nothing is lost for good"
            );
            assert_eq!(
                aside.saved,
                !rows.is_empty()
                    || opened
                        .store
                        .settings()
                        .get::<u64>("written")
                        .unwrap()
                        .is_some()
            );
        }
        opened.store.close();
        // As good as any other.
        let again = Store::open(&copy).unwrap();
        assert_eq!(again.set_aside, None, "{torn}");
        assert_eq!(again.store.connections().all().unwrap(), rows);
        kept.push(rows.len());
    }
    kept.sort_unstable();
    // A page of rows costs its own; the few that say where the others are cost all of them.
    let (fewer, whole) = kept.split_at(kept.partition_point(|kept| *kept < ACCOUNTS - 40));
    assert!(fewer.iter().all(|kept| *kept == 0), "{kept:?}");
    assert!(fewer.len() * 10 <= whole.len(), "{kept:?}");
    assert!(
        kept.iter()
            .any(|kept| (ACCOUNTS - 40..ACCOUNTS).contains(kept)),
        "{kept:?}"
    );
    assert!(named(folder.path(), "salvaged").is_empty());
}

#[test]
fn a_row_that_is_no_longer_what_it_was_costs_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("autopilot.db");
    let store = Store::open(&path).unwrap().store;
    let ids: Vec<_> = (0..3).map(|n| write_one(&store, n)).collect();
    store.close();
    let db = rusqlite::Connection::open(&path).unwrap();
    db.execute(
        "UPDATE connections SET asked = 'nonsense' WHERE id = ?1",
        [ids[1].to_string()],
    )
    .unwrap();
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .unwrap();
    // What makes it damaged: a tree of a table that isn't brought over.
    let root: u32 = db
        .query_row(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'outbox'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    drop(db);
    let mut bytes = fs::read(&path).unwrap();
    let page = usize::from(u16::from_be_bytes([bytes[16], bytes[17]]));
    bytes[(root as usize - 1) * page..][..page].fill(0xA5);
    fs::write(&path, &bytes).unwrap();

    let opened = Store::open(&path).unwrap();
    assert!(opened.set_aside.unwrap().saved);
    let kept: Vec<_> = opened
        .store
        .connections()
        .all()
        .unwrap()
        .into_iter()
        .map(|row| row.id)
        .collect();
    assert_eq!(kept.len(), 2);
    assert!(kept.contains(&ids[0]) && kept.contains(&ids[2]));
    assert_eq!(opened.store.settings().get("written").unwrap(), Some(3));
}

#[test]
fn a_damaged_database_stays_in_its_place_while_what_it_says_can_not_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("autopilot.db");
    let store = Store::open(&path).unwrap().store;
    for n in 0..200 {
        write_one(&store, n);
    }
    store.close();
    let mut bytes = fs::read(&path).unwrap();
    let last = bytes.len() - 4096;
    bytes[last..].fill(0xA5);
    fs::write(&path, &bytes).unwrap();
    let in_the_way = folder.path().join("autopilot.db.salvaged");
    fs::create_dir(&in_the_way).unwrap();
    assert!(matches!(Store::open(&path), Err(StoreError::File { .. })));
    assert_eq!(fs::read(&path).unwrap(), bytes);
    fs::remove_dir(&in_the_way).unwrap();
    assert!(Store::open(&path).unwrap().set_aside.unwrap().saved);
}

#[test]
fn a_start_that_ended_between_setting_aside_and_bringing_over_is_finished_by_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("autopilot.db");
    let store = Store::open(&path).unwrap().store;
    let id = write_one(&store, 1);
    store.close();
    fs::rename(&path, folder.path().join("autopilot.db.salvaged")).unwrap();
    let opened = Store::open(&path).unwrap();
    assert_eq!(opened.store.connections().all().unwrap()[0].id, id);
    assert!(named(folder.path(), "salvaged").is_empty());
}

#[test]
fn a_log_torn_anywhere_loses_whole_transactions_from_its_end_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("autopilot.db");
    let store = Store::open(&path).unwrap().store;
    for n in 0..20 {
        write_one(&store, n);
    }
    // As a machine leaves it that stops: the log isn't in the database yet.
    let log = fs::read(folder.path().join("autopilot.db-wal")).unwrap();
    let database = fs::read(&path).unwrap();
    assert!(log.len() > 20 * 4096, "{}", log.len());
    let torn = tempfile::tempdir().unwrap();
    let mut found = vec![];
    // Cut off at odd places, or with a byte that came out wrong there.
    for part in 0..24 {
        let at = log.len() * part / 24 + part * 7;
        let mut wrong = log.clone();
        wrong[at] ^= 0x40;
        for (name, log) in [("cut", &log[..at]), ("wrong", &wrong[..])] {
            let copy = torn.path().join(format!("{name}-{part}.db"));
            fs::write(&copy, &database).unwrap();
            fs::write(torn.path().join(format!("{name}-{part}.db-wal")), log).unwrap();
            let opened = Store::open(&copy).unwrap();
            assert_eq!(opened.set_aside, None, "{name} at {at}");
            assert!(opened.store.check().unwrap(), "{name} at {at}");
            let rows = opened.store.connections().all().unwrap().len();
            let written = opened.store.settings().get("written").unwrap().unwrap_or(0);
            assert_eq!(rows, written, "{name} at {at}: half a transaction");
            write_one(&opened.store, 100);
            found.push(rows);
        }
    }
    store.close();
    assert!(found.contains(&0), "{found:?}");
    assert!(found.iter().any(|rows| *rows > 15), "{found:?}");
}

#[test]
fn a_database_of_a_later_version_is_set_aside_untouched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("autopilot.db");
    Store::open(&path).unwrap().store.close();
    let later = rusqlite::Connection::open(&path).unwrap();
    later.pragma_update(None, "user_version", 9999).unwrap();
    later.close().unwrap();
    let bytes = fs::read(&path).unwrap();
    let opened = Store::open(&path).unwrap();
    let aside = opened.set_aside.unwrap();
    assert_eq!(aside.why, SetAsideWhy::Newer);
    assert_eq!(fs::read(&aside.file).unwrap(), bytes);
    assert!(aside.file.to_string_lossy().contains("autopilot.db.newer-"));
}

#[test]
fn an_older_database_is_brought_up_to_date_and_keeps_its_rows() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("autopilot.db");
    let store = Store::open(&path).unwrap().store;
    let id = write_one(&store, 0);
    store.close();
    // As it was after its first six steps, each of which made one table; later ones added columns.
    let older = rusqlite::Connection::open(&path).unwrap();
    let first = [
        "connections",
        "attempts",
        "rotations",
        "revocations",
        "clients",
        "settings",
    ];
    let later: Vec<String> = older
        .prepare(
            "SELECT name FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite_%'",
        )
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .filter(|name: &String| !first.contains(&name.as_str()))
        .collect();
    assert!(later.contains(&"proof".to_owned()));
    older.pragma_update(None, "foreign_keys", false).unwrap();
    for table in later {
        older.execute_batch(&format!("DROP TABLE {table}")).unwrap();
    }
    older
        .execute_batch(
            "ALTER TABLE connections DROP COLUMN token_allowed; ALTER TABLE connections DROP COLUMN name",
        )
        .unwrap();
    older.pragma_update(None, "user_version", 6).unwrap();
    older.close().unwrap();
    let opened = Store::open(&path).unwrap();
    assert_eq!(opened.set_aside, None);
    opened.store.prove_write().unwrap();
    assert!(opened.store.connections().get(id).unwrap().is_some());
}

#[test]
fn what_is_merely_out_of_reach_is_an_error_and_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("autopilot.db");
    fs::create_dir(&path).unwrap();
    assert!(matches!(Store::open(&path), Err(StoreError::File { .. })));
    assert_eq!(named(folder.path(), "damaged"), Vec::<PathBuf>::new());
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/autopilot.db");
    fs::create_dir(folder.path().join("new")).unwrap();
    fs::write(&path, b"").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let store = Store::open(&path).unwrap().store;
    write_one(&store, 0);
    let files = named(&folder.path().join("new"), "autopilot.db");
    assert_eq!(files.len(), 3, "the database, its log and its index");
    for file in files {
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}", file.display());
    }
}
