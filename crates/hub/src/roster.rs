//! The connections, in memory and in the table behind it: reads cost nothing, writes go through.
//!
//! The table is the truth after a restart. A mere "still fine" is written at most once a minute, because
//! a disk write per probe buys nothing; every change of status is written at once.

use std::{
    collections::BTreeMap,
    sync::{Arc, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use model::{
    Capability, ConnectionId, ConnectionRef, ConnectionView, Error, ErrorCode, Event,
    IntegrationId, Status, Timestamp,
};
use store::ConnectionRow;

use crate::core::{self, Core};

const KEEP_PROOF_EVERY_S: i64 = 60;

#[derive(Debug, Default)]
pub(crate) struct Roster(RwLock<BTreeMap<ConnectionId, Entry>>);

#[derive(Clone, Debug)]
struct Entry {
    row: ConnectionRow,
    /// What the table holds as the time of the last look.
    kept_at: Option<Timestamp>,
}

impl Roster {
    pub(crate) fn load(rows: Vec<ConnectionRow>) -> Self {
        let entries = rows.into_iter().map(|row| {
            (
                row.id,
                Entry {
                    kept_at: row.checked_at,
                    row,
                },
            )
        });
        Self(RwLock::new(entries.collect()))
    }

    fn read(&self) -> RwLockReadGuard<'_, BTreeMap<ConnectionId, Entry>> {
        self.0
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, BTreeMap<ConnectionId, Entry>> {
        self.0
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub(crate) fn get(&self, id: ConnectionId) -> Option<ConnectionRow> {
        self.read().get(&id).map(|entry| entry.row.clone())
    }

    pub(crate) fn all(&self) -> Vec<ConnectionRow> {
        self.read()
            .values()
            .map(|entry| entry.row.clone())
            .collect()
    }

    pub(crate) fn by_identity(
        &self,
        integration: &IntegrationId,
        identity: &str,
    ) -> Option<ConnectionRow> {
        let entries = self.read();
        let found = entries.values().find(|entry| {
            &entry.row.integration == integration && entry.row.identity.id == identity
        });
        found.map(|entry| entry.row.clone())
    }

    /// What a person meant: an id, a name they gave, an account, or an integration with just one connection.
    pub(crate) fn resolve(&self, wanted: &ConnectionRef) -> Result<ConnectionRow, Error> {
        let name = wanted.as_str();
        let all = self.all();
        if let Some(row) = all.iter().find(|row| row.id.to_string() == name) {
            return Ok(row.clone());
        }
        let mut matching: Vec<&ConnectionRow> = all
            .iter()
            .filter(|row| {
                row.integration.as_str() == name
                    || row.identity.account == name
                    || row.name.as_deref() == Some(name)
            })
            .collect();
        match (matching.pop(), matching.is_empty()) {
            (Some(row), true) => Ok(row.clone()),
            (Some(row), false) => {
                matching.push(row);
                let choices: Vec<String> = matching
                    .iter()
                    .map(|row| format!("{} ({})", row.identity.account, row.id))
                    .collect();
                Err(Error::new(ErrorCode::AmbiguousConnection)
                    .with("connection", name)
                    .with("choices", choices.join(", ")))
            }
            (None, _) => Err(match integrations::find(&IntegrationId::from(name)) {
                Some(integration) => Error::new(ErrorCode::NotConnected)
                    .with("service", &integration.facts().name)
                    .with("integration", name),
                None => Error::new(ErrorCode::UnknownConnection).with("connection", name),
            }),
        }
    }
}

impl Core {
    /// A new or re-signed connection is in the table already; shows it.
    pub(crate) fn enter(self: &Arc<Self>, row: ConnectionRow) -> ConnectionView {
        let entry = Entry {
            kept_at: row.checked_at,
            row: row.clone(),
        };
        self.roster.write().insert(row.id, entry);
        self.show(&row)
    }

    pub(crate) fn leave(&self, id: ConnectionId) {
        if self.roster.write().remove(&id).is_some() {
            self.emit(Event::ConnectionRemoved { id });
        }
    }

    /// Changes a row in memory, writes it when that matters, and shows it.
    pub(crate) async fn change(
        self: &Arc<Self>,
        id: ConnectionId,
        change: impl FnOnce(&mut ConnectionRow),
    ) -> Result<Option<ConnectionView>, Error> {
        let (row, keep) = {
            let mut entries = self.roster.write();
            let Some(entry) = entries.get_mut(&id) else {
                return Ok(None);
            };
            let before = entry.row.clone();
            change(&mut entry.row);
            if entry.row == before {
                return Ok(None);
            }
            let keep = matters(&before, &entry.row, entry.kept_at);
            if keep {
                entry.kept_at = entry.row.checked_at;
            }
            (entry.row.clone(), keep)
        };
        if keep {
            let kept = row.clone();
            self.db(move |store| store.connections().update(&kept))
                .await?;
        }
        Ok(Some(self.show(&row)))
    }

    fn show(&self, row: &ConnectionRow) -> ConnectionView {
        let view = self.view(row);
        self.emit(Event::ConnectionChanged {
            connection: view.clone(),
        });
        view
    }

    /// The row as the faces see it.
    pub(crate) fn view(&self, row: &ConnectionRow) -> ConnectionView {
        let integration = integrations::find(&row.integration);
        let (name, scopes, capabilities) = integration.map_or_else(
            || {
                (
                    row.integration.to_string(),
                    Vec::new(),
                    Vec::<Capability>::new(),
                )
            },
            |integration| {
                (
                    integration.facts().name.clone(),
                    integrations::scope_grants(
                        integration,
                        self.language(),
                        &row.asked,
                        &row.granted,
                    ),
                    integrations::capabilities(integration, &row.granted),
                )
            },
        );
        ConnectionView {
            id: row.id,
            integration: row.integration.clone(),
            integration_name: name,
            account: row.identity.account.clone(),
            display_name: row.identity.display_name.clone(),
            name: row.name.clone(),
            status: if row.paused {
                Status::Paused
            } else {
                row.status.clone()
            },
            proven_at: row.proven_at,
            checked_at: row.checked_at,
            connected_at: row.connected_at,
            scopes,
            capabilities,
            token_allowed: row.token_allowed,
            remarks: row.remarks.clone(),
        }
    }

    /// The name of a row's service, for messages.
    pub(crate) fn service_name(row: &ConnectionRow) -> String {
        core::integration(&row.integration).map_or_else(
            |_| row.integration.to_string(),
            |one| one.facts().name.clone(),
        )
    }
}

fn matters(before: &ConnectionRow, after: &ConnectionRow, kept_at: Option<Timestamp>) -> bool {
    let same_but_for_proof = before.status.kind() == after.status.kind()
        && before.status.cause() == after.status.cause()
        && before.name == after.name
        && before.paused == after.paused
        && before.token_allowed == after.token_allowed
        && before.identity == after.identity
        && before.granted == after.granted
        && before.remarks == after.remarks
        && before.generation == after.generation;
    if !same_but_for_proof {
        return true;
    }
    match (kept_at, after.checked_at) {
        (Some(kept), Some(now)) => now.duration_since(kept).as_secs() >= KEEP_PROOF_EVERY_S,
        _ => true,
    }
}
