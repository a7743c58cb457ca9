//! What the ledger's table promises: it only grows, and its figures are the sums of its lines.

use model::{Caller, Capability, ConnectionId, EntryKind, Timestamp};

use super::{
    told::{DAY_MS, usage_sql},
    *,
};
use crate::Store;

fn entry(seq: u64, at_ms: i64) -> LedgerEntry {
    LedgerEntry {
        seq,
        at: Timestamp::from_millisecond(at_ms).unwrap(),
        kind: EntryKind::Call,
        caller: Some(Caller::Workflow {
            name: "weekly".to_owned(),
        }),
        connection: None,
        integration: Some("gmail".into()),
        account: Some("anna@example.org".to_owned()),
        capability: Some(Capability::MailSend),
        action: None,
        result: "ok".to_owned(),
        calls: 1,
        errors: 0,
        millis: 20,
        bytes_out: 300,
        bytes_in: 4,
    }
}

fn head(seq: i64) -> LedgerHead {
    LedgerHead {
        first_seq: 1,
        seq,
        mac: vec![0; 32],
        seal: vec![0; 32],
    }
}

fn keep(store: &Store, entries: &[LedgerEntry]) {
    let lines: Vec<LedgerLine> = entries
        .iter()
        .map(|entry| LedgerLine::of(entry).unwrap())
        .collect();
    let last = lines.last().unwrap().seq;
    store
        .transaction(|tx| tx.ledger().append(&lines, &head(last)))
        .unwrap();
}

#[test]
fn an_entry_reads_back_whole() {
    let store = Store::in_memory().unwrap();
    let full = LedgerEntry {
        connection: Some(ConnectionId::generate()),
        action: Some(model::ActionId::generate()),
        ..entry(1, 5)
    };
    let bare = LedgerEntry {
        caller: None,
        integration: None,
        account: None,
        capability: None,
        kind: EntryKind::Connection,
        ..entry(2, 6)
    };
    keep(&store, &[full.clone(), bare.clone()]);
    let page = store.ledger().page(&LedgerFilter::default()).unwrap();
    assert_eq!(page, [bare, full]);
}

#[test]
fn sqlite_refuses_to_change_delete_or_replace_a_line() {
    let store = Store::in_memory().unwrap();
    keep(&store, &[entry(1, 5), entry(2, 6)]);
    for sql in [
        "UPDATE ledger SET result = 'ok' WHERE seq = 1",
        "DELETE FROM ledger WHERE seq = 1",
        "DELETE FROM ledger",
        "INSERT OR REPLACE INTO ledger SELECT * FROM ledger WHERE seq = 1",
    ] {
        let refused = store.with(|db| Ok(db.execute(sql, [])?));
        assert!(refused.is_err(), "{sql}");
    }
    assert_eq!(store.ledger().ends().unwrap().last, Some(2));
}

#[test]
fn retention_drops_up_to_a_line_and_the_gate_is_shut_again() {
    let store = Store::in_memory().unwrap();
    keep(&store, &[entry(1, 5), entry(2, 6), entry(3, 7)]);
    let gone = store.transaction(|tx| tx.ledger().drop_days(2)).unwrap();
    assert_eq!(gone, 2);
    assert_eq!(store.ledger().ends().unwrap().first, Some(3));
    assert!(
        store
            .with(|db| Ok(db.execute("DELETE FROM ledger", [])?))
            .is_err()
    );
}

#[test]
fn a_clock_that_ran_ahead_once_does_not_stop_retention() {
    let store = Store::in_memory().unwrap();
    let far = 10_000_000;
    keep(
        &store,
        &[
            entry(1, 5),
            entry(2, far),
            entry(3, 6),
            entry(4, 500),
            entry(5, 7),
        ],
    );
    assert_eq!(store.ledger().droppable(100, 1000).unwrap(), Some(3));
    assert_eq!(store.ledger().droppable(5, 1000).unwrap(), None);
    assert_eq!(store.ledger().droppable(600, 1000).unwrap(), Some(5));
}

#[test]
fn a_page_is_narrowed_and_continued() {
    let store = Store::in_memory().unwrap();
    let id = ConnectionId::generate();
    let entries: Vec<LedgerEntry> = (1..=10)
        .map(|seq| LedgerEntry {
            connection: (seq % 2 == 0).then_some(id),
            errors: u64::from(seq == 4),
            capability: (seq != 6).then_some(Capability::MailSend),
            ..entry(seq, i64::try_from(seq).unwrap() * 10)
        })
        .collect();
    keep(&store, &entries);
    let seqs = |filter: LedgerFilter| -> Vec<u64> {
        let page = store.ledger().page(&filter).unwrap();
        page.into_iter().map(|entry| entry.seq).collect()
    };
    let of_one = LedgerFilter {
        connection: Some(id),
        ..LedgerFilter::default()
    };
    assert_eq!(seqs(of_one.clone()), [10, 8, 6, 4, 2]);
    assert_eq!(
        seqs(LedgerFilter {
            before: Some(8),
            limit: Some(2),
            ..of_one.clone()
        }),
        [6, 4]
    );
    assert_eq!(
        seqs(LedgerFilter {
            failures_only: true,
            ..of_one.clone()
        }),
        [4]
    );
    assert_eq!(
        seqs(LedgerFilter {
            capability: Some(Capability::MailSend),
            since: Some(Timestamp::from_millisecond(60).unwrap()),
            until: Some(Timestamp::from_millisecond(100).unwrap()),
            ..of_one
        }),
        [8]
    );
    assert_eq!(
        seqs(LedgerFilter {
            kind: Some(EntryKind::Status),
            ..LedgerFilter::default()
        }),
        Vec::<u64>::new()
    );
}

