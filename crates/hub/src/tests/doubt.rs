//! Writes whose answers were lost: looked up where we may look, the person's to decide everywhere else, and never
//! repeated unasked.

use model::{ActionState, ErrorCode, Request, Resolution};
use serde_json::json;

use super::{
    outbox::{mail, message},
    world::World,
};

#[tokio::test]
async fn a_lost_answer_to_a_message_is_the_persons_to_decide_and_is_never_repeated_unasked() {
    let world = World::new().await;
    let bot = world.connect_bot().await.unwrap();
    world
        .fault_once("telegram", "sendMessage", json!({"kind": "drop_after"}))
        .await;
    let id = world.act(&bot, message("lost")).await.id;
    let ActionState::OutcomeUnknown { error, asking, .. } = world.over(id).await else {
        panic!("{:?}", world.state(id).await);
    };
    assert_eq!((error.code, asking), (ErrorCode::OutcomeUnknown, false));
    assert_eq!(world.messages().await, ["lost"]);
    let view = world.action_of(Request::GetAction { id }).await.unwrap();
    assert!(view.content.is_some(), "needed to decide");

    let resolution = Resolution::SendAgain;
    world
        .action_of(Request::ResolveAction { id, resolution })
        .await
        .unwrap();
    assert!(matches!(world.over(id).await, ActionState::Sent { .. }));
    assert_eq!(world.messages().await, ["lost", "lost"]);
}

#[tokio::test]
async fn an_unknown_outcome_that_is_left_alone_stays_alone() {
    let world = World::new().await;
    let bot = world.connect_bot().await.unwrap();
    world
        .fault_once("telegram", "sendMessage", json!({"kind": "drop_after"}))
        .await;
    let id = world.act(&bot, message("lost")).await.id;
    world.over(id).await;
    let resolution = Resolution::Discard;
    let view = world
        .action_of(Request::ResolveAction { id, resolution })
        .await
        .unwrap();
    assert!(matches!(view.state, ActionState::Failed { .. }));
    assert_eq!(view.content, None);
    assert_eq!(world.messages().await, ["lost"]);
}

#[tokio::test]
async fn a_lost_answer_to_a_mail_is_looked_up_where_we_may_read() {
    let world = World::new().await;
    let anna = world.connect("gmail", "anna@example.org").await;
    world
        .fault_once("gmail", "messages/send", json!({"kind": "drop_after"}))
        .await;
    let id = world.act(&anna, mail("found")).await.id;
    assert!(matches!(world.over(id).await, ActionState::Sent { .. }));
    assert_eq!(world.mails().await, ["found"]);
}

#[tokio::test]
async fn a_mail_that_is_not_among_what_was_sent_is_sent_again() {
    let world = World::new().await;
    let anna = world.connect("gmail", "anna@example.org").await;
    world
        .fault_once("gmail", "messages/send", json!({"kind": "drop_before"}))
        .await;
    let id = world.act(&anna, mail("again")).await.id;
    assert!(matches!(world.over(id).await, ActionState::Sent { .. }));
    assert_eq!(world.mails().await, ["again"]);
}

#[tokio::test]
async fn without_the_permission_to_read_a_lost_answer_is_the_persons_to_decide() {
    let world = World::new().await;
    let anna = world.sender_only().await;
    world
        .fault_once(
            "gmail",
            "messages/send",
            json!({"kind": "status_after", "status": 500}),
        )
        .await;
    let id = world.act(&anna, mail("lost")).await.id;
    let ActionState::OutcomeUnknown { asking, .. } = world.over(id).await else {
        panic!("{:?}", world.state(id).await);
    };
    assert!(!asking);
    assert_eq!(world.mails().await, ["lost"]);
}

#[tokio::test]
async fn one_look_answers_for_everything_that_is_in_doubt_at_a_connection() {
    const MAILS: usize = 6;
    let world = World::new().await;
    let anna = world.connect("gmail", "anna@example.org").await;
    world
        .fault(
            "gmail",
            "messages/send",
            json!({"kind": "delay_after", "ms": 60_000}),
        )
        .await;
    let mut ids = Vec::new();
    for number in 0..MAILS {
        let id = world.act(&anna, mail(&format!("mail {number}"))).await.id;
        ids.push(id);
    }
    for _ in 0..1000 {
        if world.mails().await.len() == MAILS {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    world.no_faults().await;

    let world = world.crash_and_reopen().await;
    for id in ids {
        assert_eq!(world.over(id).await.kind(), "sent");
    }
    assert_eq!(world.mails().await.len(), MAILS, "none was sent again");
    let looks = world
        .log()
        .await
        .iter()
        .filter(|entry| entry["method"] == "GET")
        .filter(|entry| entry["path"].as_str().unwrap().ends_with("/messages"))
        .count();
    assert_eq!(looks, 1, "for {MAILS} mails");
}
