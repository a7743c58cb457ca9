//! What every room of the hub shares: the handles to store, vault and network, the roster, the events.
//!
//! One cloneable `Arc<Core>` is passed; there are no globals. Nothing here decides anything.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, atomic::AtomicBool},
};

use integrations::{Endpoints, Integration};
use model::{Error, ErrorCode, Event, IntegrationId, ProfileName, Texts};
use store::{SetAside, Store, StoreError};
use tokio::sync::{Notify, broadcast};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use url::Url;
use vault::Vault;

use crate::{
    broker::Broker,
    claims::Claims,
    clock::Clock,
    ledger::Ledger,
    lending::Shelves,
    monitor::{Notices, Rhythms},
    moving::Moving,
    options::{BuiltInClient, EndpointOverrides, Played, Surroundings},
    outbox::Outbox,
    pace::Paces,
    policy::{Policy, Reserves},
    roster::Roster,
    settings::Chosen,
    sign_in::Attempts,
    wire::Http,
};

#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) profile: ProfileName,
    pub(crate) version: String,
    pub(crate) headless: bool,
    pub(crate) sandbox: bool,
    /// What people are spoken to in until they choose.
    pub(crate) texts: Texts,
    pub(crate) remarks: Vec<String>,
    /// The database this hub found and couldn't use.
    pub(crate) set_aside: Option<SetAside>,
    pub(crate) data_dir: PathBuf,
    pub(crate) surroundings: Surroundings,
    pub(crate) store: Store,
    pub(crate) vault: Vault,
    pub(crate) http: Http,
    pub(crate) overrides: EndpointOverrides,
    pub(crate) played: Played,
    pub(crate) built_in: Vec<BuiltInClient>,
    pub(crate) clock: Clock,
    pub(crate) roster: Roster,
    pub(crate) broker: Broker,
    pub(crate) attempts: Attempts,
    pub(crate) notices: Notices,
    pub(crate) rhythms: Rhythms,
    pub(crate) ledger: Ledger,
    pub(crate) outbox: Outbox,
    pub(crate) moving: Moving,
    pub(crate) claims: Claims,
    pub(crate) paces: Paces,
    pub(crate) shelves: Shelves,
    pub(crate) settings: Chosen,
    pub(crate) policy: Policy,
    pub(crate) reserves: Reserves,
    pub(crate) events: broadcast::Sender<Event>,
    /// Asks the monitor for a round now.
    pub(crate) round: Notify,
    /// Somebody looks at the window.
    pub(crate) visible: AtomicBool,
    /// Set once: no new work from here on.
    pub(crate) closing: CancellationToken,
    /// A desktop asked for the profile.
    pub(crate) handed_over: CancellationToken,
    /// Work that must not be dropped halfway: exchanges, renewals, revocations.
    pub(crate) flights: TaskTracker,
}

impl Core {
    pub(crate) fn emit(&self, event: Event) {
        // No listener is not an error: a headless hub may have none.
        let _ = self.events.send(event);
    }

    /// Runs database work off the async threads; a failure is told, never ignored.
    pub(crate) async fn db<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Error> {
        let store = self.store.clone();
        tokio::task::spawn_blocking(move || work(&store))
            .await
            .map_err(|_| Error::new(ErrorCode::Internal))?
            .map_err(store_error)
    }

    /// Database work that waits for no disk: a read by its key, a commit that isn't synced. Done right here unless somebody
    /// holds the database, since handing it to another thread and back takes several times as long as the work.
    pub(crate) async fn quick_db<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Error> {
        match self.store.is_free() {
            true => work(&self.store).map_err(store_error),
            false => self.db(work).await,
        }
    }

    /// Work that goes on when its caller goes away, and that closing waits for.
    pub(crate) async fn finish<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, Error> {
        self.flights
            .spawn(work)
            .await
            .map_err(|_| Error::new(ErrorCode::Internal))
    }

    /// The integration's endpoints in this profile.
    pub(crate) fn endpoints(&self, integration: &dyn Integration) -> Endpoints {
        let facts = integration.facts();
        match self.overrides.0.get(facts.id.as_str()) {
            Some(overrides) => facts.endpoints.merge(overrides),
            None => facts.endpoints.clone(),
        }
    }

    pub(crate) fn is_overridden(&self, integration: &IntegrationId) -> bool {
        self.overrides.0.contains_key(integration.as_str())
    }
}

/// The integration of this name, or an error that lists the names there are.
pub(crate) fn integration(id: &IntegrationId) -> Result<&'static dyn Integration, Error> {
    integrations::find(id).ok_or_else(|| {
        let known: Vec<&str> = integrations::all()
            .iter()
            .map(|one| one.facts().id.as_str())
            .collect();
        Error::new(ErrorCode::UnknownIntegration)
            .with("integration", id)
            .with("known", known.join(", "))
    })
}

/// Endpoints as a grant keeps them.
pub(crate) fn endpoints_to_keep(endpoints: &Endpoints) -> BTreeMap<String, String> {
    endpoints
        .iter()
        .map(|(role, url)| (role.to_owned(), url.to_string()))
        .collect()
}

/// The endpoints a grant was made at; it is never sent anywhere else. What isn't fit for a token is left out.
pub(crate) fn kept_endpoints(kept: &BTreeMap<String, String>) -> Endpoints {
    let by_role = kept
        .iter()
        .filter_map(|(role, url)| Some((role.clone(), Url::parse(url).ok()?)));
    Endpoints::new(by_role.collect()).unwrap_or_default()
}

pub(crate) fn store_error(error: StoreError) -> Error {
    Error::new(ErrorCode::StoreFailed).detail(error)
}

pub(crate) fn vault_error(error: &vault::VaultError) -> Error {
    use vault::VaultError;
    match error {
        VaultError::Locked | VaultError::TimedOut => Error::new(ErrorCode::VaultLocked),
        VaultError::NoKeychain => Error::new(ErrorCode::NoKeychain),
        VaultError::WrongPassphrase => Error::new(ErrorCode::WrongPassphrase),
        other => Error::new(ErrorCode::VaultFailed).detail(other),
    }
}
