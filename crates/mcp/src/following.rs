//! A write from being kept to its end, or to the end of a call's patience, and what is told on the way.

use std::{sync::Arc, time::Duration};

use model::{ActionId, ActionState, ActionView, Error, Progress, Request, Response};
use rmcp::{
    RoleServer,
    model::{ProgressNotificationParam, ProgressToken},
    service::RequestContext,
};
use tokio::{
    sync::{
        broadcast::{Receiver, error::RecvError},
        watch,
    },
    time::{Instant, MissedTickBehavior, interval, sleep_until},
};

use crate::reach::{Reach, Seen, unexpected};

/// An event can be missed by whoever falls behind; asking now and then finds the end all the same, and a client is
/// told that we are still here.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// A step that stands for time and not for bytes: a thousand of them are less than one byte.
const STILL_HERE: f64 = 0.001;

/// Follows a write that was kept. What comes back isn't over where patience was.
pub(crate) async fn follow(
    reach: &Reach,
    mut writes: Receiver<Arc<ActionView>>,
    begun: ActionView,
    patience: Duration,
    telling: &mut Telling<'_>,
) -> Result<ActionView, Error> {
    let id = begun.id;
    let until = Instant::now() + patience;
    let mut hubs = reach.watch();
    let mut hub = hubs.borrow().hub;
    let mut look = interval(LOOK_EVERY);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    look.reset();
    let mut now = begun;
    telling.write(reach, &now).await;
    while !now.state.is_over() {
        let mut is_time = false;
        tokio::select! {
            () = sleep_until(until) => break,
            heard = writes.recv() => match heard {
                Ok(view) if view.id == id => now = view.as_ref().clone(),
                Ok(_) => continue,
                Err(RecvError::Lagged(_)) => now = action(reach, id).await?,
                Err(RecvError::Closed) => break,
            },
            // Another hub took over: what it did before we listened, it tells when asked.
            other = other_hub(&mut hubs, hub) => match other {
                Some(other) => {
                    hub = other;
                    now = action(reach, id).await?;
                }
                None => break,
            },
            _ = look.tick() => {
                is_time = true;
                now = action(reach, id).await?;
            }
        }
        if is_time {
            telling.still_here(reach, &now).await;
        } else {
            telling.write(reach, &now).await;
        }
    }
    Ok(now)
}

async fn other_hub(hubs: &mut watch::Receiver<Seen>, than: u64) -> Option<u64> {
    let seen = hubs.wait_for(|seen| seen.hub != than).await.ok()?;
    Some(seen.hub)
}

pub(crate) async fn action(reach: &Reach, id: ActionId) -> Result<ActionView, Error> {
    match reach.ask(Request::GetAction { id }).await? {
        Response::Action(view) => Ok(view),
        _ => Err(unexpected()),
    }
}

/// Progress of one call, told only where the client asked for it, and only ever rising.
pub(crate) struct Telling<'a> {
    context: &'a RequestContext<RoleServer>,
    token: Option<ProgressToken>,
    last: f64,
    last_state: &'static str,
}

impl<'a> Telling<'a> {
    pub(crate) fn new(context: &'a RequestContext<RoleServer>) -> Self {
        Self {
            context,
            token: context.meta.get_progress_token(),
            last: 0.0,
            last_state: "",
        }
    }

    /// A write that moved on.
    async fn write(&mut self, reach: &Reach, view: &ActionView) {
        if view.state.is_over() {
            return;
        }
        if let (ActionState::Sending { .. }, Some(progress)) = (&view.state, view.progress) {
            self.bytes(progress).await;
        }
        if self.last_state != view.state.kind() {
            self.still_here(reach, view).await;
        }
    }

    /// The same as before, but we are still here.
    async fn still_here(&mut self, reach: &Reach, view: &ActionView) {
        let kind = view.state.kind();
        self.last_state = kind;
        let message = match kind {
            "awaiting_approval" | "queued" | "sending" => {
                Some(reach.texts.plain(&format!("mcp_progress_{kind}")))
            }
            _ => None,
        };
        self.say(self.last + STILL_HERE, None, message).await;
    }

    pub(crate) async fn bytes(&mut self, progress: Progress) {
        self.say(
            as_number(progress.done),
            Some(as_number(progress.total)),
            None,
        )
        .await;
    }

    async fn say(&mut self, progress: f64, total: Option<f64>, message: Option<String>) {
        let Some(token) = self.token.clone() else {
            return;
        };
        // An upload that begins again has nothing new to tell until it is past where it was.
        if progress <= self.last {
            return;
        }
        self.last = progress;
        let mut told = ProgressNotificationParam::new(token, progress);
        told.total = total;
        told.message = message;
        // A client that has gone is noticed elsewhere.
        let _ = self.context.peer.notify_progress(told).await;
    }
}

/// Bytes as JSON numbers are: exact up to 2^53, far beyond any file.
#[expect(
    clippy::cast_precision_loss,
    reason = "no file has as many bytes as a double can't count"
)]
fn as_number(bytes: u64) -> f64 {
    bytes as f64
}
