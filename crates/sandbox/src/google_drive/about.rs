//! `about.get`: whose Drive it is and how full.

use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Value, json};

use super::{READING, disk, needs};
use crate::google_api::{Refusal, bad_parameter, bearer};
use crate::google_query::Query;
use crate::seed::GoogleAccount;
use crate::server::App;

/// 15 GiB, as a free account has.
const LIMIT: u64 = 16_106_127_360;

pub(crate) fn limit(disk: &disk::Disk) -> u64 {
    disk.limit.unwrap_or(LIMIT)
}

pub(crate) async fn get(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let bearer = bearer(&app, &headers)?;
    needs(&bearer, READING, "DriveAbout.Get")?;
    let query = Query::read(query.as_deref(), &[])?;
    if query.get("fields").is_none() {
        return Err(bad_parameter(
            "fields",
            "required",
            "The 'fields' parameter is required for this method.",
        )
        .into());
    }
    let (used, limit) = disk::look(&app, &bearer.account.email, |disk| {
        (disk.used(), limit(disk))
    });
    let about = resource(&bearer.account, used, limit);
    query.answer(&about, &about)
}

fn resource(account: &GoogleAccount, used: u64, limit: u64) -> Value {
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
            "limit": limit.to_string(),
            "usage": used.to_string(),
            "usageInDrive": used.to_string(),
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
