//! Fresh tokens: one renewal in flight per connection, however many callers wait for it.
//!
//! A renewal runs as a task of its own, so that a caller that goes away never cuts it off between sending
//! a refresh token and keeping its successor; [`renewal`] has what happens in between. Nothing here talks
//! to people: outcomes are returned, and `monitor` turns them into statuses.

mod renewal;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use integrations::{Integration, Rotation};
use model::{Cause, ConnectionId, Error, Secret, Status, Timestamp};
use store::ConnectionRow;
use tokio::sync::OwnedMutexGuard;
use vault::{Credential, Grant, Item, OauthGrant, VaultError};

use crate::{
    calls,
    core::{Core, vault_error},
    oauth::TokenFailure,
};

/// Renew this long before the end, or after four fifths of a short life.
const AHEAD: Duration = Duration::from_secs(5 * 60);
/// A kept token with less than this left isn't worth starting with: a slow call takes as long.
const LEAST: Duration = Duration::from_secs(30);

/// A token and the grant it came from.
#[derive(Clone, Debug)]
pub(crate) struct Fresh {
    pub(crate) token: Secret,
    pub(crate) grant: Arc<Grant>,
    /// Tells this token from its successors, so that only the first of many rejections renews.
    serial: u64,
}

/// Why there is no fresh token.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum NoToken {
    NeedsSignIn(Cause),
    /// The vault can't be read now.
    Vault(Error),
    /// The client registration is gone or refused.
    NotConfigured,
    BlockedByAdmin,
    /// Nothing known about the grant: try again later.
    Transient(TokenFailure),
    /// Our own trouble (the database, a bug).
    Ours(Error),
}

/// One slot per connection; the lock is the single flight.
#[derive(Debug, Default)]
pub(crate) struct Broker {
    slots: Mutex<HashMap<ConnectionId, Arc<Slot>>>,
    /// Of stand-ins that rotate otherwise than the services do.
    played: Mutex<Option<Rotation>>,
}

#[derive(Debug, Default)]
struct Slot {
    lock: Arc<tokio::sync::Mutex<Held>>,
    /// Flights that have ended; a caller that queued before one ended shares its failure.
    ended: std::sync::atomic::AtomicU64,
}

/// What the lock protects.
#[derive(Debug, Default)]
pub(crate) struct Held {
    token: Option<HeldToken>,
    serial: u64,
    last_failure: Option<NoToken>,
    /// A new grant that could not be kept yet; tried again before anything else.
    unkept: Option<Grant>,
}

#[derive(Debug)]
struct HeldToken {
    token: Secret,
    grant: Arc<Grant>,
    /// On the boot clock; `None` = doesn't expire.
    until: Option<Duration>,
    renew_at: Option<Duration>,
    rejected: bool,
}

impl Held {
    /// Another grant takes over: nothing that was known about the former one holds any more.
    pub(crate) fn forget(&mut self) {
        self.token = None;
        self.last_failure = None;
        self.unkept = None;
        self.serial += 1;
    }
}

impl Broker {
    fn slot(&self, id: ConnectionId) -> Arc<Slot> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(slots.entry(id).or_default())
    }

    pub(crate) fn rotate_as(&self, rotation: Rotation) {
        *self.played.lock().unwrap_or_else(PoisonError::into_inner) = Some(rotation);
    }

    fn rotation(&self, integration: &dyn Integration) -> Rotation {
        if let Some(played) = *self.played.lock().unwrap_or_else(PoisonError::into_inner) {
            return played;
        }
        integration
            .facts()
            .auth
            .as_oauth()
            .map_or(Rotation::None, |oauth| oauth.rotation)
    }

    /// Waits for any renewal to end and keeps new ones from starting: for replacing or ending a grant.
    pub(crate) async fn hold(&self, id: ConnectionId) -> OwnedMutexGuard<Held> {
        Arc::clone(&self.slot(id).lock).lock_owned().await
    }
}

impl Core {
    /// A token that will last through a call.
    pub(crate) async fn fresh_token(self: &Arc<Self>, id: ConnectionId) -> Result<Fresh, NoToken> {
        self.token(id, None).await
    }

    /// The service rejected this token: renews once, unless somebody did already.
    pub(crate) async fn another_token(
        self: &Arc<Self>,
        id: ConnectionId,
        rejected: &Fresh,
    ) -> Result<Fresh, NoToken> {
        self.token(id, Some(rejected.serial)).await
    }

