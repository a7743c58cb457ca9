//! Spending a refresh token: what must be on disk before it is sent, and what before its successor is used.
//!
//! Before a rotating refresh token is spent, a write is proved and the attempt journalled; after, the new
//! grant is kept before it is used. Runs under the connection's slot, and only there.

use std::sync::Arc;

use integrations::{Rotation, TokenVerdict};
use model::{Cause, ConnectionId, Error, ErrorCode};
use store::RotationRow;
use vault::{Credential, Grant, Item, OauthGrant};

use super::{Fresh, Held, NoToken};
use crate::{
    clock,
    core::{Core, integration, kept_endpoints, vault_error},
    monitor::{alike, trial_of},
    oauth::{self, TokenFailure, Tokens},
};

impl Core {
    pub(super) async fn renew(
        self: &Arc<Self>,
        id: ConnectionId,
        held: &mut Held,
        grant: &Grant,
        credential: &OauthGrant,
    ) -> Result<Fresh, NoToken> {
        let integration = integration(&grant.integration).map_err(NoToken::Ours)?;
        let Some(refresh) = &credential.refresh_token else {
            return Err(NoToken::NeedsSignIn(Cause::NotRenewable));
        };
        let client = match self.client(&credential.client).await {
            Ok(Some(client)) => client,
            Ok(None) => return Err(NoToken::NotConfigured),
            Err(error) if error.code == ErrorCode::StoreFailed => return Err(NoToken::Ours(error)),
            Err(error) => return Err(NoToken::Vault(error)),
        };
        let rotation = self.broker.rotation(integration);
        self.journal(id, grant, rotation).await?;
        let endpoints = kept_endpoints(&grant.endpoints);
        match oauth::renew(&self.http.get(), integration, &endpoints, &client, refresh).await {
            Ok(tokens) => {
                let next = self.successor(grant, credential, tokens);
                self.keep(id, held, next).await
            }
            Err(TokenFailure::Unreachable { sent: true, .. }) if rotation == Rotation::Strict => {
                // Sent, and never answered: the journal keeps it from ever being sent again.
                Err(NoToken::NeedsSignIn(Cause::InterruptedRotation))
            }
            Err(failure) => {
                // Not sent, or answered: this refresh token was not spent.
                let generation = grant.generation;
                self.db(move |store| store.rotations().end(id, generation))
                    .await
                    .map_err(NoToken::Ours)?;
                Err(self.ended_trial(grant, no_token(failure)))
            }
        }
    }

    /// The provider says the same of a sign-in that was revoked and of one whose trial is over.
    fn ended_trial(&self, grant: &Grant, why: NoToken) -> NoToken {
        let age = self.clock.now().duration_since(grant.connected_at);
        match why {
            NoToken::NeedsSignIn(Cause::GrantRevoked)
                if trial_of(&grant.integration).is_some_and(|trial| alike(age, trial)) =>
            {
                NoToken::NeedsSignIn(Cause::TrialEnded)
            }
            why => why,
        }
    }

    /// Proves that we can write and notes the attempt, where losing the answer would cost the account.
    async fn journal(
        &self,
        id: ConnectionId,
        grant: &Grant,
        rotation: Rotation,
    ) -> Result<(), NoToken> {
        let generation = grant.generation;
        let open = self
            .db(move |store| store.rotations().get(id))
            .await
            .map_err(NoToken::Ours)?;
        let interrupted = open.is_some_and(|row| row.generation == generation);
        if interrupted && rotation == Rotation::Strict {
            return Err(NoToken::NeedsSignIn(Cause::InterruptedRotation));
        }
        if rotation == Rotation::None {
            return Ok(());
        }
        let row = RotationRow {
            connection: id,
            generation,
            sent_at: self.clock.now(),
        };
        self.db(move |store| {
            store.prove_write()?;
            store.rotations().begin(&row)
        })
        .await
        .map_err(NoToken::Ours)
    }

    /// The grant after a renewal: a new refresh token replaces the old, an omitted one keeps it (RFC 6749 §6).
    fn successor(&self, grant: &Grant, credential: &OauthGrant, tokens: Tokens) -> Grant {
        let now = self.clock.now();
        let refresh_expires_at = match (&tokens.refresh, tokens.refresh_expires_in) {
            (_, Some(seconds)) => Some(clock::after(now, seconds)),
            (Some(_), None) => None,
            (None, None) => credential.refresh_expires_at,
        };
        Grant {
            generation: grant.generation + 1,
            credential: Credential::Oauth(OauthGrant {
                access_token: tokens.access,
                access_expires_at: tokens.expires_in.map(|seconds| clock::after(now, seconds)),
                refresh_token: tokens.refresh.or_else(|| credential.refresh_token.clone()),
                refresh_expires_at,
                granted: tokens.scopes.unwrap_or_else(|| credential.granted.clone()),
                ..credential.clone()
            }),
            ..grant.clone()
        }
    }

    /// Keeps a new grant, then lets it be used. What can't be kept now stays in memory and is tried again.
    pub(super) async fn keep(
        self: &Arc<Self>,
        id: ConnectionId,
        held: &mut Held,
        grant: Grant,
    ) -> Result<Fresh, NoToken> {
        if let Err(error) = self.vault.write(&Item::Grant(id), &grant).await {
            held.unkept = Some(grant);
            return Err(NoToken::Vault(vault_error(&error)));
        }
        let spent = grant.generation.saturating_sub(1);
        self.db(move |store| store.rotations().end(id, spent))
            .await
            .map_err(NoToken::Ours)?;
        let Credential::Oauth(credential) = &grant.credential else {
            return Err(NoToken::Ours(Error::new(ErrorCode::Internal)));
        };
        let (generation, granted) = (grant.generation, credential.granted.clone());
        self.change(id, |row| {
            row.generation = generation;
            row.granted = granted;
        })
        .await
        .map_err(NoToken::Ours)?;
        let token = credential.access_token.clone();
        let left = credential.access_expires_at.map(|at| self.until(at));
        Ok(self.settle(held, token, Arc::new(grant), left))
    }
}

fn no_token(failure: TokenFailure) -> NoToken {
    match failure {
        TokenFailure::Verdict {
            verdict: TokenVerdict::GrantEnded(cause),
            ..
        } => NoToken::NeedsSignIn(cause),
        TokenFailure::Verdict {
            verdict: TokenVerdict::ClientRefused,
            ..
        }
        | TokenFailure::Misconfigured => NoToken::NotConfigured,
        TokenFailure::Verdict {
            verdict: TokenVerdict::BlockedByAdmin,
            ..
        } => NoToken::BlockedByAdmin,
        other => NoToken::Transient(other),
    }
}
