//! Messages against the sandbox's Telegram: what is sent is shown as meant, a chat makes itself known, and what may
//! have been sent is not sent again.

use std::time::Duration;

use integrations::{CallError, Messages, OutgoingMessage, Session};
use model::{ChatKind, SendMessage, TextFormat};
use serde_json::{Value, json};

use super::{
    Bench,
    journal::{Remembered, file},
};

const BOT: i64 = 110_201_543;
const BEN: i64 = 4_242_424_242;

fn telegram() -> &'static dyn Messages {
    let telegram = integrations::find(&"telegram".into()).unwrap();
    telegram.messages().unwrap()
}

/// A bot that may send as fast as it likes, and a person who pressed Start.
async fn known() -> (Bench, Session) {
    let bench = Bench::new().await;
    let free = json!({"per_chat_per_s": null, "per_group_per_min": null, "overall_per_s": null});
    bench.control("bots/limits", free).await;
    let start = json!({"bot_id": BOT, "chat_id": BEN, "payload": "", "name": "Ben"});
    bench.control("bots/start", start).await;
    let session = bench.session("telegram", sandbox::DEMO_BOT_TOKEN, &[]);
    (bench, session)
}

fn message(text: &str) -> OutgoingMessage {
    OutgoingMessage {
        chat: BEN.to_string(),
        content: SendMessage {
            text: text.to_owned(),
            format: TextFormat::Markdown,
            ..SendMessage::default()
        },
        file: None,
    }
}

async fn sent(bench: &Bench) -> Vec<Value> {
    let path = format!("control/telegram/messages?bot_id={BOT}");
    let url = bench.sandbox.base_url().join(&path).unwrap();
    bench
        .http
        .get(url)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap()
}

#[tokio::test]
async fn a_text_is_shown_as_meant_whatever_its_length() {
    let (bench, session) = known().await;
    let text = format!(
        "**Hej** _på_ dig <b> & `x`\n{}",
        "[site](https://example.org) ".repeat(1000)
    );
    let journal = Remembered::default();
    let made = telegram()
        .send(&session, &message(&text), &journal)
        .await
        .unwrap();
    let there = sent(&bench).await;
    assert_eq!(there.len(), made.pieces.len());
    assert!(there.len() > 1);
    let first = there[0]["text"].as_str().unwrap();
    assert!(
        first.starts_with("Hej på dig <b> & x\nsite site"),
        "{first}"
    );
    let kinds: Vec<_> = there[0]["entities"]
        .as_array()
        .unwrap()
        .iter()
        .take(4)
        .map(|e| e["type"].clone())
        .collect();
    assert_eq!(kinds, ["bold", "italic", "code", "text_link"]);
}

#[tokio::test]
async fn documents_and_captions_arrive_byte_for_byte() {
    let (bench, session) = known().await;
    let (_folder, local) = file("plan.pdf", &[0, 255, 13, 10, 26, 45, 45].repeat(100_000));
    let mut with_file = message("**the plan**");
    with_file.file = Some(local.clone());
    telegram()
        .send(&session, &with_file, &Remembered::default())
        .await
        .unwrap();
    let there = sent(&bench).await;
    assert_eq!(there[0]["file"]["sha256"], local.sha256);
    assert_eq!(there[0]["file"]["name"], "plan.pdf");
    assert_eq!(there[0]["caption"], "the plan");
}

#[tokio::test]
async fn a_chat_makes_itself_known_by_the_link_that_was_made_for_it() {
    let (bench, session) = known().await;
    let payload = "a-payload-that-works-once";
    let mut position = None;
    let short = Duration::from_secs(1);
    let nobody = telegram()
        .listen_for_claim(&session, payload, &mut position, short)
        .await;
    assert_eq!(nobody, Ok(None));
    let start = json!({"bot_id": BOT, "chat_id": BEN, "payload": payload, "name": "Ben Okoro", "username": "ben_okoro"});
    bench.control("bots/start", start).await;
    let wait = Duration::from_secs(5);
    let claimed = telegram()
        .listen_for_claim(&session, payload, &mut position, wait)
        .await;
    let claimed = claimed.unwrap().unwrap();
    assert_eq!(
        (claimed.id.as_str(), claimed.kind),
        ("4242424242", ChatKind::Person)
    );
    assert!(claimed.title.starts_with("Ben"), "{claimed:?}");
    assert_eq!(claimed.handle.as_deref(), Some("@ben_okoro"));
    let group = json!({"bot_id": BOT, "chat_id": -4242, "payload": payload, "title": "Team"});
    bench.control("bots/start_group", group).await;
    let mut claimed = None;
    for _ in 0..3 {
        claimed = claimed.or(telegram()
            .listen_for_claim(&session, payload, &mut position, short)
            .await
            .unwrap());
    }
    let claimed = claimed.unwrap();
    assert_eq!(
        (claimed.id.as_str(), claimed.kind, claimed.title.as_str()),
        ("-4242", ChatKind::Group, "Team")
    );
}

#[tokio::test]
async fn what_may_have_been_sent_is_left_to_the_person() {
    let (bench, session) = known().await;
    bench.fault("telegram", json!({"kind": "drop_after"})).await;
    let ended = telegram()
        .send(&session, &message("once"), &Remembered::default())
        .await
        .unwrap_err();
    assert!(ended.may_have_happened(), "{ended}");
    bench.mend().await;
    assert_eq!(sent(&bench).await.len(), 1);
    let block = json!({"bot_id": BOT, "chat_id": BEN});
    bench.control("bots/block", block).await;
    let Err(CallError::Refused { reason, .. }) = telegram()
        .send(&session, &message("x"), &Remembered::default())
        .await
    else {
        panic!("somebody who blocked the bot got a message");
    };
    assert_eq!(reason, "blocked_by_user");
}
