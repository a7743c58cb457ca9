//! One file a verb. Each asks the hub and says the answer; none decides anything.

mod completions;
mod connect;
mod disconnect;
mod doctor;
mod files;
mod integrations;
mod ledger;
mod mail;
pub(crate) mod mcp;
mod message;
mod moving;
mod outbox;
mod rename;
mod status;
mod test;
pub(crate) mod token;
mod usage;
mod vault;
mod workflow;

use crate::{args::Verb, failure::Failure, terminal::Terminal};

/// Carries the verb out. Those that clean up after Ctrl-C listen for it themselves.
pub(crate) async fn run(terminal: &Terminal, verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::Connect(arguments) => connect::run(terminal, arguments).await,
        Verb::Status(arguments) => interruptible(terminal, status::run(terminal, arguments)).await,
        Verb::Integrations => interruptible(terminal, integrations::run(terminal)).await,
        Verb::Disconnect(arguments) => {
            interruptible(terminal, disconnect::run(terminal, arguments)).await
        }
        Verb::Rename(arguments) => interruptible(terminal, rename::run(terminal, arguments)).await,
        Verb::Test(arguments) => interruptible(terminal, test::run(terminal, arguments)).await,
        Verb::Mail(verb) => mail::run(terminal, verb).await,
        Verb::Files(verb) => files::run(terminal, verb).await,
        Verb::Message(verb) => message::run(terminal, verb).await,
        Verb::Outbox(verb) => outbox::run(terminal, verb).await,
        Verb::Ledger(verb) => ledger::run(terminal, verb).await,
        Verb::Usage(arguments) => interruptible(terminal, usage::run(terminal, arguments)).await,
        Verb::Workflow(verb) => workflow::run(terminal, verb).await,
        Verb::Token(arguments) => interruptible(terminal, token::run(terminal, arguments)).await,
        Verb::Mcp(arguments) => mcp::run(terminal, arguments).await,
        Verb::Completions(arguments) => completions::run(terminal, &arguments),
        Verb::Export(arguments) => {
            interruptible(terminal, moving::export(terminal, arguments)).await
        }
        Verb::Import(arguments) => {
            interruptible(terminal, moving::import(terminal, arguments)).await
        }
        Verb::Doctor(arguments) => interruptible(terminal, doctor::run(terminal, &arguments)).await,
        Verb::Vault(verb) => interruptible(terminal, vault::run(terminal, verb)).await,
    }
}

/// Ends at Ctrl-C, leaving nothing behind that would need cleaning up.
async fn interruptible<T>(
    terminal: &Terminal,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    tokio::select! {
        ended = work => ended,
        () = terminal.ending.asked() => Err(Failure::Interrupted),
    }
}
