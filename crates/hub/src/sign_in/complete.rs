//! From a code to a connection: exchange, look at what was granted, prove it, compare the account, keep it.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use backon::{ConstantBuilder, Retryable as _};
use futures_util::FutureExt as _;
use integrations::{Auth, CallError, Session, TokenVerdict};
use model::{
    ConnectionId, ConnectionView, Error, ErrorCode, RedirectKind, Secret, SignInState, Status,
};
use store::ConnectionRow;
use tokio::sync::OwnedMutexGuard;
use vault::{Credential, Grant, Item, OauthGrant, PendingSignIn};

use crate::{
    broker::Held,
    calls, clock,
    core::{Core, integration, kept_endpoints, vault_error},
    ledger::NewEntry,
    oauth::{self, TokenFailure, Tokens},
};

/// The code is used up by now: a passing fault of the first probe must not cost the whole sign-in.
const PROBE_AGAIN: usize = 2;
const PROBE_PAUSE: Duration = Duration::from_secs(1);

/// A grant that was probed, on its way to being kept.
pub(super) struct Proven {
    pub(super) grant: Grant,
    /// The id a new connection gets.
    pub(super) target: ConnectionId,
    /// The connection this sign-in is for, if it is for one, as it was before the service was asked.
    pub(super) expected: Option<ConnectionRow>,
    pub(super) remarks: Vec<String>,
}

impl Core {
    /// Ends the attempt one way or the other; never leaves it hanging.
    pub(super) async fn complete(self: Arc<Self>, pending: PendingSignIn, code: Secret) {
        let id = pending.attempt;
        let redirect = pending.redirect;
        let proving = AssertUnwindSafe(self.exchange_and_prove(pending, &code)).catch_unwind();
        let proven = proving.await.unwrap_or_else(|_| {
            tracing::error!(attempt = %id, "a sign-in ended in a defect of ours");
            Err(Error::new(ErrorCode::Internal))
        });
        let state = match proven {
            Ok((connection, missing)) => {
                if redirect == RedirectKind::DeepLink {
                    // A deep link lands on no page: the system says it where nobody looks at the window.
                    self.notices.signed_in(&self, &connection);
                }
                SignInState::Connected {
                    connection: Box::new(connection),
                    missing,
                }
            }
            Err(error) => SignInState::Failed { error },
        };
        self.move_on(id, state);
    }

    async fn exchange_and_prove(
        self: &Arc<Self>,
        pending: PendingSignIn,
        code: &Secret,
    ) -> Result<(ConnectionView, Vec<String>), Error> {
        let service = integration(&pending.integration)?;
        let facts = service.facts();
        let about = |code| Error::new(code).with("service", &facts.name);
        let client = self
            .client(&pending.client)
            .await?
            .ok_or_else(|| about(ErrorCode::NotConfigured))?;
        // Before the code is used: a grant nobody wants any more had better not be issued.
        self.still_there(&pending)?;
        let endpoints = kept_endpoints(&pending.endpoints);
        let tokens = oauth::exchange(
            &self.http.get(),
            service,
            &endpoints,
            &client,
            code,
            &pending.verifier,
            &pending.redirect_uri,
        )
        .await
        .map_err(|failure| refused(failure, &about))?;

        let granted = granted_scopes(&tokens, &pending, service);
        let useful = facts.scopes.iter().any(|one| one.is_granted(&granted));
        if !useful && !facts.scopes.is_empty() {
            // Not revoked: at some providers that would end the person's other connections too.
            return Err(about(ErrorCode::NothingGranted));
        }
        self.play_a_defect(&pending.integration);
        let session = Session::unpaced(
            self.http.get(),
            tokens.access.clone(),
            endpoints.clone(),
            granted.clone(),
        );
        let probe = self
            .prove(service, &session)
            .await
            .map_err(|error| self.unproven(&facts.name, &pending.integration, error))?;

        let now = self.clock.now();
        let life = |seconds| clock::after(now, seconds);
        let grant = Grant {
            generation: 1,
            integration: pending.integration.clone(),
            identity: probe.identity,
            endpoints: pending.endpoints.clone(),
            credential: Credential::Oauth(OauthGrant {
                client: pending.client.clone(),
                access_token: tokens.access,
                access_expires_at: tokens.expires_in.map(life),
                refresh_token: tokens.refresh,
                refresh_expires_at: tokens.refresh_expires_in.map(life),
                granted: granted.clone(),
                spent: false,
            }),
            asked: pending.asked.clone(),
            connected_at: now,
        };
        let expected = self.still_there(&pending)?;
        let proven = Proven {
            grant,
            target: pending.target,
            expected,
            remarks: self.said(&probe.remarks),
        };
        let view = self.take_in(proven).await?;
        let missing =
            integrations::scope_grants(service, self.language(), &pending.asked, &granted)
                .into_iter()
                .filter(|scope| !scope.granted)
                .map(|scope| scope.title)
                .collect();
        Ok((view, missing))
    }

