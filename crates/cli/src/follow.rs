//! A write from being asked to its end: asked once under a name of our own, then followed by events.
//!
//! The hub keeps a write before it answers, so that this program may leave at any time: what it says at Ctrl-C is how
//! to look, and how to take it back. A hub that changes hands meanwhile is found again and asked where things stand.

use std::time::Duration;

use futures_util::StreamExt;
use model::{
    Action, ActionId, ActionState, ActionView, ConnectionView, Error, ErrorCode, Event, Request,
    Texts, Timestamp, Waiting, door::EventStream,
};
use tokio::time::{MissedTickBehavior, interval};

use crate::{
    args::Keeping,
    exit::Exit,
    failure::Failure,
    moments,
    progress::Bar,
    schema::{ActionEvent, ActionShape},
    session::{Session, answer},
    terminal::Terminal,
    words::words,
};

/// An event can be missed by whoever falls behind; asking now and then finds the end all the same.
const ASK_EVERY: Duration = Duration::from_secs(5);

/// Asks for a write, and follows it to its end unless that isn't wanted.
pub(crate) async fn write(
    terminal: &Terminal,
    session: &mut Session,
    connection: &ConnectionView,
    action: Action,
    keeping: Keeping,
) -> Result<(), Failure> {
    let id = keeping.id.unwrap_or_else(ActionId::generate);
    let request = Request::Act {
        id,
        connection: model::ConnectionRef::new(connection.id.to_string()),
        action,
        undo_s: keeping.undo,
    };
    ask(terminal, session, request, keeping.no_wait).await
}

/// Asks what answers with an action, and follows that.
pub(crate) async fn ask(
    terminal: &Terminal,
    session: &mut Session,
    request: Request,
    no_wait: bool,
) -> Result<(), Failure> {
    // Before it begins: an end that comes at once must not be missed.
    let events = session.events().await?;
    let begun = tokio::select! {
        answered = session.ask(request) => answer!(answered?, Action)?,
        () = terminal.ending.asked() => return Err(Failure::Interrupted),
    };
    let mut said = Said::new(terminal);
    said.say(&begun);
    if no_wait && !begun.state.is_over() {
        terminal
            .out
            .line(&terminal.words("cli_follow_kept", &[("action", &begun.id)]));
        return Ok(());
    }
    let mut following = Following {
        terminal,
        session,
        events,
        said,
    };
    let ended = following.until_over(begun).await?;
    drop(following);
    end(terminal, &ended)
}

struct Following<'a> {
    terminal: &'a Terminal,
    session: &'a mut Session,
    events: EventStream,
    said: Said<'a>,
}

impl Following<'_> {
    async fn until_over(&mut self, begun: ActionView) -> Result<ActionView, Failure> {
        let id = begun.id;
        let mut now = begun;
        let mut look = interval(ASK_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        look.reset();
        while !now.state.is_over() {
            tokio::select! {
                event = self.events.next() => match event {
                    Some(Event::Action { action }) if action.id == id => now = *action,
                    Some(_) => continue,
                    None => {
                        self.session.reopen().await?;
                        self.events = self.session.events().await?;
                        now = self.session.action(id).await?;
                    }
                },
                _ = look.tick() => now = self.session.action(id).await?,
                () = self.terminal.ending.asked() => {
                    self.said.leave(&now);
                    return Err(Failure::Interrupted);
                }
            }
            self.said.say(&now);
        }
        Ok(now)
    }
}

/// What was said of an action so far: the same isn't said twice.
struct Said<'a> {
    terminal: &'a Terminal,
    bar: Bar,
    last: Option<ActionView>,
}

impl<'a> Said<'a> {
    fn new(terminal: &'a Terminal) -> Self {
        Self {
            terminal,
            bar: Bar::new(terminal.out),
            last: None,
        }
    }

    fn say(&mut self, view: &ActionView) {
        let last = self.last.replace(view.clone());
        if last.as_ref() == Some(view) {
            return;
        }
        if self.terminal.out.json() {
            self.terminal.out.object(&ActionEvent::Action {
                action: Box::new(ActionShape::new(self.terminal, view)),
            });
            return;
        }
        if let Some(progress) = view.progress.filter(|_| !view.state.is_over()) {
            self.bar.set(progress);
        }
        let same_state = last.is_some_and(|last| last.state == view.state);
        if let Some(sentence) =
            waiting(self.terminal, view, Timestamp::now()).filter(|_| !same_state)
        {
            self.bar.aside(|| self.terminal.out.note(&sentence));
        }
    }

