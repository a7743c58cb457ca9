//! What importing a checked file would do to this profile as it is now: rows, grants, and the same in words for the
//! person. What is here stays; only what isn't is added.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Admission, Cause, Chat, ClientFate, ComingCaller, ComingClient, ComingConnection,
    ConnectionFate, ConnectionId, Error, Identity, ImportId, ImportPreview, Settings, Status,
    Timestamp,
};
use store::{CallerRow, ClientRow, ConnectionRow};
use vault::{ClientName, ClientSecret, Credential, Grant};

use super::{
    check::{self, Checked},
    document,
};
use crate::{calls, core::Core, naming, policy};

pub(super) struct Plan {
    pub(super) connections: Vec<Planned>,
    pub(super) callers: Vec<CallerRow>,
    pub(super) clients: Vec<(ClientRow, Option<ClientSecret>)>,
    pub(super) settings: Settings,
    pub(super) preview: ImportPreview,
}

pub(super) struct Planned {
    pub(super) row: ConnectionRow,
    pub(super) chats: Vec<Chat>,
    pub(super) grant: Option<Grant>,
    /// The row is here, imported before without its sign-in, which it gets now.
    pub(super) is_here: bool,
}

impl Core {
    pub(super) async fn plan(&self, id: ImportId, file: &Checked) -> Result<Plan, Error> {
        let here = self.db(|store| store.clients().all()).await?;
        let now = self.clock.now();
        let document = &file.document;

        let mut clients = Vec::new();
        let mut coming_clients = Vec::new();
        for client in &document.clients {
            let secret = check::secret_of(file.secrets.as_ref(), client);
            let is_here = here
                .iter()
                .any(|row| row.provider == client.provider && row.kind == client.kind);
            let fate = match (is_here, client.has_secret, &secret) {
                (true, ..) => ClientFate::Stays,
                (false, true, None) => ClientFate::NeedsSecret,
                (false, ..) => ClientFate::Added,
            };
            coming_clients.push(ComingClient {
                provider: client.provider.clone(),
                kind: client.kind.clone(),
                client_id: client.client_id.clone(),
                fate,
            });
            if fate == ClientFate::Added {
                clients.push(client_row(client, secret, now));
            }
        }
        let has_client = |name: &ClientName| self.will_have(name, &here, &clients);

        let mut ids = BTreeMap::new();
        let mut connections = Vec::new();
        let mut coming_connections = Vec::new();
        for one in &document.connections {
            let grant = file.secrets.iter().flat_map(|secrets| &secrets.grants);
            let mut grant = grant
                .filter(|moved| moved.connection == one.id)
                .map(|moved| moved.grant.clone())
                .next();
            let former = self.roster.by_identity(&one.integration, &one.account_id);
            let waits = |row: &ConnectionRow| {
                row.generation == 0
                    && matches!(
                        row.status,
                        Status::NeedsSignIn {
                            cause: Cause::Imported,
                            ..
                        }
                    )
            };
            let client_is_there = grant.as_ref().is_none_or(|grant| match &grant.credential {
                Credential::Oauth(oauth) => has_client(&oauth.client),
                Credential::Key(_) => true,
            });
            let fate = match (&former, &grant) {
                (Some(row), Some(_)) if waits(row) && client_is_there => ConnectionFate::SignedIn,
                (Some(_), _) => ConnectionFate::Stays,
                (None, Some(_)) if client_is_there => ConnectionFate::SignedIn,
                (None, Some(_)) => ConnectionFate::OtherClient,
                (None, None) => ConnectionFate::NeedsSignIn,
            };
            if fate != ConnectionFate::SignedIn {
                grant = None;
            }
            let target = former
                .as_ref()
                .map_or_else(ConnectionId::generate, |row| row.id);
            ids.insert(one.id, target);
            coming_connections.push(coming(one, fate));
            if fate != ConnectionFate::Stays {
                connections.push(planned(one, target, former, grant, now));
            }
        }

        self.keep_names_apart(&mut connections);
        let (callers, coming_callers) = self.planned_callers(file, &ids, now);
        let settings_now = self.settings.get();
        let settings = Settings {
            // A stop that a person pressed here is not undone by a file.
            agents_paused: settings_now.agents_paused || file.settings.agents_paused,
            network: settings_now.network.clone(),
            language: settings_now.language.clone(),
            ..file.settings.clone()
        };
        Ok(Plan {
            connections,
            callers,
            clients,
            preview: ImportPreview {
                id,
                made_at: document.made_at,
                made_by: document.made_by.chars().take(40).collect(),
                with_secrets: file.secrets.is_some(),
                connections: coming_connections,
                callers: coming_callers,
                clients: coming_clients,
                settings_now,
                settings_then: settings.clone(),
            },
            settings,
        })
    }

    /// A name of the file that could be mistaken for something here is left out; the account tells as much.
    fn keep_names_apart(&self, connections: &mut [Planned]) {
        let mut all = self.roster.all();
        all.extend(
            connections
                .iter()
                .filter(|one| !one.is_here)
                .map(|one| one.row.clone()),
        );
        for one in connections.iter_mut().filter(|one| !one.is_here) {
            let name = one.row.name.take();
            let checked = naming::checked(name, one.row.id, &all);
            one.row.name = checked.ok().flatten();
            if let Some(row) = all.iter_mut().find(|row| row.id == one.row.id) {
                row.name.clone_from(&one.row.name);
            }
        }
    }

