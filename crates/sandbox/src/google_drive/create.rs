//! Making files: ids given out beforehand, metadata alone, and the three ways to send content.

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Extension, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::disk::{self, Disk, FOLDER, Item, fresh_id};
use super::metadata::Metadata;
use super::{UPLOAD_PATH, WRITING, about, needs, resource, sees_all};
use crate::blobs::Blob;
use crate::faults::Struck;
use crate::form::media_type;
use crate::google_api::{Bearer, Refusal, bearer, broken, error, invalid, not_found, too_large};
use crate::google_query::{Kind, Known, Query, wanted};
use crate::google_uploads::{self, Opening, Purpose, Session};
use crate::log::Arrival;
use crate::multipart;
use crate::server::App;

/// "5 MB or less" for everything that isn't resumable.
const SMALL: usize = 5 * 1024 * 1024;
/// 5 TB.
const LARGEST: u64 = 5_497_558_138_880;

pub(crate) const PARAMETERS: Known = &[
    ("supportsAllDrives", Kind::Flag),
    ("supportsTeamDrives", Kind::Flag),
    ("enforceSingleParent", Kind::Flag),
    ("ignoreDefaultVisibility", Kind::Flag),
    ("keepRevisionForever", Kind::Flag),
    ("useContentAsIndexableText", Kind::Flag),
    ("includePermissionsForView", Kind::Text),
    ("includeLabels", Kind::Text),
    ("ocrLanguage", Kind::Text),
    ("addParents", Kind::Text),
    ("removeParents", Kind::Text),
    (
        "uploadType",
        Kind::OneOf(&["media", "multipart", "resumable"]),
    ),
    ("upload_id", Kind::Text),
];

pub(crate) async fn generate_ids(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let bearer = bearer(&app, &headers)?;
    needs(&bearer, WRITING, "DriveFiles.GenerateIds")?;
    let query = Query::read(
        query.as_deref(),
        &[
            ("count", Kind::Count(1, 1000)),
            ("space", Kind::OneOf(&["drive", "appDataFolder"])),
            ("type", Kind::OneOf(&["files", "shortcuts"])),
        ],
    )?;
    let ids: Vec<String> = (0..query.count("count").unwrap_or(10))
        .map(|_| fresh_id())
        .collect();
    disk::change(&app, &bearer.account.email, |disk| {
        disk.issued.extend(ids.iter().cloned());
    });
    let answer = json!({ "kind": "drive#generatedIds", "space": "drive", "ids": ids });
    query.answer(&answer, &answer)
}

pub(crate) async fn metadata_only(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let bearer = bearer(&app, &headers)?;
    needs(&bearer, WRITING, "DriveFiles.Create")?;
    let query = Query::read(query.as_deref(), PARAMETERS)?;
    let metadata = Metadata::read(&body)?;
    let item = make(&app, &bearer, metadata, None, None, false)?;
    answer(&bearer, &item, query.get("fields")).map(IntoResponse::into_response)
}

/// `POST` to the upload address.
pub(crate) async fn upload(
    State(app): State<App>,
    Extension(struck): Extension<Struck>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let bearer = bearer(&app, &headers)?;
    needs(&bearer, WRITING, "DriveFiles.Create")?;
    let query = Query::read(query.as_deref(), PARAMETERS)?;
    if query.get("uploadType") == Some("resumable") {
        let metadata = Metadata::read(&body)?;
        check(&app, &bearer, &metadata)?;
        let opening = Opening {
            purpose: Purpose::NewFile,
            account: &bearer.account.email,
            metadata: with_sight(&metadata, &bearer)?,
            fields: query.get("fields"),
            path: UPLOAD_PATH,
            largest: LARGEST,
        };
        return google_uploads::begin(&app, opening, &headers);
    }
    let (metadata, content_type, bytes) = content(&query, &headers, &body)?;
    check(&app, &bearer, &metadata)?;
    let blob = app.blobs.put(&bytes).map_err(broken)?;
    let wrong = app.faults.strike_own(&struck, "wrong_checksum").is_some();
    let item = make(&app, &bearer, metadata, Some(blob), content_type, wrong)?;
    answer(&bearer, &item, query.get("fields")).map(IntoResponse::into_response)
}

