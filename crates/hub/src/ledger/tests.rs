//! What the chain proves: somebody with the database file in their hands changes it, and is found out.

use model::{Caller, Capability, ConnectionId, LedgerVerdict, Secret, Timestamp};
use store::Store;

use super::{
    About, NewEntry,
    chain::Sealer,
    checking::check,
    figures::DAY_MS,
    retention::drop_days,
    writing::{Pen, RESTART},
};

/// A ledger as a file, the pen that writes it, and a stranger's way in.
struct Book {
    store: Store,
    pen: Pen,
    stranger: rusqlite::Connection,
    _folder: tempfile::TempDir,
}

fn key(byte: &str) -> Secret {
    Secret::new(byte.repeat(32))
}

fn entry(at: i64) -> NewEntry {
    let about = About {
        connection: ConnectionId::generate(),
        integration: "gmail".into(),
        account: "anna@example.org".to_owned(),
    };
    NewEntry::call(about, &Caller::Window, Capability::MailSend)
        .bytes(10, 20)
        .at(Timestamp::from_millisecond(at).unwrap())
}

impl Book {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let store = Store::open(&path).unwrap().store;
        let stranger = rusqlite::Connection::open(&path).unwrap();
        stranger
            .execute_batch(
                "DROP TRIGGER ledger_lines_stay; DROP TRIGGER ledger_keeps; DROP TRIGGER ledger_grows;",
            )
            .unwrap();
        let pen = pen(&store, key("0f"), true);
        Self {
            store,
            pen,
            stranger,
            _folder: folder,
        }
    }

    fn with_lines(n: i64) -> Self {
        let mut book = Self::new();
        book.write((1..=n).map(entry).collect());
        book
    }

    fn write(&mut self, entries: Vec<NewEntry>) {
        let entries: Vec<&NewEntry> = entries.iter().collect();
        let (lines, head) = self.pen.lines(&entries, Timestamp::UNIX_EPOCH).unwrap();
        let kept = head.clone();
        self.store
            .transaction(|tx| tx.ledger().append(&lines, &kept))
            .unwrap();
        self.pen.move_to(head);
    }

    /// The next run of the hub.
    fn start_again(&mut self, with: Secret, is_new: bool) {
        self.pen = pen(&self.store, with, is_new);
    }

    fn sealer(&self) -> &Sealer {
        &self.pen.sealer
    }

    fn verdict(&self) -> LedgerVerdict {
        check(&self.store, self.sealer()).unwrap().verdict
    }

    fn does(&self, sql: &str) {
        self.stranger.execute_batch(sql).unwrap();
    }

    fn drop_before_day(&self, day: i64) {
        drop_days(&self.store, self.sealer(), day * DAY_MS, 100 * DAY_MS).unwrap();
    }
}

fn pen(store: &Store, key: Secret, is_new: bool) -> Pen {
    let ends = store.ledger().ends().unwrap();
    Pen::new(
        key,
        is_new,
        ends,
        &store.ledger_checkpoints().all().unwrap(),
    )
}

const fn broken(seq: u64) -> LedgerVerdict {
    LedgerVerdict::BrokenAt { seq }
}

#[test]
fn an_untouched_ledger_is_whole_from_run_to_run() {
    let mut book = Book::with_lines(3);
    book.start_again(key("0f"), false);
    book.write(vec![entry(4), entry(5)]);
    let found = check(&book.store, book.sealer()).unwrap();
    assert_eq!((found.lines, found.verdict), (5, LedgerVerdict::Whole));
    assert_eq!(Book::new().verdict(), LedgerVerdict::Whole);
}

#[test]
fn a_change_of_any_column_of_any_line_is_found_at_that_line() {
    let book = Book::with_lines(4);
    let columns: Vec<(String, String)> = book
        .stranger
        .prepare("SELECT name, type FROM pragma_table_info('ledger') WHERE name <> 'seq'")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(columns.len(), 15);
    book.does("CREATE TABLE kept AS SELECT * FROM ledger");
    for seq in 1..=4 {
        for (column, kind) in &columns {
            let other = match kind.as_str() {
                "INTEGER" => format!("{column} + 1"),
                "BLOB" => "zeroblob(32)".to_owned(),
                _ => format!("COALESCE({column}, '') || 'x'"),
            };
            book.does(&format!(
                "UPDATE ledger SET {column} = {other} WHERE seq = {seq}"
            ));
            assert_eq!(book.verdict(), broken(seq), "{column}");
            book.does(&format!(
                "UPDATE ledger SET {column} = (SELECT {column} FROM kept WHERE kept.seq = {seq})
                 WHERE seq = {seq}"
            ));
        }
    }
    assert_eq!(book.verdict(), LedgerVerdict::Whole);
    book.does("UPDATE ledger SET caller = NULL WHERE seq = 2");
    assert_eq!(book.verdict(), broken(2));
}

#[test]
fn a_line_that_is_missing_is_found_at_its_neighbour() {
    for (gone, found) in [(1, 2), (3, 4)] {
        let book = Book::with_lines(5);
        book.does(&format!("DELETE FROM ledger WHERE seq = {gone}"));
        assert_eq!(book.verdict(), broken(found));
    }
}

#[test]
fn closing_the_ranks_does_not_hide_a_missing_line() {
    let book = Book::with_lines(5);
    book.does("DELETE FROM ledger WHERE seq = 3");
    book.does("UPDATE ledger SET seq = 3 WHERE seq = 4; UPDATE ledger SET seq = 4 WHERE seq = 5;");
    assert_eq!(book.verdict(), broken(3));
}