    async fn token(
        self: &Arc<Self>,
        id: ConnectionId,
        rejected: Option<u64>,
    ) -> Result<Fresh, NoToken> {
        use std::sync::atomic::Ordering::SeqCst;
        let slot = self.broker.slot(id);
        let queued_at = slot.ended.load(SeqCst);
        let mut held = Arc::clone(&slot.lock).lock_owned().await;
        let serial = held.serial;
        if let Some(token) = held.token.as_mut() {
            if rejected == Some(serial) {
                token.rejected = true;
            }
            if !token.rejected && token.renew_at.is_none_or(|at| self.clock.boot() < at) {
                return Ok(Fresh {
                    token: token.token.clone(),
                    grant: Arc::clone(&token.grant),
                    serial,
                });
            }
        }
        if slot.ended.load(SeqCst) > queued_at
            && let Some(failure) = &held.last_failure
        {
            return Err(failure.clone());
        }
        let core = Arc::clone(self);
        let flight = async move {
            let outcome = core.take_off(id, &mut held).await;
            held.last_failure = outcome.as_ref().err().cloned();
            slot.ended.fetch_add(1, SeqCst);
            outcome
        };
        self.finish(flight)
            .await
            .unwrap_or_else(|error| Err(NoToken::Ours(error)))
    }

    /// Under the lock: whatever it takes to have a fresh token.
    async fn take_off(
        self: &Arc<Self>,
        id: ConnectionId,
        held: &mut Held,
    ) -> Result<Fresh, NoToken> {
        if let Some(grant) = held.unkept.take() {
            self.keep(id, held, grant).await?;
        }
        let grant = match self.vault.read::<Grant>(&Item::Grant(id)).await {
            Ok(Some(grant)) => grant,
            Ok(None) => return Err(NoToken::NeedsSignIn(Cause::GrantMissing)),
            Err(VaultError::Unreadable) => {
                return Err(NoToken::NeedsSignIn(Cause::GrantUnreadable));
            }
            Err(error) => return Err(NoToken::Vault(vault_error(&error))),
        };
        self.catch_up(id, &grant).await.map_err(NoToken::Ours)?;
        let credential = match &grant.credential {
            Credential::Key(key) => {
                let key = key.clone();
                return Ok(self.settle(held, key, Arc::new(grant), None));
            }
            Credential::Oauth(oauth) => oauth.clone(),
        };
        let in_hand = held
            .token
            .as_ref()
            .filter(|held| held.grant.generation == grant.generation);
        let (known_bad, due) = in_hand.map_or((false, false), |held| (held.rejected, true));
        let left = self.left(held, &grant, &credential);
        if !known_bad && !due && left.is_none_or(|left| left > LEAST) {
            return Ok(self.settle(held, credential.access_token.clone(), Arc::new(grant), left));
        }
        match self.renew(id, held, &grant, &credential).await {
            Err(NoToken::Transient(_))
                if !known_bad && left.is_some_and(|left| left > Duration::ZERO) =>
            {
                // Renewing ahead didn't work yet, and the token in hand is still good.
                Ok(self.settle(held, credential.access_token.clone(), Arc::new(grant), left))
            }
            other => other,
        }
    }

    /// Under the lock: a crash came between keeping a grant and noting it. The grant leads; what was said of the former
    /// one doesn't hold of it.
    pub(crate) async fn catch_up(
        self: &Arc<Self>,
        id: ConnectionId,
        grant: &Grant,
    ) -> Result<(), Error> {
        let lags = |row: ConnectionRow| row.generation < grant.generation;
        if !self.roster.get(id).is_some_and(lags) {
            return Ok(());
        }
        let granted = calls::granted(grant);
        self.change(id, |row| {
            row.generation = grant.generation;
            row.granted = granted;
            if matches!(row.status, Status::NeedsSignIn { .. }) {
                row.status = Status::Unproven;
            }
        })
        .await
        .map(drop)
    }

    /// How long the access token lasts; `None` = it doesn't expire.
    fn left(&self, held: &Held, grant: &Grant, credential: &OauthGrant) -> Option<Duration> {
        if let Some(token) = held
            .token
            .as_ref()
            .filter(|held| held.grant.generation == grant.generation)
        {
            return token
                .until
                .map(|until| until.saturating_sub(self.clock.boot()));
        }
        credential.access_expires_at.map(|at| self.until(at))
    }

    fn until(&self, at: Timestamp) -> Duration {
        Duration::try_from(at.duration_since(self.clock.now())).unwrap_or(Duration::ZERO)
    }

    /// Holds a token that lasts `left` from now (`None` = for ever).
    fn settle(
        &self,
        held: &mut Held,
        token: Secret,
        grant: Arc<Grant>,
        left: Option<Duration>,
    ) -> Fresh {
        let now = self.clock.boot();
        held.serial += 1;
        held.token = Some(HeldToken {
            token: token.clone(),
            grant: Arc::clone(&grant),
            until: left.map(|left| now + left),
            renew_at: left.map(|left| now + left - AHEAD.min(left / 5)),
            rejected: false,
        });
        Fresh {
            token,
            grant,
            serial: held.serial,
        }
    }
}