/// Metadata, media type and bytes of an upload in one request.
pub(crate) fn content(
    query: &Query,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<(Metadata, Option<String>, Vec<u8>), Refusal> {
    let small = |bytes: &[u8]| {
        if bytes.len() > SMALL {
            Err(too_large("More than 5 MB need a resumable upload."))
        } else {
            Ok(())
        }
    };
    match query.get("uploadType") {
        Some("media") => {
            small(body)?;
            let kind = headers.get(header::CONTENT_TYPE);
            let kind = kind
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned);
            Ok((Metadata::default(), kind, body.to_vec()))
        }
        Some("multipart") => {
            if media_type(headers).as_deref() != Some("multipart/related") {
                return Err(invalid("A multipart upload is multipart/related."));
            }
            let parts = multipart::boundary(headers)
                .and_then(|boundary| multipart::split(body, &boundary))
                .ok_or_else(|| invalid("Malformed multipart body."))?;
            let Ok([described, sent]) = <[_; 2]>::try_from(parts) else {
                return Err(invalid("A multipart upload has two parts."));
            };
            if described.media_type() != "application/json" {
                return Err(invalid("The first part has to be application/json."));
            }
            small(&sent.body)?;
            let kind = sent.header("content-type").map(str::to_owned);
            Ok((Metadata::read(&described.body)?, kind, sent.body))
        }
        _ => Err(invalid(
            "uploadType has to be media, multipart or resumable.",
        )),
    }
}

/// A chunk, or a question how much is there. Its address is all it needs.
pub(crate) async fn put(
    State(app): State<App>,
    Extension(struck): Extension<Struck>,
    Extension(arrival): Extension<Arrival>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let query = Query::read(query.as_deref(), PARAMETERS)?;
    let id = query
        .get("upload_id")
        .ok_or_else(|| invalid("upload_id is missing."))?;
    google_uploads::put(&app, id, (&struck, arrival), &headers, body).await
}

pub(crate) async fn cancel(
    State(app): State<App>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let query = Query::read(query.as_deref(), PARAMETERS)?;
    let id = query
        .get("upload_id")
        .ok_or_else(|| invalid("upload_id is missing."))?;
    google_uploads::cancel(&app, id)
}

/// The end of a resumable upload.
pub(crate) fn uploaded(
    app: &App,
    session: &Session,
    blob: Blob,
    wrong: bool,
) -> Result<Value, Refusal> {
    let bearer = behind(app, session)?;
    let mut metadata = session.metadata.clone();
    let sees_all = take_sight(&mut metadata);
    let metadata = Metadata::read(metadata.to_string().as_bytes())?;
    let kind = session.content_type.clone();
    let item = keep(app, &bearer, sees_all, metadata, Some(blob), kind, wrong)?;
    answer(&bearer, &item, session.fields.as_deref()).map(|Json(value)| value)
}

/// Whose session it is. An access token that dies meanwhile doesn't end it.
pub(crate) fn behind(app: &App, session: &Session) -> Result<Bearer, Refusal> {
    let account = app.state.seed().google_account(&session.account).cloned();
    account
        .map(Bearer::of_session)
        .ok_or_else(|| not_found("Upload session not found."))
}

/// What the token of the first request could see goes along with the session.
fn with_sight(metadata: &Metadata, bearer: &Bearer) -> Result<Value, Refusal> {
    let mut value = serde_json::to_value(metadata).map_err(|error| invalid(error.to_string()))?;
    if let Value::Object(object) = &mut value {
        object.retain(|_, value| !value.is_null());
        object.insert("seesAll".into(), sees_all(bearer).into());
    }
    Ok(value)
}

fn take_sight(metadata: &mut Value) -> bool {
    metadata
        .as_object_mut()
        .and_then(|object| object.remove("seesAll"))
        == Some(Value::Bool(true))
}

