//! Client registrations: what this build came with, and the person's own, which go first.
//!
//! The public half is a row; the secret half is a vault item. A client secret of an installed app proves
//! nothing (RFC 8252 §8.5), and is kept like every other secret all the same.

use std::sync::Arc;

use integrations::{Auth, ClientFile, ClientKind, Integration};
use model::{
    Error, ErrorCode, Event, ProviderId, RedirectKind, Secret,
    integration::{ClientTaken, RegisteredClient},
};
use store::ClientRow;
use vault::{ClientName, ClientSecret, Item};

use crate::core::{Core, vault_error};

/// A client ready to be used, secret included.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(crate) name: ClientName,
    pub(crate) secret: Option<Secret>,
}

impl Core {
    /// The public half of every registration of a provider: (kind, client).
    pub(crate) async fn registered(
        &self,
        provider: &ProviderId,
    ) -> Result<Vec<(String, RegisteredClient)>, Error> {
        let rows = self.db(|store| store.clients().all()).await?;
        let own = rows
            .into_iter()
            .filter(|row| &row.provider == provider)
            .map(|row| {
                (
                    row.kind,
                    RegisteredClient {
                        client_id: row.client_id,
                        own: true,
                    },
                )
            });
        let mut found: Vec<(String, RegisteredClient)> = own.collect();
        for one in self.built_in.iter().filter(|one| &one.provider == provider) {
            if !found.iter().any(|(kind, _)| kind == &one.kind) {
                found.push((
                    one.kind.clone(),
                    RegisteredClient {
                        client_id: one.client_id.clone(),
                        own: false,
                    },
                ));
            }
        }
        Ok(found)
    }

    /// The client to sign in with: the wanted redirect, or the best there is.
    pub(crate) async fn choose_client(
        &self,
        integration: &dyn Integration,
        wanted: Option<RedirectKind>,
    ) -> Result<(Client, RedirectKind), Error> {
        let facts = integration.facts();
        let missing = || {
            Error::new(ErrorCode::NotConfigured)
                .with("service", &facts.name)
                .with("provider", &facts.provider)
        };
        let Auth::Oauth(oauth) = &facts.auth else {
            return Err(missing());
        };
        let registered = self.registered(&facts.provider).await?;
        let mut usable: Vec<(&String, &ClientKind)> = oauth
            .clients
            .iter()
            .filter(|(kind, fact)| {
                wanted.is_none_or(|wanted| wanted == fact.redirect)
                    && registered.iter().any(|(have, _)| have == *kind)
            })
            .collect();
        // Without a window nobody receives links, so the listener is the better choice.
        let best = if self.headless {
            RedirectKind::Loopback
        } else {
            RedirectKind::DeepLink
        };
        usable.sort_by_key(|(_, fact)| fact.redirect != best);
        let (kind, fact) = usable.first().ok_or_else(missing)?;
        let client_id = registered
            .iter()
            .find(|(have, _)| have == *kind)
            .map(|(_, client)| client.client_id.clone())
            .ok_or_else(missing)?;
        let name = ClientName {
            provider: facts.provider.clone(),
            kind: (*kind).clone(),
            client_id,
        };
        let client = self.client(&name).await?.ok_or_else(missing)?;
        Ok((client, fact.redirect))
    }

    /// The client a grant was made with; `None` when it is no longer registered.
    pub(crate) async fn client(&self, name: &ClientName) -> Result<Option<Client>, Error> {
        let (provider, kind) = (name.provider.clone(), name.kind.clone());
        let row = self
            .db(move |store| store.clients().get(&provider, &kind))
            .await?;
        if let Some(row) = row.filter(|row| row.client_id == name.client_id) {
            let secret = if row.has_secret {
                let item = Item::Client {
                    provider: row.provider,
                    kind: row.kind,
                };
                let kept: Option<ClientSecret> = self
                    .vault
                    .read(&item)
                    .await
                    .map_err(|error| vault_error(&error))?;
                match kept.filter(|kept| kept.client_id == name.client_id) {
                    Some(kept) => kept.secret,
                    None => return Ok(None),
                }
            } else {
                None
            };
            return Ok(Some(Client {
                name: name.clone(),
                secret,
            }));
        }
        let built_in = self.built_in.iter().find(|one| {
            one.provider == name.provider
                && one.kind == name.kind
                && one.client_id == name.client_id
        });
        Ok(built_in.map(|one| Client {
            name: name.clone(),
            secret: one.client_secret.clone(),
        }))
    }

