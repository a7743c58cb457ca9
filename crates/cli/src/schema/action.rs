//! A write and where it stands, as the outbox and every verb that writes print it.

use model::{
    ActionId, ActionState, ActionView, AskedBecause, Caller, Capability, ConnectionId,
    IntegrationId, Progress, RemoteRef, Timestamp, Waiting,
};
use serde::Serialize;

use super::ErrorShape;
use crate::terminal::Terminal;

#[derive(Serialize, Debug)]
pub(crate) struct ActionShape {
    id: ActionId,
    connection: ConnectionId,
    integration: IntegrationId,
    account: String,
    capability: Capability,
    caller: Caller,
    created_at: Timestamp,
    state: StateShape,
    recipients: u32,
    files: u32,
    bytes: u64,
    tries: u32,
    progress: Option<Progress>,
}

#[derive(Serialize, Debug)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum StateShape {
    AwaitingApproval {
        since: Timestamp,
        expires: Timestamp,
        because: AskedBecause,
    },
    Denied {
        at: Timestamp,
    },
    Queued {
        not_before: Timestamp,
        expires: Timestamp,
        why: Waiting,
    },
    Sending {
        since: Timestamp,
    },
    Sent {
        at: Timestamp,
        results: Vec<RemoteRef>,
    },
    Failed {
        at: Timestamp,
        error: ErrorShape,
    },
    OutcomeUnknown {
        at: Timestamp,
        error: ErrorShape,
        asking: bool,
    },
    Cancelled {
        at: Timestamp,
    },
    Expired {
        at: Timestamp,
    },
}

impl ActionShape {
    pub(crate) fn new(terminal: &Terminal, view: &ActionView) -> Self {
        Self {
            id: view.id,
            connection: view.connection,
            integration: view.integration.clone(),
            account: view.account.clone(),
            capability: view.capability,
            caller: view.caller.clone(),
            created_at: view.created_at,
            state: StateShape::new(terminal, &view.state),
            recipients: view.outline.recipients,
            files: view.outline.files,
            bytes: view.outline.bytes,
            tries: view.tries,
            progress: view.progress,
        }
    }

    pub(crate) fn all(terminal: &Terminal, views: &[ActionView]) -> Vec<Self> {
        views.iter().map(|view| Self::new(terminal, view)).collect()
    }
}

impl StateShape {
    fn new(terminal: &Terminal, state: &ActionState) -> Self {
        match state {
            ActionState::AwaitingApproval {
                since,
                expires,
                because,
            } => Self::AwaitingApproval {
                since: *since,
                expires: *expires,
                because: *because,
            },
            ActionState::Denied { at } => Self::Denied { at: *at },
            ActionState::Queued {
                not_before,
                expires,
                why,
            } => Self::Queued {
                not_before: *not_before,
                expires: *expires,
                why: *why,
            },
            ActionState::Sending { since } => Self::Sending { since: *since },
            ActionState::Sent { at, results } => Self::Sent {
                at: *at,
                results: results.clone(),
            },
            ActionState::Failed { at, error } => Self::Failed {
                at: *at,
                error: terminal.error(error),
            },
            ActionState::OutcomeUnknown { at, error, asking } => Self::OutcomeUnknown {
                at: *at,
                error: terminal.error(error),
                asking: *asking,
            },
            ActionState::Cancelled { at } => Self::Cancelled { at: *at },
            ActionState::Expired { at } => Self::Expired { at: *at },
        }
    }
}

/// One line each of a verb that writes.
#[derive(Serialize, Debug)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum ActionEvent {
    Action {
        action: Box<ActionShape>,
    },
    /// A step of a workflow, counted from 1.
    Step {
        step: u32,
        action: Box<ActionShape>,
    },
}

#[derive(Serialize, Debug)]
pub(crate) struct OutboxAnswer {
    pub(crate) actions: Vec<ActionShape>,
}

#[derive(Serialize, Debug)]
pub(crate) struct ActionAnswer {
    pub(crate) action: ActionShape,
}

/// The end of a workflow's run.
#[derive(Serialize, Debug)]
pub(crate) struct RunAnswer {
    pub(crate) run: ActionId,
    pub(crate) actions: Vec<ActionShape>,
}

#[cfg(test)]
mod tests {
    use model::ErrorCode;

    use super::*;
    use crate::{args::Globals, follow::tests::view, output::Output, platform::Ending};

    #[test]
    fn the_action_shape_is_the_promised_one_and_carries_no_content() {
        let terminal = Terminal::new(Output::detect(true), Globals::default(), Ending::never());
        let at = Timestamp::UNIX_EPOCH;
        let mut action = view(ActionState::OutcomeUnknown {
            at,
            error: model::Error::new(ErrorCode::OutcomeUnknown).with("service", "Gmail"),
            asking: false,
        });
        action.content = Some(model::Action::SendMessage(model::SendMessage::default()));
        let shape = serde_json::to_value(ActionShape::new(&terminal, &action)).unwrap();
        let fields: Vec<&str> = shape
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        assert_eq!(
            fields,
            [
                "account",
                "bytes",
                "caller",
                "capability",
                "connection",
                "created_at",
                "files",
                "id",
                "integration",
                "progress",
                "recipients",
                "state",
                "tries"
            ]
        );
        assert_eq!(shape["state"]["kind"], "outcome_unknown");
        assert_eq!(shape["state"]["error"]["code"], "outcome_unknown");
        assert_eq!(shape["state"]["asking"], false);
    }
}
