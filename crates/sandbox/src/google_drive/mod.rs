//! Google Drive API v3. Source: the discovery document drive.v3 and the guides "Upload file data", "Search for files".
//!
//! `disk` is what an account holds, `resource` how a file looks from outside; `create`, `update`, `read` and `list`
//! are the calls; `query` reads the search language. Uploads that resume are in `google_uploads`.

mod about;
mod control;
pub(crate) mod create;
pub(crate) mod disk;
mod list;
mod metadata;
mod query;
mod read;
mod resource;
mod seed;
pub(crate) mod update;

use axum::Router;
use axum::http::Method;
use axum::http::request::Parts;
use axum::routing::get;

use crate::google_api::{Bearer, Refusal, refusal};
use crate::google_oauth;
use crate::server::App;
use crate::twins::{Twin, as_it_is};

pub(crate) const TWIN: Twin = Twin {
    name: "google_drive",
    prefix: "/drive",
    endpoints: &[
        google_oauth::ENDPOINTS,
        &[("api", "/drive"), ("upload", "/drive")],
    ],
    routes,
    control: control::routes,
    refusal,
    redact: as_it_is,
    streams,
};

const FULL: &str = "https://www.googleapis.com/auth/drive";
const APPDATA: &str = "https://www.googleapis.com/auth/drive.appdata";
const FILE: &str = "https://www.googleapis.com/auth/drive.file";
const METADATA: &str = "https://www.googleapis.com/auth/drive.metadata";
const METADATA_READONLY: &str = "https://www.googleapis.com/auth/drive.metadata.readonly";
const READONLY: &str = "https://www.googleapis.com/auth/drive.readonly";

/// As in the discovery document.
const READING: &[&str] = &[FULL, APPDATA, FILE, METADATA, METADATA_READONLY, READONLY];
const CONTENT: &[&str] = &[FULL, APPDATA, FILE, READONLY];
const WRITING: &[&str] = &[FULL, APPDATA, FILE];

/// The address of upload sessions.
const UPLOAD_PATH: &str = "/drive/upload/drive/v3/files";

/// Google's own paths begin with `/drive` too, so a base of `…/drive` is right with and without that part.
fn routes() -> Router<App> {
    let api = || {
        Router::new()
            .route("/v3/about", get(about::get))
            .route("/v3/files", get(list::files).post(create::metadata_only))
            .route("/v3/files/generateIds", get(create::generate_ids))
            .route(
                "/v3/files/{id}",
                get(read::get)
                    .patch(update::metadata_only)
                    .delete(update::delete),
            )
            .route("/v3/files/{id}/export", get(read::export))
    };
    let upload = || {
        let file = axum::routing::patch(update::upload)
            .put(create::put)
            .delete(create::cancel);
        let files = axum::routing::post(create::upload)
            .put(create::put)
            .delete(create::cancel);
        Router::new()
            .route("/drive/v3/files", files)
            .route("/drive/v3/files/{id}", file)
    };
    Router::new()
        .nest("/drive", api())
        .nest("/drive/drive", api())
        .nest("/drive/upload", upload())
        .nest("/drive/upload/upload", upload())
}

/// Only resumable chunks have no limit of their own.
fn streams(parts: &Parts) -> bool {
    parts.method == Method::PUT && parts.uri.path().starts_with("/drive/upload")
}

fn needs(bearer: &Bearer, scopes: &[&str], method: &str) -> Result<(), Refusal> {
    bearer.needs(
        scopes,
        "drive.googleapis.com",
        &format!("google.apps.drive.v3.{method}"),
    )
}

/// With only `drive.file`, the rest of the Drive doesn't exist.
fn sees_all(bearer: &Bearer) -> bool {
    bearer.has_any(&[FULL, METADATA, METADATA_READONLY, READONLY])
}
