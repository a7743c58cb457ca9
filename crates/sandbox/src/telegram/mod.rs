//! Telegram Bot API. Source: core.telegram.org/bots/api and the published server.
//!
//! `chats` is what is remembered, `parameters` reads a call however it is sent; `send`, `updates` and `webhooks` are
//! the methods, `html` reads formatted text, `limits` refuses what comes too fast.

mod chats;
mod control;
mod html;
mod limits;
mod parameters;
mod pictures;
mod send;
mod updates;
mod webhooks;

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::google_api::Refusal;
use crate::seed::Bot;
use crate::server::App;
use crate::twins::{Twin, never};
use chats::Telegram;
use parameters::Parameters;
pub(crate) use updates::Pollers;

pub(crate) const TWIN: Twin = Twin {
    name: "telegram",
    prefix: "/telegram",
    endpoints: &[&[("api", "/telegram")]],
    routes,
    control: control::routes,
    refusal,
    redact,
    // A file has at most 50 MB.
    streams: never,
};

fn routes() -> Router<App> {
    Router::new().route("/telegram/{bot}/{method}", get(call).post(call))
}

/// A refusal in Telegram's shape.
#[derive(Debug)]
pub(crate) struct Refused {
    pub status: StatusCode,
    pub description: String,
    pub parameters: Option<Value>,
}

impl Refused {
    pub fn bad(description: impl Into<String>) -> Refused {
        Refused {
            status: StatusCode::BAD_REQUEST,
            description: format!("Bad Request: {}", description.into()),
            parameters: None,
        }
    }

    pub fn forbidden(description: &str) -> Refused {
        Refused {
            status: StatusCode::FORBIDDEN,
            description: format!("Forbidden: {description}"),
            parameters: None,
        }
    }

    pub fn conflict(description: &str) -> Refused {
        Refused {
            status: StatusCode::CONFLICT,
            description: format!("Conflict: {description}"),
            parameters: None,
        }
    }

    pub fn too_fast(seconds: u64) -> Refused {
        Refused {
            status: StatusCode::TOO_MANY_REQUESTS,
            description: format!("Too Many Requests: retry after {seconds}"),
            parameters: Some(json!({ "retry_after": seconds })),
        }
    }

    pub fn upgraded(chat: i64) -> Refused {
        Refused {
            parameters: Some(json!({ "migrate_to_chat_id": chat })),
            ..Refused::bad("group chat was upgraded to a supergroup chat")
        }
    }

    /// The disk failed.
    pub fn broken(error: std::io::Error) -> Refused {
        tracing::warn!(%error, "the sandbox could not keep a file");
        Refused {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            description: "Internal Server Error".into(),
            parameters: None,
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let mut body = json!({
            "ok": false,
            "error_code": self.status.as_u16(),
            "description": self.description,
        });
        let wait = self
            .parameters
            .as_ref()
            .and_then(|parameters| parameters["retry_after"].as_u64());
        if let Some(parameters) = self.parameters {
            body["parameters"] = parameters;
        }
        let mut response = (self.status, Json(body)).into_response();
        if let Some(seconds) = wait {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// What a method gives, and what the server says about it.
pub(crate) struct Done {
    result: Value,
    description: Option<&'static str>,
}

impl From<Value> for Done {
    fn from(result: Value) -> Done {
        Done {
            result,
            description: None,
        }
    }
}

impl IntoResponse for Done {
    fn into_response(self) -> Response {
        let mut body = json!({ "ok": true, "result": self.result });
        if let Some(description) = self.description {
            body["description"] = description.into();
        }
        Json(body).into_response()
    }
}

async fn call(
    State(app): State<App>,
    Path((bot, method)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let bot = match who(&app, &bot) {
        Ok(bot) => bot.clone(),
        Err(refused) => return refused.into_response(),
    };
    let parameters = match Parameters::read(query.as_deref(), &headers, &body) {
        Ok(parameters) => parameters,
        Err(refused) => return refused.into_response(),
    };
    let id = bot.id();
    let done = match method.to_ascii_lowercase().as_str() {
        "getme" => Ok(me(&bot).into()),
        "getwebhookinfo" => Ok(webhooks::info(&app, id)),
        "setwebhook" => webhooks::set(&app, id, &parameters),
        "deletewebhook" => webhooks::delete(&app, id, &parameters),
        "getupdates" => updates::get(&app, id, &parameters).await,
        "getchat" => chats::get(&app, id, &parameters),
        "sendmessage" => send::message(&app, &bot, &parameters),
        "senddocument" => send::document(&app, &bot, parameters),
        "sendphoto" => send::photo(&app, &bot, parameters),
        "editmessagetext" => send::edit(&app, &bot, &parameters),
        "deletemessage" => send::delete(&app, id, &parameters),
        "sendchataction" => send::action(&app, id, &parameters),
        _ => return refusal(StatusCode::NOT_FOUND, None),
    };
    done.map_or_else(IntoResponse::into_response, IntoResponse::into_response)
}

/// The bot behind the first part of a path.
fn who<'a>(app: &'a App, part: &str) -> Result<&'a Bot, Refusal> {
    let token = part
        .strip_prefix("bot")
        .ok_or_else(|| refusal(StatusCode::NOT_FOUND, None))?;
    if !is_token(token) {
        return Err(Refusal::from(
            Refused {
                status: StatusCode::UNAUTHORIZED,
                description: "Unauthorized: invalid token specified".into(),
                parameters: None,
            }
            .into_response(),
        ));
    }
    let mut bots = app.state.seed().bots.iter();
    bots.find(|bot| bot.token == token && !bot.revoked)
        .filter(|bot| {
            app.state
                .read::<Telegram, _>(|telegram| !telegram.revoked.contains(&bot.id()))
        })
        .ok_or_else(|| refusal(StatusCode::UNAUTHORIZED, None).into())
}

/// The server's own check, made before it looks anybody up.
fn is_token(token: &str) -> bool {
    let id = token.split_once(':').map(|(id, _)| id.parse::<i64>());
    !token.starts_with('0')
        && token.len() <= 80
        && !token.contains('/')
        && matches!(id, Some(Ok(id)) if (1..1 << 54).contains(&id))
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

/// Without `wait` a 429 says nothing about how long.
fn refusal(status: StatusCode, wait: Option<u64>) -> Response {
    let words = status.canonical_reason().unwrap_or("Error");
    match wait {
        Some(seconds) if status == StatusCode::TOO_MANY_REQUESTS => Refused::too_fast(seconds),
        wait => Refused {
            status,
            description: words.into(),
            parameters: wait.map(|seconds| json!({ "retry_after": seconds })),
        },
    }
    .into_response()
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
