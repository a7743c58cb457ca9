//! Telegram: sending, limits and waiting for people, by hand and by the unmodified client library.

use std::time::{Duration, Instant};

use autopilot_sandbox::DEMO_BOT_TOKEN;
use reqwest::StatusCode;
use serde_json::{Value, json};
use teloxide::payloads::{GetUpdatesSetters, SendDocumentSetters, SendMessageSetters};
use teloxide::prelude::Requester;
use teloxide::types::{ChatId, InputFile, ParseMode};
use teloxide::{ApiError, RequestError};

use crate::bench::{Bench, bench, send};
use crate::drive::sha256;
use crate::telegram::bot;

const OK: StatusCode = StatusCode::OK;
const BOT: i64 = 110_201_543;
const ANNA: i64 = 700_001;
const GROUP: i64 = -5001;

async fn call(bench: &Bench, method: &str, body: Value) -> (StatusCode, Value) {
    let url = bench.url(&format!("/telegram/bot{DEMO_BOT_TOKEN}/{method}"));
    send(bench.http.post(url).json(&body)).await
}

/// For tests that send more than a person would.
async fn unlimited() -> Bench {
    let bench = bench().await;
    let none = json!({ "per_chat_per_s": null, "per_group_per_min": null, "overall_per_s": null });
    bench.control("bots/limits", none).await;
    bench
}

async fn messages(bench: &Bench) -> Vec<Value> {
    let all = bench
        .get_control(&format!("telegram/messages?bot_id={BOT}"))
        .await;
    all.as_array().unwrap().clone()
}

#[tokio::test]
async fn teloxide_sends_text_and_files_and_hears_of_a_start() {
    let bench = unlimited().await;
    let bot = bot(&bench, DEMO_BOT_TOKEN);
    let sent = bot
        .send_message(ChatId(ANNA), "Hello <b>Anna</b> &amp; all")
        .parse_mode(ParseMode::Html)
        .await
        .unwrap();
    assert_eq!(
        (sent.text(), sent.chat.id),
        (Some("Hello Anna & all"), ChatId(ANNA))
    );
    let file = InputFile::memory(&b"week,visitors\n1,2\n"[..]).file_name("figures, week 1.csv");
    let sent = bot
        .send_document(ChatId(GROUP), file)
        .caption("Figures")
        .await
        .unwrap();
    assert_eq!(
        sent.document().unwrap().file_name.as_deref(),
        Some("figures, week 1.csv")
    );
    let kept = messages(&bench).await;
    assert_eq!(kept.len(), 2);
    assert_eq!(kept[0]["entities"][0]["type"], "bold");
    assert_eq!(kept[1]["file"]["sha256"], sha256(b"week,visitors\n1,2\n"));

    let start = json!({
        "bot_id": BOT,
        "chat_id": 700_009,
        "payload": "one-time_1",
        "name": "Clara Ruiz",
        "username": "clara",
    });
    bench.control("bots/start", start).await;
    let updates = bot.get_updates().timeout(1).await.unwrap();
    let teloxide::types::UpdateKind::Message(message) = &updates[0].kind else {
        panic!("{updates:?}");
    };
    assert_eq!(
        (message.text(), message.chat.id),
        (Some("/start one-time_1"), ChatId(700_009))
    );
    let chat = bot.get_chat(ChatId(700_009)).await.unwrap();
    assert_eq!(chat.username(), Some("clara"));
    let next = bot
        .get_updates()
        .offset(updates[0].id.as_offset())
        .await
        .unwrap();
    assert!(next.is_empty(), "what was confirmed is gone");
}

#[tokio::test]
async fn teloxide_is_told_why_a_chat_cannot_be_written_to() {
    let bench = unlimited().await;
    let bot = bot(&bench, DEMO_BOT_TOKEN);
    let why = async |chat: i64| bot.send_message(ChatId(chat), "x").await.unwrap_err();
    assert!(matches!(
        why(999).await,
        RequestError::Api(ApiError::ChatNotFound)
    ));
    bench
        .control("bots/block", json!({ "bot_id": BOT, "chat_id": ANNA }))
        .await;
    assert!(matches!(
        why(ANNA).await,
        RequestError::Api(ApiError::BotBlocked)
    ));
    let upgraded =
        json!({ "bot_id": BOT, "chat_id": GROUP, "new_chat_id": -1_001_234_567_890_i64 });
    bench.control("bots/upgrade_group", upgraded).await;
    let moved = why(GROUP).await;
    assert!(
        matches!(
            moved,
            RequestError::MigrateToChatId(ChatId(-1_001_234_567_890))
        ),
        "{moved:?}"
    );
    bot.send_message(ChatId(-1_001_234_567_890), "x")
        .await
        .unwrap();
}

