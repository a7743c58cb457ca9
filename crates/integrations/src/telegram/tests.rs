//! What the Bot API's answers mean, what a typed token lacks, and that a token is never said.

use std::time::Duration;

use model::{Language, SendMessage, TextFormat};

use super::{token::Fault, *};
use crate::{
    LocalError, Unreachable,
    call::Answer,
    doing::remembered::{self, Remembered},
    scripted::{self, Scripted, TOKEN, error_rows},
};

fn judged(answer: &Answer) -> Result<serde_json::Value, CallError> {
    errors::read(answer)
}

fn refused(status: u16, reason: &str) -> CallError {
    CallError::Refused {
        status,
        reason: reason.to_owned(),
    }
}

fn pause(seconds: u64) -> CallError {
    CallError::RateLimited {
        retry_after: Some(Duration::from_secs(seconds)),
    }
}

error_rows! {
    a_chat_that_is_not_there_is_refused_by_name = refused(400, "chat_not_found");
    a_group_that_moved_is_refused_by_name = refused(400, "chat_upgraded");
    an_empty_message_is_refused_by_name = refused(400, "message_empty");
    a_long_message_is_refused_by_name = refused(400, "message_too_long");
    bad_markup_is_refused_by_name = refused(400, "bad_markup");
    an_unchanged_message_is_refused_by_name = refused(400, "not_modified");
    a_big_file_is_refused_by_name = refused(400, "file_too_big");
    a_lost_file_is_refused_by_name = refused(400, "wrong_file");
    too_few_rights_are_refused_by_name = refused(400, "not_enough_rights");
    no_rights_are_refused_by_name = refused(400, "not_enough_rights");
    anything_else_bad_is_refused_as_such = refused(400, "bad_request");
    a_revoked_token_is_rejected = CallError::TokenRejected;
    a_malformed_token_is_rejected = CallError::TokenRejected;
    a_bot_that_was_blocked_is_refused_by_name = refused(403, "blocked_by_user");
    a_user_who_left_is_refused_by_name = refused(403, "user_deactivated");
    a_bot_that_was_kicked_is_refused_by_name = refused(403, "kicked");
    a_bot_outside_the_chat_is_refused_by_name = refused(403, "not_a_member");
    a_group_that_was_deleted_is_refused_by_name = refused(403, "chat_deleted");
    a_user_who_never_pressed_start_is_refused_by_name = refused(403, "not_started");
    a_wrong_path_is_no_verdict_on_the_token = refused(404, "not_found");
    an_active_webhook_is_refused_by_name = refused(409, "webhook_active");
    a_second_poller_is_refused_by_name = refused(409, "polled_elsewhere");
    a_file_over_the_limit_is_refused_by_name = refused(413, "too_large");
    a_bot_of_another_server_is_refused_by_name = refused(421, "other_server");
    a_pause_is_read_from_the_body = pause(17);
    a_pause_without_a_body_is_read_from_the_header = pause(9);
    a_server_error_is_the_service_being_down = CallError::ServiceDown { status: 500 };
    a_bad_gateway_is_the_service_being_down = CallError::ServiceDown { status: 502 };
    a_bare_401_is_not_understood = CallError::NotUnderstood { status: 401 };
    a_bare_403_is_not_understood = CallError::NotUnderstood { status: 403 };
    a_captive_portal_is_not_understood = CallError::NotUnderstood { status: 200 };
    an_answer_without_a_result_is_not_understood = CallError::NotUnderstood { status: 200 };
}

const GOOD: &str = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw4";

fn typed(text: &str) -> Result<Secret, FieldError> {
    INTEGRATION.read_form(&BTreeMap::from([(
        FIELD.to_owned(),
        Secret::new(text.to_owned()),
    )]))
}

#[test]
fn a_token_is_taken_as_typed_or_out_of_whatever_was_pasted_around_it() {
    for text in [
        GOOD.to_owned(),
        format!("  {GOOD}\r\n"),
        format!(
            "Done! Congratulations on your new bot. You will find it at t.me/x.\n\nUse this token to access the HTTP API:\n{GOOD}\nKeep your token secure and store it safely: it can be used by anyone."
        ),
        format!("https://api.telegram.org/bot{GOOD}/getMe"),
        format!("TOKEN=\"{GOOD}\""),
        format!("{GOOD} {GOOD}"),
    ] {
        assert_eq!(typed(&text), Ok(Secret::new(GOOD.to_owned())), "{text}");
    }
}

