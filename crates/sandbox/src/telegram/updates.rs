//! `getUpdates`: waiting for what people do. Only one program may wait; a second one ends the first.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::chats::Telegram;
use super::parameters::Parameters;
use super::{Done, Refused};
use crate::server::App;

/// The server waits no longer, whatever it is asked.
const LONGEST_WAIT_S: i64 = 50;

/// Who is waiting.
#[derive(Default)]
pub(crate) struct Pollers {
    /// The last turn of every bot.
    turns: Mutex<HashMap<i64, u64>>,
    changed: Notify,
}

impl Pollers {
    /// Something happened that a waiting program has to see.
    pub fn wake(&self) {
        self.changed.notify_waiters();
    }

    pub fn clear(&self) {
        self.wake();
    }

    fn begin(&self, bot: i64) -> u64 {
        let mut turns = self.lock();
        let turn = turns.entry(bot).or_default();
        *turn += 1;
        let turn = *turn;
        drop(turns);
        self.wake();
        turn
    }

    fn is_last(&self, bot: i64, turn: u64) -> bool {
        self.lock().get(&bot) == Some(&turn)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<i64, u64>> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a wait is for.
struct Wish {
    offset: Option<i64>,
    limit: usize,
}

pub(crate) async fn get(app: &App, bot: i64, parameters: &Parameters) -> Result<Done, Refused> {
    let wish = Wish {
        offset: parameters.number("offset")?,
        limit: parameters
            .number("limit")?
            .and_then(|limit| usize::try_from(limit).ok())
            .filter(|limit| (1..=100).contains(limit))
            .unwrap_or(100),
    };
    let wait = parameters
        .number("timeout")?
        .unwrap_or(0)
        .clamp(0, LONGEST_WAIT_S);
    if let Some(allowed) = parameters.json("allowed_updates")? {
        let Value::Array(kinds) = allowed else {
            return Err(Refused::bad("allowed_updates must be an Array"));
        };
        let kinds: Vec<String> = kinds
            .iter()
            .filter_map(|kind| kind.as_str().map(str::to_owned))
            .collect();
        app.state.write::<Telegram, _>(|telegram| {
            telegram.bot(bot).allowed = Some(kinds).filter(|kinds| !kinds.is_empty());
        });
    }
    confirm(app, bot, &wish);
    let pollers = &app.live.pollers;
    let turn = pollers.begin(bot);
    let end = Instant::now() + Duration::from_secs(u64::try_from(wait).unwrap_or(0));
    loop {
        let changed = pollers.changed.notified();
        tokio::pin!(changed);
        // Before looking, so that nothing is missed in between.
        changed.as_mut().enable();
        if !pollers.is_last(bot, turn) {
            return Err(Refused::conflict(
                "terminated by other getUpdates request; make sure that only one bot instance is running",
            ));
        }
        let found = look(app, bot, &wish)?;
        if !found.is_empty() {
            return Ok(Value::from(found).into());
        }
        if tokio::time::timeout_at(end, changed).await.is_err() {
            return Ok(json!([]).into());
        }
    }
}

/// Everything below the offset has been handled.
fn confirm(app: &App, bot: i64, wish: &Wish) {
    let Some(offset) = wish.offset else { return };
    app.state.write::<Telegram, _>(|telegram| {
        let updates = &mut telegram.bot(bot).updates;
        if offset < 0 {
            let kept = usize::try_from(offset.unsigned_abs()).unwrap_or(usize::MAX);
            let gone = updates.len().saturating_sub(kept);
            updates.drain(..gone);
        } else {
            updates.retain(|update| update.id >= offset);
        }
    });
}

fn look(app: &App, bot: i64, wish: &Wish) -> Result<Vec<Value>, Refused> {
    app.state.visit::<Telegram, _>(|telegram| {
        if telegram.webhooks.contains_key(&bot) {
            return Err(Refused::conflict(
                "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
            ));
        }
        let known = telegram.bot(bot);
        if known.other_poller {
            return Err(Refused::conflict(
                "terminated by other getUpdates request; make sure that only one bot instance is running",
            ));
        }
        let wanted = |kind: &str| {
            known
                .allowed
                .as_ref()
                .is_none_or(|allowed| allowed.iter().any(|one| one == kind))
        };
        Ok(known
            .updates
            .iter()
            .filter(|update| wanted(&update.kind))
            .take(wish.limit)
            .map(|update| {
                let mut shown = json!({ "update_id": update.id });
                shown[&update.kind] = update.content.clone();
                shown
            })
            .collect())
    })
}
