//! What leaves: the tables as a document, and for those who ask with a passphrase also what the vault holds for it.

use std::sync::Arc;

use model::{Admission, Caller, Error, ErrorCode, Exported, Secret};
use store::{ConnectionRow, Store, StoreError};
use vault::{ClientSecret, Grant, Item, MovedClient, MovedGrant, MovedSecrets, Parcel, VaultError};

use super::{
    document::{self, Document},
    file,
};
use crate::{
    core::{Core, vault_error},
    ledger::NewEntry,
};

impl Core {
    /// The text of an export without secrets.
    pub(super) async fn export(self: &Arc<Self>, caller: &Caller) -> Result<String, Error> {
        let document = self.document().await?;
        let text = written(&document)?;
        self.record(NewEntry::mark("exported").by(caller)).await?;
        Ok(text)
    }

    pub(super) async fn export_to(
        self: &Arc<Self>,
        caller: &Caller,
        path: &str,
        passphrase: Option<Secret>,
        replace: bool,
    ) -> Result<Exported, Error> {
        let path = file::whole(path)?;
        let document = self.document().await?;
        let mut exported = Exported {
            path: path.display().to_string(),
            with_secrets: passphrase.is_some(),
            connections: u32::try_from(document.connections.len()).unwrap_or(u32::MAX),
            without_sign_in: Vec::new(),
        };
        let (what, bytes) = match passphrase {
            None => ("exported", written(&document)?.into_bytes()),
            Some(passphrase) => {
                let (secrets, without) = self.moved_secrets(&document).await?;
                exported.without_sign_in = without;
                let sealed = tokio::task::spawn_blocking(move || {
                    Parcel::seal(&passphrase, &document, secrets)
                })
                .await
                .map_err(|_| Error::new(ErrorCode::Internal))?
                .map_err(|error| vault_error(&error))?;
                ("exported_with_secrets", sealed)
            }
        };
        // On record before it is out.
        self.record(NewEntry::mark(what).by(caller)).await?;
        tokio::task::spawn_blocking(move || file::write(&path, &bytes, replace))
            .await
            .map_err(|_| Error::new(ErrorCode::Internal))??;
        Ok(exported)
    }

    async fn document(&self) -> Result<Document, Error> {
        let endpoints = self.overridden();
        let settings = super::moved_settings(&self.settings.get())?;
        let (version, profile) = (self.version.clone(), self.profile.clone());
        let made_at = self.clock.now();
        let rows = self.roster.all();
        self.db(move |store| {
            Ok(Document {
                format: document::FORMAT.to_owned(),
                version: document::VERSION,
                made_at,
                made_by: version,
                profile,
                endpoints,
                connections: rows
                    .into_iter()
                    .map(|row| connection(store, row))
                    .collect::<Result<_, _>>()?,
                callers: callers(store)?,
                settings,
                clients: clients(store)?,
                secrets: None,
            })
        })
        .await
    }

    /// Every secret of what the document names, and the accounts whose sign-in can't come along.
    async fn moved_secrets(
        self: &Arc<Self>,
        document: &Document,
    ) -> Result<(MovedSecrets, Vec<String>), Error> {
        let mut secrets = MovedSecrets::default();
        let mut without = Vec::new();
        for connection in &document.connections {
            // No renewal may spend meanwhile what is being read.
            let _held = self.broker.hold(connection.id).await;
            let id = connection.id;
            let in_doubt = self.db(move |store| store.rotations().get(id)).await?;
            match self.vault.read::<Grant>(&Item::Grant(id)).await {
                // A refresh token that may be spent is of no use elsewhere, and using it could end the sign-in.
                Ok(Some(grant))
                    if in_doubt.is_none_or(|row| row.generation != grant.generation) =>
                {
                    secrets.grants.push(MovedGrant {
                        connection: id,
                        grant,
                    });
                }
                Ok(_) | Err(VaultError::Unreadable) => without.push(connection.account.clone()),
                Err(error) => return Err(vault_error(&error)),
            }
        }
        for client in document.clients.iter().filter(|one| one.has_secret) {
            let item = Item::Client {
                provider: client.provider.clone(),
                kind: client.kind.clone(),
            };
            let kept: Option<ClientSecret> = match self.vault.read(&item).await {
                Ok(kept) => kept,
                Err(VaultError::Unreadable) => None,
                Err(error) => return Err(vault_error(&error)),
            };
            if let Some(kept) = kept.filter(|kept| kept.client_id == client.client_id) {
                secrets.clients.push(MovedClient {
                    provider: client.provider.clone(),
                    kind: client.kind.clone(),
                    client: kept,
                });
            }
        }
        Ok((secrets, without))
    }
}

fn written(document: &Document) -> Result<String, Error> {
    serde_json::to_string_pretty(document)
        .map(|text| text + "\n")
        .map_err(|_| Error::new(ErrorCode::Internal))
}

fn connection(store: &Store, row: ConnectionRow) -> Result<document::Connection, StoreError> {
    let chats = store.chats().of(row.id)?.into_iter();
    Ok(document::Connection {
        id: row.id,
        integration: row.integration,
        account_id: row.identity.id,
        account: row.identity.account,
        display_name: row.identity.display_name,
        name: row.name,
        connected_at: row.connected_at,
        wanted_scopes: row.asked,
        paused: row.paused,
        token_allowed: row.token_allowed,
        chats: chats
            .map(|chat| document::Chat {
                id: chat.id,
                kind: chat.kind,
                title: chat.title,
                handle: chat.handle,
                known_since: chat.known_since,
            })
            .collect(),
    })
}

/// Those a person decided about. A rule about a connection that is gone is left behind: it can't apply again.
fn callers(store: &Store) -> Result<Vec<document::Caller>, StoreError> {
    let connections = store.connections().all()?;
    let is_there = |rule: &model::Rule| {
        rule.connection
            .is_none_or(|id| connections.iter().any(|row| row.id == id))
    };
    let rows = store.callers().all()?.into_iter();
    Ok(rows
        .filter_map(|row| {
            let (admitted, decided_at) = match row.admission {
                Admission::Admitted { at } => (true, at),
                Admission::Refused { at } => (false, at),
                Admission::Waiting { .. } => return None,
            };
            let kind = document::CallerKind::from(&row.caller);
            let name = match row.caller {
                Caller::Window => return None,
                Caller::Program { executable } | Caller::Agent { executable } => executable,
                Caller::Workflow { name } => name,
            };
            Some(document::Caller {
                kind,
                name,
                admitted,
                decided_at,
                writes: row.writes,
                budget: document::Budget {
                    per_minute: row.budget.per_minute,
                    writes_per_day: row.budget.writes_per_day,
                },
                rules: row
                    .rules
                    .into_iter()
                    .filter(is_there)
                    .map(Into::into)
                    .collect(),
            })
        })
        .collect())
}

fn clients(store: &Store) -> Result<Vec<document::Client>, StoreError> {
    let rows = store.clients().all()?.into_iter();
    Ok(rows
        .map(|row| document::Client {
            provider: row.provider,
            kind: row.kind,
            client_id: row.client_id,
            has_secret: row.has_secret,
        })
        .collect())
}
