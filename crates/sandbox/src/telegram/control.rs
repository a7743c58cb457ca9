//! What tests see and turn of Telegram: people who press Start, groups that grow, bots that are blocked.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::chats::{Chat, Kind, Known, Telegram};
use super::limits::Limits;
use crate::control::{done, mistake};
use crate::seed::Bot;
use crate::server::App;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/bots/revoke", post(revoke))
        .route("/bots/webhook", post(set_webhook))
        .route("/bots/start", post(start))
        .route("/bots/start_group", post(start_group))
        .route("/bots/upgrade_group", post(upgrade_group))
        .route("/bots/block", post(block))
        .route("/bots/poller", post(poller))
        .route("/bots/limits", post(limits))
        .route("/telegram/messages", get(messages))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Revoked {
    bot_id: i64,
}

/// As if the owner asked BotFather for a new token.
async fn revoke(State(app): State<App>, Json(Revoked { bot_id }): Json<Revoked>) -> Response {
    on_known_bot(&app, bot_id, |telegram, _| {
        telegram.revoked.insert(bot_id);
        Ok(())
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Webhook {
    bot_id: i64,
    /// Empty = none.
    url: String,
}

async fn set_webhook(
    State(app): State<App>,
    Json(Webhook { bot_id, url }): Json<Webhook>,
) -> Response {
    on_known_bot(&app, bot_id, |telegram, _| {
        if url.is_empty() {
            telegram.webhooks.remove(&bot_id);
        } else {
            telegram.webhooks.insert(bot_id, url);
        }
        Ok(())
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Started {
    bot_id: i64,
    chat_id: i64,
    #[serde(default)]
    payload: String,
    name: Option<String>,
    username: Option<String>,
}

/// A person followed `t.me/<bot>?start=<payload>` and pressed Start.
async fn start(State(app): State<App>, Json(started): Json<Started>) -> Response {
    if started.chat_id <= 0 {
        return mistake(StatusCode::BAD_REQUEST, "a person's chat has a positive id");
    }
    if !is_payload(&started.payload) {
        return mistake(
            StatusCode::BAD_REQUEST,
            "a payload has at most 64 of A-Z a-z 0-9 _ -",
        );
    }
    let now = app.clock.now() / 1000;
    on_known_bot(&app, started.bot_id, |telegram, _| {
        let known = telegram.bot(started.bot_id);
        let chat = known.chats.entry(started.chat_id).or_insert_with(|| Chat {
            id: started.chat_id,
            kind: Kind::Private,
            name: String::from("Somebody"),
            username: None,
            blocked: false,
            upgraded_to: None,
        });
        chat.blocked = false;
        if let Some(name) = started.name {
            chat.name = name;
        }
        if started.username.is_some() {
            chat.username = started.username;
        }
        let chat = chat.clone();
        let text = format!("/start {}", started.payload);
        says(known, &chat, chat.person(), text.trim(), "/start", now);
        Ok(())
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StartedGroup {
    bot_id: i64,
    chat_id: i64,
    #[serde(default)]
    payload: String,
    title: Option<String>,
    /// Who did it; Anna when absent.
    user_id: Option<i64>,
}

/// A person followed `t.me/<bot>?startgroup=<payload>` and chose a group.
async fn start_group(State(app): State<App>, Json(started): Json<StartedGroup>) -> Response {
    if started.chat_id >= 0 {
        return mistake(StatusCode::BAD_REQUEST, "a group has a negative id");
    }
    if !is_payload(&started.payload) {
        return mistake(
            StatusCode::BAD_REQUEST,
            "a payload has at most 64 of A-Z a-z 0-9 _ -",
        );
    }
    let now = app.clock.now() / 1000;
    on_known_bot(&app, started.bot_id, |telegram, bot| {
        let known = telegram.bot(started.bot_id);
        let kind = if started.chat_id <= -1_000_000 {
            Kind::Supergroup
        } else {
            Kind::Group
        };
        let chat = known.chats.entry(started.chat_id).or_insert_with(|| Chat {
            id: started.chat_id,
            kind,
            name: String::from("A group"),
            username: None,
            blocked: false,
            upgraded_to: None,
        });
        chat.blocked = false;
        if let Some(title) = started.title {
            chat.name = title;
        }
        let chat = chat.clone();
        let person = known
            .chats
            .get(&started.user_id.unwrap_or(700_001))
            .ok_or("no such person")?
            .person();
        let command = format!("/start@{}", bot.username);
        let text = format!("{command} {}", started.payload);
        says(known, &chat, person, text.trim(), &command, now);
        Ok(())
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Upgraded {
    bot_id: i64,
    chat_id: i64,
    /// -100 and the old number when absent.
    new_chat_id: Option<i64>,
}

/// A group becomes a supergroup with another id.
async fn upgrade_group(State(app): State<App>, Json(upgraded): Json<Upgraded>) -> Response {
    let next = upgraded
        .new_chat_id
        .unwrap_or_else(|| upgraded.chat_id - 1_000_000_000_000);
    let now = app.clock.now() / 1000;
    let answer = on_known_bot(&app, upgraded.bot_id, |telegram, _| {
        let known = telegram.bot(upgraded.bot_id);
        let group = known
            .chats
            .get_mut(&upgraded.chat_id)
            .filter(|chat| chat.kind == Kind::Group)
            .ok_or("no such group")?;
        group.upgraded_to = Some(next);
        let old = group.clone();
        let new = Chat {
            id: next,
            kind: Kind::Supergroup,
            upgraded_to: None,
            ..old.clone()
        };
        known.chats.insert(next, new);
        let id = known.next_message();
        let content = json!({
            "message_id": id, "date": now, "chat": old.shown(), "migrate_to_chat_id": next,
        });
        known.add_update("message", content);
        Ok(())
    });
    if answer.status() == StatusCode::OK {
        Json(json!({ "new_chat_id": next })).into_response()
    } else {
        answer
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Blocked {
    bot_id: i64,
    chat_id: i64,
    #[serde(default = "yes")]
    blocked: bool,
}

fn yes() -> bool {
    true
}

/// A person blocks the bot, or a group throws it out; `blocked: false` takes it back.
async fn block(State(app): State<App>, Json(blocked): Json<Blocked>) -> Response {
    let now = app.clock.now() / 1000;
    on_known_bot(&app, blocked.bot_id, |telegram, bot| {
        let known = telegram.bot(blocked.bot_id);
        let chat = known
            .chats
            .get_mut(&blocked.chat_id)
            .ok_or("no such chat")?;
        chat.blocked = blocked.blocked;
        let chat = chat.clone();
        let status = |is: bool| if is { "kicked" } else { "member" };
        let member = |status: &str| {
            let user = json!({ "id": bot.id(), "is_bot": true, "first_name": bot.name, "username": bot.username });
            if status == "kicked" {
                json!({ "user": user, "status": status, "until_date": 0 })
            } else {
                json!({ "user": user, "status": status })
            }
        };
        let content = json!({
            "chat": chat.shown(),
            "from": chat.person(),
            "date": now,
            "old_chat_member": member(status(!blocked.blocked)),
            "new_chat_member": member(status(blocked.blocked)),
        });
        known.add_update("my_chat_member", content);
        Ok(())
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Polling {
    bot_id: i64,
    active: bool,
}

/// As if another program were waiting for this bot's updates.
async fn poller(State(app): State<App>, Json(polling): Json<Polling>) -> Response {
    on_known_bot(&app, polling.bot_id, |telegram, _| {
        telegram.bot(polling.bot_id).other_poller = polling.active;
        Ok(())
    })
}

/// For all bots.
async fn limits(State(app): State<App>, Json(limits): Json<Limits>) -> Response {
    app.live.windows.clear();
    app.state
        .write::<Telegram, _>(|telegram| telegram.limits = limits);
    done()
}

/// Everything a bot sent, oldest first.
async fn messages(State(app): State<App>, Query(Revoked { bot_id }): Query<Revoked>) -> Response {
    let tell = |message: &super::chats::Message| {
        json!({
            "message_id": message.id,
            "chat": message.chat,
            "date": message.date,
            "text": message.shown.get("text"),
            "caption": message.shown.get("caption"),
            "entities": message.shown.get("entities").or(message.shown.get("caption_entities")),
            "reply_to": message.shown["reply_to_message"]["message_id"],
            "file": message.file.as_ref().map(|blob| json!({
                "kind": if message.shown.get("photo").is_some() { "photo" } else { "document" },
                "name": message.file_name,
                "size": blob.size,
                "sha256": blob.sha256,
            })),
            "deleted": message.deleted,
        })
    };
    let shown: Vec<Value> = app
        .state
        .visit::<Telegram, _>(|telegram| telegram.bot(bot_id).messages.iter().map(tell).collect());
    Json(shown).into_response()
}

/// Somebody writes a command in a chat.
fn says(known: &mut Known, chat: &Chat, from: Value, text: &str, command: &str, now: i64) {
    let id = known.next_message();
    let content = json!({
        "message_id": id,
        "from": from,
        "chat": chat.shown(),
        "date": now,
        "text": text,
        "entities": [{ "type": "bot_command", "offset": 0, "length": command.len() }],
    });
    known.add_update("message", content);
}

fn is_payload(text: &str) -> bool {
    text.len() <= 64
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

fn on_known_bot(
    app: &App,
    id: i64,
    change: impl FnOnce(&mut Telegram, &Bot) -> Result<(), &'static str>,
) -> Response {
    let Some(bot) = app.state.seed().bots.iter().find(|bot| bot.id() == id) else {
        return mistake(StatusCode::NOT_FOUND, format!("no bot {id}"));
    };
    match app.state.write(|telegram| change(telegram, bot)) {
        Ok(()) => {
            app.live.pollers.wake();
            done()
        }
        Err(why) => mistake(StatusCode::BAD_REQUEST, why),
    }
}
