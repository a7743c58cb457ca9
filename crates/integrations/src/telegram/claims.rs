//! How a chat becomes known: somebody opens a link whose payload works once, and the bot is told `/start PAYLOAD`.
//!
//! Listening confirms what it looked at and no more, because what is confirmed is gone for whoever else asks. Every
//! update is text from outside: what isn't the message we wait for is passed over, however odd it is.

use std::time::Duration;

use model::ChatKind;
use serde_json::Value;
use teloxide::{payloads::GetUpdates, types::AllowedUpdate};

use super::api;
use crate::{CallError, ClaimLinks, Claimed, Session};

/// The server ends a longer wait by itself.
const LONGEST_WAIT: Duration = Duration::from_secs(50);

/// For the answer to arrive once the wait is over.
const GRACE: Duration = Duration::from_secs(10);

/// `account` is the bot's `@name`.
pub(super) fn links(account: &str, payload: &str) -> ClaimLinks {
    let bot = account.trim_start_matches('@');
    ClaimLinks {
        link: format!("https://t.me/{bot}?start={payload}"),
        group_link: Some(format!("https://t.me/{bot}?startgroup={payload}")),
    }
}

pub(super) async fn listen(
    session: &Session,
    payload: &str,
    position: &mut Option<i64>,
    wait: Duration,
) -> Result<Option<Claimed>, CallError> {
    let wait = wait.min(LONGEST_WAIT);
    let question = GetUpdates {
        // An offset confirms everything before it, so the first time there is none.
        offset: position.and_then(|at| i32::try_from(at).ok()),
        limit: None,
        timeout: u32::try_from(wait.as_secs()).ok(),
        allowed_updates: Some(vec![AllowedUpdate::Message, AllowedUpdate::MyChatMember]),
    };
    let updates = api::updates(session, &question, wait + GRACE).await?;
    Ok(look_through(&updates, payload, position))
}

/// The claim among these updates; `position` moves past everything that was looked at.
pub(super) fn look_through(
    updates: &[Value],
    payload: &str,
    position: &mut Option<i64>,
) -> Option<Claimed> {
    for update in updates {
        // Without a number nothing can be confirmed; the next one's number covers it.
        if let Some(id) = update["update_id"].as_i64() {
            *position = Some(id.saturating_add(1));
        }
        if let Some(claimed) = claim(&update["message"], payload) {
            return Some(claimed);
        }
    }
    None
}

/// `/start PAYLOAD`, or `/start@bot PAYLOAD` as it is written in groups.
fn claim(message: &Value, payload: &str) -> Option<Claimed> {
    let (command, said) = message["text"].as_str()?.split_once(' ')?;
    let command = command
        .split_once('@')
        .map_or(command, |(command, _)| command);
    if command != "/start" || !same(said.trim(), payload) {
        return None;
    }
    let chat = &message["chat"];
    let text = |name: &str| chat[name].as_str().filter(|text| !text.is_empty());
    let id = chat["id"].as_i64()?;
    let kind = match chat["type"].as_str()? {
        "private" => ChatKind::Person,
        "channel" => ChatKind::Channel,
        _ => ChatKind::Group,
    };
    let handle = text("username").map(|name| format!("@{name}"));
    let name: Vec<&str> = [text("first_name"), text("last_name")]
        .into_iter()
        .flatten()
        .collect();
    let title = text("title")
        .map(str::to_owned)
        .or_else(|| Some(name.join(" ")).filter(|name| !name.is_empty()))
        .or_else(|| handle.clone())
        .unwrap_or_else(|| id.to_string());
    Some(Claimed {
        id: id.to_string(),
        kind,
        title,
        handle,
    })
}

/// Takes as long for a near miss as for a wide one.
fn same(said: &str, payload: &str) -> bool {
    let differing = said
        .bytes()
        .zip(payload.bytes())
        .fold(0, |differing, (one, other)| differing | (one ^ other));
    !payload.is_empty() && said.len() == payload.len() && differing == 0
}
