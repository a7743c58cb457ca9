//! Google Drive API v3. Source: the discovery document drive.v3.

use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::form::Form;
use crate::google_api::{self, bearer, refusal};
use crate::seed::GoogleAccount;
use crate::server::App;
use crate::twins::{Twin, as_it_is};
use crate::{google_fields, google_oauth};

pub(crate) const TWIN: Twin = Twin {
    name: "google_drive",
    prefix: "/drive",
    endpoints: &[
        google_oauth::ENDPOINTS,
        &[("api", "/drive"), ("upload", "/drive/upload")],
    ],
    routes,
    control: Router::new,
    refusal,
    redact: as_it_is,
};

/// `about.get` in the discovery document.
const ABOUT_SCOPES: &[&str] = &[
    "https://www.googleapis.com/auth/drive",
    "https://www.googleapis.com/auth/drive.appdata",
    "https://www.googleapis.com/auth/drive.file",
    "https://www.googleapis.com/auth/drive.metadata",
    "https://www.googleapis.com/auth/drive.metadata.readonly",
    "https://www.googleapis.com/auth/drive.readonly",
];

/// Google's own paths begin with `/drive` too, so a base of `…/drive` is right with and without that part.
fn routes() -> Router<App> {
    let api = || Router::new().route("/v3/about", get(about));
    Router::new()
        .nest("/drive", api())
        .nest("/drive/drive", api())
}

async fn about(State(app): State<App>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let bearer = match bearer(&app, &headers) {
        Ok(bearer) => bearer,
        Err(refused) => return refused.into_response(),
    };
    if !bearer.has_any(ABOUT_SCOPES) {
        return google_api::scope_insufficient(
            "drive.googleapis.com",
            "google.apps.drive.v3.DriveAbout.Get",
        );
    }
    let query = Form::parse(query.unwrap_or_default().as_bytes());
    let Some(fields) = query.get("fields") else {
        return google_api::bad_parameter(
            "fields",
            "required",
            "The 'fields' parameter is required for this method.",
        );
    };
    match google_fields::select(&resource(&bearer.account), fields) {
        Ok(part) => Json(part).into_response(),
        Err(field) => google_api::bad_parameter(
            "fields",
            "invalidParameter",
            &format!("Invalid field selection {field}"),
        ),
    }
}

fn resource(account: &GoogleAccount) -> Value {
    json!({
        "kind": "drive#about",
        "user": {
            "kind": "drive#user",
            "displayName": account.name,
            "photoLink": "",
            "me": true,
            "permissionId": account.sub.get(1..).unwrap_or_default(),
            "emailAddress": account.email,
        },
        // int64 as strings, as Google sends them.
        "storageQuota": {
            "limit": "16106127360",
            "usage": "0",
            "usageInDrive": "0",
            "usageInDriveTrash": "0",
        },
        "importFormats": {},
        "exportFormats": {},
        "maxImportSizes": {},
        "maxUploadSize": "5242880000000",
        "appInstalled": true,
        "folderColorPalette": [],
        "driveThemes": [],
        "canCreateDrives": false,
    })
}
