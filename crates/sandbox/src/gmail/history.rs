//! `history.list`: what came in since. This twin adds messages and does nothing else to them.

use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Value, json};

use super::{Call, FULL, METADATA, MODIFY, READONLY, enter, labels, mailbox};
use crate::google_api::{Refusal, invalid, not_found};
use crate::google_query::{Kind, Query};
use crate::server::App;

const CALL: Call = Call {
    method: "ListHistory",
    scopes: &[FULL, MODIFY, READONLY, METADATA],
    units: 2,
};

/// Older ids than this many events are forgotten, as Google forgets after a week or less.
const KEPT: usize = 10_000;

pub(crate) async fn list(
    State(app): State<App>,
    Path(user): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let bearer = enter(&app, &headers, &user, &CALL)?;
    let query = Query::read(
        query.as_deref(),
        &[
            ("startHistoryId", Kind::Count(0, u64::MAX)),
            ("historyTypes", Kind::Many),
            ("labelId", Kind::Text),
            ("maxResults", Kind::Count(1, 500)),
            ("pageToken", Kind::Count(0, u64::MAX)),
        ],
    )?;
    let types: Vec<&str> = query.all("historyTypes").collect();
    let known = [
        "messageAdded",
        "messageDeleted",
        "labelAdded",
        "labelRemoved",
    ];
    if let Some(unknown) = types.iter().find(|one| !known.contains(one)) {
        return Err(invalid(format!(
            "Invalid value at 'history_types': {unknown}"
        )));
    }
    if let Some(label) = query.get("labelId").filter(|label| !labels::exists(label)) {
        return Err(invalid(format!("Invalid label: {label}")));
    }
    let start = query
        .count("startHistoryId")
        .ok_or_else(|| invalid("Missing required parameter: startHistoryId"))?;
    let from = query.count("pageToken").unwrap_or(start);
    let size = usize::try_from(query.count("maxResults").unwrap_or(100)).unwrap_or(100);
    let shown = types.is_empty() || types.contains(&"messageAdded");
    let found = mailbox::look(&app, &bearer.account.email, |mailbox| {
        let newest = mailbox.history_id();
        let forgotten = mailbox.history.len().saturating_sub(KEPT);
        let oldest = mailbox
            .history
            .get(forgotten)
            .map_or(newest, |event| event.id - 1);
        // Before the first event nothing is known either, except by the id that the mailbox began with.
        if start > newest || start + 1_000_000 < oldest {
            return None;
        }
        let events: Vec<_> = mailbox
            .history
            .iter()
            .filter(|event| event.id > from && shown)
            .filter(|event| {
                query
                    .get("labelId")
                    .is_none_or(|label| event.labels.iter().any(|known| known == label))
            })
            .collect();
        let page: Vec<Value> = events
            .iter()
            .take(size)
            .map(|event| {
                let message = json!({ "id": event.message, "threadId": event.thread, "labelIds": event.labels });
                json!({
                    "id": event.id.to_string(),
                    "messages": [{ "id": event.message, "threadId": event.thread }],
                    "messagesAdded": [{ "message": message }],
                })
            })
            .collect();
        let next = (events.len() > size).then(|| events[size - 1].id);
        Some((page, next, newest))
    });
    let (page, next, newest) = found.ok_or_else(|| not_found("Requested entity was not found."))?;
    let mut answer = json!({ "historyId": newest.to_string() });
    if !page.is_empty() {
        answer["history"] = page.into();
    }
    if let Some(next) = next {
        answer["nextPageToken"] = next.to_string().into();
    }
    let message = json!({ "id": "", "threadId": "", "labelIds": [] });
    let changed = json!([{ "message": message, "labelIds": [] }]);
    let whole = json!({
        "historyId": "",
        "nextPageToken": "",
        "history": [{
            "id": "", "messages": [message], "messagesAdded": changed, "messagesDeleted": changed,
            "labelsAdded": changed, "labelsRemoved": changed,
        }],
    });
    query.answer(&answer, &whole)
}