#[test]
fn a_wrong_token_is_told_which_part_is_wrong() {
    let table = [
        ("", Fault::Empty),
        ("   ", Fault::Empty),
        ("110201543", Fault::NoColon),
        ("AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw4", Fault::NoColon),
        (":AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw4", Fault::NoId),
        ("mybot:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw4", Fault::OddId),
        (
            "0110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw4",
            Fault::OddId,
        ),
        ("-1:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw4", Fault::OddId),
        (
            "18014398509481984:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw4",
            Fault::OddId,
        ),
        ("110201543:", Fault::NoSecret),
        ("110201543:AAHdqTcvCH1vGWJx", Fault::ShortSecret),
        (
            "110201543:AAHdqTcvCH1v GWJxfSeofSAs0K5PALDsaw4",
            Fault::OddSecret,
        ),
        (
            "110201543:AAHdqTcvCH1v/GWJxfSeofSAs0K5PALDsaw4",
            Fault::OddSecret,
        ),
        (
            "110201543:ÄÄHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw4",
            Fault::OddSecret,
        ),
        (&format!("{GOOD}{}", "x".repeat(60)), Fault::Long),
        (
            &format!("{GOOD} or 110201544:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw4"),
            Fault::Several,
        ),
    ];
    for (text, fault) in table {
        let error = typed(text).unwrap_err();
        assert_eq!(error.field, FIELD);
        assert_eq!(
            error.reason,
            Sentence::new(&FOLDER.words, fault.text_key()),
            "{text:?}"
        );
        assert!(
            text.len() < 9 || !error.reason.say(Language::English).contains(text),
            "{text:?} is said aloud"
        );
    }
    assert!(INTEGRATION.read_form(&BTreeMap::new()).is_err());
}

#[test]
fn a_token_telegram_does_not_know_is_explained_and_no_other_error_is_blamed_on_it() {
    let error = INTEGRATION
        .explain_rejected_form(&CallError::TokenRejected)
        .unwrap();
    assert_eq!(
        (error.field.as_str(), error.reason),
        (FIELD, Sentence::new(&FOLDER.words, "token_unknown"))
    );
    for other in [
        CallError::ServiceDown { status: 502 },
        refused(404, "not_found"),
        Unreachable::Dns.into(),
    ] {
        assert_eq!(INTEGRATION.explain_rejected_form(&other), None);
    }
}

#[tokio::test]
async fn a_bot_is_named_and_an_existing_webhook_told_by_its_host_alone() {
    let telegram = Scripted::start(vec![
        scripted::json(include_str!("fixtures/get_me.json")),
        scripted::json(include_str!("fixtures/webhook.json")),
    ])
    .await;
    let probe = INTEGRATION.probe(&telegram.session(&[])).await.unwrap();
    assert_eq!(probe.identity.id, "110201543");
    assert_eq!(probe.identity.account, "@autopilot_demo_bot");
    assert_eq!(
        probe.identity.display_name.as_deref(),
        Some("Autopilot Demo")
    );
    assert_eq!(probe.remarks.len(), 1);
    let remark = probe.remarks[0].say(Language::English);
    assert!(remark.contains("shop.example.com"), "{remark}");
    assert!(!format!("{probe:?}").contains("canary"), "{probe:?}");
    let asked = telegram.requests().await;
    assert!(
        asked[0]
            .to_lowercase()
            .starts_with(&format!("post /bot{TOKEN}/getme ")),
        "{}",
        asked[0]
    );
    assert!(
        asked[1]
            .to_lowercase()
            .starts_with(&format!("post /bot{TOKEN}/getwebhookinfo ")),
        "{}",
        asked[1]
    );
}

#[tokio::test]
async fn a_bot_without_a_webhook_is_connected_without_remark_even_when_nothing_more_is_said() {
    for second in [
        scripted::json(include_str!("fixtures/no_webhook.json")),
        scripted::answer(500, "text/plain", ""),
    ] {
        let telegram = Scripted::start(vec![
            scripted::json(include_str!("fixtures/get_me.json")),
            second,
        ])
        .await;
        let probe = INTEGRATION.probe(&telegram.session(&[])).await.unwrap();
        assert_eq!(probe.remarks, []);
    }
}

