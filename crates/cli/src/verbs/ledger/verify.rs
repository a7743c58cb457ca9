//! `autopilot ledger verify`: is every line what was written, and is each there?

use model::{LedgerCheck, LedgerVerdict, Request};

use crate::{
    exit::Exit,
    failure::Failure,
    schema::LedgerCheckAnswer,
    session::{Session, answer},
    terminal::Terminal,
};

pub(super) async fn run(terminal: &Terminal) -> Result<(), Failure> {
    let mut session = Session::open(&terminal.globals).await?;
    let check = answer!(session.ask(Request::VerifyLedger).await?, LedgerCheck)?;
    let exit = exit(&check.verdict);
    if terminal.out.json() {
        terminal.out.object(&LedgerCheckAnswer { ledger: check });
    } else if exit == Exit::Done {
        terminal.out.line(&whole(&check));
    } else {
        let (sentence, next) = broken(&check.verdict);
        terminal.out.trouble(&sentence, next, None);
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

fn whole(check: &LedgerCheck) -> String {
    let dropped = match check.dropped_days {
        0 => String::new(),
        1 => " One older day was dropped, as the settings say.".to_owned(),
        days => format!(" {days} older days were dropped, as the settings say."),
    };
    format!(
        "The ledger is whole: {} lines, none changed, none missing.{dropped}",
        check.lines
    )
}

fn broken(verdict: &LedgerVerdict) -> (String, &'static str) {
    match verdict {
        LedgerVerdict::BrokenAt { seq } => (
            format!(
                "The ledger was changed: line {seq} isn't what was written, or one beside it is missing."
            ),
            "Lines before it can be trusted; something else wrote to the database.",
        ),
        LedgerVerdict::CutOff { written } => (
            format!("The end of the ledger is missing: {written} lines were written."),
            "An older copy of the database may have been put back.",
        ),
        LedgerVerdict::KeyMissing | LedgerVerdict::Whole => (
            "The key of the ledger isn't in the vault, so nothing can be said.".to_owned(),
            "Unlock the vault, then try again.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_ledger_ends_as_done() {
        assert_eq!(exit(&LedgerVerdict::Whole), Exit::Done);
        assert_eq!(exit(&LedgerVerdict::BrokenAt { seq: 7 }), Exit::Failed);
        assert_eq!(exit(&LedgerVerdict::CutOff { written: 9 }), Exit::Failed);
        assert_eq!(exit(&LedgerVerdict::KeyMissing), Exit::Vault);
    }
}
