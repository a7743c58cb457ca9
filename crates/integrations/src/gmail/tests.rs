//! What Gmail's answers mean, row by row of its documented errors, and whose mailbox a probe finds.

use std::time::Duration;

use super::*;
use crate::{
    call::Answer,
    scripted::{self, Scripted, error_rows},
};

const SEND: &str = "https://www.googleapis.com/auth/gmail.send";
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