    /// Says what goes on without us.
    fn leave(&self, view: &ActionView) {
        let terminal = self.terminal;
        let show = terminal.command(&format!("outbox show {}", view.id));
        let cancel = terminal.command(&format!("outbox cancel {}", view.id));
        let goes_on = terminal.words("cli_follow_goes_on", &[("command", &show)]);
        let take_back = terminal.words("cli_follow_take_back", &[("command", &cancel)]);
        self.bar.aside(|| {
            terminal.out.note(&goes_on);
            terminal.out.note(&take_back);
        });
    }
}

/// Why it isn't under way yet, where that takes longer than a moment.
fn waiting(terminal: &Terminal, view: &ActionView, now: Timestamp) -> Option<String> {
    if let ActionState::AwaitingApproval { expires, .. } = &view.state {
        let when = moments::until(&terminal.texts, now, *expires);
        return Some(terminal.words("cli_follow_awaiting_approval", &[("when", &when)]));
    }
    let ActionState::Queued {
        not_before,
        expires,
        why,
    } = &view.state
    else {
        return None;
    };
    let service = &view.integration_name;
    let until = |then| moments::until(&terminal.texts, now, then);
    match why {
        Waiting::Turn => None,
        Waiting::Undo => Some(terminal.words(
            "cli_follow_undo",
            &[
                ("when", &until(*not_before)),
                (
                    "command",
                    &terminal.command(&format!("outbox cancel {}", view.id)),
                ),
            ],
        )),
        Waiting::Later => Some(terminal.words(
            "cli_follow_later",
            &[("service", service), ("when", &until(*expires))],
        )),
        Waiting::Person => Some(terminal.words(
            "cli_follow_person",
            &[
                ("service", service),
                ("command", &terminal.command("status")),
                ("when", &until(*expires)),
            ],
        )),
    }
}

/// Where it stands, in a word or two.
pub(crate) fn standing(texts: &Texts, state: &ActionState) -> String {
    words(texts, &format!("cli_state_{}", state.kind()), &[])
}

/// How it ended, as words and exit status. With `--json` the last line has said it.
fn end(terminal: &Terminal, view: &ActionView) -> Result<(), Failure> {
    let failure = match &view.state {
        ActionState::Sent { .. } => {
            for line in sent(&terminal.texts, view) {
                terminal.out.line(&line);
            }
            return Ok(());
        }
        ActionState::Failed { error, .. } => Failure::Refused(error.clone()),
        ActionState::OutcomeUnknown { error, .. } => {
            if !terminal.out.json() {
                decide(terminal, view, error);
            }
            Failure::Told(Exit::OutcomeUnknown)
        }
        ActionState::Cancelled { .. } => {
            terminal
                .out
                .line(&terminal.words("cli_follow_cancelled", &[]));
            Failure::Told(Exit::Failed)
        }
        ActionState::Expired { .. } => {
            terminal
                .out
                .line(&terminal.words("cli_follow_expired", &[]));
            Failure::Told(Exit::Unreachable)
        }
        ActionState::Denied { .. } => ErrorCode::ApprovalDenied.into(),
        ActionState::AwaitingApproval { .. }
        | ActionState::Queued { .. }
        | ActionState::Sending { .. } => ErrorCode::Internal.into(),
    };
    if terminal.out.json() {
        return Err(Failure::Told(failure.exit()));
    }
    Err(failure)
}

/// What is known, and the two choices.
pub(crate) fn decide(terminal: &Terminal, view: &ActionView, error: &Error) {
    let (sentence, _) = terminal.texts.error(error);
    let sentence = if error.code == ErrorCode::OutcomeUnknown {
        sentence
    } else {
        terminal.words("cli_follow_maybe_sent", &[("sentence", &sentence)])
    };
    let (retry, discard) = choices(terminal, view.id);
    let service = &view.integration_name;
    let next = [
        terminal.words(
            "cli_follow_retry",
            &[("service", service), ("command", &retry)],
        ),
        terminal.words("cli_follow_discard", &[("command", &discard)]),
    ]
    .join("\n");
    terminal.trouble(&sentence, &next, error.detail.as_deref());
}

fn choices(terminal: &Terminal, id: ActionId) -> (String, String) {
    (
        terminal.command(&format!("outbox retry {id}")),
        terminal.command(&format!("outbox discard {id}")),
    )
}

/// "Sent." and what the service calls it.
pub(crate) fn sent(texts: &Texts, view: &ActionView) -> Vec<String> {
    let ActionState::Sent { results, .. } = &view.state else {
        return Vec::new();
    };
    let key = match view.capability {
        model::Capability::FilesUpload => "cli_follow_uploaded",
        _ => "cli_follow_sent",
    };
    let mut lines = vec![words(texts, key, &[("account", &view.account)])];
    for result in results {
        lines.push(match &result.link {
            Some(link) => format!("{}  {link}", result.id),
            None => result.id.clone(),
        });
    }
    lines
}

#[cfg(test)]
#[path = "follow_tests.rs"]
pub(crate) mod tests;
