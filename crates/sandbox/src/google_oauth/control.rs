//! What tests turn at Google: token lives, rotation, revocation; and a way to consent without a browser.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::authorize::{self, Decision};
use super::consent::{agreed, may_pick};
use super::grants::{Google, Grant};
use super::{clients, id_token};
use crate::control::{done, mistake};
use crate::server::App;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/oauth", post(set))
        .route("/consent", post(consent))
        .route("/expire_access_tokens", post(expire))
        .route("/revoke", post(revoke))
        .route("/grants", get(grants))
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Rotation {
    None,
    Rotating,
    Grace,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Turned {
    access_token_life_s: Option<i64>,
    rotation: Option<Rotation>,
    /// Whose rotation; absent = every client's.
    client_id: Option<String>,
    send_iss: Option<bool>,
    /// What `iss` says, to play another server.
    iss: Option<String>,
    /// Seconds; null ends it.
    #[serde(default, deserialize_with = "present")]
    refresh_token_expires_in: Option<Option<i64>>,
}

/// Tells an explicit null from an absent key.
fn present<'de, D: serde::Deserializer<'de>>(value: D) -> Result<Option<Option<i64>>, D::Error> {
    Option::<i64>::deserialize(value).map(Some)
}

async fn set(State(app): State<App>, Json(turned): Json<Turned>) -> Response {
    if let Some(id) = turned
        .client_id
        .as_deref()
        .filter(|id| clients::find(id).is_none())
    {
        return mistake(StatusCode::BAD_REQUEST, format!("no client {id}"));
    }
    app.state.write::<Google, _>(|google| {
        let settings = &mut google.settings;
        if let Some(life) = turned.access_token_life_s {
            settings.access_token_life_s = life;
        }
        if let Some(rotation) = turned.rotation {
            settings.set_rotation(
                turned.client_id.as_deref(),
                !matches!(rotation, Rotation::None),
                matches!(rotation, Rotation::Grace),
            );
        }
        match (turned.send_iss, turned.iss) {
            (Some(false), _) => settings.iss = None,
            (_, Some(iss)) => settings.iss = Some(iss),
            (Some(true), None) => settings.iss = Some(id_token::ISSUER.into()),
            (None, None) => {}
        }
        if let Some(life) = turned.refresh_token_expires_in {
            settings.refresh_token_expires_in = life;
        }
    });
    done()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    /// The address an app would have opened in the browser.
    url: Url,
    account: String,
    /// Ticked boxes; absent = all.
    scopes: Option<Vec<String>>,
    #[serde(default)]
    deny: bool,
    /// Ids of Drive files, for a request that asks to pick some.
    #[serde(default)]
    picked: Vec<String>,
}

/// Does what a person does on the pages, after the same checks. Answers `{"redirect": …}`.
async fn consent(State(app): State<App>, Json(answer): Json<Answer>) -> Response {
    if answer.url.origin() != app.base.origin() || answer.url.path() != super::ENDPOINTS[0].1 {
        return mistake(
            StatusCode::BAD_REQUEST,
            "url is not the authorization endpoint of this sandbox",
        );
    }
    let asked = match authorize::read(answer.url.query().unwrap_or_default()) {
        Ok(asked) => asked,
        Err(refused) => {
            return mistake(
                refused.status,
                format!("{}: {}", refused.error, refused.description),
            );
        }
    };
    let Some(account) = app.state.seed().google_account(&answer.account) else {
        return mistake(
            StatusCode::NOT_FOUND,
            format!("no account {}", answer.account),
        );
    };
    let decision = if answer.deny {
        Decision::Error("access_denied")
    } else {
        let ticked = |scope: &str| {
            answer
                .scopes
                .as_ref()
                .is_none_or(|ticked| ticked.iter().any(|one| one == scope))
        };
        if !may_pick(&app, &asked, account, &answer.picked) {
            return mistake(
                StatusCode::BAD_REQUEST,
                "a picked file was not offered by this request",
            );
        }
        Decision::Allow {
            account,
            scopes: agreed(&asked, ticked),
            picked: answer.picked,
        }
    };
    Json(json!({ "redirect": asked.redirect(&app, decision) })).into_response()
}

async fn expire(State(app): State<App>) -> Json<Value> {
    Json(json!({ "expired": app.state.write::<Google, _>(Google::expire_access_tokens) }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Account {
    account: String,
}

/// As if the user removed the app on their account's security page.
async fn revoke(State(app): State<App>, Json(Account { account }): Json<Account>) -> Response {
    let Some(account) = app.state.seed().google_account(&account) else {
        return mistake(StatusCode::NOT_FOUND, format!("no account {account}"));
    };
    let revoked = app
        .state
        .write::<Google, _>(|google| google.revoke_account(&account.email));
    Json(json!({ "revoked": revoked })).into_response()
}

async fn grants(State(app): State<App>) -> Json<Value> {
    let tell = |grant: &Grant| {
        json!({
            "account": grant.account,
            "client_id": grant.client_id,
            "scopes": grant.scopes,
            "revoked": grant.revoked,
        })
    };
    Json(
        app.state
            .read::<Google, _>(|google| google.grants().map(tell).collect()),
    )
}
