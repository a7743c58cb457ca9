//! What the Bot API's answers mean, what a typed token lacks, and that a token is never said.

use std::time::Duration;

use super::{token::Fault, *};
use crate::{
    Unreachable,
    call::Answer,
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
            INTEGRATION.texts().plain(fault.text_key()),
            "{text:?}"
        );
        assert!(
            text.len() < 9 || !error.reason.contains(text),
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
        (FIELD, INTEGRATION.texts().plain("token_unknown"))
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
    assert!(probe.remarks[0].contains("shop.example.com"), "{probe:?}");
    assert!(!probe.remarks[0].contains("canary"), "{probe:?}");
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
        assert_eq!(probe.remarks, Vec::<String>::new());
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
