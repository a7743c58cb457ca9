//! `autopilot workflow run`: the hub runs it; here is shown which step is where.
//!
//! The ids of the steps follow from the run's, so that their events are known here without reading the workflow.

use std::{collections::BTreeMap, path::Path};

use futures_util::StreamExt;
use model::{
    ActionId, ActionState, ActionView, Error, ErrorCode, Event, Request, door::EventStream,
};

use crate::{
    args::{RunArguments, WorkflowVerb},
    exit::Exit,
    failure::Failure,
    follow, local,
    schema::{ActionEvent, ActionShape, RunAnswer},
    session::{Session, answer},
    terminal::Terminal,
    words::counted,
};

pub(super) async fn run(terminal: &Terminal, verb: WorkflowVerb) -> Result<(), Failure> {
    let WorkflowVerb::Run(arguments) = verb;
    let run = arguments.id.unwrap_or_else(ActionId::generate);
    let request = request(terminal, run, arguments).await?;
    let mut session = Session::open(&terminal.globals).await?;
    let events = session.events().await?;
    let actions = tokio::select! {
        answered = session.ask(request) => answer!(answered?, Actions)?,
        () = show(terminal, events, run) => return Err(Failure::unexpected_answer()),
        () = terminal.ending.asked() => {
            let list = terminal.command("outbox list");
            terminal.out.note(&terminal.words("cli_follow_goes_on", &[("command", &list)]));
            return Err(Failure::Interrupted);
        }
    };
    end(terminal, run, &actions)
}

async fn request(
    terminal: &Terminal,
    run: ActionId,
    arguments: RunArguments,
) -> Result<Request, Failure> {
    let source = local::contents(terminal, &arguments.file).await?;
    let from = match arguments.input.as_str() {
        "-" => Some(Path::new("-")),
        input => input.strip_prefix('@').map(Path::new),
    };
    let input = match from {
        Some(path) => local::contents(terminal, path).await?,
        None => arguments.input.clone(),
    };
    // Relative paths in it start from where it lies; from here when it comes on standard input.
    let beside = arguments
        .file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = local::folder(beside.unwrap_or(Path::new(".")))?;
    Ok(Request::RunWorkflow {
        run,
        source,
        folder,
        input,
    })
}

/// Never over by itself: the answer ends it.
async fn show(terminal: &Terminal, mut events: EventStream, run: ActionId) {
    let steps: BTreeMap<ActionId, u32> = (1..=ActionId::MAX_STEPS)
        .map(|step| (run.step(step), step))
        .collect();
    let mut last = BTreeMap::new();
    while let Some(event) = events.next().await {
        let Event::Action { action } = event else {
            continue;
        };
        let Some(step) = steps.get(&action.id) else {
            continue;
        };
        if terminal.out.json() {
            terminal.out.object(&ActionEvent::Step {
                step: *step,
                action: Box::new(ActionShape::new(terminal, &action)),
            });
        } else if last.insert(action.id, action.state.kind()) != Some(action.state.kind()) {
            terminal.out.note(&line(terminal, *step, &action));
        }
    }
    // The hub went away; asking finds the next one.
    std::future::pending::<()>().await;
}

fn line(terminal: &Terminal, step: u32, view: &ActionView) -> String {
    terminal.words(
        "cli_workflow_step",
        &[
            ("step", &step),
            ("what", &view.capability),
            ("account", &view.account),
            ("state", &follow::standing(&terminal.texts, &view.state)),
        ],
    )
}

/// The last step tells how the run ended: a step that didn't go well was the last.
fn end(terminal: &Terminal, run: ActionId, actions: &[ActionView]) -> Result<(), Failure> {
    let json = terminal.out.json();
    if json {
        let actions = ActionShape::all(terminal, actions);
        terminal.out.object(&RunAnswer { run, actions });
    }
    let Some(last) = actions.last() else {
        terminal
            .out
            .line(&terminal.words("cli_workflow_no_steps", &[]));
        return Ok(());
    };
    let failure = match &last.state {
        ActionState::Sent { .. } => {
            let done = counted(&terminal.texts, "cli_workflow_done", actions.len(), &[]);
            terminal.out.line(&done);
            return Ok(());
        }
        ActionState::Failed { error, .. } => Failure::Refused(error.clone()),
        ActionState::OutcomeUnknown { error, .. } => {
            if !json {
                follow::decide(terminal, last, error);
            }
            Failure::Told(Exit::OutcomeUnknown)
        }
        ActionState::Expired { .. } => stopped(terminal, Exit::Unreachable, "cli_workflow_expired"),
        ActionState::Cancelled { .. } => stopped(terminal, Exit::Failed, "cli_workflow_cancelled"),
        ActionState::Denied { .. } => Failure::Refused(Error::new(ErrorCode::ApprovalDenied)),
        ActionState::AwaitingApproval { .. }
        | ActionState::Queued { .. }
        | ActionState::Sending { .. } => Failure::Refused(Error::new(ErrorCode::Internal)),
    };
    terminal
        .out
        .note(&terminal.words("cli_workflow_stopped", &[("step", &actions.len())]));
    if json {
        return Err(Failure::Told(failure.exit()));
    }
    Err(failure)
}

fn stopped(terminal: &Terminal, exit: Exit, why: &str) -> Failure {
    terminal.out.line(&terminal.words(why, &[]));
    Failure::Told(exit)
}