    /// Could a grant of this client be renewed here, once the import is done?
    fn will_have(
        &self,
        name: &ClientName,
        here: &[ClientRow],
        coming: &[(ClientRow, Option<ClientSecret>)],
    ) -> bool {
        let is_it = |row: &ClientRow| row.provider == name.provider && row.kind == name.kind;
        let mut rows = here.iter().chain(coming.iter().map(|(row, _)| row));
        match rows.find(|row| is_it(row)) {
            Some(row) => row.client_id == name.client_id,
            None => self.built_in.iter().any(|one| {
                one.provider == name.provider
                    && one.kind == name.kind
                    && one.client_id == name.client_id
            }),
        }
    }

    fn planned_callers(
        &self,
        file: &Checked,
        ids: &BTreeMap<ConnectionId, ConnectionId>,
        now: Timestamp,
    ) -> (Vec<CallerRow>, Vec<ComingCaller>) {
        let decided: BTreeSet<model::Caller> = self.policy.decided();
        let mut rows = Vec::new();
        let mut coming = Vec::new();
        let left_out = &file.folders_left_out;
        for (one, folders_left_out) in file.document.callers.iter().zip(left_out) {
            let caller = one.caller();
            let added = !decided.contains(&caller);
            let rules: Vec<model::Rule> = one.rules.iter().map(Into::into).collect();
            coming.push(ComingCaller {
                name: policy::name_of(&caller),
                caller: caller.clone(),
                added,
                admitted: one.admitted,
                writes: one.writes,
                budget: (&one.budget).into(),
                rules: rules.clone(),
                folders_left_out: *folders_left_out,
            });
            if added {
                let at = one.decided_at.min(now);
                rows.push(CallerRow {
                    caller,
                    admission: match one.admitted {
                        true => Admission::Admitted { at },
                        false => Admission::Refused { at },
                    },
                    rules: rules.iter().filter_map(|rule| about(rule, ids)).collect(),
                    writes: one.writes,
                    budget: (&one.budget).into(),
                    client: None,
                    taint: None,
                    last_seen: None,
                });
            }
        }
        (rows, coming)
    }
}

/// The rule, about the connection as it is called here. One about a connection that isn't in the file would be about
/// every connection without its name: it is left out.
fn about(rule: &model::Rule, ids: &BTreeMap<ConnectionId, ConnectionId>) -> Option<model::Rule> {
    let connection = match rule.connection {
        Some(id) => Some(*ids.get(&id)?),
        None => None,
    };
    Some(model::Rule {
        connection,
        ..rule.clone()
    })
}

fn client_row(
    client: &document::Client,
    secret: Option<model::Secret>,
    now: Timestamp,
) -> (ClientRow, Option<ClientSecret>) {
    let row = ClientRow {
        provider: client.provider.clone(),
        kind: client.kind.clone(),
        client_id: client.client_id.clone(),
        has_secret: secret.is_some(),
        added_at: now,
    };
    let record = ClientSecret {
        client_id: client.client_id.clone(),
        secret,
    };
    let record = record.secret.is_some().then_some(record);
    (row, record)
}

fn coming(one: &document::Connection, fate: ConnectionFate) -> ComingConnection {
    let name = integrations::find(&one.integration).map_or_else(
        || one.integration.to_string(),
        |service| service.facts().name.clone(),
    );
    ComingConnection {
        id: one.id,
        integration: one.integration.clone(),
        integration_name: name,
        account: one.account.clone(),
        display_name: one.display_name.clone(),
        fate,
        paused: one.paused,
        token_allowed: one.token_allowed,
        chats: u32::try_from(one.chats.len()).unwrap_or(u32::MAX),
    }
}

fn planned(
    one: &document::Connection,
    id: ConnectionId,
    former: Option<ConnectionRow>,
    grant: Option<Grant>,
    now: Timestamp,
) -> Planned {
    let status = match &grant {
        Some(_) => Status::Unproven,
        None => Status::NeedsSignIn {
            cause: Cause::Imported,
            since: now,
        },
    };
    let is_here = former.is_some();
    let row = match (former, &grant) {
        (Some(row), Some(grant)) => ConnectionRow {
            status,
            granted: calls::granted(grant),
            generation: grant.generation,
            ..row
        },
        (_, grant) => ConnectionRow {
            id,
            integration: one.integration.clone(),
            identity: Identity {
                id: one.account_id.clone(),
                account: one.account.clone(),
                display_name: one.display_name.clone(),
            },
            status,
            proven_at: None,
            checked_at: None,
            connected_at: one.connected_at.min(now),
            asked: one.wanted_scopes.clone(),
            granted: grant.as_ref().map(calls::granted).unwrap_or_default(),
            remarks: Vec::new(),
            paused: one.paused,
            token_allowed: one.token_allowed,
            name: one.name.clone(),
            generation: grant.as_ref().map_or(0, |grant| grant.generation),
        },
    };
    Planned {
        row,
        chats: one
            .chats
            .iter()
            .map(|chat| Chat {
                id: chat.id.clone(),
                kind: chat.kind,
                title: chat.title.clone(),
                handle: chat.handle.clone(),
                known_since: chat.known_since,
            })
            .collect(),
        grant,
        is_here,
    }
}
