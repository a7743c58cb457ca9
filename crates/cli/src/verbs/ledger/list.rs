//! `autopilot ledger list`

use model::{EntryKind, LedgerEntry, LedgerFilter};

use super::{filter, page};
use crate::{
    args::ListLedgerArguments,
    failure::Failure,
    output::{Style, short},
    schema::LedgerAnswer,
    session::Session,
    table::{Cell, Table},
    terminal::Terminal,
    verbs::outbox::caller,
};

pub(super) async fn run(
    terminal: &Terminal,
    arguments: ListLedgerArguments,
) -> Result<(), Failure> {
    let mut session = Session::open(&terminal.globals).await?;
    let filter = LedgerFilter {
        before: arguments.before,
        limit: Some(arguments.limit),
        ..filter(&mut session, arguments.which).await?
    };
    let entries = page(&mut session, filter).await?;
    if terminal.out.json() {
        terminal.out.object(&LedgerAnswer { entries });
        return Ok(());
    }
    if entries.is_empty() {
        terminal.out.line("The ledger has no such line.");
    }
    table(&entries).print(terminal.out);
    Ok(())
}

fn table(entries: &[LedgerEntry]) -> Table {
    let mut table = Table::default();
    for entry in entries {
        let good = entry.errors == 0 && matches!(entry.kind, EntryKind::Call | EntryKind::Probes);
        let what = entry.capability.map_or("", |capability| capability.name());
        let by = entry
            .caller
            .as_ref()
            .map_or_else(|| "the hub".to_owned(), caller);
        let cells = vec![
            Cell::new(entry.seq.to_string()).styled(Style::Quiet),
            Cell::new(format!("{:.0}", entry.at)),
            Cell::new(kind(entry.kind)),
            Cell::new(short(entry.account.as_deref().unwrap_or_default(), 32)),
            Cell::new(what),
            Cell::new(entry.result.replace('_', " ")).styled(if good {
                Style::Good
            } else if entry.errors > 0 {
                Style::Bad
            } else {
                Style::Plain
            }),
            Cell::new(short(&by, 48)).styled(Style::Quiet),
        ];
        table.row(cells, Vec::new());
    }
    table
}

/// The stable name.
pub(super) const fn kind(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Call => "call",
        EntryKind::Outcome => "outcome",
        EntryKind::Probes => "probes",
        EntryKind::Status => "status",
        EntryKind::Connection => "connection",
        EntryKind::Policy => "policy",
        EntryKind::Token => "token",
    }
}
