//! Looking in the mailbox for what actions sent, after their answers were lost.

use std::collections::HashMap;

use model::{ActionId, RemoteRef, Timestamp};

use super::{
    api, fetching,
    wire::{ACTION_HEADER, Headers},
};
use crate::{CallError, Session};

/// Our clock and Google's may differ.
const MARGIN_S: i64 = 15 * 60;

/// Mail sent since then, by anyone with this mailbox, that is looked through: five pages of a hundred.
const PAGES: usize = 5;
const PAGE: u32 = 100;

pub(super) async fn find_sent(
    session: &Session,
    actions: &[ActionId],
    since: Timestamp,
) -> Result<HashMap<ActionId, RemoteRef>, CallError> {
    let after = since.as_second().saturating_sub(MARGIN_S).max(0);
    // Seconds: a date with slashes would begin at midnight in California.
    let search = format!("in:sent after:{after}");
    let mut found = HashMap::new();
    let mut page = None;
    for _ in 0..PAGES {
        let listed = api::list(session, &search, PAGE, page.as_deref()).await?;
        let ids: Vec<&str> = listed
            .messages
            .iter()
            .map(|listed| listed.id.as_str())
            .collect();
        for message in fetching::headers(session, &ids, Headers::Action).await? {
            let named = message.payload.header(ACTION_HEADER);
            let action = named.and_then(|named| named.trim().parse::<ActionId>().ok());
            if let Some(action) = action.filter(|action| actions.contains(action)) {
                let made = RemoteRef {
                    id: message.id,
                    within: message.thread_id,
                    link: None,
                };
                // Newest first: should it be there twice, the one that was sent last.
                found.entry(action).or_insert(made);
            }
        }
        page = listed.next_page_token;
        if found.len() == actions.len() || page.is_none() {
            return Ok(found);
        }
    }
    // Not having seen all of it is not the same as its not being there.
    Err(CallError::Refused {
        status: 0,
        reason: "tooMuchSent".to_owned(),
    })
}
