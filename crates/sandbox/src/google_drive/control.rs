//! What tests see and turn of Drive.

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::disk;
use crate::control::done;
use crate::google_api::{Refusal, seeded};
use crate::google_uploads::{self, Purpose, Sessions};
use crate::server::App;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/drive/files", get(files))
        .route("/drive/sessions", get(sessions))
        .route("/drive/storage", post(storage))
        .route("/drive/pickable", get(pickable))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Account {
    account: String,
}

/// Everything that is there, whoever may see it.
async fn files(
    State(app): State<App>,
    Query(Account { account }): Query<Account>,
) -> Result<Response, Refusal> {
    let account = seeded(&app, &account)?;
    let files: Vec<Value> = disk::look(&app, &account, |disk| {
        let tell = |item: &disk::Item| {
            json!({
                "id": item.id,
                "name": item.name,
                "mime_type": item.mime_type,
                "size": item.blob.as_ref().map(|blob| blob.size),
                "sha256": item.blob.as_ref().map(|blob| blob.sha256.clone()),
                "parents": item.parents,
                "app_properties": item.app_properties,
                "visible": item.ours,
                "trashed": item.trashed,
                "complete": true,
            })
        };
        disk.items.values().map(tell).collect()
    });
    Ok(Json(files).into_response())
}

async fn sessions(State(app): State<App>) -> Json<Vec<Value>> {
    let sessions: Vec<_> = app.state.read::<Sessions, _>(|sessions| {
        let of_drive = sessions
            .all()
            .filter(|one| matches!(one.purpose, Purpose::NewFile | Purpose::Content(_)));
        of_drive.cloned().collect()
    });
    let tell = |session| google_uploads::shown(&app, session);
    Json(sessions.iter().map(tell).collect())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Storage {
    account: String,
    /// Bytes; null = as at the start.
    limit: Option<u64>,
}

async fn storage(
    State(app): State<App>,
    Json(storage): Json<Storage>,
) -> Result<Response, Refusal> {
    let account = seeded(&app, &storage.account)?;
    disk::change(&app, &account, |disk| disk.limit = storage.limit);
    Ok(done())
}

/// What the picker would offer.
async fn pickable(
    State(app): State<App>,
    Query(Account { account }): Query<Account>,
) -> Result<Response, Refusal> {
    let account = seeded(&app, &account)?;
    let files: Vec<Value> = disk::pickable(&app, &account)
        .into_iter()
        .map(|item| json!({ "id": item.id, "name": item.name }))
        .collect();
    Ok(Json(files).into_response())
}
