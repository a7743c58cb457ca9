//! Google's authorization server: sign-in pages, token, revocation, userinfo.
//!
//! `authorize` reads and answers authorization requests, `consent` walks the person through the pages, `token` issues
//! and refreshes, `grants` is what is remembered. `gmail` and `google_drive` ask `grants` whose a token is.

mod authorize;
pub(crate) mod clients;
mod consent;
mod control;
pub(crate) mod grants;
mod id_token;
mod pages;
mod revoke;
pub(crate) mod scopes;
mod token;
mod userinfo;

use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, http::header};
use serde_json::json;

use crate::server::App;
use crate::twins::{Twin, as_it_is, never};

pub(crate) const TWIN: Twin = Twin {
    name: "google_oauth",
    prefix: "/google",
    endpoints: &[],
    routes,
    control: control::routes,
    refusal,
    redact: as_it_is,
    streams: never,
};

/// The roles that every Google service has.
pub(crate) const ENDPOINTS: &[(&str, &str)] = &[
    ("authorize", "/google/o/oauth2/v2/auth"),
    ("token", "/google/token"),
    ("revoke", "/google/revoke"),
    ("userinfo", "/google/v1/userinfo"),
];

fn routes() -> Router<App> {
    Router::new()
        .route("/google/o/oauth2/v2/auth", get(authorize::page))
        .route("/google/consent", get(consent::page))
        .route("/google/consent/account", post(consent::choose_account))
        .route("/google/consent/decide", post(consent::decide))
        .route("/google/token", post(token::answer))
        .route("/google/revoke", post(revoke::answer))
        .route(
            "/google/v1/userinfo",
            get(userinfo::answer).post(userinfo::answer),
        )
}

/// An error that is no verdict on any grant: outages here carry no OAuth `error` code.
fn refusal(status: StatusCode, _wait: Option<u64>) -> Response {
    let reason = status.canonical_reason().unwrap_or("Error");
    (
        status,
        [(header::CACHE_CONTROL, "no-store")],
        axum::response::Html(pages::outage(status.as_u16(), reason)),
    )
        .into_response()
}

/// An error of the token or revocation endpoint (RFC 6749 §5.2).
#[derive(Debug)]
pub(crate) struct OauthError {
    pub status: StatusCode,
    pub error: &'static str,
    pub description: String,
}

impl OauthError {
    pub fn bad_request(error: &'static str, description: impl Into<String>) -> OauthError {
        OauthError {
            status: StatusCode::BAD_REQUEST,
            error,
            description: description.into(),
        }
    }

    pub fn unauthorized(error: &'static str, description: impl Into<String>) -> OauthError {
        OauthError {
            status: StatusCode::UNAUTHORIZED,
            error,
            description: description.into(),
        }
    }
}

impl IntoResponse for OauthError {
    fn into_response(self) -> Response {
        let body = json!({ "error": self.error, "error_description": self.description });
        (
            self.status,
            [(header::CACHE_CONTROL, "no-store")],
            Json(body),
        )
            .into_response()
    }
}
