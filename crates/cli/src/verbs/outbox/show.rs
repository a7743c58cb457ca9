//! `autopilot outbox show`: everything known about one action. Its contents are shown as long as the hub keeps them.

use model::{Action, ActionId, ActionState, ActionView, Caller, Texts};

use crate::{
    failure::Failure,
    follow,
    output::{Style, short},
    progress::bytes,
    schema::{ActionAnswer, ActionShape},
    session::Session,
    terminal::Terminal,
    words::{counted, words},
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
    let texts = &terminal.texts;
    let state = follow::standing(texts, &view.state);
    terminal.out.styled(&[
        (Style::Strong, &view.integration_name),
        (Style::Plain, "  "),
        (Style::Plain, &view.account),
        (Style::Plain, "  "),
        (style(&view.state), &state),
    ]);
    let facts = facts(texts, view);
    let longest = facts.iter().map(|(name, _)| name.chars().count()).max();
    let width = longest.unwrap_or_default() + 1;
    for (name, value) in facts {
        terminal.out.styled(&[
            (Style::Quiet, &format!("{name:<width$}")),
            (Style::Plain, &value),
        ]);
    }
    for line in follow::sent(texts, view).iter().skip(1) {
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
                .note(&terminal.words("cli_outbox_being_asked", &[]));
        }
        ActionState::Failed { error, .. } => {
            let shape = terminal.error(error);
            terminal.trouble(&shape.sentence, &shape.next_step, error.detail.as_deref());
        }
        _ => {}
    }
}

fn facts(texts: &Texts, view: &ActionView) -> Vec<(String, String)> {
    let named = |key, value| (words(texts, key, &[]), value);
    let mut facts = vec![
        named("cli_outbox_id", view.id.to_string()),
        named("cli_outbox_what", view.capability.name().to_owned()),
        named("cli_outbox_asked_by", caller(texts, &view.caller)),
        named("cli_outbox_asked_at", view.created_at.to_string()),
    ];
    if let Some(content) = &view.content {
        facts.push(named("cli_outbox_content", content_line(texts, content)));
    }
    let outline = view.outline;
    if outline.recipients > 0 {
        let recipients = counted(texts, "cli_outbox_recipients", outline.recipients, &[]);
        facts.push(named("cli_outbox_to", recipients));
    }
    if outline.files > 0 {
        let size = bytes(outline.bytes);
        let files = counted(
            texts,
            "cli_outbox_files_size",
            outline.files,
            &[("size", &size)],
        );
        facts.push(named("cli_outbox_files", files));
    }
    if let Some(progress) = view.progress {
        let (done, total) = (bytes(progress.done), bytes(progress.total));
        let so_far = words(
            texts,
            "cli_outbox_done_of",
            &[("done", &done), ("total", &total)],
        );
        facts.push(named("cli_outbox_so_far", so_far));
    }
    if view.tries > 0 {
        let times = counted(texts, "cli_outbox_times", view.tries, &[]);
        facts.push(named("cli_outbox_tried", times));
    }
    facts
}

fn content_line(texts: &Texts, content: &Action) -> String {
    let line = match content {
        Action::SendEmail(mail) => what_to_whom(texts, &mail.subject, &mail.to.join(", ")),
        Action::UploadFiles(upload) => upload.files.join(", "),
        Action::SendMessage(message) => what_to_whom(texts, &message.text, &message.chat),
    };
    short(&line, 160)
}

fn what_to_whom(texts: &Texts, what: &str, whom: &str) -> String {
    words(
        texts,
        "cli_outbox_what_to_whom",
        &[("what", &what), ("whom", &whom)],
    )
}

pub(in crate::verbs) fn caller(texts: &Texts, caller: &Caller) -> String {
    match caller {
        Caller::Window => words(texts, "cli_caller_window", &[]),
        Caller::Program { executable } | Caller::Agent { executable } => executable.clone(),
        Caller::Workflow { name } => words(texts, "cli_caller_workflow", &[("name", name)]),
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
