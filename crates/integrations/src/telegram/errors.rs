//! The Bot API's answers and what its refusals mean. It has no reason codes, only an HTTP status and English
//! text "subject to change": the status decides, and the text, compared by fragment, only names the reason.

use std::time::Duration;

use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    CallError,
    call::{Answer, LONGEST_PAUSE},
};

/// `{"ok":true,"result":…}` or `{"ok":false,"error_code":…,"description":…,"parameters":…}`.
#[derive(Deserialize)]
struct Body<T> {
    ok: bool,
    result: Option<T>,
    description: Option<String>,
    #[serde(default)]
    parameters: Parameters,
}

#[derive(Deserialize, Default)]
struct Parameters {
    retry_after: Option<u64>,
    migrate_to_chat_id: Option<i64>,
}

/// Fragments of descriptions, lower-case, and our name for each; the first that fits counts.
const REASONS: [(&str, &str); 26] = [
    ("chat not found", "chat_not_found"),
    ("upgraded to a supergroup", "chat_upgraded"),
    ("message text is empty", "message_empty"),
    ("message is too long", "message_too_long"),
    ("can't parse entities", "bad_markup"),
    ("message is not modified", "not_modified"),
    ("file is too big", "file_too_big"),
    ("wrong file", "wrong_file"),
    ("not enough rights", "not_enough_rights"),
    ("have no rights", "not_enough_rights"),
    ("blocked by the user", "blocked_by_user"),
    ("user is deactivated", "user_deactivated"),
    ("bot was kicked", "kicked"),
    ("bot is not a member", "not_a_member"),
    ("group chat was deleted", "chat_deleted"),
    ("can't initiate conversation", "not_started"),
    ("webhook is active", "webhook_active"),
    ("terminated by", "polled_elsewhere"),
    ("entity too large", "too_large"),
    ("misdirected", "other_server"),
    ("message to be replied not found", "reply_not_found"),
    ("replied message not found", "reply_not_found"),
    ("file must be non-empty", "file_empty"),
    ("image_process_failed", "picture_odd"),
    ("photo_invalid", "picture_odd"),
    ("topic_closed", "topic_closed"),
];

/// The name of a refusal whose description says nothing to us.
const UNNAMED: [(u16, &str); 6] = [
    (400, "bad_request"),
    (403, "forbidden"),
    (404, "not_found"),
    (409, "conflict"),
    (413, "too_large"),
    (421, "other_server"),
];

/// The result, or what the refusal means. Whatever isn't worded as the Bot API words it is no verdict.
pub(super) fn read<T: DeserializeOwned>(answer: &Answer) -> Result<T, CallError> {
    // A pause is read from the body first: Telegram states it there, and not every proxy keeps the header.
    if answer.status != 429
        && let Some(error) = answer.common_error()
    {
        return Err(error);
    }
    let body = match answer.json::<Body<T>>() {
        Ok(body) => body,
        Err(_) if answer.status == 429 => {
            return Err(CallError::RateLimited {
                retry_after: answer.retry_after,
            });
        }
        Err(error) => return Err(error),
    };
    match (body.ok, body.result) {
        (true, Some(result)) if answer.status == 200 => Ok(result),
        (false, _) => Err(judge(answer, body.description.as_deref(), &body.parameters)),
        _ => Err(answer.not_understood()),
    }
}

/// The id that a group goes by since it became a supergroup, if that is why it was refused.
pub(super) fn moved_to(answer: &Answer) -> Option<i64> {
    let body: Body<serde_json::Value> = answer.json().ok()?;
    body.parameters.migrate_to_chat_id.filter(|_| !body.ok)
}

fn judge(answer: &Answer, description: Option<&str>, parameters: &Parameters) -> CallError {
    match (answer.status, description) {
        (429, _) => CallError::RateLimited {
            retry_after: parameters
                .retry_after
                .map(|seconds| Duration::from_secs(seconds).min(LONGEST_PAUSE))
                .or(answer.retry_after),
        },
        // Without a description it isn't the Bot API that speaks.
        (_, None) | (..=399, _) => answer.not_understood(),
        (401, _) => CallError::TokenRejected,
        (status, Some(description)) => CallError::Refused {
            status,
            reason: reason(status, description, parameters).to_owned(),
        },
    }
}

fn reason(status: u16, description: &str, parameters: &Parameters) -> &'static str {
    if parameters.migrate_to_chat_id.is_some() {
        return "chat_upgraded";
    }
    let description = description.to_lowercase();
    let known = REASONS
        .iter()
        .find(|(fragment, _)| description.contains(fragment));
    let by_status = || UNNAMED.iter().find(|(code, _)| *code == status);
    known
        .map(|(_, name)| *name)
        .or_else(|| by_status().map(|(_, name)| *name))
        .unwrap_or("unstated")
}

/// Every reason that a refusal can have.
#[cfg(test)]
pub(super) fn reasons() -> impl Iterator<Item = &'static str> {
    let named = REASONS.iter().map(|(_, name)| *name);
    named
        .chain(UNNAMED.iter().map(|(_, name)| *name))
        .chain(["unstated"])
}
