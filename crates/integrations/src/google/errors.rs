//! Google's error answers, as every Google API words them (providers' `errors[]` of old, and
//! `google.rpc.ErrorInfo`), and as its OpenID endpoints do (RFC 6750 §3).

use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;

use crate::{
    CallError,
    call::{Answer, code_word},
};

/// `{"error": {…}}`, or `{"error": "code", …}` from the OpenID endpoints.
#[derive(Deserialize)]
struct Body {
    error: Shape,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Shape {
    Api(ApiError),
    OauthCode(String),
}

/// Either list may be missing, so everything but the fact that it is an object is optional.
#[derive(Deserialize)]
struct ApiError {
    /// Google repeats the HTTP status here; a page that merely has an `error` object does not.
    code: u16,
    #[serde(default)]
    status: String,
    #[serde(default)]
    errors: Vec<Reason>,
    #[serde(default)]
    details: Vec<Reason>,
}

#[derive(Deserialize)]
struct Reason {
    #[serde(default)]
    reason: String,
}

impl ApiError {
    /// The most telling code there is: `ErrorInfo`'s, the old list's, or the status.
    fn reasons(&self) -> impl Iterator<Item = &str> {
        let listed = self
            .details
            .iter()
            .chain(&self.errors)
            .map(|reason| reason.reason.as_str());
        listed
            .chain([self.status.as_str()])
            .filter(|reason| !reason.is_empty())
    }
}

/// `Ok` for a 2xx; else what the answer means.
///
/// A 4xx that isn't worded as Google words it came from something in between, and is no verdict.
pub(crate) fn judge(answer: &Answer) -> Result<(), CallError> {
    if matches!(answer.status, 200..=299) {
        return Ok(());
    }
    if let Some(error) = answer.common_error() {
        return Err(error);
    }
    Err(match answer.json::<Body>()?.error {
        Shape::Api(error) if error.code == answer.status => judge_api(answer, &error),
        Shape::Api(_) => answer.not_understood(),
        Shape::OauthCode(code) => judge_oauth(answer, code),
    })
}

fn judge_api(answer: &Answer, error: &ApiError) -> CallError {
    if answer.status == 401 {
        return CallError::TokenRejected;
    }
    error
        .reasons()
        .find_map(|reason| known_reason(reason, answer.retry_after))
        .unwrap_or_else(|| CallError::Refused {
            status: answer.status,
            reason: code_word(error.reasons().next().unwrap_or_default()),
        })
}

/// The reasons that mean something to us, wherever in the answer they stand.
fn known_reason(reason: &str, retry_after: Option<Duration>) -> Option<CallError> {
    Some(match reason {
        "insufficientPermissions" | "ACCESS_TOKEN_SCOPE_INSUFFICIENT" => {
            CallError::PermissionMissing
        }
        "accessNotConfigured" | "SERVICE_DISABLED" => CallError::ApiDisabled,
        "domainPolicy" => CallError::BlockedByAdmin,
        "rateLimitExceeded"
        | "userRateLimitExceeded"
        | "sharingRateLimitExceeded"
        | "RATE_LIMIT_EXCEEDED" => CallError::RateLimited { retry_after },
        // The project's daily quota: more comes with the next Pacific day, and asking before is no use.
        "dailyLimitExceeded" | "quotaExceeded" => CallError::RateLimited {
            retry_after: retry_after.or_else(|| Some(until_pacific_midnight(Timestamp::now()))),
        },
        _ => return None,
    })
}

fn judge_oauth(answer: &Answer, code: String) -> CallError {
    match (answer.status, code.as_str()) {
        // Google's userinfo says `invalid_request` of a token it doesn't know.
        (401, "invalid_token" | "invalid_request") => CallError::TokenRejected,
        (403, "insufficient_scope") => CallError::PermissionMissing,
        (status, _) => CallError::Refused {
            status,
            reason: code_word(&code),
        },
    }
}

/// Time to the next midnight in winter's Pacific time (08:00 UTC): in summer an hour too long, never too short.
fn until_pacific_midnight(now: Timestamp) -> Duration {
    const DAY_S: i64 = 24 * 60 * 60;
    const MIDNIGHT_UTC_S: i64 = 8 * 60 * 60;
    let wait = DAY_S - (now.as_second() - MIDNIGHT_UTC_S).rem_euclid(DAY_S);
    Duration::from_secs(wait.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(status: u16, body: &str) -> Result<(), CallError> {
        judge(&Answer {
            status,
            retry_after: None,
            body: body.as_bytes().to_vec(),
        })
    }

    #[test]
    fn a_bare_403_is_no_verdict() {
        for body in [
            "",
            "<html>Forbidden</html>",
            "{}",
            r#"{"error":{}}"#,
            r#"{"error":{"code":200}}"#,
        ] {
            assert_eq!(
                judged(403, body),
                Err(CallError::NotUnderstood { status: 403 }),
                "{body}"
            );
            assert_eq!(
                judged(401, body),
                Err(CallError::NotUnderstood { status: 401 }),
                "{body}"
            );
        }
    }

    #[test]
    fn the_reason_is_found_in_either_list() {
        let old = r#"{"error":{"code":403,"errors":[{"reason":"insufficientPermissions"}]}}"#;
        let new = r#"{"error":{"code":403,"status":"PERMISSION_DENIED","details":[{"@type":"x"},{"reason":"ACCESS_TOKEN_SCOPE_INSUFFICIENT"}]}}"#;
        assert_eq!(judged(403, old), Err(CallError::PermissionMissing));
        assert_eq!(judged(403, new), Err(CallError::PermissionMissing));
    }

    #[test]
    fn an_unknown_reason_is_passed_on_as_a_code() {
        let body =
            r#"{"error":{"code":403,"message":"free text","errors":[{"reason":"somethingNew"}]}}"#;
        let refused = CallError::Refused {
            status: 403,
            reason: "somethingNew".to_owned(),
        };
        assert_eq!(judged(403, body), Err(refused));
    }

    #[test]
    fn the_sign_in_endpoint_rejects_a_token_in_its_own_words() {
        assert_eq!(
            judged(
                401,
                r#"{"error":"invalid_request","error_description":"x"}"#
            ),
            Err(CallError::TokenRejected)
        );
        assert_eq!(
            judged(401, r#"{"error":"invalid_token"}"#),
            Err(CallError::TokenRejected)
        );
        assert_eq!(
            judged(403, r#"{"error":"insufficient_scope"}"#),
            Err(CallError::PermissionMissing)
        );
    }

    #[test]
    fn a_daily_limit_waits_for_the_next_pacific_day() {
        let at = |text: &str| until_pacific_midnight(text.parse().unwrap()).as_secs();
        assert_eq!(at("2026-11-23T07:59:00Z"), 60);
        assert_eq!(at("2026-11-23T08:00:00Z"), 86_400);
        assert_eq!(at("2026-11-23T20:00:00Z"), 12 * 3600);
    }
}
