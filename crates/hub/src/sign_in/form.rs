//! Connecting with a key the person brings: checked for shape, proven by a real call, then kept.

use std::{collections::BTreeMap, sync::Arc};

use integrations::{CallError, Session};
use model::{
    AttemptId, ConnectionId, ConnectionView, Error, ErrorCode, IntegrationId, RedirectKind, Secret,
    SecretInput,
};
use store::{AttemptOutcome, AttemptRow};
use vault::{Credential, Grant};

use super::{complete::Proven, state_hash};
use crate::{
    calls::{CallFailure, Whose},
    core::{Core, endpoints_to_keep, integration},
};

impl Core {
    pub(crate) async fn connect_with_form(
        self: &Arc<Self>,
        wanted: IntegrationId,
        connection: Option<ConnectionId>,
        fields: BTreeMap<String, SecretInput>,
    ) -> Result<ConnectionView, Error> {
        let service = integration(&wanted)?;
        let facts = service.facts();
        let fields: BTreeMap<String, Secret> = fields
            .into_iter()
            .map(|(name, value)| (name, value.into_secret()))
            .collect();
        let key = service
            .read_form(&fields)
            .map_err(|error| self.field_error(error))?;
        let again = match connection {
            None => None,
            Some(id) => Some(
                self.roster
                    .get(id)
                    .filter(|row| row.integration == wanted)
                    .ok_or_else(|| {
                        Error::new(ErrorCode::UnknownConnection).with("connection", id)
                    })?,
            ),
        };
        let endpoints = self.endpoints(service);
        let session = Session::unpaced(self.http.get(), key.clone(), endpoints.clone(), Vec::new());
        let probe = match service.probe(&session).await {
            Ok(probe) => probe,
            Err(error) => {
                return Err(match service.explain_rejected_form(&error) {
                    Some(explained) => self.field_error(explained),
                    None => self.unproven(&facts.name, &wanted, error),
                });
            }
        };
        let grant = Grant {
            generation: 1,
            integration: wanted,
            identity: probe.identity,
            endpoints: endpoints_to_keep(&endpoints),
            credential: Credential::Key(key),
            asked: Vec::new(),
            connected_at: self.clock.now(),
        };
        let target = ConnectionId::generate();
        self.note_target(&grant.integration, target).await?;
        let proven = Proven {
            grant,
            target,
            expected: again,
            remarks: self.said(&probe.remarks),
        };
        let core = Arc::clone(self);
        self.finish(async move { core.take_in(proven).await })
            .await?
    }

    /// A used-up attempt names the id the grant will get, so that a crash before its row is found at start.
    async fn note_target(
        &self,
        integration: &IntegrationId,
        target: ConnectionId,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let row = AttemptRow {
            id: AttemptId::generate(),
            state_hash: state_hash(&target.to_string()),
            integration: integration.clone(),
            connection: None,
            target,
            redirect: RedirectKind::Loopback,
            created_at: now,
            expires_at: now,
            outcome: AttemptOutcome::Used,
        };
        self.db(move |store| store.attempts().insert(&row)).await
    }

    /// A first probe that failed has no row yet to speak of.
    pub(super) fn unproven(
        &self,
        service: &str,
        integration: &IntegrationId,
        error: CallError,
    ) -> Error {
        let nobody = Whose {
            integration: integration.clone(),
            service: service.to_owned(),
            account: String::new(),
        };
        self.call_error(&CallFailure::Call(error), &nobody)
    }
}