/// What can be refused before a byte of content comes.
fn check(app: &App, bearer: &Bearer, metadata: &Metadata) -> Result<(), Refusal> {
    disk::look(app, &bearer.account.email, |disk| {
        allowed(disk, bearer, sees_all(bearer), metadata)
    })
}

fn allowed(
    disk: &Disk,
    bearer: &Bearer,
    sees_all: bool,
    metadata: &Metadata,
) -> Result<(), Refusal> {
    let account = &bearer.account.email;
    if let Some(id) = &metadata.id {
        if disk.items.contains_key(id) {
            return Err(error(
                StatusCode::CONFLICT,
                "fileIdInUse",
                "A file already exists with the provided ID.",
            ));
        }
        if !disk.issued.contains(id) {
            return Err(invalid("The provided file ID is not usable."));
        }
    }
    let parents = metadata.parents.as_deref().unwrap_or_default();
    if parents.len() > 1 {
        return Err(invalid("A file has exactly one parent folder."));
    }
    for parent in parents {
        let id = Disk::resolve(account, parent);
        if id == Disk::root(account) {
            continue;
        }
        let folder = disk
            .items
            .get(&id)
            .filter(|item| sees_all || item.ours)
            .ok_or_else(|| not_found(format!("File not found: {parent}.")))?;
        if !folder.is_folder() {
            return Err(error(
                StatusCode::FORBIDDEN,
                "parentNotAFolder",
                "The specified parent is not a folder.",
            ));
        }
    }
    Ok(())
}

fn make(
    app: &App,
    bearer: &Bearer,
    metadata: Metadata,
    blob: Option<Blob>,
    content_type: Option<String>,
    wrong: bool,
) -> Result<Item, Refusal> {
    keep(
        app,
        bearer,
        sees_all(bearer),
        metadata,
        blob,
        content_type,
        wrong,
    )
}

fn keep(
    app: &App,
    bearer: &Bearer,
    sees_all: bool,
    metadata: Metadata,
    blob: Option<Blob>,
    content_type: Option<String>,
    wrong: bool,
) -> Result<Item, Refusal> {
    let account = &bearer.account.email;
    let now = app.clock.now();
    let name = blob.as_ref().map(|blob| blob.name.clone());
    let made = disk::change(app, account, |disk| {
        allowed(disk, bearer, sees_all, &metadata)?;
        let size = blob.as_ref().map_or(0, |blob| blob.size);
        if disk.used() + size > about::limit(disk) {
            return Err(error(
                StatusCode::FORBIDDEN,
                "storageQuotaExceeded",
                "The user's Drive storage quota has been exceeded.",
            ));
        }
        let parent = metadata
            .parents
            .as_ref()
            .and_then(|parents| parents.first());
        let mut item = Item {
            id: metadata.id.clone().unwrap_or_else(fresh_id),
            name: "Untitled".into(),
            mime_type: content_type.unwrap_or_else(|| "application/octet-stream".into()),
            parents: vec![Disk::resolve(
                account,
                parent.map_or("root", String::as_str),
            )],
            created: now,
            modified: now,
            ours: true,
            wrong,
            ..Item::default()
        };
        metadata.apply(&mut item)?;
        if item.mime_type == FOLDER && blob.is_some() {
            return Err(invalid("A folder has no content."));
        }
        // A file that was made without content has an empty one.
        item.blob = match blob {
            None if !item.is_folder() && !item.is_editor_file() => {
                Some(app.blobs.put(b"").map_err(broken)?)
            }
            other => other,
        };
        Ok(disk.put(item))
    });
    if made.is_err()
        && let Some(name) = name
    {
        app.blobs.remove(&name);
    }
    made
}

pub(crate) fn answer(
    bearer: &Bearer,
    item: &Item,
    fields: Option<&str>,
) -> Result<Json<Value>, Refusal> {
    let file = resource::file(item, &bearer.account, false);
    let whole = resource::whole(&bearer.account);
    wanted(&file, Some(fields.unwrap_or(resource::USUAL)), &whole).map(Json)
}
