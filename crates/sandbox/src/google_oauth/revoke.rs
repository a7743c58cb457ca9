//! Revocation. Google answers 400 for a token that is already dead, unlike RFC 7009 §2.2.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use serde_json::{Value, json};

use super::OauthError;
use super::grants::Google;
use super::token::read_form;
use crate::server::App;

pub(crate) async fn answer(
    State(app): State<App>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, OauthError> {
    let form = read_form(&headers, &body)?;
    let token = form.get("token").ok_or_else(|| {
        OauthError::bad_request("invalid_request", "Missing required parameter: token")
    })?;
    let now = app.clock.now();
    if app
        .state
        .write::<Google, _>(|google| google.revoke_token(token, now))
    {
        Ok(Json(json!({})))
    } else {
        Err(OauthError::bad_request(
            "invalid_token",
            "Token expired or revoked",
        ))
    }
}
