//! Telegram Bot API. Source: core.telegram.org/bots/api and the published server.

use std::collections::{BTreeMap, BTreeSet};

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::control::{done, mistake};
use crate::form::{FORM, media_type};
use crate::seed::Bot;
use crate::server::App;
use crate::state::Section;
use crate::twins::Twin;

pub(crate) const TWIN: Twin = Twin {
    name: "telegram",
    prefix: "/telegram",
    endpoints: &[&[("api", "/telegram")]],
    routes,
    control,
    refusal,
    redact,
};

/// What changes about a bot after the start.
#[derive(Default, Serialize, Deserialize)]
struct Telegram {
    revoked: BTreeSet<i64>,
    webhooks: BTreeMap<i64, String>,
}

impl Section for Telegram {
    const NAME: &'static str = "telegram";
}

fn routes() -> Router<App> {
    Router::new().route("/telegram/{bot}/{method}", get(call).post(call))
}

async fn call(
    State(app): State<App>,
    Path((bot, method)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(token) = bot.strip_prefix("bot") else {
        return refusal(StatusCode::NOT_FOUND, None);
    };
    if !is_token(token) {
        return failure(
            StatusCode::UNAUTHORIZED,
            "Unauthorized: invalid token specified",
            None,
        );
    }
    let Some(bot) = app
        .state
        .seed()
        .bots
        .iter()
        .find(|bot| bot.token == token && !bot.revoked)
    else {
        return refusal(StatusCode::UNAUTHORIZED, None);
    };
    let id = bot.id();
    if app
        .state
        .read::<Telegram, _>(|telegram| telegram.revoked.contains(&id))
    {
        return refusal(StatusCode::UNAUTHORIZED, None);
    }
    if let Err(why) = check_body(&headers, &body) {
        return failure(StatusCode::BAD_REQUEST, why, None);
    }
    match method.to_ascii_lowercase().as_str() {
        "getme" => success(me(bot), None),
        "getwebhookinfo" => success(webhook_info(&app, id), None),
        "deletewebhook" => {
            let was_set = app
                .state
                .write::<Telegram, _>(|telegram| telegram.webhooks.remove(&id).is_some());
            let words = if was_set {
                "Webhook was deleted"
            } else {
                "Webhook is already deleted"
            };
            success(true.into(), Some(words))
        }
        _ => refusal(StatusCode::NOT_FOUND, None),
    }
}

/// The server's own check, made before it looks anybody up.
fn is_token(token: &str) -> bool {
    let id = token.split_once(':').map(|(id, _)| id.parse::<i64>());
    !token.starts_with('0')
        && token.len() <= 80
        && !token.contains('/')
        && matches!(id, Some(Ok(id)) if (1..1 << 54).contains(&id))
}

/// Parameters come as query, form, JSON or multipart. No method here needs one, but a broken body is still refused.
fn check_body(headers: &HeaderMap, body: &[u8]) -> Result<(), &'static str> {
    if body.is_empty() {
        return Ok(());
    }
    match media_type(headers).as_deref() {
        Some("application/json") => match serde_json::from_slice::<Value>(body) {
            Ok(Value::Object(_) | Value::Null) => Ok(()),
            _ => Err("Bad Request: can't parse JSON object"),
        },
        Some(FORM | "multipart/form-data") => Ok(()),
        _ => Err("Bad Request: unsupported content type"),
    }
}

fn me(bot: &Bot) -> Value {
    json!({
        "id": bot.id(),
        "is_bot": true,
        "first_name": bot.name,
        "username": bot.username,
        "can_join_groups": true,
        "can_read_all_group_messages": false,
        "supports_inline_queries": false,
        "can_connect_to_business": false,
        "has_main_web_app": false,
        "has_topics_enabled": false,
        "allows_users_to_create_topics": false,
        "can_manage_bots": false,
    })
}

fn webhook_info(app: &App, id: i64) -> Value {
    let url = app
        .state
        .read::<Telegram, _>(|telegram| telegram.webhooks.get(&id).cloned());
    let mut info = json!({
        "url": url.clone().unwrap_or_default(),
        "has_custom_certificate": false,
        "pending_update_count": 0,
    });
    if url.is_some() {
        info["max_connections"] = 40.into();
        info["ip_address"] = "203.0.113.7".into();
    }
    info
}

fn success(result: Value, description: Option<&str>) -> Response {
    let mut body = json!({ "ok": true, "result": result });
    if let Some(description) = description {
        body["description"] = description.into();
    }
    Json(body).into_response()
}

fn failure(status: StatusCode, description: &str, wait: Option<u64>) -> Response {
    let mut body =
        json!({ "ok": false, "error_code": status.as_u16(), "description": description });
    if let Some(seconds) = wait {
        body["parameters"] = json!({ "retry_after": seconds });
    }
    let mut response = (status, Json(body)).into_response();
    if let Some(seconds) = wait {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn refusal(status: StatusCode, wait: Option<u64>) -> Response {
    match (status, wait) {
        (StatusCode::TOO_MANY_REQUESTS, wait) => {
            let seconds = wait.unwrap_or(1);
            failure(
                status,
                &format!("Too Many Requests: retry after {seconds}"),
                Some(seconds),
            )
        }
        _ => failure(status, status.canonical_reason().unwrap_or("Error"), wait),
    }
}

/// Whatever stands where a token belongs is hidden, also a wrong one: it may be somebody's.
fn redact(path: &str) -> String {
    let mut parts: Vec<&str> = path.split('/').collect();
    let last = parts.len().saturating_sub(1);
    // "", "telegram", the token, then the method. A slash inside the token makes it longer.
    for part in parts.iter_mut().take(last.max(3)).skip(2) {
        *part = "bot<redacted>";
    }
    parts.join("/")
}

fn control() -> Router<App> {
    Router::new()
        .route("/bots/revoke", post(revoke))
        .route("/bots/webhook", post(set_webhook))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Revoked {
    bot_id: i64,
}

/// As if the owner asked BotFather for a new token.
async fn revoke(State(app): State<App>, Json(Revoked { bot_id }): Json<Revoked>) -> Response {
    on_known_bot(&app, bot_id, |telegram| {
        telegram.revoked.insert(bot_id);
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
    on_known_bot(&app, bot_id, |telegram| {
        if url.is_empty() {
            telegram.webhooks.remove(&bot_id);
        } else {
            telegram.webhooks.insert(bot_id, url);
        }
    })
}

fn on_known_bot(app: &App, id: i64, change: impl FnOnce(&mut Telegram)) -> Response {
    if !app.state.seed().bots.iter().any(|bot| bot.id() == id) {
        return mistake(StatusCode::NOT_FOUND, format!("no bot {id}"));
    }
    app.state.write(change);
    done()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_token_stays_in_a_logged_path() {
        assert_eq!(
            redact("/telegram/bot1:abc/getMe"),
            "/telegram/bot<redacted>/getMe"
        );
        assert_eq!(redact("/telegram/1:abc"), "/telegram/bot<redacted>");
        assert_eq!(
            redact("/telegram/bot1:a/bc/getMe"),
            "/telegram/bot<redacted>/bot<redacted>/getMe"
        );
        assert_eq!(redact("/telegram"), "/telegram");
    }

    #[test]
    fn a_token_is_checked_before_anybody_is_looked_up() {
        for token in [
            "0:abc",
            "abc",
            "110201543",
            "-1:abc",
            "18014398509481984:abc",
            "1:a/b",
            &format!("1:{}", "a".repeat(80)),
        ] {
            assert!(!is_token(token), "{token}");
        }
        assert!(is_token("18014398509481983:abc"));
    }
}
