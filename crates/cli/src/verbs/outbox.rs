//! `autopilot outbox`: what is to be sent, what is being sent, and what needs a decision.

mod list;
mod show;

use model::{ActionState, Request, Resolution};

pub(super) use show::caller;

use super::interruptible;
use crate::{
    args::{OutboxVerb, RetryArguments},
    failure::Failure,
    follow,
    session::{Session, answer},
    terminal::Terminal,
};

pub(super) async fn run(terminal: &Terminal, verb: OutboxVerb) -> Result<(), Failure> {
    match verb {
        OutboxVerb::List(arguments) => {
            interruptible(terminal, list::run(terminal, arguments)).await
        }
        OutboxVerb::Show { id } => interruptible(terminal, show::run(terminal, id)).await,
        OutboxVerb::Retry(arguments) => retry(terminal, arguments).await,
        OutboxVerb::Discard { id } => {
            let resolution = Resolution::Discard;
            change(terminal, Request::ResolveAction { id, resolution }).await
        }
        OutboxVerb::Cancel { id } => change(terminal, Request::CancelAction { id }).await,
    }
}

/// Again, where nobody knows what became of it; now, where it waits.
async fn retry(terminal: &Terminal, arguments: RetryArguments) -> Result<(), Failure> {
    let id = arguments.id;
    let mut session = Session::open(&terminal.globals).await?;
    let request = match session.action(id).await?.state {
        ActionState::Queued { .. } => Request::SendNow { id },
        _ => Request::ResolveAction {
            id,
            resolution: Resolution::SendAgain,
        },
    };
    follow::ask(terminal, &mut session, request, arguments.no_wait).await
}

async fn change(terminal: &Terminal, request: Request) -> Result<(), Failure> {
    let ask = async {
        let mut session = Session::open(&terminal.globals).await?;
        let view = answer!(session.ask(request).await?, Action)?;
        show::say(terminal, &view);
        Ok(())
    };
    interruptible(terminal, ask).await
}
