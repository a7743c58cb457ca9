//! `autopilot outbox show`: everything known about one action. Its contents are shown as long as the hub keeps them.

use model::{Action, ActionId, ActionState, ActionView, Caller};

use crate::{
    failure::Failure,
    follow,
    output::{Style, short},
    progress::bytes,
    schema::{ActionAnswer, ActionShape},
    session::Session,
    terminal::Terminal,
};

pub(super) async fn run(terminal: &Terminal, id: ActionId) -> Result<(), Failure> {
    let mut session = Session::open(&terminal.globals).await?;
    let view = session.action(id).await?;
    say(terminal, &view);
    Ok(())
}

pub(super) fn say(terminal: &Terminal, view: &ActionView) {
    if terminal.out.json() {
        let action = ActionShape::new(terminal, view);
        terminal.out.object(&ActionAnswer { action });
        return;
    }
    let state = view.state.kind().replace('_', " ");
    terminal.out.styled(&[
        (Style::Strong, &view.integration_name),
        (Style::Plain, "  "),
        (Style::Plain, &view.account),
        (Style::Plain, "  "),
        (style(&view.state), &state),
    ]);
    for (name, value) in facts(view) {
        terminal.out.styled(&[
            (Style::Quiet, &format!("{name:<9}")),
            (Style::Plain, &value),
        ]);
    }
    for line in follow::sent(view).iter().skip(1) {
        terminal.out.line(line);
    }
    match &view.state {
        ActionState::OutcomeUnknown {
            error,
            asking: false,
            ..
        } => {
            follow::decide(terminal, view, error);
        }
        ActionState::OutcomeUnknown { .. } => {
            terminal
                .out
                .note("The service is being asked; nobody has to decide yet.");
        }
        ActionState::Failed { error, .. } => {
            let shape = terminal.error(error);
            terminal
                .out
                .trouble(&shape.sentence, &shape.next_step, error.detail.as_deref());
        }
        _ => {}
    }
}

fn facts(view: &ActionView) -> Vec<(&'static str, String)> {
    let mut facts = vec![
        ("id", view.id.to_string()),
        ("what", view.capability.name().to_owned()),
        ("asked by", caller(&view.caller)),
        ("asked at", view.created_at.to_string()),
    ];
    if let Some(content) = &view.content {
        facts.push(("content", content_line(content)));
    }
    let outline = view.outline;
    if outline.recipients > 0 {
        facts.push(("to", counted(outline.recipients, "recipient")));
    }
    if outline.files > 0 {
        let files = counted(outline.files, "file");
        facts.push(("files", format!("{files}, {}", bytes(outline.bytes))));
    }
    if let Some(progress) = view.progress {
        let so_far = format!("{} of {}", bytes(progress.done), bytes(progress.total));
        facts.push(("so far", so_far));
    }
    if view.tries > 0 {
        facts.push(("tried", counted(view.tries, "time")));
    }
    facts
}

fn content_line(content: &Action) -> String {
    let line = match content {
        Action::SendEmail(mail) => format!("\"{}\" to {}", mail.subject, mail.to.join(", ")),
        Action::UploadFiles(upload) => upload.files.join(", "),
        Action::SendMessage(message) => format!("\"{}\" to {}", message.text, message.chat),
    };
    short(&line, 160)
}

fn counted(count: u32, what: &str) -> String {
    if count == 1 {
        format!("1 {what}")
    } else {
        format!("{count} {what}s")
    }
}

pub(in crate::verbs) fn caller(caller: &Caller) -> String {
    match caller {
        Caller::Window => "the window".to_owned(),
        Caller::Program { executable } | Caller::Agent { executable } => executable.clone(),
        Caller::Workflow { name } => format!("the workflow {name}"),
    }
}

pub(super) const fn style(state: &ActionState) -> Style {
    match state {
        ActionState::Sent { .. } => Style::Good,
        ActionState::Failed { .. }
        | ActionState::Denied { .. }
        | ActionState::OutcomeUnknown { .. } => Style::Bad,
        ActionState::AwaitingApproval { .. }
        | ActionState::Queued { .. }
        | ActionState::Sending { .. } => Style::Doubtful,
        ActionState::Cancelled { .. } | ActionState::Expired { .. } => Style::Quiet,
    }
}