#[tokio::test]
async fn limits_are_telegrams_until_a_test_turns_them() {
    let bench = bench().await;
    let to = |chat: i64| {
        call(
            &bench,
            "sendMessage",
            json!({ "chat_id": chat, "text": "x" }),
        )
    };
    assert_eq!(to(ANNA).await.0, OK);
    let (status, refused) = to(ANNA).await;
    assert_eq!(
        (status, refused["parameters"]["retry_after"].as_u64()),
        (StatusCode::TOO_MANY_REQUESTS, Some(1))
    );
    assert_eq!(to(700_002).await.0, OK, "each chat by itself");
    bench.control("clock", json!({ "skew_s": 1 })).await;
    assert_eq!(to(ANNA).await.0, OK);
    bench
        .control("bots/limits", json!({ "per_group_per_min": 2 }))
        .await;
    assert_eq!((to(GROUP).await.0, to(GROUP).await.0), (OK, OK));
    let (_, refused) = to(GROUP).await;
    assert!(refused["parameters"]["retry_after"].as_u64().unwrap() > 50);
    bench
        .control("bots/limits", json!({ "overall_per_s": 1 }))
        .await;
    assert_eq!(to(ANNA).await.0, OK);
    assert_eq!(to(700_002).await.0, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn a_text_has_its_limits_after_its_marks_are_read() {
    let bench = unlimited().await;
    let send = |text: String, mode: Option<&str>| {
        call(
            &bench,
            "sendMessage",
            json!({ "chat_id": ANNA, "text": text, "parse_mode": mode }),
        )
    };
    assert_eq!(send("x".repeat(4096), None).await.0, OK);
    assert_eq!(
        send(format!("<b>{}</b>", "x".repeat(4096)), Some("HTML"))
            .await
            .0,
        OK
    );
    assert_eq!(send("😀".repeat(2048), None).await.0, OK);
    for (text, mode, words) in [
        ("x".repeat(4097), None, "message is too long"),
        ("😀".repeat(2049), None, "message is too long"),
        (String::new(), None, "message text is empty"),
        ("<b></b>".into(), Some("HTML"), "message text is empty"),
        ("a < b".into(), Some("HTML"), "can't parse entities"),
        ("x".into(), Some("Fancy"), "unsupported parse_mode"),
    ] {
        let (status, body) = send(text, mode).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        assert!(
            body["description"].as_str().unwrap().contains(words),
            "{body}"
        );
    }
}

#[tokio::test]
async fn replies_edits_and_deletions_need_the_message_to_be_there() {
    let bench = unlimited().await;
    let (_, first) = call(
        &bench,
        "sendMessage",
        json!({ "chat_id": ANNA, "text": "one" }),
    )
    .await;
    let id = first["result"]["message_id"].as_i64().unwrap();
    let reply = |id: i64| json!({ "chat_id": ANNA, "text": "two", "reply_parameters": { "message_id": id } });
    let (_, second) = call(&bench, "sendMessage", reply(id)).await;
    assert_eq!(second["result"]["reply_to_message"]["text"], "one");
    assert_eq!(
        call(&bench, "sendMessage", reply(9999)).await.0,
        StatusCode::BAD_REQUEST
    );
    let edit = json!({ "chat_id": ANNA, "message_id": id, "text": "uno" });
    assert_eq!(call(&bench, "editMessageText", edit.clone()).await.0, OK);
    let (_, same) = call(&bench, "editMessageText", edit).await;
    assert!(
        same["description"]
            .as_str()
            .unwrap()
            .contains("message is not modified")
    );
    let this = json!({ "chat_id": ANNA, "message_id": id });
    assert_eq!(call(&bench, "deleteMessage", this.clone()).await.0, OK);
    assert_eq!(
        call(&bench, "deleteMessage", this).await.0,
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn a_photo_has_to_be_a_picture() {
    let bench = unlimited().await;
    let url = bench.url(&format!("/telegram/bot{DEMO_BOT_TOKEN}/sendPhoto"));
    let photo = |bytes: Vec<u8>| {
        let part = reqwest::multipart::Part::bytes(bytes).file_name("a.png");
        let form = reqwest::multipart::Form::new()
            .text("chat_id", ANNA.to_string())
            .part("photo", part);
        send(bench.http.post(&url).multipart(form))
    };
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    png.extend_from_slice(&[0, 0, 0, 40, 0, 0, 0, 30]);
    let (status, body) = photo(png.clone()).await;
    assert_eq!(
        (status, body["result"]["photo"][0]["width"].as_i64()),
        (OK, Some(40))
    );
    assert_eq!(
        photo(b"not a picture".to_vec()).await.0,
        StatusCode::BAD_REQUEST
    );
    png[19] = 255;
    png[18] = 255;
    assert_eq!(photo(png).await.0, StatusCode::BAD_REQUEST, "too wide");
    assert_eq!(
        photo(vec![0; 10_000_001]).await.0,
        StatusCode::PAYLOAD_TOO_LARGE
    );
}

#[tokio::test]
async fn a_long_poll_ends_as_soon_as_something_happens() {
    let bench = bench().await;
    let since = Instant::now();
    let wait = call(&bench, "getUpdates", json!({ "timeout": 30 }));
    let press = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        bench
            .control("bots/start", json!({ "bot_id": BOT, "chat_id": 700_010 }))
            .await;
    };
    let ((status, body), ()) = tokio::join!(wait, press);
    assert_eq!(
        (status, body["result"][0]["message"]["text"].as_str()),
        (OK, Some("/start"))
    );
    assert!(since.elapsed() < Duration::from_secs(10));
    let group = json!({ "bot_id": BOT, "chat_id": -6001, "payload": "abc", "title": "New" });
    bench.control("bots/start_group", group).await;
    let (_, body) = call(&bench, "getUpdates", json!({ "offset": -1 })).await;
    assert_eq!(
        body["result"][0]["message"]["text"],
        "/start@autopilot_demo_bot abc"
    );
    assert_eq!(body["result"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_second_poller_ends_the_first_and_a_webhook_ends_all() {
    let bench = bench().await;
    let poll = |timeout: u32| call(&bench, "getUpdates", json!({ "timeout": timeout }));
    let second = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        poll(0).await
    };
    let (first, second) = tokio::join!(poll(30), second);
    assert_eq!(second.0, OK);
    assert_eq!(first.0, StatusCode::CONFLICT);
    assert!(
        first.1["description"]
            .as_str()
            .unwrap()
            .contains("terminated by other getUpdates request")
    );
    bench
        .control("bots/poller", json!({ "bot_id": BOT, "active": true }))
        .await;
    assert_eq!(poll(0).await.0, StatusCode::CONFLICT);
    bench
        .control("bots/poller", json!({ "bot_id": BOT, "active": false }))
        .await;
    assert_eq!(poll(0).await.0, OK);
    assert_eq!(
        call(
            &bench,
            "setWebhook",
            json!({ "url": "https://example.org/h" })
        )
        .await
        .0,
        OK
    );
    let (status, body) = poll(0).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(
        body["description"]
            .as_str()
            .unwrap()
            .contains("webhook is active")
    );
}

#[tokio::test]
async fn a_waiting_poll_does_not_keep_a_sandbox_alive() {
    let bench = bench().await;
    let url = bench.url(&format!(
        "/telegram/bot{DEMO_BOT_TOKEN}/getUpdates?timeout=50"
    ));
    let wait = tokio::spawn(bench.http.get(url).send());
    tokio::time::sleep(Duration::from_millis(200)).await;
    let since = Instant::now();
    bench.sandbox.stop().await;
    assert!(wait.await.unwrap().is_err());
    assert!(since.elapsed() < Duration::from_secs(5));
}
