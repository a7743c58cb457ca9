//! What a call is lent: a session with a fresh token, the connection's limits, and the headers it fetched before.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use integrations::{HeaderShelf, Meter, Pacer, Session};
use model::{Caller, ConnectionId};
use store::ConnectionRow;
use vault::Credential;

use crate::{
    broker::Fresh,
    calls::granted,
    core::{Core, kept_endpoints},
    pace::Pace,
};

/// Headers by connection; in memory only, and gone with the connection.
#[derive(Debug, Default)]
pub(crate) struct Shelves(Mutex<HashMap<ConnectionId, Arc<HeaderShelf>>>);

impl Shelves {
    fn of(&self, id: ConnectionId) -> Arc<HeaderShelf> {
        let mut shelves = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(shelves.entry(id).or_default())
    }

    pub(crate) fn forget(&self, id: ConnectionId) {
        let mut shelves = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shelves.remove(&id);
    }
}

impl Core {
    pub(crate) fn lend(
        &self,
        row: &ConnectionRow,
        fresh: &Fresh,
        meter: &Arc<Meter>,
        caller: &Caller,
    ) -> Session {
        Session {
            http: self.http.get(),
            token: fresh.token.clone(),
            endpoints: kept_endpoints(&fresh.grant.endpoints),
            granted: granted(&fresh.grant),
            pacer: self.pacer_of(row, fresh, caller),
            meter: Arc::clone(meter),
            headers: self.shelves.of(row.id),
        }
    }

    /// An agent has a share of the limits; a person's work is never held up by one.
    fn pacer_of(&self, row: &ConnectionRow, fresh: &Fresh, caller: &Caller) -> Arc<dyn Pacer> {
        let everybodys = self.pace_of(row, fresh);
        match (caller, integrations::find(&row.integration)) {
            (Caller::Agent { .. }, Some(service)) => {
                self.reserves.of(row.id, service.facts(), everybodys)
            }
            _ => everybodys,
        }
    }

    pub(crate) fn pace_of(&self, row: &ConnectionRow, fresh: &Fresh) -> Arc<Pace> {
        let registration = match &fresh.grant.credential {
            Credential::Oauth(oauth) => Some((
                oauth.client.provider.to_string(),
                oauth.client.client_id.clone(),
            )),
            Credential::Key(_) => None,
        };
        match integrations::find(&row.integration) {
            Some(service) => self.paces.of(row.id, service.facts(), registration),
            // Nothing is called for a service this version doesn't know.
            None => Arc::default(),
        }
    }
}
