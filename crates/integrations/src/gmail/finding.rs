//! Looking in the mailbox for what actions sent, after their answers were lost.

use std::collections::HashMap;

use jiff::SignedDuration;
use model::{ActionId, RemoteRef, Timestamp};

use super::{
    api, fetching,
    wire::{ACTION_HEADER, Headers, Message},
};
use crate::{CallError, SentMail, Session};

/// Our clock and Google's may differ.
const MARGIN: SignedDuration = SignedDuration::from_mins(15);

/// Mail sent since then, by anyone with this mailbox, that is looked through: five pages of a hundred.
const PAGES: usize = 5;
const PAGE: u32 = 100;

pub(super) async fn find_sent(
    session: &Session,
    actions: &[ActionId],
    since: Timestamp,
) -> Result<SentMail, CallError> {
    let after = since.checked_sub(MARGIN).unwrap_or(Timestamp::UNIX_EPOCH);
    // Seconds: a date with slashes would begin at midnight in California.
    let search = format!("in:sent after:{}", after.as_second().max(0));
    let mut found = HashMap::new();
    let mut complete_since = Timestamp::MAX;
    let mut page = None;
    for _ in 0..PAGES {
        let listed = api::list(session, &search, PAGE, page.as_deref()).await?;
        let ids: Vec<&str> = listed
            .messages
            .iter()
            .map(|listed| listed.id.as_str())
            .collect();
        let messages = fetching::headers(session, &ids, Headers::Action, |message| message).await?;
        // Newest first: all that is newer than this page was seen. Not its oldest: one mail with an odd date isn't
        // to make us claim more than we saw.
        if let Some(newest) = messages.iter().filter_map(Message::accepted).max() {
            complete_since = newest.checked_add(MARGIN).unwrap_or(Timestamp::MAX);
        }
        for message in messages {
            let Some(action) = action_of(&message).filter(|action| actions.contains(action)) else {
                continue;
            };
            // Newest first: should it be there twice, the one that was sent last.
            found.entry(action).or_insert(RemoteRef {
                id: message.id,
                within: message.thread_id,
                link: None,
            });
        }
        page = listed.next_page_token;
        if found.len() == actions.len() || page.is_none() {
            return Ok(SentMail {
                found,
                complete_since: since,
            });
        }
    }
    // Not having seen all of it is not the same as its not being there.
    Ok(SentMail {
        found,
        complete_since: complete_since.max(since),
    })
}

fn action_of(message: &Message) -> Option<ActionId> {
    let named = message.payload.header(ACTION_HEADER)?;
    named.trim().parse().ok()
}
