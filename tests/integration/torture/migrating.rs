//! Opening a profile that an older version left, under kills: whatever step of bringing its database up to date the hub is
//! killed at, the next start finishes it, and everything is still there.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use autopilot_tests::{ANNA, PipedHub, World, sandbox};
use model::{
    Action, ActionId, ActionState, ConnectionRef, LedgerVerdict, Request, Response, SecretInput,
    SendEmail,
};
use rusqlite::Connection;

use super::{
    Share,
    agreement::{self, Used},
    asked_for,
    sign_in::{self, Came},
    tally::Tally,
};

/// Before rules, names and imports; from here on a table is made anew, and several are added.
const OLD_SCHEMA: &str = include_str!("schema_11.sql");
/// Writes that are over: enough that making their table anew takes a while.
const MANY: u32 = 4000;
/// Between the first sign of work on the database and the kill.
const AT_WORK_US: u64 = 120_000;

#[test]
fn an_older_profile_that_is_opened_under_kills_is_brought_up_to_date_with_everything_in_it() {
    let (kills, mut dice) = asked_for("migrating", Share::Migrating);
    let world = World::sandbox("migrating");
    let waiting = ActionId::generate();
    let newest = fill(&world, waiting);
    let old = world.root().join("old.db");
    age(&world, &old, waiting);
    let mut tally = Tally::default();

    // How long it takes that nobody disturbs.
    put(&world, &old);
    let began = Instant::now();
    let mut hub = world.piped_hub("none");
    let takes = u64::try_from(began.elapsed().as_micros()).unwrap();
    everything_is_there(&world, &mut hub, waiting, newest);
    hub.kill9();

    let mut half_done = 0;
    for _ in 0..kills {
        put(&world, &old);
        let hub = PipedHub::launch(&world, "none");
        if dice.below(3) == 0 {
            std::thread::sleep(Duration::from_micros(dice.below(takes)));
        } else {
            let until = Instant::now() + Duration::from_micros(takes);
            while !log_of(&world).exists() && Instant::now() < until {
                std::thread::sleep(Duration::from_micros(200));
            }
            std::thread::sleep(Duration::from_micros(dice.below(AT_WORK_US)));
        }
        hub.kill9();
        half_done += u64::from(version_left(&world) < newest);
        let mut hub = world.piped_hub("none");
        agreement::reached(&world, Used::NotYet);
        everything_is_there(&world, &mut hub, waiting, newest);
        hub.kill9();
        tally.kills += 1;
        tally.recovered += 1;
    }
    println!("migrating: {half_done} times the database was left behind the newest schema");
    tally.tell("migrating");
}

/// Two connections and a write that waits; returns the newest schema's number.
fn fill(world: &World, waiting: ActionId) -> u32 {
    let mut hub = world.piped_hub("none");
    let face = world.face();
    let came = sign_in::sign_in(world, &face, ANNA, None);
    let Came::Connected(gmail) = came else {
        panic!("{came:?}");
    };
    let fields = [(
        "token".to_owned(),
        SecretInput::new(sandbox::DEMO_BOT_TOKEN),
    )];
    let requests = [
        Request::ConnectWithForm {
            integration: "telegram".into(),
            connection: None,
            fields: fields.into(),
        },
        Request::Act {
            id: waiting,
            connection: ConnectionRef::new(gmail.id.to_string()),
            action: Action::SendEmail(SendEmail {
                to: vec!["carla@example.net".to_owned()],
                subject: "Later".to_owned(),
                text: Some("Not before its time.".to_owned()),
                ..SendEmail::default()
            }),
            undo_s: Some(60),
        },
    ];
    for request in requests {
        let answer = hub.ask(&request);
        assert!(answer.is_ok(), "{answer:?}");
    }
    hub.stop();
    version(world)
}

