//! A panic of ours ends what it is in and nothing else, and the log alone tells of it.
//!
//! No release can be made to panic from outside, and none should be: the hub here is one with the same engine, whose code
//! for one integration is told to have a defect. `cargo xtask test` builds it as it builds the rest; `cargo xtask defects`
//! runs the same on programs that are built as they are shipped.

use std::fs;

use autopilot_tests::{
    ANNA, BEN, Face, PATIENCE, PipedHub, World, eventually, sandbox::DEMO_BOT_TOKEN,
};
use model::{
    Action, ActionId, ActionState, ConnectionRef, ConnectionView, ErrorCode, Request, Response,
    SecretInput, SendEmail,
};

use crate::torture::sign_in::{self, Came};

#[test]
fn a_defect_in_one_integration_costs_nothing_else_and_the_log_explains_it() {
    let world = World::sandbox("defect");
    let mut hub = world.piped_hub("none");
    let came = sign_in::sign_in(&world, &world.face(), ANNA, None);
    assert!(matches!(came, Came::Connected(_)), "{came:?}");
    let fields = [("token".to_owned(), SecretInput::new(DEMO_BOT_TOKEN))];
    let connected = hub.ask(&Request::ConnectWithForm {
        integration: "telegram".into(),
        connection: None,
        fields: fields.into(),
    });
    assert!(connected.is_ok(), "{connected:?}");
    hub.stop();

    let mut hub = PipedHub::with_defect(&world, "gmail");
    let face = world.face();
    assert_eq!(test(&face, "gmail"), Err(ErrorCode::Internal));
    assert_eq!(test(&face, "telegram"), Ok(()));

    // A sign-in ends, with the reason, and doesn't hang.
    match sign_in::sign_in(&world, &face, BEN, None) {
        Came::Refused(error) => assert_eq!(error.code, ErrorCode::Internal),
        other => panic!("{other:?}"),
    }
    // A write ends, too.
    let id = ActionId::generate();
    let mail = SendEmail {
        to: vec!["carla@example.net".to_owned()],
        subject: "Never".to_owned(),
        text: Some("Sent.".to_owned()),
        ..SendEmail::default()
    };
    let kept = face.ask(Request::Act {
        id,
        connection: ConnectionRef::new("gmail"),
        action: Action::SendEmail(mail),
        undo_s: None,
    });
    assert!(kept.is_ok(), "{kept:?}");
    let ended = eventually(PATIENCE, "the write ends", || {
        match face.ask(Request::GetAction { id }) {
            Ok(Response::Action(view)) => match view.state {
                ActionState::Failed { error, .. } => Some(error.code),
                state => {
                    assert!(!state.is_over(), "{state:?}");
                    None
                }
            },
            other => panic!("{other:?}"),
        }
    });
    assert_eq!(ended, ErrorCode::Internal);

    // Rounds go on, and look at the others: twice, so that the first wasn't the last.
    for _ in 0..2 {
        let before = one(&face, "telegram").checked_at;
        eventually(PATIENCE, "the bot is looked at again", || {
            let _ = hub.ask(&Request::Refresh);
            (one(&face, "telegram").checked_at > before).then_some(())
        });
    }
    // What a defect of ours hides isn't said of the service.
    assert!(one(&face, "gmail").status.is_up());
    hub.stop();

    let log: String = fs::read_dir(world.data_dir().join("logs"))
        .unwrap()
        .map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap())
        .collect();
    for words in [
        "a defect, as played",
        "calls.rs",
        "a look ended in a defect of ours",
        "a sign-in ended in a defect of ours",
        "an action ended in a defect of ours",
    ] {
        assert!(log.contains(words), "{words} isn't in the log: {log}");
    }

    // Without the defect nothing is missing.
    let hub = world.piped_hub("none");
    assert_eq!(test(&world.face(), "gmail"), Ok(()));
    hub.stop();
}

fn test(face: &Face, integration: &str) -> Result<(), ErrorCode> {
    let connection = ConnectionRef::new(integration);
    match face.ask(Request::Test { connection }) {
        Ok(Response::Test(report)) => report.error.map_or(Ok(()), |error| Err(error.code)),
        Err(error) => Err(error.code),
        other => panic!("{other:?}"),
    }
}

fn one(face: &Face, integration: &str) -> ConnectionView {
    let connection = ConnectionRef::new(integration);
    match face.ask(Request::GetConnection { connection }) {
        Ok(Response::Connection(view)) => view,
        other => panic!("{other:?}"),
    }
}
