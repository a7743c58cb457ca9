//! Looking in the mailbox for what an action sent, after its answer was lost.

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
    action: ActionId,
    since: Timestamp,
) -> Result<Option<RemoteRef>, CallError> {
    let after = since.as_second().saturating_sub(MARGIN_S).max(0);
    // Seconds: a date with slashes would begin at midnight in California.
    let search = format!("in:sent after:{after}");
    let action = action.to_string();
    let mut page = None;
    for _ in 0..PAGES {
        let listed = api::list(session, &search, PAGE, page.as_deref()).await?;
        let ids: Vec<&str> = listed
            .messages
            .iter()
            .map(|listed| listed.id.as_str())
            .collect();
        let sent = fetching::headers(session, &ids, Headers::Action).await?;
        let ours = sent.into_iter().find(|message| {
            let named = message.payload.header(ACTION_HEADER);
            named.is_some_and(|named| named.trim().eq_ignore_ascii_case(&action))
        });
        if let Some(message) = ours {
            return Ok(Some(RemoteRef {
                id: message.id,
                within: message.thread_id,
                link: None,
            }));
        }
        page = listed.next_page_token;
        if page.is_none() {
            return Ok(None);
        }
    }
    // Not having seen all of it is not the same as its not being there.
    Err(CallError::Refused {
        status: 0,
        reason: "tooMuchSent".to_owned(),
    })
}