#[tokio::test]
async fn an_error_never_holds_the_token_though_the_address_does() {
    let gone = Scripted::start(vec![Vec::new()]).await;
    let session = gone.session(&[]);
    let broken = INTEGRATION.probe(&session).await.unwrap_err();
    assert_eq!(broken, Unreachable::Broken.into());
    gone.requests().await;
    let refused = INTEGRATION.probe(&session).await.unwrap_err();
    assert_eq!(refused, Unreachable::Connect.into());
    for text in [
        format!("{broken:?} {broken}"),
        format!("{refused:?} {refused}"),
        format!("{session:?}"),
    ] {
        assert!(!text.contains("canary"), "{text}");
    }
}

const SENT: &str = r#"{"ok":true,"result":{"message_id":7,"date":1,"chat":{"id":123456789,"type":"private","first_name":"Anna"},"text":"x","a_field_nobody_has_seen":{}}}"#;

fn message(text: &str, format: TextFormat) -> OutgoingMessage {
    OutgoingMessage {
        chat: "123456789".to_owned(),
        content: SendMessage {
            text: text.to_owned(),
            format,
            ..SendMessage::default()
        },
        file: None,
    }
}

fn body(request: &str) -> serde_json::Value {
    serde_json::from_str(request.split_once("\r\n\r\n").unwrap().1).unwrap()
}

fn bad(status: u16, description: &str, parameters: serde_json::Value) -> Vec<u8> {
    let body = serde_json::json!({"ok": false, "error_code": status, "description": description, "parameters": parameters});
    scripted::answer(status, "application/json", &body.to_string())
}

async fn send(
    telegram: &Scripted,
    message: &OutgoingMessage,
    journal: &Remembered,
) -> Result<SentMessage, CallError> {
    INTEGRATION
        .send(&telegram.session(&[]), message, journal)
        .await
}

#[tokio::test]
async fn a_text_goes_out_as_typed_and_its_number_comes_back() {
    let telegram = Scripted::start(vec![scripted::json(SENT)]).await;
    let journal = Remembered::default();
    let mut plain = message("a <b> & **c**", TextFormat::Plain);
    plain.content.reply_to = Some("41".to_owned());
    let sent = send(&telegram, &plain, &journal).await.unwrap();
    assert_eq!(sent.moved_to, None);
    assert_eq!(sent.pieces[0].id, "7");
    assert_eq!(sent.pieces[0].within.as_deref(), Some("123456789"));
    assert_eq!(journal.pieces(), sent.pieces);
    assert_eq!(journal.wires(), 1);
    let asked = body(&telegram.requests().await[0]);
    let expected = serde_json::json!({"chat_id": 123_456_789, "text": "a <b> & **c**", "reply_parameters": {"message_id": 41}});
    assert_eq!(asked, expected);
}

#[tokio::test]
async fn markup_telegram_cannot_read_is_sent_once_more_without() {
    let telegram = Scripted::start(vec![
        bad(
            400,
            "Bad Request: can't parse entities: x",
            serde_json::json!({}),
        ),
        scripted::json(SENT),
    ])
    .await;
    let journal = Remembered::default();
    let marked = message("**a** <b>", TextFormat::Markdown);
    send(&telegram, &marked, &journal).await.unwrap();
    let asked = telegram.requests().await;
    assert_eq!(body(&asked[0])["text"], "<b>a</b> &lt;b&gt;");
    assert_eq!(body(&asked[0])["parse_mode"], "HTML");
    assert_eq!(body(&asked[1])["text"], "a <b>");
    assert_eq!(body(&asked[1]).get("parse_mode"), None);
}

#[tokio::test]
async fn a_group_that_moved_is_followed_once_and_told() {
    let moved = serde_json::json!({"migrate_to_chat_id": -1_001_234_567_890_i64});
    let there = SENT.replace("123456789", "-1001234567890");
    let telegram = Scripted::start(vec![
        bad(
            400,
            "Bad Request: group chat was upgraded to a supergroup chat",
            moved.clone(),
        ),
        scripted::json(&there),
        scripted::json(&there),
    ])
    .await;
    let mut long = message(&"word ".repeat(1000), TextFormat::Plain);
    long.chat = "-4242".to_owned();
    let sent = send(&telegram, &long, &Remembered::default())
        .await
        .unwrap();
    assert_eq!(sent.moved_to.as_deref(), Some("-1001234567890"));
    assert_eq!(sent.pieces.len(), 2);
    assert_eq!(
        sent.pieces[0].link.as_deref(),
        Some("https://t.me/c/1234567890/7")
    );
    let chats: Vec<_> = telegram
        .requests()
        .await
        .iter()
        .map(|asked| body(asked)["chat_id"].clone())
        .collect();
    assert_eq!(chats, [-4242_i64, -1_001_234_567_890, -1_001_234_567_890]);

    let circle = Scripted::start(vec![
        bad(
            400,
            "Bad Request: group chat was upgraded to a supergroup chat",
            moved.clone(),
        ),
        bad(
            400,
            "Bad Request: group chat was upgraded to a supergroup chat",
            moved,
        ),
    ])
    .await;
    let ended = send(&circle, &long, &Remembered::default()).await;
    assert_eq!(ended, Err(refused(400, "chat_upgraded")));
}