    /// Takes the person's own client.
    pub(crate) async fn register_client(
        self: &Arc<Self>,
        provider: ProviderId,
        kind: String,
        client_id: &str,
        secret: Option<Secret>,
    ) -> Result<ClientTaken, Error> {
        let typed = reader(&provider)?
            .read_client(&kind, client_id, secret.as_ref())
            .map_err(|error| self.field_error(error))?;
        self.keep_client(provider, typed, true).await
    }

    /// The secret is stored before the row that promises it.
    async fn keep_client(
        self: &Arc<Self>,
        provider: ProviderId,
        client: ClientFile,
        replace: bool,
    ) -> Result<ClientTaken, Error> {
        let _busy = self.moving.busy.lock().await;
        let ClientFile {
            kind,
            client_id,
            client_secret: secret,
            project,
        } = client;
        let taken = ClientTaken {
            kind: kind.clone(),
            client_id: client_id.clone(),
            project: match project {
                Some(project) => Some(project),
                None => reader(&provider)?.project_of(&client_id),
            },
            replaces: !replace && self.is_another(&provider, &kind, &client_id).await?,
        };
        if taken.replaces {
            return Ok(taken);
        }
        let item = Item::Client {
            provider: provider.clone(),
            kind: kind.clone(),
        };
        let record = ClientSecret {
            client_id: client_id.clone(),
            secret: secret.clone(),
        };
        self.vault
            .write(&item, &record)
            .await
            .map_err(|error| vault_error(&error))?;
        let row = ClientRow {
            provider,
            kind,
            client_id,
            has_secret: secret.is_some(),
            added_at: self.clock.now(),
        };
        self.db(move |store| store.clients().put(&row)).await?;
        self.emit(Event::IntegrationsChanged);
        Ok(taken)
    }

    pub(crate) async fn register_client_file(
        self: &Arc<Self>,
        provider: ProviderId,
        contents: Secret,
        replace: bool,
    ) -> Result<ClientTaken, Error> {
        let file = reader(&provider)?
            .read_client_file(&contents)
            .map_err(|error| self.field_error(error))?;
        self.keep_client(provider, file, replace).await
    }

    /// Does the person have a registration of this kind that isn't this one?
    async fn is_another(
        &self,
        provider: &ProviderId,
        kind: &str,
        client_id: &str,
    ) -> Result<bool, Error> {
        let (provider, kind) = (provider.clone(), kind.to_owned());
        let there = self
            .db(move |store| store.clients().get(&provider, &kind))
            .await?;
        Ok(there.is_some_and(|row| row.client_id != client_id))
    }

    pub(crate) async fn remove_client(
        self: &Arc<Self>,
        provider: ProviderId,
        kind: String,
    ) -> Result<(), Error> {
        let _busy = self.moving.busy.lock().await;
        let (from, what) = (provider.clone(), kind.clone());
        self.db(move |store| store.clients().remove(&from, &what))
            .await?;
        let item = Item::Client { provider, kind };
        self.vault
            .delete(&item)
            .await
            .map_err(|error| vault_error(&error))?;
        self.emit(Event::IntegrationsChanged);
        Ok(())
    }
}

/// Any integration of a provider reads its registrations: they are the provider's.
pub(crate) fn reader(provider: &ProviderId) -> Result<&'static dyn Integration, Error> {
    integrations::all()
        .iter()
        .find(|one| &one.facts().provider == provider)
        .copied()
        .ok_or_else(|| Error::new(ErrorCode::UnknownIntegration).with("integration", provider))
}

impl Core {
    pub(crate) fn field_error(&self, error: integrations::FieldError) -> Error {
        Error::new(ErrorCode::InvalidInput)
            .with("field", error.field)
            .with("reason", error.reason.say(self.language()))
    }
}
