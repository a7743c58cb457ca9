//! One file a verb. Each asks the hub and says the answer; none decides anything.

mod connect;
mod disconnect;
mod doctor;
mod hub;
mod integrations;
mod sandbox;
mod status;
mod test;
mod vault;

use crate::{args::Verb, failure::Failure, platform, terminal::Terminal};

/// Carries the verb out. Those that clean up after Ctrl-C listen for it themselves.
pub(crate) async fn run(terminal: &Terminal, verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::Hub => hub::run(terminal).await,
        Verb::Sandbox(arguments) => sandbox::run(terminal, arguments).await,
        Verb::Connect(arguments) => connect::run(terminal, arguments).await,
        Verb::Status(arguments) => interruptible(status::run(terminal, arguments)).await,
        Verb::Integrations => interruptible(integrations::run(terminal)).await,
        Verb::Disconnect(arguments) => interruptible(disconnect::run(terminal, arguments)).await,
        Verb::Test(arguments) => interruptible(test::run(terminal, arguments)).await,
        Verb::Doctor => interruptible(doctor::run(terminal)).await,
        Verb::Vault(verb) => interruptible(vault::run(terminal, verb)).await,
    }
}

/// Ends at Ctrl-C, leaving nothing behind that would need cleaning up.
async fn interruptible<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::select! {
        ended = work => ended,
        () = platform::asked_to_end() => Err(Failure::Interrupted),
    }
}