#[tokio::test]
async fn what_may_have_been_sent_is_never_repeated_and_a_later_try_goes_on_after_it() {
    let journal = Remembered::default();
    let long = message(&"word ".repeat(2000), TextFormat::Plain);
    let telegram = Scripted::start(vec![scripted::json(SENT), Vec::new()]).await;
    let ended = send(&telegram, &long, &journal).await.unwrap_err();
    assert!(ended.may_have_happened(), "{ended}");
    let before = telegram.requests().await;
    assert_eq!(
        (before.len(), journal.pieces().len(), journal.wires()),
        (2, 1, 2)
    );

    let telegram = Scripted::start(vec![scripted::json(SENT), scripted::json(SENT)]).await;
    let sent = send(&telegram, &long, &journal).await.unwrap();
    assert_eq!(sent.pieces.len(), 3);
    let after = telegram.requests().await;
    assert_eq!(body(&after[0])["text"], body(&before[1])["text"]);
}

#[tokio::test]
async fn a_file_goes_out_byte_for_byte_with_what_is_written_below_it() {
    let (_folder, local) = remembered::file("plan.txt", b"first line\r\nsecond line");
    for (as_picture, method, field) in [
        (false, "senddocument", "document"),
        (true, "sendphoto", "photo"),
    ] {
        let telegram = Scripted::start(vec![scripted::json(SENT)]).await;
        let mut with_file = message("**below**", TextFormat::Markdown);
        with_file.content.as_picture = as_picture;
        with_file.file = Some(local.clone());
        let journal = Remembered::default();
        send(&telegram, &with_file, &journal).await.unwrap();
        assert_eq!(*journal.progress.lock().unwrap(), [(23, 23)]);
        let asked = telegram.requests().await.remove(0);
        assert!(
            asked
                .lines()
                .next()
                .unwrap()
                .to_lowercase()
                .contains(method),
            "{asked}"
        );
        for part in [
            format!(
                "name=\"{field}\"; filename=\"plan.txt\"\r\ncontent-type: text/plain\r\n\r\nfirst line\r\nsecond line\r\n"
            ),
            "name=\"caption\"\r\n\r\n<b>below</b>\r\n".to_owned(),
            "name=\"parse_mode\"\r\n\r\nHTML\r\n".to_owned(),
            "name=\"chat_id\"\r\n\r\n123456789\r\n".to_owned(),
        ] {
            assert!(
                asked.to_lowercase().contains(&part.to_lowercase()),
                "{part}\n{asked}"
            );
        }
    }
}

#[tokio::test]
async fn a_text_too_long_to_stand_below_a_file_follows_it() {
    let (_folder, local) = remembered::file("plan.txt", b"x");
    let telegram = Scripted::start(vec![scripted::json(SENT), scripted::json(SENT)]).await;
    let mut with_file = message(&"y".repeat(1025), TextFormat::Plain);
    with_file.file = Some(local);
    let sent = send(&telegram, &with_file, &Remembered::default())
        .await
        .unwrap();
    assert_eq!(sent.pieces.len(), 2);
    let asked = telegram.requests().await;
    assert!(!asked[0].contains("caption"), "{}", asked[0]);
    assert_eq!(body(&asked[1])["text"], "y".repeat(1025));
}

#[tokio::test]
async fn a_file_that_changed_is_not_sent() {
    let (_folder, local) = remembered::file("plan.txt", b"as queued");
    std::fs::write(&local.path, b"not this!").unwrap();
    let telegram = Scripted::start(vec![Vec::new()]).await;
    let mut with_file = message("", TextFormat::Plain);
    with_file.file = Some(local.clone());
    let ended = send(&telegram, &with_file, &Remembered::default()).await;
    assert_eq!(ended, Err(local.changed()));
    assert!(!telegram.requests().await[0].contains("not this"));
}

