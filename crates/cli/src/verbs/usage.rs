//! `autopilot usage`: calls, failures, time and bytes of the last days; every figure comes from the ledger.

use jiff::tz::TimeZone;
use model::{Request, Texts, Timestamp, UsageQuery, UsageRow};

use super::outbox::caller;
use crate::{
    args::UsageArguments,
    failure::Failure,
    output::{Style, short},
    progress::bytes,
    schema::{UsageAnswer, UsageShape},
    session::{Session, answer},
    table::{Cell, Table},
    terminal::Terminal,
    words::words,
};

pub(super) async fn run(terminal: &Terminal, arguments: UsageArguments) -> Result<(), Failure> {
    let mut session = Session::open(&terminal.globals).await?;
    let connection = match arguments.connection {
        Some(named) => Some(session.connection(named).await?.id),
        None => None,
    };
    // A day begins where the person is.
    let offset = TimeZone::system().to_offset(Timestamp::now());
    let query = UsageQuery {
        connection,
        days: Some(arguments.days),
        utc_offset_min: offset.seconds() / 60,
    };
    let rows = answer!(session.ask(Request::Usage { query }).await?, Usage)?;
    if terminal.out.json() {
        let usage = rows.into_iter().map(UsageShape::from).collect();
        terminal.out.object(&UsageAnswer { usage });
        return Ok(());
    }
    if rows.is_empty() {
        terminal.out.line(&terminal.words("cli_usage_nothing", &[]));
    } else {
        table(&terminal.texts, &rows).print(terminal.out);
    }
    Ok(())
}

fn table(texts: &Texts, rows: &[UsageRow]) -> Table {
    let mut table = Table::default();
    let head = [
        "cli_usage_day",
        "cli_usage_connection",
        "cli_usage_caller",
        "cli_usage_calls",
        "cli_usage_failed",
        "cli_usage_mean",
        "cli_usage_out",
        "cli_usage_in",
    ];
    table.row(
        head.map(|key| Cell::new(words(texts, key, &[])).styled(Style::Quiet))
            .to_vec(),
        Vec::new(),
    );
    for row in rows {
        let gone = || words(texts, "cli_usage_gone", &[]);
        let account = row.account.clone().unwrap_or_else(gone);
        let connection = match (&row.integration, row.connection) {
            (Some(integration), _) => format!("{integration} {account}"),
            (None, Some(_)) => account,
            (None, None) => String::new(),
        };
        let by = match &row.caller {
            Some(who) => caller(texts, who),
            None => words(texts, "cli_caller_hub", &[]),
        };
        table.row(
            figures([&row.day, &short(&connection, 48), &short(&by, 40)], row),
            Vec::new(),
        );
    }
    let all = words(texts, "cli_usage_all", &[]);
    table.row(figures([&all, "", ""], &sum(rows)), Vec::new());
    table
}

fn figures(names: [&str; 3], row: &UsageRow) -> Vec<Cell> {
    let mean = row.millis.checked_div(row.calls).unwrap_or_default();
    let failed = Cell::new(row.errors.to_string());
    let mut cells = names.map(Cell::new).to_vec();
    cells.extend([
        Cell::new(row.calls.to_string()).styled(Style::Strong),
        if row.errors > 0 {
            failed.styled(Style::Bad)
        } else {
            failed
        },
        Cell::new(format!("{mean} ms")),
        Cell::new(bytes(row.bytes_out)),
        Cell::new(bytes(row.bytes_in)),
    ]);
    cells
}

fn sum(rows: &[UsageRow]) -> UsageRow {
    let total = |figure: fn(&UsageRow) -> u64| rows.iter().map(figure).sum();
    UsageRow {
        day: String::new(),
        connection: None,
        account: None,
        integration: None,
        caller: None,
        calls: total(|row| row.calls),
        errors: total(|row| row.errors),
        millis: total(|row| row.millis),
        bytes_out: total(|row| row.bytes_out),
        bytes_in: total(|row| row.bytes_in),
    }
}
