//! Webhooks. Nothing is ever sent to one; they stand in the way of polling, as they do at Telegram.

use serde_json::{Value, json};

use super::chats::Telegram;
use super::parameters::Parameters;
use super::{Done, Refused};
use crate::server::App;

pub(crate) fn info(app: &App, bot: i64) -> Done {
    let (url, pending) = app.state.visit::<Telegram, _>(|telegram| {
        let url = telegram.webhooks.get(&bot).cloned();
        (url, telegram.bot(bot).updates.len())
    });
    let mut info = json!({
        "url": url.clone().unwrap_or_default(),
        "has_custom_certificate": false,
        "pending_update_count": pending,
    });
    if url.is_some() {
        info["max_connections"] = 40.into();
        info["ip_address"] = "203.0.113.7".into();
    }
    info.into()
}

pub(crate) fn set(app: &App, bot: i64, parameters: &Parameters) -> Result<Done, Refused> {
    let url = parameters.text("url").unwrap_or_default();
    if url.is_empty() {
        return delete(app, bot, parameters);
    }
    if !url.starts_with("https://") {
        return Err(Refused::bad(
            "bad webhook: An HTTPS URL must be provided for webhook",
        ));
    }
    app.state.write::<Telegram, _>(|telegram| {
        if parameters.flag("drop_pending_updates") {
            telegram.bot(bot).updates.clear();
        }
        telegram.webhooks.insert(bot, url);
    });
    app.live.pollers.wake();
    Ok(Done {
        result: Value::from(true),
        description: Some("Webhook was set"),
    })
}

pub(crate) fn delete(app: &App, bot: i64, parameters: &Parameters) -> Result<Done, Refused> {
    let was_set = app.state.write::<Telegram, _>(|telegram| {
        if parameters.flag("drop_pending_updates") {
            telegram.bot(bot).updates.clear();
        }
        telegram.webhooks.remove(&bot).is_some()
    });
    Ok(Done {
        result: Value::from(true),
        description: Some(if was_set {
            "Webhook was deleted"
        } else {
            "Webhook is already deleted"
        }),
    })
}