#[test]
fn what_telegram_would_refuse_is_said_before_it_is_queued() {
    let (_folder, mut local) = remembered::file("plan.txt", b"x");
    let invalid = |field, reason| Err(CallError::from(LocalError::Invalid { field, reason }));
    let mut asked = message(" \n ", TextFormat::Plain);
    assert_eq!(INTEGRATION.check(&asked), invalid("text", "text_empty"));
    asked.content.text = "word ".repeat(100_000);
    assert_eq!(INTEGRATION.check(&asked), invalid("text", "text_long"));
    asked.content.text = "a".to_owned();
    assert_eq!(INTEGRATION.check(&asked), Ok(()));
    asked.content.reply_to = Some("first".to_owned());
    assert_eq!(INTEGRATION.check(&asked), invalid("reply_to", "reply_odd"));
    asked.content.reply_to = None;
    local.size = 10_000_001;
    asked.file = Some(local.clone());
    assert_eq!(INTEGRATION.check(&asked), Ok(()));
    asked.content.as_picture = true;
    let too_large = INTEGRATION.check(&asked).unwrap_err();
    let what = crate::Large::File("plan.txt".to_owned());
    assert_eq!(
        too_large,
        LocalError::TooLarge {
            what,
            limit: 10_000_000
        }
        .into()
    );
    local.size = 0;
    asked.file = Some(local);
    assert_eq!(INTEGRATION.check(&asked), invalid("file", "file_empty"));
    asked.chat = "Anna".to_owned();
    assert_eq!(INTEGRATION.check(&asked), invalid("chat", "chat_odd"));
    for chat in ["123456789", "-100123", "@a_channel"] {
        assert!(INTEGRATION.is_chat_id(chat), "{chat}");
    }
    for odd in [
        "",
        "0",
        "007",
        "+5",
        "12 3",
        "@abc",
        "@1abcd",
        "@a-channel",
        "@",
        "a_channel",
    ] {
        assert!(!INTEGRATION.is_chat_id(odd), "{odd}");
    }
}

#[tokio::test]
async fn a_chat_is_claimed_by_the_one_payload_and_only_what_was_read_is_confirmed() {
    let links = INTEGRATION.claim_links("@autopilot_demo_bot", "p4yload");
    assert_eq!(links.link, "https://t.me/autopilot_demo_bot?start=p4yload");
    assert_eq!(
        links.group_link.as_deref(),
        Some("https://t.me/autopilot_demo_bot?startgroup=p4yload")
    );

    let other = r#"{"ok":true,"result":[{"update_id":10,"a_kind_nobody_has_seen":{"x":1}},{"update_id":11,"message":{"text":"/start p4yloae","chat":{"id":1,"type":"private"}}}]}"#;
    let right = r#"{"ok":true,"result":[{"update_id":12,"message":{"text":"/start@autopilot_demo_bot p4yload","chat":{"id":-5,"type":"group","title":"Team"}}},{"update_id":13,"message":{"text":"for somebody else","chat":{"id":1,"type":"private"}}}]}"#;
    let telegram = Scripted::start(vec![scripted::json(other), scripted::json(right)]).await;
    let session = telegram.session(&[]);
    let mut position = None;
    let wait = Duration::from_secs(90);
    let first = INTEGRATION
        .listen_for_claim(&session, "p4yload", &mut position, wait)
        .await;
    assert_eq!((first, position), (Ok(None), Some(12)));
    let second = INTEGRATION
        .listen_for_claim(&session, "p4yload", &mut position, wait)
        .await;
    let team = Claimed {
        id: "-5".to_owned(),
        kind: model::ChatKind::Group,
        title: "Team".to_owned(),
        handle: None,
    };
    assert_eq!((second, position), (Ok(Some(team)), Some(13)));
    let asked = telegram.requests().await;
    let expected =
        serde_json::json!({"timeout": 50, "allowed_updates": ["message", "my_chat_member"]});
    assert_eq!(body(&asked[0]), expected);
    assert_eq!(body(&asked[1])["offset"], 12);
}

#[test]
fn every_reason_there_is_has_its_words() {
    for reason in errors::reasons() {
        assert!(
            INTEGRATION
                .explain_refusal(reason, Language::English)
                .is_some(),
            "{reason}"
        );
    }
}
