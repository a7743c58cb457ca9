//! Reads: they run at once, through the same steps for every capability: can this connection do it, a fresh token, one
//! renewal on a rejection, a few repeats of what may pass by itself, and a line in the ledger.

mod files;
mod mail;
mod saving;

use std::{sync::Arc, time::Duration};

use futures_core::future::BoxFuture;
use integrations::{CallError, Meter, Session};
use model::{Caller, Capability, ConnectionRef, Error, ErrorCode};
use store::ConnectionRow;
use tokio::time::Instant;
use vault::Credential;

use crate::{
    broker::{Fresh, NoToken},
    calls::{CallFailure, Whose},
    core::Core,
    ledger::NewEntry,
    retry,
};

/// Somebody waits for the answer.
const READ_WITHIN: Duration = Duration::from_secs(40);
const TRIES: u32 = 4;

/// One call with a lent session; made anew for each try.
pub(crate) type Call<'c, T> =
    dyn Fn(Session) -> BoxFuture<'c, Result<T, CallError>> + Send + Sync + 'c;

impl Core {
    /// The connection that is meant, if it can do that with what was granted.
    pub(crate) fn able(
        &self,
        wanted: &ConnectionRef,
        capability: Capability,
    ) -> Result<ConnectionRow, Error> {
        let row = self.roster.resolve(wanted)?;
        let can = integrations::find(&row.integration).is_some_and(|service| {
            integrations::capabilities(service, &row.granted).contains(&capability)
        });
        let about = |code| {
            Error::new(code)
                .with("service", Self::service_name(&row))
                .with("account", &row.identity.account)
        };
        if row.paused {
            return Err(about(ErrorCode::Paused));
        }
        if !can {
            return Err(about(ErrorCode::CapabilityMissing).with("capability", capability));
        }
        Ok(row)
    }

    /// A page was asked for that is empty or too long.
    fn no_such_page(&self, most: u32) -> Error {
        let args = [("most".to_owned(), most.to_string())].into();
        let reason = self.words().say("reason_page", &args);
        Error::new(ErrorCode::InvalidInput).with("reason", reason)
    }

    /// A read, with everything that belongs to one.
    pub(crate) async fn read<T>(
        self: &Arc<Self>,
        caller: &Caller,
        row: &ConnectionRow,
        capability: Capability,
        call: &Call<'_, T>,
    ) -> Result<T, Error> {
        let meter = Arc::new(Meter::default());
        let started = Instant::now();
        self.may_read(caller, row, capability)?;
        let outcome = self.tries(caller, row, &meter, call).await;
        let result = outcome
            .as_ref()
            .map(|_| ())
            .map_err(|failure| self.call_error(failure, &Whose::from(row)));
        let entry = NewEntry::call(row, caller, capability);
        self.ledger.note(tallied(entry, &meter, started, &result));
        if let Err(failure) = &outcome {
            self.doubt(row, failure).await;
        }
        outcome.map_err(|failure| self.call_error(&failure, &Whose::from(row)))
    }

    async fn tries<T>(
        self: &Arc<Self>,
        caller: &Caller,
        row: &ConnectionRow,
        meter: &Arc<Meter>,
        call: &Call<'_, T>,
    ) -> Result<T, CallFailure> {
        let give_up = Instant::now() + READ_WITHIN;
        let mut tries = 1;
        loop {
            let fresh = self.fresh_token(row.id).await.map_err(CallFailure::Token)?;
            let error = match self.once(caller, row, &fresh, meter, call).await {
                Err(CallFailure::Call(error)) if error.may_pass() => error,
                outcome => return outcome,
            };
            let asked = match &error {
                CallError::RateLimited { retry_after } => *retry_after,
                _ => None,
            };
            let wait = retry::pause(tries, asked);
            if tries >= TRIES || Instant::now() + wait > give_up {
                return Err(CallFailure::Call(error));
            }
            tokio::time::sleep(wait).await;
            tries += 1;
        }
    }

    /// One try: a rejected token is renewed once, and the call repeated once.
    pub(crate) async fn once<T>(
        self: &Arc<Self>,
        caller: &Caller,
        row: &ConnectionRow,
        fresh: &Fresh,
        meter: &Arc<Meter>,
        call: &Call<'_, T>,
    ) -> Result<T, CallFailure> {
        let (outcome, fresh) = match call(self.lend(row, fresh, meter, caller)).await {
            Err(CallError::TokenRejected) => {
                if matches!(fresh.grant.credential, Credential::Key(_)) {
                    return Err(CallFailure::Token(NoToken::NeedsSignIn(
                        model::Cause::TokenRejected,
                    )));
                }
                let next = self
                    .another_token(row.id, fresh)
                    .await
                    .map_err(CallFailure::Token)?;
                (call(self.lend(row, &next, meter, caller)).await, next)
            }
            outcome => (outcome, fresh.clone()),
        };
        match outcome {
            Ok(found) => {
                self.answered(row.id, &fresh.grant).await;
                Ok(found)
            }
            Err(error) => {
                if let CallError::RateLimited { retry_after } = &error {
                    let wait = retry_after.unwrap_or(Duration::from_secs(1));
                    self.pace_of(row, &fresh).pause(wait);
                }
                Err(CallFailure::Call(error))
            }
        }
    }

    /// What a call that failed says about the connection itself: the next probe has the last word on what may be a
    /// hiccup, and what the service thinks of one request is no verdict on the sign-in.
    pub(crate) async fn doubt(self: &Arc<Self>, row: &ConnectionRow, failure: &CallFailure) {
        match failure {
            CallFailure::Token(NoToken::Transient(_)) => self.confirm_soon(row.id),
            CallFailure::Token(_) => self.fails(row.id, failure).await,
            CallFailure::Call(
                CallError::Unreachable(_)
                | CallError::ServiceDown { .. }
                | CallError::NotUnderstood { .. }
                | CallError::TokenRejected
                | CallError::ApiDisabled
                | CallError::BlockedByAdmin,
            ) => self.confirm_soon(row.id),
            CallFailure::Call(
                CallError::RateLimited { .. }
                | CallError::PermissionMissing
                | CallError::Refused { .. }
                | CallError::Local(_),
            ) => {}
        }
    }
}

/// The line of a call that is over: how long, how much, and with which result.
pub(crate) fn tallied(
    entry: NewEntry,
    meter: &Meter,
    started: Instant,
    result: &Result<(), Error>,
) -> NewEntry {
    let entry = entry
        .took(started.elapsed())
        .bytes(meter.bytes_out(), meter.bytes_in());
    match result {
        Ok(()) => entry,
        Err(error) => entry.failed(error.code.name()),
    }
}
