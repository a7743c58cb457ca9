//! What Gmail's answers mean, row by row of its documented errors, and whose mailbox a probe finds.

use std::time::Duration;

mod finding;
mod listing;
mod mime;
mod reading;
mod sending;

use model::Language;

use super::*;
use crate::{
    call::Answer,
    scripted::{self, Scripted, error_rows},
};

const SEND: &str = "https://www.googleapis.com/auth/gmail.send";
/// No stated pause is longer.
const DAY_S: u64 = 24 * 60 * 60;
const READ: &str = "https://www.googleapis.com/auth/gmail.readonly";

fn judged(answer: &Answer) -> Result<(), CallError> {
    errors::judge(answer)
}

fn refused(status: u16, reason: &str) -> CallError {
    CallError::Refused {
        status,
        reason: reason.to_owned(),
    }
}

fn pause(seconds: Option<u64>) -> CallError {
    CallError::RateLimited {
        retry_after: seconds.map(Duration::from_secs),
    }
}

fn page_of(answers: &[(&str, String)]) -> Vec<u8> {
    let body: String = answers
        .iter()
        .map(|(label, inner)| {
            format!("--sep\r\nContent-Type: application/http\r\nContent-ID: <response-{label}>\r\n\r\n{inner}\r\n")
        })
        .collect();
    scripted::answer(
        200,
        "multipart/mixed; boundary=sep",
        &format!("{body}--sep--\r\n"),
    )
}

/// An answer inside a batch.
fn inner(status: u16, body: &str) -> String {
    format!("HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n\r\n{body}")
}

fn error_body(status: u16, reason: &str) -> String {
    serde_json::json!({"error": {"code": status, "errors": [{"reason": reason}]}}).to_string()
}

error_rows! {
    a_bad_parameter_is_refused_with_its_code = refused(400, "badRequest");
    an_invalid_argument_is_refused_with_its_code = refused(400, "invalidArgument");
    a_mailbox_without_gmail_is_refused_with_its_code = refused(400, "failedPrecondition");
    an_expired_token_is_rejected = CallError::TokenRejected;
    a_missing_token_is_rejected = CallError::TokenRejected;
    a_scope_that_was_not_granted_is_a_missing_permission = CallError::PermissionMissing;
    an_api_never_switched_on_is_told_as_that = CallError::ApiDisabled;
    an_api_switched_off_is_told_as_that = CallError::ApiDisabled;
    an_administrators_rule_is_told_as_that = CallError::BlockedByAdmin;
    a_quota_per_minute_asks_for_a_pause = pause(None);
    a_quota_per_user_asks_for_a_pause = pause(Some(7));
    a_daily_limit_with_a_stated_pause_is_waited_out = pause(Some(3600));
    a_message_that_is_gone_is_refused_with_its_code = refused(404, "notFound");
    too_many_requests_ask_for_a_pause = pause(Some(30));
    too_many_requests_of_one_user_ask_for_a_pause = pause(None);
    an_inner_error_is_the_service_being_down = CallError::ServiceDown { status: 500 };
    a_bad_gateway_is_the_service_being_down = CallError::ServiceDown { status: 502 };
    an_unavailable_service_is_down = CallError::ServiceDown { status: 503 };
    a_gateway_that_gives_up_is_the_service_being_down = CallError::ServiceDown { status: 504 };
    a_mailbox_that_sent_too_much_waits_until_the_time_it_names = pause(Some(DAY_S));
    a_bare_403_is_not_understood = CallError::NotUnderstood { status: 403 };
    a_bare_401_is_not_understood = CallError::NotUnderstood { status: 401 };
    a_redirect_is_not_understood = CallError::NotUnderstood { status: 302 };
}

#[tokio::test]
async fn a_grant_that_may_read_is_proven_by_its_profile() {
    let gmail = Scripted::start(vec![scripted::json(include_str!("fixtures/profile.json"))]).await;
    let probe = INTEGRATION.probe(&gmail.session(&[READ])).await.unwrap();
    assert_eq!(probe.identity.id, "anna@example.org");
    assert_eq!(probe.identity.account, "Anna@example.org");
    let asked = gmail.requests().await.remove(0);
    assert!(
        asked.starts_with("GET /gmail/v1/users/me/profile?fields=emailAddress HTTP/1.1"),
        "{asked}"
    );
    assert!(
        asked.contains(&format!("authorization: Bearer {}", scripted::TOKEN)),
        "{asked}"
    );
}

#[tokio::test]
async fn a_grant_that_may_only_send_is_proven_by_who_signed_in_and_is_the_same_account() {
    let google =
        Scripted::start(vec![scripted::json(include_str!("fixtures/userinfo.json"))]).await;
    let probe = INTEGRATION.probe(&google.session(&[SEND])).await.unwrap();
    assert_eq!(probe.identity.id, "anna@example.org");
    assert!(google.requests().await[0].starts_with("GET / HTTP/1.1"));
}

#[tokio::test]
async fn a_page_in_place_of_the_profile_is_not_taken_for_one() {
    for page in [
        scripted::answer(200, "text/html", "<html>Welcome to our hotel</html>"),
        scripted::json("{}"),
        scripted::json("{\"emailAddress\":7}"),
    ] {
        let portal = Scripted::start(vec![page]).await;
        let error = INTEGRATION
            .probe(&portal.session(&[READ]))
            .await
            .unwrap_err();
        assert_eq!(error, CallError::NotUnderstood { status: 200 });
    }
}

#[test]
fn every_refusal_we_know_is_explained() {
    let fixtures: std::collections::BTreeMap<String, serde_json::Value> =
        serde_json::from_str(ERRORS).unwrap();
    for name in fixtures.keys() {
        if let Err(CallError::Refused { reason, .. }) = judged(&scripted::fixture(ERRORS, name)) {
            assert!(
                INTEGRATION
                    .explain_refusal(&reason, Language::English)
                    .is_some(),
                "{reason}"
            );
        }
    }
}

#[test]
fn a_pause_until_a_named_time_is_what_is_left_of_it() {
    let said = |message: &str| {
        let body = serde_json::json!({"error": {"code": 429, "message": message}});
        let answer = Answer {
            status: 429,
            retry_after: None,
            body: body.to_string().into_bytes(),
        };
        let now = "2026-11-26T04:00:00Z".parse().unwrap();
        errors::named_time(&answer, now).map(|wait| wait.as_secs())
    };
    let full = "User-rate limit exceeded.  Retry after 2026-11-26T08:00:00.000Z (Mail sending)";
    assert_eq!(said(full), Some(4 * 3600));
    assert_eq!(said("Retry after 2026-11-26T03:00:00Z"), Some(0));
    assert_eq!(said("Retry after 2036-11-26T03:00:00Z"), Some(DAY_S));
    assert_eq!(said("Too many concurrent requests for user."), None);
}
