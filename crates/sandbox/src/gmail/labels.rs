//! Labels: the ones every mailbox has.

use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Value, json};

use super::{Call, FULL, LABELS, METADATA, MODIFY, READONLY, enter, mailbox};
use crate::google_api::{Refusal, not_found};
use crate::google_query::Query;
use crate::server::App;

const CALL: Call = Call {
    method: "ListLabels",
    scopes: &[FULL, MODIFY, READONLY, LABELS, METADATA],
    units: 1,
};

const SYSTEM: &[&str] = &[
    "INBOX",
    "SENT",
    "DRAFT",
    "SPAM",
    "TRASH",
    "UNREAD",
    "STARRED",
    "IMPORTANT",
    "CHAT",
    "CATEGORY_PERSONAL",
    "CATEGORY_SOCIAL",
    "CATEGORY_PROMOTIONS",
    "CATEGORY_UPDATES",
    "CATEGORY_FORUMS",
];

pub(crate) fn exists(label: &str) -> bool {
    SYSTEM.contains(&label)
}

fn shown(name: &str) -> Value {
    json!({
        "id": name,
        "name": name,
        "type": "system",
        "messageListVisibility": "hide",
        "labelListVisibility": "labelShow",
    })
}

pub(crate) async fn list(
    State(app): State<App>,
    Path(user): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    enter(&app, &headers, &user, &CALL)?;
    let query = Query::read(query.as_deref(), &[])?;
    let labels: Vec<Value> = SYSTEM.iter().map(|name| shown(name)).collect();
    let answer = json!({ "labels": labels });
    query.answer(&answer, &answer)
}

pub(crate) async fn get(
    State(app): State<App>,
    Path((user, id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let bearer = enter(&app, &headers, &user, &CALL)?;
    let query = Query::read(query.as_deref(), &[])?;
    if !exists(&id) {
        return Err(not_found("Requested entity was not found."));
    }
    let mut label = shown(&id);
    mailbox::look(&app, &bearer.account.email, |mailbox| {
        let with = |unread: bool| {
            let all = mailbox.messages.values();
            all.filter(|one| one.has(&id) && (!unread || one.has("UNREAD")))
                .map(|one| &one.thread_id)
                .collect::<Vec<_>>()
        };
        let threads = |of: &[&String]| of.iter().collect::<std::collections::BTreeSet<_>>().len();
        let (all, unread) = (with(false), with(true));
        label["messagesTotal"] = all.len().into();
        label["messagesUnread"] = unread.len().into();
        label["threadsTotal"] = threads(&all).into();
        label["threadsUnread"] = threads(&unread).into();
    });
    query.answer(&label, &label)
}