    async fn prove(
        &self,
        service: &dyn integrations::Integration,
        session: &Session,
    ) -> Result<integrations::Probe, CallError> {
        let again = ConstantBuilder::default()
            .with_delay(PROBE_PAUSE)
            .with_max_times(PROBE_AGAIN);
        (|| async { service.probe(session).await })
            .retry(again)
            .when(|error| {
                matches!(
                    error,
                    CallError::Unreachable(_)
                        | CallError::ServiceDown { .. }
                        | CallError::NotUnderstood { .. }
                )
            })
            .await
    }

    /// The connection that is signed in again. One that was disconnected meanwhile stays so: its id belongs
    /// to the revocation now.
    fn still_there(&self, pending: &PendingSignIn) -> Result<Option<ConnectionRow>, Error> {
        pending
            .connection
            .map(|id| self.roster.get(id).ok_or_else(|| gone(id)))
            .transpose()
    }

    /// Keeps a proven grant as a new connection, or in place of the same account's former grant.
    pub(super) async fn take_in(self: &Arc<Self>, proven: Proven) -> Result<ConnectionView, Error> {
        let Proven {
            mut grant,
            target,
            expected,
            remarks,
        } = proven;
        if let Some(expected) = &expected
            && expected.identity.id != grant.identity.id
        {
            let service = Self::service_name(expected);
            return Err(Error::new(ErrorCode::WrongAccount)
                .with("service", service)
                .with("expected", &expected.identity.account)
                .with("actual", &grant.identity.account));
        }
        let _taking_in = self.attempts.taking_in.lock().await;
        let (former, mut held) = self.hold_its_own(&grant, target, expected).await?;
        let id = former.as_ref().map_or(target, |row| row.id);
        if let Ok(Some(kept)) = self.vault.read::<Grant>(&Item::Grant(id)).await {
            inherit(&mut grant, &kept);
        } else if let Some(row) = &former {
            grant.generation = row.generation + 1;
        }
        self.vault
            .write(&Item::Grant(id), &grant)
            .await
            .map_err(|error| vault_error(&error))?;
        held.forget();
        let now = self.clock.now();
        let row = ConnectionRow {
            id,
            integration: grant.integration.clone(),
            identity: grant.identity.clone(),
            status: Status::Connected { proven_at: now },
            proven_at: Some(now),
            checked_at: Some(now),
            connected_at: former
                .as_ref()
                .map_or(grant.connected_at, |row| row.connected_at),
            asked: grant.asked.clone(),
            granted: calls::granted(&grant),
            remarks,
            name: former.as_ref().and_then(|row| row.name.clone()),
            paused: former.as_ref().is_some_and(|row| row.paused),
            token_allowed: former.as_ref().is_some_and(|row| row.token_allowed),
            generation: grant.generation,
        };
        let kept = row.clone();
        self.db(move |store| {
            store.transaction(|tx| {
                tx.connections().upsert(&kept)?;
                tx.rotations().end(id, kept.generation)
            })
        })
        .await?;
        let what = if former.is_some() {
            "reconnected"
        } else {
            "connected"
        };
        self.ledger.note(NewEntry::connection(&row, what));
        let stood = former.map(|row| row.status.kind());
        if stood != Some(row.status.kind()) && !row.paused {
            self.ledger.note(NewEntry::status(&row, row.status.kind()));
        }
        let entering = row.clone();
        // What the person decides while a grant is being kept is in memory first, and holds.
        let shown = self
            .change(id, move |now| {
                *now = ConnectionRow {
                    name: now.name.take(),
                    paused: now.paused,
                    token_allowed: now.token_allowed,
                    ..entering
                };
            })
            .await?;
        Ok(shown.unwrap_or_else(|| self.enter(row)))
    }

