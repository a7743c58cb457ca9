//! The ledger behind the door: what a hub's day leaves in it, and that nothing of it gets lost.

use std::time::Duration;

use model::{
    Caller, Capability, ConnectionId, Door as _, EntryKind, ErrorCode, HealthDay, LedgerCheck,
    LedgerEntry, LedgerFilter, LedgerVerdict, Request, Response, Settings, UsageQuery, UsageRow,
};

use super::world::World;
use crate::{ledger::NewEntry, monitor::Probe};

const ANNA: &str = "anna@example.org";

impl World {
    async fn ledger(&self) -> Vec<LedgerEntry> {
        let filter = LedgerFilter::default();
        match self.ask(Request::ListLedger { filter }).await.unwrap() {
            Response::Ledger(mut lines) => {
                lines.reverse();
                lines
            }
            other => panic!("{other:?}"),
        }
    }

    async fn check(&self) -> LedgerCheck {
        match self.ask(Request::VerifyLedger).await.unwrap() {
            Response::LedgerCheck(found) => found,
            other => panic!("{other:?}"),
        }
    }

    async fn usage(&self) -> Vec<UsageRow> {
        let query = UsageQuery::default();
        match self.ask(Request::Usage { query }).await.unwrap() {
            Response::Usage(rows) => rows,
            other => panic!("{other:?}"),
        }
    }

    async fn health(&self, connection: ConnectionId, days: u32) -> Vec<HealthDay> {
        let request = Request::Health {
            connection,
            days,
            utc_offset_min: 0,
        };
        match self.ask(request).await.unwrap() {
            Response::Health(days) => days,
            other => panic!("{other:?}"),
        }
    }

    /// What the file holds, whatever the hub says.
    fn on_disk(&self) -> Vec<String> {
        let path = self.folder.path().join("autopilot.db");
        let db = rusqlite::Connection::open(path).unwrap();
        db.prepare("SELECT result FROM ledger ORDER BY seq")
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect()
    }
}

fn told(lines: &[LedgerEntry], kind: EntryKind) -> Vec<&str> {
    lines
        .iter()
        .filter(|line| line.kind == kind)
        .map(|line| line.result.as_str())
        .collect()
}

#[tokio::test]
async fn a_connections_life_is_told_in_order_and_the_chain_holds() {
    let world = World::new().await;
    let view = world.connect("gmail", ANNA).await;
    world
        .control("revoke", serde_json::json!({"account": ANNA}))
        .await;
    world.core().round(Probe::All).await;
    let program = Caller::Program {
        executable: "/usr/bin/autopilot".to_owned(),
    };
    let request = Request::Disconnect {
        connection: view.id.to_string().as_str().into(),
        revoke: false,
    };
    world.hub.handle(program.clone(), request).await.unwrap();

    let lines = world.ledger().await;
    let mine: Vec<LedgerEntry> = lines
        .iter()
        .filter(|line| line.connection == Some(view.id))
        .cloned()
        .collect();
    assert_eq!(
        told(&mine, EntryKind::Connection),
        ["connected", "disconnected"]
    );
    assert_eq!(
        told(&mine, EntryKind::Status),
        ["connected", "needs_sign_in"]
    );
    assert_eq!(mine.last().unwrap().caller, Some(program));
    assert_eq!(mine[0].account.as_deref(), Some(ANNA));
    let found = world.check().await;
    assert_eq!(found.verdict, LedgerVerdict::Whole);
    assert_eq!(found.lines, u64::try_from(lines.len()).unwrap());
}

#[tokio::test]
async fn what_was_recorded_is_on_disk_before_anyone_is_told() {
    let world = World::new().await;
    let view = world.connect("gmail", ANNA).await;
    let row = world.core().roster.get(view.id).unwrap();
    let call = NewEntry::call(&row, &Caller::Window, Capability::MailSend)
        .took(Duration::from_millis(30))
        .bytes(1000, 10)
        .failed("rate_limited");
    world.core().record(call).await.unwrap();
    assert_eq!(world.on_disk().last().unwrap(), "rate_limited");

    let rows = world.usage().await;
    let mine = rows
        .iter()
        .find(|row| row.caller == Some(Caller::Window))
        .unwrap();
    assert_eq!((mine.calls, mine.errors, mine.millis), (1, 1, 30));
    assert_eq!((mine.bytes_out, mine.bytes_in), (1000, 10));
    assert_eq!(mine.account.as_deref(), Some(ANNA));
}

#[tokio::test]
async fn probes_of_an_hour_are_one_line() {
    let world = World::new().await;
    let view = world.connect("gmail", ANNA).await;
    for _ in 0..3 {
        world.core().round(Probe::All).await;
    }
    assert_eq!(
        told(&world.ledger().await, EntryKind::Probes),
        Vec::<&str>::new()
    );
    world.core().clock.advance(3600);
    world.core().round(Probe::All).await;
    let lines = world.ledger().await;
    let probes: Vec<&LedgerEntry> = lines
        .iter()
        .filter(|line| line.kind == EntryKind::Probes)
        .collect();
    assert_eq!(probes.len(), 1);
    assert!(probes[0].calls >= 3);
    assert_eq!((probes[0].errors, probes[0].connection), (0, Some(view.id)));
}

