//! `messages.list`: search and paging, newest first.

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::search::Search;
use super::{Call, FULL, METADATA, MODIFY, READONLY, enter, labels, mailbox};
use crate::google_api::{Refusal, error, invalid};
use crate::google_query::{Kind, Query};
use crate::server::App;

const CALL: Call = Call {
    method: "ListMessages",
    scopes: &[FULL, MODIFY, READONLY, METADATA],
    units: 5,
};

pub(crate) async fn messages(
    State(app): State<App>,
    Path(user): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let bearer = enter(&app, &headers, &user, &CALL)?;
    let query = Query::read(
        query.as_deref(),
        &[
            ("q", Kind::Text),
            ("labelIds", Kind::Many),
            ("maxResults", Kind::Count(1, 500)),
            ("pageToken", Kind::Text),
            ("includeSpamTrash", Kind::Flag),
        ],
    )?;
    let asked = query.get("q").unwrap_or_default();
    if !asked.is_empty() && !bearer.has_any(&[FULL, MODIFY, READONLY]) {
        return Err(error(
            StatusCode::FORBIDDEN,
            "forbidden",
            "Metadata scope does not support 'q' parameter",
        ));
    }
    let search = Search::read(asked, app.clock.now());
    let wanted: Vec<&str> = query.all("labelIds").collect();
    if let Some(unknown) = wanted.iter().find(|label| !labels::exists(label)) {
        return Err(invalid(format!("Invalid label: {unknown}")));
    }
    let hidden = |label: &str| {
        !query.flag("includeSpamTrash") && !search.looks_into(label) && !wanted.contains(&label)
    };
    let after = match query.get("pageToken") {
        None => None,
        Some(token) => Some(cursor(token).ok_or_else(|| invalid("Invalid pageToken"))?),
    };
    let size = usize::try_from(query.count("maxResults").unwrap_or(100)).unwrap_or(100);
    let (page, next, all) = mailbox::look(&app, &bearer.account.email, |mailbox| {
        let found: Vec<_> = mailbox
            .newest_first()
            .into_iter()
            .filter(|message| wanted.iter().all(|label| message.has(label)))
            .filter(|message| {
                !["SPAM", "TRASH"]
                    .iter()
                    .any(|label| message.has(label) && hidden(label))
            })
            .filter(|message| search.fits(message))
            .collect();
        // A message that comes in meanwhile moves no page.
        let rest: Vec<_> = found
            .iter()
            .filter(|message| {
                after.as_ref().is_none_or(|(at, id)| {
                    (message.internal_date, message.id.as_str()) < (*at, id.as_str())
                })
            })
            .collect();
        let page: Vec<Value> = rest
            .iter()
            .take(size)
            .map(|message| json!({ "id": message.id, "threadId": message.thread_id }))
            .collect();
        let next = (rest.len() > size)
            .then(|| rest[size - 1])
            .map(|last| URL_SAFE_NO_PAD.encode(format!("{} {}", last.internal_date, last.id)));
        (page, next, found.len())
    });
    // Approximate at Google, so nothing may page by it.
    let mut answer = json!({ "resultSizeEstimate": all.div_ceil(10) * 10 });
    if !page.is_empty() {
        answer["messages"] = page.into();
    }
    if let Some(next) = next {
        answer["nextPageToken"] = next.into();
    }
    let whole = json!({
        "messages": [{ "id": "", "threadId": "" }], "nextPageToken": "", "resultSizeEstimate": 0,
    });
    query.answer(&answer, &whole)
}

fn cursor(token: &str) -> Option<(i64, String)> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
    let (at, id) = text.split_once(' ')?;
    Some((at.parse().ok()?, id.to_owned()))
}
