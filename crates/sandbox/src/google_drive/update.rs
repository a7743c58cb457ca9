//! Changing and deleting files.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Extension, Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::create::{PARAMETERS, answer, behind, content};
use super::disk::{self, Disk, Item};
use super::metadata::Metadata;
use super::{APPDATA, FILE, FULL, METADATA, UPLOAD_PATH, WRITING, needs, sees_all};
use crate::blobs::Blob;
use crate::faults::Struck;
use crate::google_api::{Bearer, Refusal, bearer, broken, invalid, not_found};
use crate::google_query::Query;
use crate::google_uploads::{self, Opening, Purpose, Session};
use crate::server::App;

const UPDATING: &[&str] = &[FULL, APPDATA, FILE, METADATA];

fn missing(id: &str) -> Refusal {
    not_found(format!("File not found: {id}."))
}

pub(crate) async fn metadata_only(
    State(app): State<App>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let bearer = bearer(&app, &headers)?;
    needs(&bearer, UPDATING, "DriveFiles.Update")?;
    let query = Query::read(query.as_deref(), PARAMETERS)?;
    let metadata = Metadata::read(&body)?;
    let item = change(&app, &bearer, &id, |item| {
        metadata_of(metadata, item)?;
        moved(&query, &bearer, item);
        Ok(())
    })?;
    answer(&bearer, &item, query.get("fields")).map(IntoResponse::into_response)
}

/// New content, in one request or resumable.
pub(crate) async fn upload(
    State(app): State<App>,
    Extension(struck): Extension<Struck>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let bearer = bearer(&app, &headers)?;
    needs(&bearer, WRITING, "DriveFiles.Update")?;
    let query = Query::read(query.as_deref(), PARAMETERS)?;
    // A file that can't be seen is refused before its content comes.
    let all = sees_all(&bearer);
    disk::look(&app, &bearer.account.email, |disk| {
        disk.items
            .get(&id)
            .filter(|item| all || item.ours)
            .map(|_| ())
    })
    .ok_or_else(|| missing(&id))?;
    if query.get("uploadType") == Some("resumable") {
        let metadata = Metadata::read(&body)?;
        let opening = Opening {
            purpose: Purpose::Content(id.clone()),
            account: &bearer.account.email,
            metadata: serde_json::to_value(metadata).map_err(|error| invalid(error.to_string()))?,
            fields: query.get("fields"),
            path: &format!("{UPLOAD_PATH}/{id}"),
            largest: u64::MAX,
        };
        return google_uploads::begin(&app, opening, &headers);
    }
    let (metadata, _, bytes) = content(&query, &headers, &body)?;
    let blob = app.blobs.put(&bytes).map_err(broken)?;
    let wrong = app.faults.strike_own(&struck, "wrong_checksum").is_some();
    let item = change(&app, &bearer, &id, |item| {
        metadata_of(metadata, item)?;
        item.wrong = wrong;
        replace(&app, item, blob);
        Ok(())
    })?;
    answer(&bearer, &item, query.get("fields")).map(IntoResponse::into_response)
}

/// The end of a resumable upload of new content.
pub(crate) fn uploaded(
    app: &App,
    session: &Session,
    id: &str,
    blob: Blob,
    wrong: bool,
) -> Result<Value, Refusal> {
    let bearer = behind(app, session)?;
    let metadata = Metadata::read(session.metadata.to_string().as_bytes())?;
    let now = app.clock.now();
    let item = disk::change(app, &bearer.account.email, |disk| {
        let mut item = disk.items.get(id).cloned().ok_or_else(|| missing(id))?;
        item.modified = now;
        metadata_of(metadata, &mut item)?;
        item.wrong = wrong;
        replace(app, &mut item, blob);
        Ok::<_, Refusal>(disk.put(item))
    })?;
    answer(&bearer, &item, session.fields.as_deref()).map(|Json(value)| value)
}

fn replace(app: &App, item: &mut Item, blob: Blob) {
    if let Some(old) = item.blob.replace(blob) {
        app.blobs.remove(&old.name);
    }
}

/// An id and a parent can't be changed in the body.
fn metadata_of(metadata: Metadata, item: &mut Item) -> Result<(), Refusal> {
    if metadata.id.is_some() {
        return Err(invalid(
            "The resource body includes fields which are not directly writable.",
        ));
    }
    if metadata.parents.is_some() {
        return Err(invalid(
            "The parents field is not directly writable in update requests. Use the addParents and removeParents \
             parameters instead.",
        ));
    }
    metadata.apply(item)
}

fn moved(query: &Query, bearer: &Bearer, item: &mut Item) {
    let ids = |name: &str| -> Vec<String> {
        let list = query.get(name).unwrap_or_default().split(',');
        list.filter(|id| !id.is_empty())
            .map(|id| Disk::resolve(&bearer.account.email, id))
            .collect()
    };
    let gone = ids("removeParents");
    item.parents.retain(|parent| !gone.contains(parent));
    if let Some(new) = ids("addParents").pop() {
        item.parents = vec![new];
    }
}

fn change(
    app: &App,
    bearer: &Bearer,
    id: &str,
    change: impl FnOnce(&mut Item) -> Result<(), Refusal>,
) -> Result<Item, Refusal> {
    let now = app.clock.now();
    let all = sees_all(bearer);
    disk::change(app, &bearer.account.email, |disk| {
        let mut item = disk
            .items
            .get(id)
            .filter(|item| all || item.ours)
            .cloned()
            .ok_or_else(|| missing(id))?;
        item.modified = now;
        change(&mut item)?;
        Ok(disk.put(item))
    })
}

pub(crate) async fn delete(
    State(app): State<App>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let bearer = bearer(&app, &headers)?;
    needs(&bearer, WRITING, "DriveFiles.Delete")?;
    Query::read(query.as_deref(), PARAMETERS)?;
    let all = sees_all(&bearer);
    let blobs = disk::change(&app, &bearer.account.email, |disk| {
        let seen = disk.items.get(&id).is_some_and(|item| all || item.ours);
        seen.then(|| disk.delete(&id)).ok_or_else(|| missing(&id))
    })?;
    for blob in blobs {
        app.blobs.remove(&blob);
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}