#[tokio::test]
async fn a_locked_vault_loses_no_change_of_status() {
    let world = World::new().await;
    let view = world.connect("gmail", ANNA).await;
    let before = world.ledger().await.len();
    let world = world.crash_and_reopen_locked().await;
    world.core().round(Probe::All).await;
    assert_eq!(world.on_disk().len(), before, "nothing can be sealed yet");
    world.unlock().await;
    world.core().round(Probe::All).await;
    // The monitor's own rounds run beside ours.
    let up = || {
        let row = world.core().roster.get(view.id)?;
        row.status.is_up().then_some(())
    };
    world.until("the connection to be up", up).await;
    let lines = world.ledger().await;
    let mine: Vec<LedgerEntry> = lines
        .iter()
        .filter(|line| line.connection == Some(view.id))
        .cloned()
        .collect();
    assert_eq!(
        told(&mine, EntryKind::Status),
        ["connected", "vault_locked", "connected"]
    );
    assert_eq!(world.check().await.verdict, LedgerVerdict::Whole);
}

#[tokio::test]
async fn closing_writes_what_still_waits() {
    let world = World::new().await;
    let view = world.connect("gmail", ANNA).await;
    world.core().round(Probe::All).await;
    let row = world.core().roster.get(view.id).unwrap();
    world
        .core()
        .ledger
        .note(NewEntry::call(&row, &Caller::Window, Capability::MailRead));
    world.hub.close().await;
    let disk = world.on_disk();
    assert_eq!(disk.first().unwrap(), "opened");
    assert_eq!(
        disk[disk.len() - 2..],
        ["ok", "closed"],
        "the probes, then the end"
    );
    let calls = disk.iter().filter(|result| *result == "ok").count();
    assert_eq!(calls, 2);
}

#[tokio::test]
async fn a_pause_is_told_with_who_asked_for_it() {
    let world = World::new().await;
    let view = world.connect("gmail", ANNA).await;
    for paused in [true, true, false] {
        let connection = view.id.to_string().as_str().into();
        world
            .ask(Request::SetPaused { connection, paused })
            .await
            .unwrap();
    }
    let lines = world.ledger().await;
    assert_eq!(
        told(&lines, EntryKind::Status),
        ["connected", "paused", "connected"]
    );
    assert_eq!(lines.last().unwrap().caller, Some(Caller::Window));
}

#[tokio::test]
async fn health_is_one_entry_a_day_and_only_of_what_existed() {
    let world = World::new().await;
    let view = world.connect("gmail", ANNA).await;
    let days = world.health(view.id, 90).await;
    assert_eq!(days.len(), 90);
    assert!(days[..88].iter().all(|day| day.up_s + day.unknown_s == 0));
    for request in [
        Request::Health {
            connection: view.id,
            days: 401,
            utc_offset_min: 0,
        },
        Request::Usage {
            query: UsageQuery {
                days: Some(0),
                ..UsageQuery::default()
            },
        },
    ] {
        assert_eq!(
            world.ask(request).await.unwrap_err().code,
            ErrorCode::InvalidInput
        );
    }
}

#[tokio::test]
async fn settings_outlive_a_restart_and_a_shorter_history_is_dropped_at_once() {
    let world = World::new().await;
    world.connect("gmail", ANNA).await;
    let lines = world.ledger().await.len();
    world.core().clock.advance(9 * 24 * 3600);
    let settings = Settings {
        ledger_days: 7,
        undo_window_s: 3,
        ..Settings::default()
    };
    let refused = Settings {
        ledger_days: 6,
        ..Settings::default()
    };
    let refused = world.ask(Request::SetSettings { settings: refused }).await;
    assert_eq!(refused.unwrap_err().code, ErrorCode::InvalidInput);
    let request = Request::SetSettings {
        settings: settings.clone(),
    };
    world.ask(request).await.unwrap();
    world
        .until("the old days to go", || {
            (!world.on_disk().contains(&"opened".to_owned())).then_some(())
        })
        .await;
    let found = world.check().await;
    assert_eq!(found.verdict, LedgerVerdict::Whole);
    assert!(found.dropped_days >= 1);
    assert!(
        world
            .ledger()
            .await
            .iter()
            .all(|line| line.seq > u64::try_from(lines).unwrap() / 2)
    );
    let world = world.crash_and_reopen().await;
    let Response::Settings(kept) = world.ask(Request::GetSettings).await.unwrap() else {
        panic!("no settings")
    };
    assert_eq!(kept, settings);
}
