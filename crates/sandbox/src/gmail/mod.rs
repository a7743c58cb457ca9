//! Gmail API v1. Source: the discovery document gmail.v1 and the guides on sending, searching and batching.
//!
//! `mailbox` is what an account holds; `send`, `drafts`, `list`, `read`, `labels`, `history` and `batch` are the calls;
//! `search` reads the search language, `mime` takes messages apart, `quota` counts units.

mod batch;
mod control;
pub(crate) mod drafts;
mod history;
mod labels;
mod list;
mod mailbox;
mod mime;
mod profile;
mod quota;
mod read;
mod search;
mod seed;
pub(crate) mod send;
mod words;

use axum::Router;
use axum::http::HeaderMap;
use axum::routing::{get, post, put};

use crate::google_api::{self, Bearer, Refusal, bearer, refusal};
use crate::google_oauth;
use crate::server::App;
use crate::twins::{Twin, as_it_is, never};

pub(crate) const TWIN: Twin = Twin {
    name: "gmail",
    prefix: "/gmail",
    endpoints: &[
        google_oauth::ENDPOINTS,
        &[("api", "/gmail"), ("upload", "/gmail")],
    ],
    routes,
    control: control::routes,
    refusal,
    redact: as_it_is,
    // A message has at most 35 MiB.
    streams: never,
};

const FULL: &str = "https://mail.google.com/";
const MODIFY: &str = "https://www.googleapis.com/auth/gmail.modify";
const READONLY: &str = "https://www.googleapis.com/auth/gmail.readonly";
const COMPOSE: &str = "https://www.googleapis.com/auth/gmail.compose";
const SEND: &str = "https://www.googleapis.com/auth/gmail.send";
const METADATA: &str = "https://www.googleapis.com/auth/gmail.metadata";
const LABELS: &str = "https://www.googleapis.com/auth/gmail.labels";

/// Google's own paths begin with `/gmail` too, so a base of `…/gmail` is right with and without that part.
fn routes() -> Router<App> {
    let upload = || {
        Router::new()
            .route(
                "/gmail/v1/users/{user}/messages/send",
                post(send::upload).put(send::chunk).delete(send::cancel),
            )
            .route(
                "/gmail/v1/users/{user}/drafts",
                post(drafts::upload).put(send::chunk).delete(send::cancel),
            )
    };
    Router::new()
        .nest("/gmail", api())
        .nest("/gmail/gmail", api())
        .nest("/gmail/upload", upload())
        .nest("/gmail/resumable/upload", upload())
        .route("/gmail/batch/gmail/v1", post(batch::run))
        .route("/gmail/batch", post(batch::run))
}

/// What a batch may call, too.
fn api() -> Router<App> {
    Router::new()
        .route("/v1/users/{user}/profile", get(profile::get))
        .route("/v1/users/{user}/messages", get(list::messages))
        .route("/v1/users/{user}/messages/send", post(send::json))
        .route("/v1/users/{user}/messages/{id}", get(read::message))
        .route(
            "/v1/users/{user}/messages/{message}/attachments/{id}",
            get(read::attachment),
        )
        .route("/v1/users/{user}/threads/{id}", get(read::thread))
        .route(
            "/v1/users/{user}/drafts",
            get(drafts::list).post(drafts::create),
        )
        .route("/v1/users/{user}/drafts/send", post(drafts::send))
        .route(
            "/v1/users/{user}/drafts/{id}",
            put(drafts::update).get(drafts::get).delete(drafts::delete),
        )
        .route("/v1/users/{user}/labels", get(labels::list))
        .route("/v1/users/{user}/labels/{id}", get(labels::get))
        .route("/v1/users/{user}/history", get(history::list))
}

/// What one call needs and costs.
struct Call {
    method: &'static str,
    scopes: &'static [&'static str],
    units: u64,
}

/// Who calls, when the call may be made.
fn enter(app: &App, headers: &HeaderMap, user: &str, call: &Call) -> Result<Bearer, Refusal> {
    let bearer = bearer(app, headers)?;
    let method = format!("caribou.api.proto.MailboxService.{}", call.method);
    bearer.needs(call.scopes, "gmail.googleapis.com", &method)?;
    if user != "me" && !user.eq_ignore_ascii_case(&bearer.account.email) {
        return Err(google_api::forbidden("Delegation denied").into());
    }
    quota::take(app, &bearer.account.email, call.units)?;
    Ok(bearer)
}