#[test]
fn usage_adds_up_calls_by_the_day_of_whoever_asks() {
    let store = Store::in_memory().unwrap();
    let id = ConnectionId::generate();
    let late = DAY_MS * 20_000 + DAY_MS - 1000;
    let of = |seq, at, account: &str| LedgerEntry {
        connection: Some(id),
        account: Some(account.to_owned()),
        ..entry(seq, at)
    };
    let status = LedgerEntry {
        kind: EntryKind::Status,
        ..of(3, late, "new")
    };
    keep(&store, &[of(1, late, "old"), of(2, late, "new"), status]);
    let rows = store.ledger().usage(None, 0, 0).unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].day.as_str(), rows[0].calls), ("2024-10-04", 2));
    assert_eq!(rows[0].account.as_deref(), Some("new"));
    assert_eq!((rows[0].bytes_out, rows[0].millis), (600, 40));
    let east = store.ledger().usage(Some(id), 0, 3_600_000).unwrap();
    assert_eq!(east[0].day, "2024-10-05");
}

#[test]
fn usage_of_a_hundred_thousand_lines_is_read_through_an_index() {
    let store = Store::in_memory().unwrap();
    let id = ConnectionId::generate();
    let entries: Vec<LedgerEntry> = (1..=100_000)
        .map(|seq| LedgerEntry {
            connection: Some(id),
            ..entry(seq, i64::try_from(seq).unwrap() * 60_000)
        })
        .collect();
    keep(&store, &entries);
    let plan = |of_one: bool| -> String {
        store
            .with(|db| {
                let sql = format!("EXPLAIN QUERY PLAN {}", usage_sql(of_one));
                let mut values: Vec<Box<dyn ToSql>> = vec![Box::new(0), Box::new(0)];
                if of_one {
                    values.push(Box::new(id.to_string()));
                }
                let steps: Vec<String> = db
                    .prepare(&sql)?
                    .query_map(params_from_iter(values), |row| row.get("detail"))?
                    .collect::<Result<_, _>>()?;
                Ok(steps.join("; "))
            })
            .unwrap()
    };
    assert!(
        plan(false).contains("ledger_by_time (at>?)"),
        "{}",
        plan(false)
    );
    assert!(
        plan(true).contains("ledger_by_connection (connection=? AND kind=? AND at>?)"),
        "{}",
        plan(true)
    );
    let since = 90_000 * 60_000;
    let calls: u64 = store
        .ledger()
        .usage(Some(id), since, 0)
        .unwrap()
        .iter()
        .map(|row| row.calls)
        .sum();
    assert_eq!(calls, 10_001);
}

#[test]
fn statuses_since_then_begin_with_the_one_before() {
    let store = Store::in_memory().unwrap();
    let id = ConnectionId::generate();
    let status = |seq, at, result: &str| LedgerEntry {
        connection: Some(id),
        kind: EntryKind::Status,
        result: result.to_owned(),
        ..entry(seq, at)
    };
    keep(
        &store,
        &[
            status(1, 10, "connected"),
            status(2, 20, "offline"),
            status(3, 30, "connected"),
        ],
    );
    assert_eq!(
        store.ledger().statuses(id, 25).unwrap(),
        [(20, "offline".to_owned()), (30, "connected".to_owned())]
    );
}

#[test]
fn marks_tell_the_time_of_the_line_before_them() {
    let store = Store::in_memory().unwrap();
    let mark = |seq, at, result: &str| LedgerEntry {
        kind: EntryKind::Connection,
        result: result.to_owned(),
        ..entry(seq, at)
    };
    keep(
        &store,
        &[
            mark(1, 10, "opened"),
            entry(2, 15),
            mark(3, 30, "opened"),
            mark(4, 40, "closed"),
        ],
    );
    let seen = store.ledger().marks(35).unwrap();
    assert_eq!(
        seen.iter()
            .map(|mark| (mark.at, mark.before))
            .collect::<Vec<_>>(),
        [(30, Some(15)), (40, Some(30))]
    );
}

#[test]
fn a_line_that_makes_no_sense_is_walked_over_and_left_out_of_pages() {
    let store = Store::in_memory().unwrap();
    keep(&store, &[entry(1, 5), entry(2, 6)]);
    store
        .with(|db| {
            Ok(db.execute_batch(
                "DROP TRIGGER ledger_lines_stay;
                 UPDATE ledger SET kind = 'nonsense' WHERE seq = 1;
                 UPDATE ledger SET result = CAST(x'ff' AS TEXT) WHERE seq = 2;",
            )?)
        })
        .unwrap();
    assert_eq!(store.ledger().page(&LedgerFilter::default()).unwrap(), []);
    let walked = store.ledger().walk(1, 9, 9).unwrap();
    assert!(
        matches!(walked[..], [(1, Some(_)), (2, None)]),
        "{walked:?}"
    );
}
