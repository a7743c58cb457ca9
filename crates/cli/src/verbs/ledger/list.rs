//! `autopilot ledger list`

use model::{EntryKind, LedgerEntry, LedgerFilter, Texts};

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
    words::words,
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
        terminal.out.line(&terminal.words("cli_ledger_none", &[]));
    }
    table(&terminal.texts, &entries).print(terminal.out);
    Ok(())
}

fn table(texts: &Texts, entries: &[LedgerEntry]) -> Table {
    let mut table = Table::default();
    for entry in entries {
        let good = entry.errors == 0 && matches!(entry.kind, EntryKind::Call | EntryKind::Probes);
        let what = entry.capability.map_or("", |capability| capability.name());
        let by = match &entry.caller {
            None => words(texts, "cli_caller_hub", &[]),
            Some(by) => caller(texts, by),
        };
        let cells = vec![
            Cell::new(entry.seq.to_string()).styled(Style::Quiet),
            Cell::new(format!("{:.0}", entry.at)),
            Cell::new(stable(texts, "cli_ledger_kind_", kind(entry.kind))),
            Cell::new(short(entry.account.as_deref().unwrap_or_default(), 32)),
            Cell::new(what),
            Cell::new(stable(texts, "ui_result_", &entry.result)).styled(if good {
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

/// A stable name as people say it, a result as the window does; one that a newer hub has may be unknown here.
fn stable(texts: &Texts, area: &str, name: &str) -> String {
    let key = format!("{area}{name}");
    if texts.has(&key) {
        words(texts, &key, &[])
    } else {
        name.replace('_', " ")
    }
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

#[cfg(test)]
mod tests {
    use model::ErrorCode;

    use super::*;

    #[test]
    fn a_result_reads_as_in_the_window_and_an_unknown_one_is_no_key() {
        let said = |name| stable(&Texts::english(), "ui_result_", name);
        assert_eq!(said("needs_sign_in"), "needs sign in");
        assert_eq!(said("of_a_newer_hub"), "of a newer hub");
    }

    #[test]
    fn every_kind_and_every_error_has_words() {
        let kinds = [
            EntryKind::Call,
            EntryKind::Outcome,
            EntryKind::Probes,
            EntryKind::Status,
            EntryKind::Connection,
            EntryKind::Policy,
            EntryKind::Token,
        ];
        for kind in kinds.map(kind) {
            assert!(Texts::english().has(&format!("cli_ledger_kind_{kind}")));
        }
        for code in ErrorCode::ALL {
            let key = format!("ui_result_{}", code.name());
            assert!(Texts::english().has(&key), "{key}");
        }
    }
}
