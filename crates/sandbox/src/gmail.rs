//! Gmail API v1. Source: the discovery document gmail.v1.

use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::json;

use crate::form::Form;
use crate::google_api::{self, bearer, refusal};
use crate::server::App;
use crate::twins::{Twin, as_it_is};
use crate::{google_fields, google_oauth};

pub(crate) const TWIN: Twin = Twin {
    name: "gmail",
    prefix: "/gmail",
    endpoints: &[
        google_oauth::ENDPOINTS,
        &[("api", "/gmail"), ("upload", "/gmail")],
    ],
    routes,
    control: Router::new,
    refusal,
    redact: as_it_is,
};

/// Not `gmail.send`: a connection that may only send can't read its own address here.
const PROFILE_SCOPES: &[&str] = &[
    "https://mail.google.com/",
    "https://www.googleapis.com/auth/gmail.modify",
    "https://www.googleapis.com/auth/gmail.readonly",
    "https://www.googleapis.com/auth/gmail.compose",
    "https://www.googleapis.com/auth/gmail.metadata",
];

/// Google's own paths begin with `/gmail` too, so a base of `…/gmail` is right with and without that part.
fn routes() -> Router<App> {
    let api = || Router::new().route("/v1/users/{user}/profile", get(profile));
    Router::new()
        .nest("/gmail", api())
        .nest("/gmail/gmail", api())
}

async fn profile(
    State(app): State<App>,
    Path(user): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let bearer = match bearer(&app, &headers) {
        Ok(bearer) => bearer,
        Err(refused) => return refused.into_response(),
    };
    if !bearer.has_any(PROFILE_SCOPES) {
        return google_api::scope_insufficient(
            "gmail.googleapis.com",
            "caribou.api.proto.MailboxService.GetProfile",
        );
    }
    if user != "me" && !user.eq_ignore_ascii_case(&bearer.account.email) {
        return google_api::forbidden("Delegation denied");
    }
    let profile = json!({
        "emailAddress": bearer.account.email,
        "messagesTotal": 0,
        "threadsTotal": 0,
        // A uint64 that an f64 can't hold.
        "historyId": "9007199254740995",
    });
    match Form::parse(query.unwrap_or_default().as_bytes()).get("fields") {
        None => Json(profile).into_response(),
        Some(fields) => match google_fields::select(&profile, fields) {
            Ok(part) => Json(part).into_response(),
            Err(field) => google_api::bad_parameter(
                "fields",
                "invalidParameter",
                &format!("Invalid field selection {field}"),
            ),
        },
    }
}
