//! OpenID Connect userinfo: only what the granted sign-in scopes show.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::scopes;
use crate::google_api::{self, bearer};
use crate::server::App;

pub(crate) async fn answer(State(app): State<App>, headers: HeaderMap) -> Response {
    let bearer = match bearer(&app, &headers) {
        Ok(bearer) => bearer,
        Err(refused) => return refused.into_response(),
    };
    if !bearer.has_any(&[scopes::OPENID, scopes::EMAIL, scopes::PROFILE]) {
        return google_api::scope_insufficient("openidconnect.googleapis.com", "userinfo");
    }
    let account = &bearer.account;
    let mut body = json!({ "sub": account.sub });
    if bearer.has_any(&[scopes::EMAIL]) {
        body["email"] = account.email.clone().into();
        body["email_verified"] = true.into();
    }
    if bearer.has_any(&[scopes::PROFILE]) {
        let (given, family) = account.name.split_once(' ').unwrap_or((&account.name, ""));
        body["name"] = account.name.clone().into();
        body["given_name"] = given.into();
        body["family_name"] = family.into();
    }
    Json(body).into_response()
}
