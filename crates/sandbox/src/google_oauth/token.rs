//! The token endpoint: code exchange and refresh. Source: "OAuth 2.0 for Mobile & Desktop Apps", RFC 6749 §5.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::clients::{self, Client};
use super::grants::{CodeRefused, Google, Issued, RefreshRefused};
use super::{OauthError, id_token, scopes};
use crate::clock::Millis;
use crate::form::{FORM, Form, media_type};
use crate::server::App;

pub(crate) async fn answer(
    State(app): State<App>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, OauthError> {
    let form = read_form(&headers, &body)?;
    let grant_type = needed(&form, "grant_type")?;
    let client = authenticate(&headers, &form)?;
    let now = app.clock.now();
    let issued = match grant_type {
        "authorization_code" => exchange(&app, &form, client, now)?,
        "refresh_token" => refresh(&app, &form, client, now)?,
        other => {
            return Err(OauthError::bad_request(
                "unsupported_grant_type",
                format!("Invalid grant_type: {other}"),
            ));
        }
    };
    Ok(success(&app, issued, now))
}

/// Google takes forms only, and RFC 6749 §3.2 lets no parameter come twice.
pub(crate) fn read_form(headers: &HeaderMap, body: &[u8]) -> Result<Form, OauthError> {
    if media_type(headers).as_deref() != Some(FORM) {
        return Err(OauthError::bad_request(
            "invalid_request",
            format!("The content type has to be {FORM}."),
        ));
    }
    let form = Form::parse(body);
    match form.repeated() {
        Some(name) => Err(OauthError::bad_request(
            "invalid_request",
            format!("{name} was sent twice."),
        )),
        None => Ok(form),
    }
}

fn needed<'a>(form: &'a Form, name: &str) -> Result<&'a str, OauthError> {
    form.get(name).ok_or_else(|| {
        OauthError::bad_request(
            "invalid_request",
            format!("Missing required parameter: {name}"),
        )
    })
}

fn authenticate(headers: &HeaderMap, form: &Form) -> Result<&'static Client, OauthError> {
    let basic = basic_credentials(headers)?;
    if basic.is_some() && form.get("client_secret").is_some() {
        return Err(OauthError::bad_request(
            "invalid_request",
            "Client credentials were sent in two ways.",
        ));
    }
    let (id, secret) = match &basic {
        Some((id, secret)) => (
            id.as_str(),
            Some(secret.as_str()).filter(|secret| !secret.is_empty()),
        ),
        None => (needed(form, "client_id")?, form.get("client_secret")),
    };
    let not_found =
        || OauthError::unauthorized("invalid_client", "The OAuth client was not found.");
    let client = clients::find(id).ok_or_else(not_found)?;
    match (client.secret, secret) {
        // Google's answer to a desktop client that relies on PKCE alone.
        (Some(_), None) => Err(OauthError::bad_request(
            "invalid_request",
            "client_secret is missing.",
        )),
        (expected, given) if expected == given => Ok(client),
        _ => Err(OauthError::unauthorized("invalid_client", "Unauthorized")),
    }
}

/// RFC 6749 §2.3.1: both halves are form-encoded before they are joined.
fn basic_credentials(headers: &HeaderMap) -> Result<Option<(String, String)>, OauthError> {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Ok(None);
    };
    let decoded = value
        .to_str()
        .ok()
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"))
        .and_then(|(_, credentials)| STANDARD.decode(credentials.trim()).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let plain = |half: &str| {
        Form::parse(format!("half={half}").as_bytes())
            .get("half")
            .unwrap_or_default()
            .to_owned()
    };
    match decoded.as_deref().and_then(|joined| joined.split_once(':')) {
        Some((id, secret)) => Ok(Some((plain(id), plain(secret)))),
        None => Err(OauthError::unauthorized(
            "invalid_client",
            "The Authorization header is not Basic.",
        )),
    }
}

fn exchange(app: &App, form: &Form, client: &Client, now: Millis) -> Result<Issued, OauthError> {
    let code = needed(form, "code")?;
    let redirect_uri = needed(form, "redirect_uri")?;
    let verifier = form.get("code_verifier");
    let bad = |why: &str| OauthError::bad_request("invalid_grant", why);
    app.state.write::<Google, _>(|google| {
        let consent = google
            .consent_of(code, now)
            .map_err(|refused| match refused {
                CodeRefused::Unknown => bad("Malformed auth code."),
                CodeRefused::Expired | CodeRefused::Reused => bad("Bad Request"),
            })?;
        if consent.client_id != client.id {
            return Err(bad("Bad Request"));
        }
        if consent.redirect_uri != redirect_uri {
            return Err(bad(
                "redirect_uri differs from the one of the authorization request.",
            ));
        }
        let verifier = verifier.ok_or_else(|| bad("Missing code verifier."))?;
        if !is_verifier(verifier)
            || URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) != consent.challenge
        {
            return Err(bad("Invalid code verifier."));
        }
        Ok(google.redeem(code, consent, now))
    })
}

/// RFC 7636 §4.1: 43 to 128 unreserved characters.
fn is_verifier(verifier: &str) -> bool {
    (43..=128).contains(&verifier.len())
        && verifier
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}

fn refresh(app: &App, form: &Form, client: &Client, now: Millis) -> Result<Issued, OauthError> {
    let token = needed(form, "refresh_token")?;
    app.state.write::<Google, _>(|google| {
        google
            .refresh(token, client, now)
            .map_err(|refused| match refused {
                RefreshRefused::Dead => {
                    OauthError::bad_request("invalid_grant", "Token has been expired or revoked.")
                }
                RefreshRefused::OtherClient => {
                    OauthError::unauthorized("unauthorized_client", "Unauthorized")
                }
            })
    })
}

fn success(app: &App, issued: Issued, now: Millis) -> Response {
    let scope = issued.grant.scopes.join(" ");
    let mut body = json!({
        "access_token": issued.access_token,
        "expires_in": issued.expires_in,
        "scope": scope,
        "token_type": "Bearer",
    });
    if let Some(token) = issued.refresh_token {
        body["refresh_token"] = token.into();
    }
    if let Some(seconds) = issued.refresh_token_expires_in {
        body["refresh_token_expires_in"] = seconds.into();
    }
    if issued
        .grant
        .scopes
        .iter()
        .any(|scope| scope == scopes::OPENID)
        && let Some(account) = app.state.seed().google_account(&issued.grant.account)
    {
        body["id_token"] = id_token::make(account, &issued.grant, &issued.access_token, now).into();
    }
    (
        StatusCode::OK,
        [(header::CACHE_CONTROL, "no-store")],
        Json(body),
    )
        .into_response()
}
