//! `autopilot ledger verify`: is every line what was written, and is each there?

use model::{LedgerCheck, LedgerVerdict, Request, Texts};

use crate::{
    exit::Exit,
    failure::Failure,
    schema::LedgerCheckAnswer,
    session::{Session, answer},
    terminal::Terminal,
    words::{counted, words},
};

pub(super) async fn run(terminal: &Terminal) -> Result<(), Failure> {
    let mut session = Session::open(&terminal.globals).await?;
    let check = answer!(session.ask(Request::VerifyLedger).await?, LedgerCheck)?;
    let exit = exit(&check.verdict);
    if terminal.out.json() {
        terminal.out.object(&LedgerCheckAnswer { ledger: check });
    } else if exit == Exit::Done {
        terminal.out.line(&whole(&terminal.texts, &check));
    } else {
        let (sentence, next) = broken(&terminal.texts, &check.verdict);
        terminal.out.trouble(&sentence, &next, None);
    }
    match exit {
        Exit::Done => Ok(()),
        exit => Err(Failure::Told(exit)),
    }
}

const fn exit(verdict: &LedgerVerdict) -> Exit {
    match verdict {
        LedgerVerdict::Whole => Exit::Done,
        LedgerVerdict::BrokenAt { .. } | LedgerVerdict::CutOff { .. } => Exit::Failed,
        LedgerVerdict::KeyMissing => Exit::Vault,
    }
}

fn whole(texts: &Texts, check: &LedgerCheck) -> String {
    let whole = counted(texts, "cli_ledger_whole", check.lines, &[]);
    if check.dropped_days == 0 {
        return whole;
    }
    let dropped = counted(texts, "cli_ledger_dropped", check.dropped_days, &[]);
    format!("{whole} {dropped}")
}

/// What is wrong with it, and what to think of that.
fn broken(texts: &Texts, verdict: &LedgerVerdict) -> (String, String) {
    match verdict {
        LedgerVerdict::BrokenAt { seq } => (
            words(texts, "cli_ledger_changed", &[("line", seq)]),
            words(texts, "cli_ledger_changed_next", &[]),
        ),
        LedgerVerdict::CutOff { written } => (
            counted(texts, "cli_ledger_cut_off", *written, &[]),
            words(texts, "cli_ledger_cut_off_next", &[]),
        ),
        LedgerVerdict::KeyMissing | LedgerVerdict::Whole => (
            words(texts, "cli_ledger_no_key", &[]),
            words(texts, "cli_ledger_no_key_next", &[]),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_that_were_dropped_are_told_after_the_verdict() {
        let said = |dropped_days| {
            let check = LedgerCheck {
                lines: 12,
                dropped_days,
                verdict: LedgerVerdict::Whole,
            };
            whole(&Texts::english(), &check)
        };
        assert_eq!(
            said(0),
            "The ledger is whole: 12 lines, none changed, none missing."
        );
        assert!(said(1).ends_with("missing. One older day was dropped, as the settings say."));
        assert!(said(3).ends_with("missing. 3 older days were dropped, as the settings say."));
    }

    #[test]
    fn one_line_is_told_as_one() {
        let texts = Texts::english();
        let check = LedgerCheck {
            lines: 1,
            dropped_days: 0,
            verdict: LedgerVerdict::Whole,
        };
        let said = whole(&texts, &check);
        assert_eq!(said, "The ledger is whole: one line, as it was written.");
        let cut_off = |written| broken(&texts, &LedgerVerdict::CutOff { written }).0;
        assert!(cut_off(1).ends_with("one line was written."));
        assert!(cut_off(2).ends_with("2 lines were written."));
    }

    #[test]
    fn only_a_whole_ledger_ends_as_done() {
        assert_eq!(exit(&LedgerVerdict::Whole), Exit::Done);
        assert_eq!(exit(&LedgerVerdict::BrokenAt { seq: 7 }), Exit::Failed);
        assert_eq!(exit(&LedgerVerdict::CutOff { written: 9 }), Exit::Failed);
        assert_eq!(exit(&LedgerVerdict::KeyMissing), Exit::Vault);
    }
}
