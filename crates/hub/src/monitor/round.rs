//! One round: local checks, due probes, confirmation of what failed, and then one word about all of it.

use std::{
    collections::HashSet,
    panic::AssertUnwindSafe,
    sync::{Arc, atomic::Ordering},
    time::Instant,
};

use futures_util::{FutureExt as _, StreamExt, stream, stream::BoxStream};
use model::{ConnectionId, Error, ErrorCode, Status};
use store::{AttemptOutcome, ConnectionRow};

use super::{AT_ONCE, CONFIRM_AFTER, PROBE_WITHIN, beat};
use crate::{
    broker::NoToken,
    calls::{CallFailure, Proof},
    core::Core,
};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Probe {
    /// Those whose time has come.
    Due,
    /// Everything that can be probed: somebody asked.
    All,
}

/// What a round finds is told at its end, also where a defect of ours is its end: else nothing would be told ever again.
struct Gathering<'a>(&'a Core);

impl<'a> Gathering<'a> {
    fn of(core: &'a Core) -> Self {
        core.notices.round_begins();
        Self(core)
    }
}

impl Drop for Gathering<'_> {
    fn drop(&mut self) {
        self.0.notices.round_ends(self.0);
    }
}

impl Core {
    pub(crate) async fn round(self: &Arc<Self>, which: Probe) {
        let gathering = Gathering::of(self);
        self.local_checks().await;
        if self.look_at_vault().await {
            self.revoke_due().await;
            let mut due = self.roster.all();
            due.retain(|row| self.is_due(row, which));
            let failed = self
                .probe_all(due.into_iter().map(|row| row.id).collect())
                .await;
            if !failed.is_empty() {
                self.confirm(failed).await;
            }
        }
        drop(gathering);
        self.say_what_was_held().await;
    }

    async fn local_checks(self: &Arc<Self>) {
        let now = self.clock.now();
        self.attempts.forget_old(now);
        if let Ok(pending) = self.db(|store| store.attempts().pending()).await {
            for attempt in pending
                .into_iter()
                .filter(|attempt| attempt.expires_at <= now)
            {
                let _ = self
                    .end_attempt(
                        attempt.id,
                        AttemptOutcome::Expired,
                        ErrorCode::SignInExpired,
                    )
                    .await;
            }
        }
        let day_ago = now
            .checked_sub(jiff::SignedDuration::from_hours(24))
            .unwrap_or(now);
        let _ = self
            .db(move |store| store.attempts().remove_older_than(day_ago))
            .await;
    }

    fn is_due(&self, row: &ConnectionRow, which: Probe) -> bool {
        if row.paused || matches!(row.status, Status::NeedsSignIn { .. }) {
            return false;
        }
        let now = self.clock.now();
        match row.status {
            Status::RateLimited { until } if until > now => return false,
            // Brought back by the vault or made by hand: never looked at in this state.
            Status::Unproven | Status::VaultLocked | Status::NoKeychain => return true,
            _ => {}
        }
        if which == Probe::All || self.visible.load(Ordering::Relaxed) {
            return true;
        }
        let unwatched = beat::unwatched(&self.settings.get());
        row.checked_at.is_none_or(|at| {
            let since = now.duration_since(at);
            // A clock set back must not silence the monitor.
            since.is_negative() || since.unsigned_abs() >= unwatched
        })
    }

    async fn probe_all(self: &Arc<Self>, ids: Vec<ConnectionId>) -> Vec<ConnectionId> {
        let mut outcomes = self.probes(ids);
        let mut failed = Vec::new();
        while let Some((id, outcome)) = outcomes.next().await {
            match outcome {
                Ok(proof) => self.works(id, proof).await,
                Err(failure) if is_verdict(&failure) => self.fails(id, &failure).await,
                Err(_) => failed.push(id),
            }
        }
        failed
    }

    /// What only failed once may have been a hiccup; what was down already stays down without more ado.
    async fn confirm(self: &Arc<Self>, failed: Vec<ConnectionId>) {
        let (news, known): (HashSet<_>, HashSet<_>) = failed.into_iter().partition(|id| {
            self.roster
                .get(*id)
                .is_some_and(|row| !row.status.is_down())
        });
        for id in known {
            self.still_down(id).await;
        }
        if news.is_empty() {
            return;
        }
        tokio::select! {
            () = tokio::time::sleep(CONFIRM_AFTER) => {}
            () = self.closing.cancelled() => return,
        }
        let mut outcomes = self.probes(news.into_iter().collect());
        while let Some((id, outcome)) = outcomes.next().await {
            match outcome {
                Ok(proof) => self.works(id, proof).await,
                Err(failure) => self.fails(id, &failure).await,
            }
        }
    }

    /// Some at a time, in whatever order they end.
    fn probes(
        self: &Arc<Self>,
        ids: Vec<ConnectionId>,
    ) -> BoxStream<'static, (ConnectionId, Result<Proof, CallFailure>)> {
        let core = Arc::clone(self);
        let probe = move |id| {
            let core = Arc::clone(&core);
            async move { (id, core.probe_in_time(id).await) }
        };
        stream::iter(ids)
            .map(probe)
            .buffer_unordered(AT_ONCE)
            .boxed()
    }

    async fn probe_in_time(self: &Arc<Self>, id: ConnectionId) -> Result<Proof, CallFailure> {
        let timeout = CallFailure::Call(integrations::CallError::Unreachable(
            integrations::Unreachable::Timeout,
        ));
        let started = Instant::now();
        // A defect in one integration must not take the round, and with it the looks at all others, along.
        let probe = AssertUnwindSafe(self.probe(id)).catch_unwind();
        let outcome = match tokio::time::timeout(PROBE_WITHIN, probe).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => {
                tracing::error!(connection = %id, "a look ended in a defect of ours");
                let ours = Error::new(ErrorCode::Internal);
                Err(CallFailure::Token(NoToken::Ours(ours)))
            }
            Err(_) => Err(timeout),
        };
        if let Some(row) = self.roster.get(id) {
            self.ledger.probed(&row, outcome.is_ok(), started.elapsed());
        }
        outcome
    }

    /// After a test or a call outside a round failed: the same caution.
    pub(crate) fn confirm_soon(self: &Arc<Self>, id: ConnectionId) {
        let core = Arc::clone(self);
        self.flights
            .spawn(async move { core.confirm(vec![id]).await });
    }
}

/// Needs no second look: the provider, the vault or our own table said so.
pub(crate) fn is_verdict(failure: &CallFailure) -> bool {
    use integrations::CallError;
    match failure {
        CallFailure::Token(token) => !matches!(token, NoToken::Transient(_)),
        CallFailure::Call(error) => matches!(
            error,
            CallError::RateLimited { .. }
                | CallError::PermissionMissing
                | CallError::ApiDisabled
                | CallError::BlockedByAdmin
        ),
    }
}
