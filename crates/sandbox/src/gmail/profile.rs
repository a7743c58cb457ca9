//! `getProfile`: whose mailbox it is and how much is in it.

use std::collections::BTreeSet;

use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::json;

use super::{COMPOSE, Call, FULL, METADATA, MODIFY, READONLY, enter, mailbox};
use crate::google_api::Refusal;
use crate::google_query::Query;
use crate::server::App;

/// Not `gmail.send`: a connection that may only send can't read its own address here.
const CALL: Call = Call {
    method: "GetProfile",
    scopes: &[FULL, MODIFY, READONLY, COMPOSE, METADATA],
    units: 1,
};

pub(crate) async fn get(
    State(app): State<App>,
    Path(user): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let bearer = enter(&app, &headers, &user, &CALL)?;
    let query = Query::read(query.as_deref(), &[])?;
    let email = &bearer.account.email;
    let profile = mailbox::look(&app, email, |mailbox| {
        let threads: BTreeSet<&String> = mailbox
            .messages
            .values()
            .map(|message| &message.thread_id)
            .collect();
        json!({
            "emailAddress": email,
            "messagesTotal": mailbox.messages.len(),
            "threadsTotal": threads.len(),
            "historyId": mailbox.history_id().to_string(),
        })
    });
    query.answer(&profile, &profile)
}