    /// The connection that a grant belongs to, as it is now, and its lock; none = it is a new one. The same account
    /// again is the same connection: settings survive, nothing is doubled.
    ///
    /// Whoever had the lock may have ended the connection, and its id belongs to the revocation then. A grant that
    /// isn't kept is not revoked either: at some providers that would end the person's other connections too.
    async fn hold_its_own(
        &self,
        grant: &Grant,
        target: ConnectionId,
        expected: Option<ConnectionRow>,
    ) -> Result<(Option<ConnectionRow>, OwnedMutexGuard<Held>), Error> {
        let expected = expected.map(|row| row.id);
        loop {
            let known = || {
                self.roster
                    .by_identity(&grant.integration, &grant.identity.id)
                    .map(|row| row.id)
            };
            let meant = expected.or_else(known);
            let held = self.broker.hold(meant.unwrap_or(target)).await;
            let Some(id) = meant else {
                return Ok((None, held));
            };
            match (self.roster.get(id), expected) {
                (Some(row), _) => return Ok((Some(row), held)),
                (None, Some(id)) => return Err(gone(id)),
                // Connected anew, then.
                (None, None) => {}
            }
        }
    }
}

fn gone(id: ConnectionId) -> Error {
    Error::new(ErrorCode::UnknownConnection).with("connection", id)
}

/// A re-auth that brings no refresh token keeps the former one (RFC 6749 §6) — of the same client only.
fn inherit(grant: &mut Grant, kept: &Grant) {
    grant.generation = kept.generation + 1;
    if let (Credential::Oauth(new), Credential::Oauth(old)) =
        (&mut grant.credential, &kept.credential)
        && new.refresh_token.is_none()
        && new.client == old.client
        && kept.identity.id == grant.identity.id
    {
        new.refresh_token = old.refresh_token.clone();
        new.refresh_expires_at = old.refresh_expires_at;
    }
}

fn granted_scopes(
    tokens: &Tokens,
    pending: &PendingSignIn,
    service: &dyn integrations::Integration,
) -> Vec<String> {
    match (&tokens.scopes, &service.facts().auth) {
        (Some(scopes), _) => scopes.clone(),
        (None, Auth::Oauth(oauth)) => [oauth.base_scopes.clone(), pending.asked.clone()].concat(),
        (None, Auth::Form(_)) => pending.asked.clone(),
    }
}

fn refused(failure: TokenFailure, about: &impl Fn(ErrorCode) -> Error) -> Error {
    match failure {
        TokenFailure::Verdict {
            verdict: TokenVerdict::BlockedByAdmin,
            error,
        } => about(ErrorCode::BlockedByAdmin).detail(error),
        TokenFailure::Verdict {
            verdict: TokenVerdict::ClientRefused,
            error,
        } => about(ErrorCode::SignInRefused).detail(error),
        TokenFailure::Verdict { error, .. } => about(ErrorCode::SignInRefused).detail(error),
        TokenFailure::NoVerdict { status: 500.. } => about(ErrorCode::ServiceDown),
        TokenFailure::NoVerdict { status } => {
            about(ErrorCode::NotUnderstood).detail(format!("HTTP {status}"))
        }
        TokenFailure::Unreachable { why, .. } => {
            about(ErrorCode::ServiceDown).detail(format!("{why:?}").to_ascii_lowercase())
        }
        TokenFailure::Misconfigured => about(ErrorCode::NotConfigured),
    }
}