/// The profile's database as the older version had it, in a file of its own.
fn age(world: &World, old: &Path, waiting: ActionId) {
    let db = Connection::open(old).unwrap();
    db.execute_batch(OLD_SCHEMA).unwrap();
    db.execute("ATTACH ?1 AS now", [world.database().display().to_string()])
        .unwrap();
    let texts = |query: &str| agreement::rows(&db, query, |row| row.get::<_, String>(0));
    db.execute_batch("DELETE FROM proof").unwrap();
    for table in texts("SELECT name FROM main.sqlite_schema WHERE type = 'table'") {
        let columns = texts(&format!("SELECT name FROM pragma_table_info('{table}')")).join(", ");
        db.execute_batch(&format!(
            "INSERT INTO main.{table} ({columns}) SELECT {columns} FROM now.{table}"
        ))
        .unwrap();
    }
    // It must still wait when the last kill is over.
    let held = db
        .execute(
            "UPDATE outbox SET detail = json_set(detail, '$.not_before', '2100-01-01T00:00:00Z',
                '$.expires', '2100-01-02T00:00:00Z') WHERE id = ?1 AND state = 'queued'",
            [waiting.to_string()],
        )
        .unwrap();
    assert_eq!(held, 1, "the write waits");
    db.execute_batch(&format!(
        r#"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {MANY})
         INSERT INTO outbox SELECT printf('00000000-0000-7000-8000-%012d', i), connection, integration, account,
            capability, caller, created_at, 'cancelled',
            '{{"state":"cancelled","at":"2026-01-01T00:00:00Z"}}', outline, NULL, '[]', '[]', 0, NULL
         FROM n, outbox WHERE state = 'queued'"#
    ))
    .unwrap();
    db.execute_batch("DETACH now").unwrap();
}

/// As if the older version had just ended.
fn put(world: &World, old: &Path) {
    for beside in ["db-wal", "db-shm", "db-journal"] {
        let _ = fs::remove_file(world.database().with_extension(beside));
    }
    fs::copy(old, world.database()).unwrap();
}

fn log_of(world: &World) -> PathBuf {
    world.database().with_extension("db-wal")
}

fn version(world: &World) -> u32 {
    agreement::rows(&agreement::open(world), "PRAGMA user_version", |row| {
        row.get(0)
    })[0]
}

/// What a kill left, while nothing runs. Looked at in a copy: whoever opens it takes back what is half written, and that is
/// the next hub's to do.
fn version_left(world: &World) -> u32 {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("autopilot.db");
    fs::copy(world.database(), &copy).unwrap();
    for beside in ["db-wal", "db-journal"] {
        // It needn't be there.
        let _ = fs::copy(
            world.database().with_extension(beside),
            copy.with_extension(beside),
        );
    }
    let db = Connection::open(&copy).unwrap();
    agreement::rows(&db, "PRAGMA user_version", |row| row.get(0))[0]
}

fn everything_is_there(world: &World, hub: &mut PipedHub, waiting: ActionId, newest: u32) {
    assert_eq!(version(world), newest);
    let aside: Vec<_> = fs::read_dir(world.data_dir())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("autopilot.db."))
        .collect();
    assert!(aside.is_empty(), "nothing was set aside: {aside:?}");
    let connections = match hub.ask(&Request::ListConnections) {
        Ok(Response::Connections(all)) => all,
        other => panic!("{other:?}"),
    };
    assert_eq!(connections.len(), 2, "{connections:?}");
    for one in connections {
        let connection = ConnectionRef::new(one.id.to_string());
        match hub.ask(&Request::Test { connection }) {
            Ok(Response::Test(report)) if report.error.is_none() => {}
            other => panic!("{other:?}"),
        }
    }
    match hub.ask(&Request::GetAction { id: waiting }) {
        Ok(Response::Action(view)) => {
            assert!(
                matches!(view.state, ActionState::Queued { .. }),
                "{:?}",
                view.state
            );
        }
        other => panic!("{other:?}"),
    }
    let kept: Vec<u32> = agreement::rows(
        &agreement::open(world),
        "SELECT count(*) FROM outbox WHERE content IS NOT NULL OR state = 'cancelled'",
        |row| row.get(0),
    );
    assert_eq!(kept, [MANY + 1]);
    match hub.ask(&Request::VerifyLedger) {
        Ok(Response::LedgerCheck(check)) => assert_eq!(check.verdict, LedgerVerdict::Whole),
        other => panic!("{other:?}"),
    }
}
