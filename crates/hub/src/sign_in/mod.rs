//! Signing in: one receiver behind deep link, loopback and pasted address.
//!
//! [`begin`] makes the attempt and its address, [`deliver`] takes what the browser came back with,
//! [`complete`] turns a code or a key into a proven connection. A grant replaces the former one only after
//! it has been probed and its account compared. Verifier and state live in the vault, never in the table.

mod begin;
mod complete;
mod deliver;
mod form;
#[cfg(any(test, fuzzing))]
pub(crate) mod hostile;
mod landing;
mod loopback;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use model::{AttemptId, Error, ErrorCode, Event, SignInState, SignInView};
use sha2::{Digest, Sha256};
use store::AttemptOutcome;
use tokio_util::sync::CancellationToken;
use vault::Item;

pub(crate) use begin::Wanted;

use crate::core::Core;

/// How long an attempt lives, from the click to the callback.
pub(crate) const LIFE_S: i64 = 10 * 60;
/// The private-use redirect: reverse-DNS scheme, one slash (RFC 8252 §7.1).
pub(crate) const DEEP_LINK: &str = "app.autopilot.desktop:/oauth/callback";

/// The attempts of this run, for the faces; what must survive is in table and vault.
#[derive(Debug, Default)]
pub(crate) struct Attempts {
    live: Mutex<HashMap<AttemptId, Live>>,
    /// One grant is taken in at a time: two of the same account must find each other.
    pub(crate) taking_in: tokio::sync::Mutex<()>,
}

#[derive(Debug)]
struct Live {
    view: SignInView,
    /// Ends the loopback listener and the expiry timer.
    over: CancellationToken,
}

impl Attempts {
    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<AttemptId, Live>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn all(&self) -> Vec<SignInView> {
        let mut views: Vec<SignInView> =
            self.lock().values().map(|live| live.view.clone()).collect();
        views.sort_by_key(|view| view.id);
        views
    }

    pub(crate) fn get(&self, id: AttemptId) -> Option<SignInView> {
        self.lock().get(&id).map(|live| live.view.clone())
    }

    fn insert(&self, view: SignInView) -> CancellationToken {
        let over = CancellationToken::new();
        self.lock().insert(
            view.id,
            Live {
                view,
                over: over.clone(),
            },
        );
        over
    }

    /// Ended attempts are shown for as long as they could have lived, then forgotten.
    pub(crate) fn forget_old(&self, now: model::Timestamp) {
        self.lock()
            .retain(|_, live| !live.view.state.is_over() || live.view.expires_at > now);
    }
}

impl Core {
    /// Moves an attempt on and tells the faces; returns the view as it is now.
    fn move_on(&self, id: AttemptId, state: SignInState) -> Option<SignInView> {
        let view = {
            let mut attempts = self.attempts.lock();
            let live = attempts.get_mut(&id)?;
            live.view.state = state;
            if live.view.state.is_over() {
                live.over.cancel();
            }
            let outcome = match &live.view.state {
                SignInState::Waiting => "waiting",
                SignInState::Checking => "checking",
                SignInState::Connected { .. } => "connected",
                SignInState::Failed { error } => error.code.name(),
            };
            tracing::info!(attempt = %id, integration = %live.view.integration, outcome, "a sign-in moved on");
            live.view.clone()
        };
        self.emit(Event::SignIn {
            sign_in: view.clone(),
        });
        Some(view)
    }

    /// Ends a waiting attempt without a result: cancelled or expired.
    pub(crate) async fn end_attempt(
        self: &Arc<Self>,
        id: AttemptId,
        outcome: AttemptOutcome,
        code: ErrorCode,
    ) -> Result<Option<SignInView>, Error> {
        let (row, is_ended) = self
            .db(move |store| {
                let row = store.attempts().get(id)?;
                Ok((row, store.attempts().finish(id, outcome)?))
            })
            .await?;
        let before = self.attempts.get(id);
        // It ended in the table, and that was cut off before it was told: else it would be shown as waiting for ever.
        let hangs = before
            .as_ref()
            .is_some_and(|view| view.state == SignInState::Waiting);
        let Some(row) = row.filter(|_| is_ended || hangs) else {
            return Ok(before);
        };
        let service = crate::core::integration(&row.integration).map_or_else(
            |_| row.integration.to_string(),
            |one| one.facts().name.clone(),
        );
        let error = Error::new(code).with("service", service);
        let view = self.move_on(id, SignInState::Failed { error });
        // Last, for it may take long, and whoever asked may leave. A vault that can't delete now leaves an item that
        // has no power any more; the next start tries again.
        let _ = self.vault.delete(&Item::Attempt(row.state_hash)).await;
        Ok(view)
    }
}

/// What stands for a state where the state itself may not be: in the table and in the vault item's name.
pub(crate) fn state_hash(state: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(Sha256::digest(state.as_bytes()))
}
