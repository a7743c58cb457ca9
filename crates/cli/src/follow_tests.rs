//! What is said of a write while it is followed, and how it ends.

use model::{Caller, Capability, ConnectionId, Outline, RemoteRef};

use super::*;
use crate::{args::Globals, output::Output, platform::Ending};

fn terminal() -> Terminal {
    Terminal::new(Output::detect(true), Globals::default(), Ending::never())
}

pub(crate) fn view(state: ActionState) -> ActionView {
    ActionView {
        id: "018f3f5e-0000-7000-8000-000000000001".parse().unwrap(),
        connection: ConnectionId::generate(),
        integration: "gmail".into(),
        integration_name: "Gmail".to_owned(),
        account: "anna@example.org".to_owned(),
        capability: Capability::MailSend,
        caller: Caller::Window,
        created_at: Timestamp::UNIX_EPOCH,
        state,
        outline: Outline::default(),
        content: None,
        files: Vec::new(),
        tries: 1,
        progress: None,
    }
}

#[test]
fn each_end_has_its_exit_status() {
    let at = Timestamp::UNIX_EPOCH;
    let failed = |code: ErrorCode| ActionState::Failed {
        at,
        error: code.into(),
    };
    let unknown = ActionState::OutcomeUnknown {
        at,
        error: ErrorCode::OutcomeUnknown.into(),
        asking: false,
    };
    for (state, exit) in [
        (failed(ErrorCode::SignInNeeded), Exit::SignInNeeded),
        (failed(ErrorCode::ServiceRefused), Exit::Failed),
        (unknown, Exit::OutcomeUnknown),
        (ActionState::Cancelled { at }, Exit::Failed),
        (ActionState::Expired { at }, Exit::Unreachable),
    ] {
        let ended = end(&terminal(), &view(state.clone())).unwrap_err();
        assert_eq!(ended.exit(), exit, "{state:?}");
    }
    let results = Vec::new();
    assert!(end(&terminal(), &view(ActionState::Sent { at, results })).is_ok());
}

#[test]
fn an_undecided_action_names_both_commands() {
    let (retry, discard) = choices(
        &terminal(),
        view(ActionState::Cancelled {
            at: Timestamp::UNIX_EPOCH,
        })
        .id,
    );
    assert_eq!(
        retry,
        "autopilot outbox retry 018f3f5e-0000-7000-8000-000000000001"
    );
    assert_eq!(
        discard,
        "autopilot outbox discard 018f3f5e-0000-7000-8000-000000000001"
    );
}

#[test]
fn a_wait_says_until_when_and_how_to_take_it_back() {
    let at = |second| Timestamp::from_second(second).unwrap();
    let queued = |why| {
        view(ActionState::Queued {
            not_before: at(110),
            expires: at(7_300),
            why,
        })
    };
    let said = |why| waiting(&terminal(), &queued(why), at(100));
    assert_eq!(said(Waiting::Turn), None);
    let undo = said(Waiting::Undo).unwrap();
    assert!(undo.starts_with("It goes out in 10 s.") && undo.contains("outbox cancel 018f"));
    assert!(said(Waiting::Later).unwrap().contains("expires in 2 h"));
}

#[test]
fn what_was_made_is_named_as_the_service_names_it() {
    let results = vec![RemoteRef {
        id: "18c2".to_owned(),
        within: None,
        link: None,
    }];
    let at = Timestamp::UNIX_EPOCH;
    assert_eq!(
        sent(&Texts::english(), &view(ActionState::Sent { at, results })),
        ["Sent as anna@example.org.", "18c2"]
    );
}
