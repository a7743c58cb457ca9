//! `files.list`: search, order, paging.

use std::cmp::Ordering;

use axum::extract::{Extension, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::disk::{self, Item};
use super::query::Search;
use super::{READING, needs, resource, sees_all};
use crate::faults::{Decided, Struck};
use crate::google_api::{Refusal, bad_parameter, bearer};
use crate::google_query::{Kind, Known, Query, wanted};
use crate::server::App;
use crate::state::fingerprint;

const PARAMETERS: Known = &[
    ("q", Kind::Text),
    (
        "spaces",
        Kind::OneOf(&["drive", "appDataFolder", "drive,appDataFolder"]),
    ),
    (
        "corpora",
        Kind::OneOf(&["user", "domain", "drive", "allDrives"]),
    ),
    ("driveId", Kind::Text),
    ("includeItemsFromAllDrives", Kind::Flag),
    ("supportsAllDrives", Kind::Flag),
    ("includeTeamDriveItems", Kind::Flag),
    ("supportsTeamDrives", Kind::Flag),
    ("includePermissionsForView", Kind::Text),
    ("includeLabels", Kind::Text),
    ("orderBy", Kind::Text),
    ("pageSize", Kind::Count(1, 1000)),
    ("pageToken", Kind::Text),
];

/// What comes without a mask.
const USUAL: &str = "kind,nextPageToken,incompleteSearch,files(kind,id,name,mimeType)";

pub(crate) async fn files(
    State(app): State<App>,
    Extension(struck): Extension<Struck>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let bearer = bearer(&app, &headers)?;
    needs(&bearer, READING, "DriveFiles.List")?;
    let query = Query::read(query.as_deref(), PARAMETERS)?;
    let account = &bearer.account;
    let search = Search::read(query.get("q").unwrap_or_default(), &account.email)
        .map_err(|_| bad_parameter("q", "invalid", "Invalid Value"))?;
    let order = Order::read(query.get("orderBy").unwrap_or("modifiedTime desc"))
        .ok_or_else(|| bad_parameter("orderBy", "invalid", "Invalid Value"))?;
    // A token only fits the question it was given for.
    let question = fingerprint(&format!(
        "{:?} {:?} {:?} {:?}",
        query.get("q"),
        query.get("orderBy"),
        query.get("spaces"),
        account.email
    ));
    let from = match query.get("pageToken") {
        None => 0,
        Some(token) => offset(token, &question)
            .ok_or_else(|| bad_parameter("pageToken", "invalid", "Invalid Value"))?,
    };
    let all = sees_all(&bearer);
    let mut found: Vec<Item> = disk::look(&app, &account.email, |disk| {
        disk.items
            .values()
            .filter(|item| (all || item.ours) && search.fits(item))
            .cloned()
            .collect()
    });
    if query.get("spaces") == Some("appDataFolder") {
        found.clear();
    }
    found.sort_by(|one, other| order.compare(one, other));
    let size = usize::try_from(query.count("pageSize").unwrap_or(100)).unwrap_or(100);
    let wrong = app.faults.strike_own(&struck, "wrong_checksum").is_some();
    let page = found.iter().skip(from).take(size);
    let files: Vec<Value> = page
        .map(|item| resource::file(item, account, wrong))
        .collect();
    let mut answer = json!({ "kind": "drive#fileList", "incompleteSearch": false, "files": files });
    if found.len() > from + size {
        answer["nextPageToken"] = token(from + size, &question).into();
    }
    let whole = json!({
        "kind": "", "incompleteSearch": false, "nextPageToken": "", "files": [resource::whole(account)],
    });
    let fields = query.get("fields").unwrap_or(USUAL);
    let mut answer = axum::response::IntoResponse::into_response(axum::Json(wanted(
        &answer,
        Some(fields),
        &whole,
    )?));
    if wrong {
        answer.extensions_mut().insert(Decided("wrong_checksum"));
    }
    Ok(answer)
}

fn token(from: usize, question: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("{from} {question}"))
}

fn offset(token: &str, question: &str) -> Option<usize> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
    let (from, asked) = text.split_once(' ')?;
    (asked == question).then(|| from.parse().ok())?
}

/// Keys, each with whether it is turned round.
struct Order(Vec<(String, bool)>);

impl Order {
    fn read(text: &str) -> Option<Order> {
        let keys = text.split(',').map(|key| {
            let mut words = key.split_whitespace();
            let name = words.next()?;
            let known = [
                "createdTime",
                "folder",
                "modifiedByMeTime",
                "modifiedTime",
                "name",
                "name_natural",
                "quotaBytesUsed",
                "recency",
                "sharedWithMeTime",
                "starred",
                "viewedByMeTime",
            ];
            let turned = match words.next() {
                None => false,
                Some("desc") => true,
                Some(_) => return None,
            };
            (known.contains(&name) && words.next().is_none()).then(|| (name.to_owned(), turned))
        });
        keys.collect::<Option<_>>().map(Order)
    }

    fn compare(&self, one: &Item, other: &Item) -> Ordering {
        let by = |key: &str| match key {
            "createdTime" => one.created.cmp(&other.created),
            "folder" => other.is_folder().cmp(&one.is_folder()),
            "name" | "name_natural" => one.name.to_lowercase().cmp(&other.name.to_lowercase()),
            "quotaBytesUsed" => one.size().cmp(&other.size()),
            "starred" => other.starred.cmp(&one.starred),
            _ => one.modified.cmp(&other.modified),
        };
        self.0
            .iter()
            .map(|(key, turned)| if *turned { by(key).reverse() } else { by(key) })
            .find(|order| order.is_ne())
            .unwrap_or_else(|| one.id.cmp(&other.id))
    }
}
