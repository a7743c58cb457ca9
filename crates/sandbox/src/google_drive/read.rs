//! Reading one file: its metadata, its bytes, or an editor file in another format.

use std::io::{Read, Seek, SeekFrom};

use axum::body::Body;
use axum::extract::{Extension, Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;

use super::disk::{self, Disk, Item};
use super::{CONTENT, READING, needs, resource, sees_all};
use crate::faults::{Decided, Struck};
use crate::google_api::{Bearer, Refusal, bearer, broken, error, invalid, not_found};
use crate::google_query::{Kind, Query, wanted};
use crate::server::App;

const PIECE: usize = 64 * 1024;

fn find(app: &App, bearer: &Bearer, id: &str) -> Result<Item, Refusal> {
    let account = &bearer.account.email;
    let all = sees_all(bearer);
    if Disk::resolve(account, id) == Disk::root(account) {
        return Ok(resource::root(&bearer.account));
    }
    disk::look(app, account, |disk| {
        disk.items.get(id).filter(|item| all || item.ours).cloned()
    })
    .ok_or_else(|| not_found(format!("File not found: {id}.")))
}

pub(crate) async fn get(
    State(app): State<App>,
    Extension(struck): Extension<Struck>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let bearer = bearer(&app, &headers)?;
    needs(&bearer, READING, "DriveFiles.Get")?;
    let query = Query::read(
        query.as_deref(),
        &[
            ("supportsAllDrives", Kind::Flag),
            ("supportsTeamDrives", Kind::Flag),
            ("acknowledgeAbuse", Kind::Flag),
            ("includePermissionsForView", Kind::Text),
            ("includeLabels", Kind::Text),
        ],
    )?;
    let item = find(&app, &bearer, &id)?;
    if query.get("alt") == Some("media") {
        needs(&bearer, CONTENT, "DriveFiles.Get")?;
        return download(&app, &item, &headers);
    }
    let wrong = app.faults.strike_own(&struck, "wrong_checksum").is_some();
    let file = resource::file(&item, &bearer.account, wrong);
    let whole = resource::whole(&bearer.account);
    let fields = query.get("fields").unwrap_or(resource::USUAL);
    let mut answer = axum::Json(wanted(&file, Some(fields), &whole)?).into_response();
    if wrong {
        answer.extensions_mut().insert(Decided("wrong_checksum"));
    }
    Ok(answer)
}

fn download(app: &App, item: &Item, headers: &HeaderMap) -> Result<Response, Refusal> {
    let Some(blob) = &item.blob else {
        return Err(error(
            StatusCode::FORBIDDEN,
            "fileNotDownloadable",
            "Only files with binary content can be downloaded. Use Export with Docs Editors files.",
        ));
    };
    let range = headers
        .get(header::RANGE)
        .and_then(|value| value.to_str().ok());
    let (status, first, end) = match range {
        None => (StatusCode::OK, 0, blob.size),
        Some(range) => match asked(range, blob.size) {
            Some((first, end)) => (StatusCode::PARTIAL_CONTENT, first, end),
            None => {
                let all = format!("bytes */{}", blob.size);
                let refused = error(
                    StatusCode::RANGE_NOT_SATISFIABLE,
                    "requestedRangeNotSatisfiable",
                    "Request range not satisfiable",
                );
                return Ok(([(header::CONTENT_RANGE, all)], refused).into_response());
            }
        },
    };
    let mut file = app.blobs.file(&blob.name).map_err(broken)?;
    file.seek(SeekFrom::Start(first)).map_err(broken)?;
    let pieces = stream::unfold((file, end - first), async |(mut file, left)| {
        if left == 0 {
            return None;
        }
        let mut piece = vec![0; PIECE.min(usize::try_from(left).unwrap_or(PIECE))];
        let read = file.read_exact(&mut piece).map(|()| piece);
        let left = left.saturating_sub(PIECE as u64);
        Some((read, (file, left)))
    });
    let mut answer = (
        status,
        [
            (header::CONTENT_TYPE, item.mime_type.clone()),
            (header::CONTENT_LENGTH, (end - first).to_string()),
        ],
        Body::from_stream(pieces),
    )
        .into_response();
    if status == StatusCode::PARTIAL_CONTENT
        && let Ok(value) = format!("bytes {first}-{}/{}", end - 1, blob.size).parse()
    {
        answer.headers_mut().insert(header::CONTENT_RANGE, value);
    }
    Ok(answer)
}

/// First byte and the one after the last, of a range that makes sense.
fn asked(range: &str, size: u64) -> Option<(u64, u64)> {
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    let (first, end) = match (first, last) {
        ("", last) => (size.saturating_sub(last.parse().ok()?), size),
        (first, "") => (first.parse().ok()?, size),
        (first, last) => (
            first.parse().ok()?,
            size.min(last.parse::<u64>().ok()?.saturating_add(1)),
        ),
    };
    (first < end).then_some((first, end))
}

pub(crate) async fn export(
    State(app): State<App>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let bearer = bearer(&app, &headers)?;
    needs(&bearer, CONTENT, "DriveFiles.Export")?;
    let query = Query::read(query.as_deref(), &[("mimeType", Kind::Text)])?;
    let kind = query
        .get("mimeType")
        .ok_or_else(|| invalid("Required parameter: mimeType"))?;
    let item = find(&app, &bearer, &id)?;
    let text = item.text.as_ref().filter(|_| item.is_editor_file());
    let Some(text) = text else {
        return Err(error(
            StatusCode::FORBIDDEN,
            "fileNotExportable",
            "Export only supports Docs Editors files.",
        ));
    };
    let bytes = match kind {
        "text/plain" | "text/csv" | "text/markdown" => text.clone(),
        "text/html" => format!("<html><body><p>{text}</p></body></html>"),
        // Enough to be known as one.
        "application/pdf" => format!("%PDF-1.4\n% {text}\n%%EOF\n"),
        _ => {
            return Err(error(
                StatusCode::BAD_REQUEST,
                "badRequest",
                "The requested conversion is not supported.",
            ));
        }
    };
    Ok(([(header::CONTENT_TYPE, kind.to_owned())], bytes).into_response())
}