#[test]
fn lines_in_another_order_are_found() {
    let book = Book::with_lines(4);
    book.does(
        "UPDATE ledger SET seq = 99 WHERE seq = 2; UPDATE ledger SET seq = 2 WHERE seq = 3;
         UPDATE ledger SET seq = 3 WHERE seq = 99;",
    );
    assert_eq!(book.verdict(), broken(2));
}

#[test]
fn an_end_that_was_cut_off_is_found_also_after_writing_went_on() {
    let mut book = Book::with_lines(5);
    book.does("DELETE FROM ledger WHERE seq > 3");
    assert_eq!(book.verdict(), LedgerVerdict::CutOff { written: 5 });
    book.start_again(key("0f"), false);
    book.write(vec![entry(6)]);
    assert_eq!(book.verdict(), broken(6));

    let all = Book::with_lines(5);
    all.does("DELETE FROM ledger");
    assert_eq!(all.verdict(), LedgerVerdict::CutOff { written: 5 });
}

#[test]
fn a_head_that_was_changed_or_taken_away_can_not_be_made_good_by_writing_on() {
    for sql in [
        "DELETE FROM ledger_head",
        "UPDATE ledger_head SET seq = 3, mac = (SELECT mac FROM ledger WHERE seq = 3)",
    ] {
        let mut book = Book::with_lines(5);
        book.does("DELETE FROM ledger WHERE seq > 3");
        book.does(sql);
        assert_eq!(book.verdict(), broken(3), "{sql}");
        book.start_again(key("0f"), false);
        book.write(vec![entry(6)]);
        assert_eq!(book.verdict(), broken(4), "{sql}");
    }
}

#[test]
fn a_line_added_behind_the_head_is_found() {
    let book = Book::with_lines(3);
    book.does(
        "CREATE TEMP TABLE copy AS SELECT * FROM ledger WHERE seq = 3;
         UPDATE copy SET seq = 4; INSERT INTO ledger SELECT * FROM copy;",
    );
    assert_eq!(book.verdict(), broken(4));
}

#[test]
fn without_its_key_nothing_is_said_of_the_older_part_and_a_new_chain_says_where_it_began() {
    let mut book = Book::with_lines(3);
    book.start_again(key("aa"), true);
    book.write(vec![entry(4), entry(5)]);
    let found = check(&book.store, book.sealer()).unwrap();
    assert_eq!((found.lines, found.verdict), (3, LedgerVerdict::KeyMissing));
    let lines = book.store.ledger().walk(4, 4, 1).unwrap();
    assert_eq!(lines[0].1.as_ref().unwrap().result, RESTART);
    // What can be checked still is.
    book.does("UPDATE ledger SET calls = 9 WHERE seq = 5");
    assert_eq!(book.verdict(), broken(5));
}

fn over_days() -> Book {
    let mut book = Book::new();
    let ats = [0, 0, 1, 1, 1, 2, 3, 3, 4];
    book.write(ats.iter().map(|day| entry(day * DAY_MS + 7)).collect());
    book
}

#[test]
fn retention_drops_whole_days_and_what_is_left_still_checks() {
    let mut book = over_days();
    book.drop_before_day(3);
    let found = check(&book.store, book.sealer()).unwrap();
    assert_eq!(
        (found.lines, found.dropped_days, found.verdict),
        (3, 3, LedgerVerdict::Whole)
    );
    book.drop_before_day(50);
    assert_eq!(book.store.ledger().ends().unwrap().last, None);
    assert_eq!(book.verdict(), LedgerVerdict::Whole);
    book.start_again(key("0f"), false);
    book.write(vec![entry(5 * DAY_MS)]);
    let found = check(&book.store, book.sealer()).unwrap();
    assert_eq!(
        (found.lines, found.dropped_days, found.verdict),
        (1, 5, LedgerVerdict::Whole)
    );
}

#[test]
fn a_forged_missing_or_changed_checkpoint_does_not_hold() {
    let forged = over_days();
    forged.does(
        "INSERT INTO ledger_checkpoints
             SELECT 1, 2, 0, 2, 'whole', mac, zeroblob(32) FROM ledger WHERE seq = 2;
         DELETE FROM ledger WHERE seq <= 2;",
    );
    assert_eq!(forged.verdict(), broken(1));
    for (sql, found) in [
        ("DELETE FROM ledger_checkpoints WHERE first_seq = 3", 6),
        (
            "UPDATE ledger_checkpoints SET rows = 9 WHERE first_seq = 3",
            3,
        ),
        (
            "UPDATE ledger_checkpoints SET day = 9 WHERE first_seq = 6",
            6,
        ),
        ("DELETE FROM ledger_checkpoints", 7),
    ] {
        let book = over_days();
        book.drop_before_day(3);
        book.does(sql);
        assert_eq!(book.verdict(), broken(found), "{sql}");
    }
}

#[test]
fn dropping_a_broken_day_does_not_make_it_whole() {
    let book = over_days();
    book.does("UPDATE ledger SET calls = 9 WHERE seq = 4");
    book.drop_before_day(3);
    assert_eq!(book.verdict(), broken(3));
}

#[test]
fn once_the_older_part_is_dropped_a_new_chain_is_whole() {
    let mut book = over_days();
    book.start_again(key("aa"), true);
    book.write(vec![entry(60 * DAY_MS)]);
    book.drop_before_day(50);
    assert_eq!(book.verdict(), LedgerVerdict::Whole);
    let kept = book.store.ledger().ends().unwrap();
    // The restart's own line is dated by the clock of the restart, which stood at the first day here.
    assert_eq!(kept.first, Some(11));
}
