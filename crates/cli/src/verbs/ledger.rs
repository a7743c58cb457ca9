//! `autopilot ledger`: one file a word.

mod csv;
mod export;
mod list;
mod verify;

use model::{LedgerFilter, Request};

use super::interruptible;
use crate::{
    args::{LedgerVerb, Which},
    failure::Failure,
    session::Session,
    terminal::Terminal,
};

pub(super) async fn run(terminal: &Terminal, verb: LedgerVerb) -> Result<(), Failure> {
    match verb {
        LedgerVerb::List(arguments) => {
            interruptible(terminal, list::run(terminal, arguments)).await
        }
        LedgerVerb::Verify => interruptible(terminal, verify::run(terminal)).await,
        LedgerVerb::Export(arguments) => {
            interruptible(terminal, export::run(terminal, arguments)).await
        }
    }
}

/// The lines wanted, as the hub is asked for them.
async fn filter(session: &mut Session, which: Which) -> Result<LedgerFilter, Failure> {
    let connection = match which.through.connection {
        Some(named) => Some(session.connection(named).await?.id),
        None => None,
    };
    Ok(LedgerFilter {
        connection,
        kind: which.kind.map(Into::into),
        capability: which.capability,
        failures_only: which.failures,
        since: which.since,
        until: which.until,
        before: None,
        limit: None,
    })
}

async fn page(
    session: &mut Session,
    filter: LedgerFilter,
) -> Result<Vec<model::LedgerEntry>, Failure> {
    crate::session::answer!(session.ask(Request::ListLedger { filter }).await?, Ledger)
}
