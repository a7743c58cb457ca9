//! The one door: who may ask, and which room answers. No logic beyond that.
//!
//! What a room does is boxed: a future holds the largest of all its branches, and the smallest question would carry the
//! longest way to an answer with it, through each layer it is handed on by.

mod actions;

use std::sync::{Arc, atomic::Ordering};

use futures_util::FutureExt;
use model::{
    Caller, Error, ErrorCode, Event, Request, Response, Secret, VaultPlace, VaultState,
    integration::IntegrationView, response::HubView,
};
use store::AttemptOutcome;
use vault::Item;

use crate::{
    core::{Core, vault_error},
    ledger::NewEntry,
    monitor::Probe,
    sign_in::Wanted,
};

impl Core {
    pub(crate) async fn answer(
        self: &Arc<Self>,
        caller: &Caller,
        request: Request,
    ) -> Result<Response, Error> {
        self.admit(caller, &request).await?;
        let answer = self.answer_in_room(caller, request).await?;
        self.remember_what_is_told(caller, &answer).await?;
        Ok(answer)
    }

    async fn answer_in_room(
        self: &Arc<Self>,
        caller: &Caller,
        request: Request,
    ) -> Result<Response, Error> {
        if self.closing.is_cancelled() {
            return Err(Error::new(ErrorCode::HandingOver).retry_after(1));
        }
        match request {
            Request::Hub => Ok(Response::Hub(self.hub_view())),
            Request::Introduce { client } => self
                .introduce(caller, client)
                .boxed()
                .await
                .map(Response::Standing),
            Request::ListIntegrations => self.integrations().await.map(Response::Integrations),
            Request::ListConnections => Ok(Response::Connections(self.views())),
            Request::GetConnection { connection } => self
                .roster
                .resolve(&connection)
                .map(|row| Response::Connection(self.view(&row))),
            Request::ListSignIns => Ok(Response::SignIns(self.attempts.all())),
            Request::PreviewDisconnect { connection } => self
                .preview_disconnect(&connection)
                .map(Response::DisconnectPreview),
            Request::Doctor => Ok(Response::Diagnosis(self.doctor().boxed().await)),
            Request::Refresh => {
                self.round(Probe::All).boxed().await;
                Ok(Response::Connections(self.views()))
            }
            Request::Test { connection } => {
                self.test(&connection).boxed().await.map(Response::Test)
            }
            Request::BeginSignIn {
                integration,
                connection,
                scopes,
                redirect,
            } => self
                .begin_sign_in(Wanted {
                    integration,
                    connection,
                    scopes,
                    redirect,
                    pick: false,
                })
                .boxed()
                .await
                .map(Response::SignIn),
            Request::BeginPick {
                connection,
                redirect,
            } => self
                .begin_pick(connection, redirect)
                .boxed()
                .await
                .map(Response::SignIn),
            Request::DeliverRedirect { url } => self
                .deliver(url.into_secret())
                .boxed()
                .await
                .map(Response::SignIn),
            Request::CancelSignIn { attempt } => self
                .end_attempt(
                    attempt,
                    AttemptOutcome::Cancelled,
                    ErrorCode::SignInCancelled,
                )
                .boxed()
                .await?
                .map(Response::SignIn)
                .ok_or_else(|| Error::new(ErrorCode::SignInUnknown)),
            Request::ConnectWithForm {
                integration,
                connection,
                fields,
            } => self
                .connect_with_form(integration, connection, fields)
                .boxed()
                .await
                .map(Response::Connection),
            Request::Disconnect { connection, revoke } => self
                .disconnect(caller, &connection, revoke)
                .boxed()
                .await
                .map(|()| Response::Done),
            Request::SetPaused { connection, paused } => {
                self.set_paused(caller, &connection, paused).boxed().await
            }
            Request::RenameConnection { connection, name } => self
                .rename(&connection, name)
                .boxed()
                .await
                .map(Response::Connection),
            Request::Open { target } => {
                self.emit(Event::Open { target });
                Ok(Response::Done)
            }
            Request::HandOver => self.hand_over(),
            Request::RunWorkflow {
                run,
                source,
                folder,
                input,
            } => self
                .run_workflow(caller, run, &source, folder, &input)
                .boxed()
                .await
                .map(Response::Actions),
            Request::SetWindowVisible { visible } => {
                let was = self.visible.swap(visible, Ordering::Relaxed);
                if visible && !was {
                    self.round.notify_one();
                }
                Ok(Response::Done)
            }
            other => self.answer_about_actions(caller, other).await,
        }
    }

    /// Vault and client registrations.
    pub(crate) async fn answer_about_secrets(
        self: &Arc<Self>,
        request: Request,
    ) -> Result<Response, Error> {
        match request {
            Request::CheckVault => Ok(Response::Vault(self.vault.check().await)),
            Request::UnlockVault { passphrase } => {
                let opened = self.vault.unlock_file(passphrase.into_secret()).await;
                opened.map_err(|error| vault_error(&error))?;
                Ok(Response::Vault(self.vault.state()))
            }
            Request::UseVaultFile { passphrase } => self
                .use_vault_file(passphrase.into_secret())
                .boxed()
                .await
                .map(Response::Vault),
            Request::UseKeychain => {
                let moved = self.vault.use_keychain().await;
                moved.map_err(|error| vault_error(&error))?;
                Ok(Response::Vault(self.vault.state()))
            }
            Request::RegisterClient {
                provider,
                kind,
                client_id,
                client_secret,
            } => {
                let secret = client_secret.map(model::SecretInput::into_secret);
                self.register_client(provider, kind, &client_id, secret)
                    .boxed()
                    .await
                    .map(Response::ClientTaken)
            }
            Request::RegisterClientFile {
                provider,
                contents,
                replace,
            } => self
                .register_client_file(provider, contents.into_secret(), replace)
                .boxed()
                .await
                .map(Response::ClientTaken),
            Request::RemoveClient { provider, kind } => self
                .remove_client(provider, kind)
                .boxed()
                .await
                .map(|()| Response::Done),
            _ => Err(Error::new(ErrorCode::Internal)),
        }
    }

    fn hub_view(&self) -> HubView {
        HubView {
            version: self.version.clone(),
            profile: self.profile.clone(),
            sandbox: self.sandbox,
            headless: self.headless,
            vault: self.vault.state(),
            remarks: self.remarks.clone(),
        }
    }

    fn views(&self) -> Vec<model::ConnectionView> {
        self.roster.all().iter().map(|row| self.view(row)).collect()
    }

    async fn integrations(&self) -> Result<Vec<IntegrationView>, Error> {
        let mut views = Vec::new();
        for integration in integrations::all() {
            let registered = self.registered(&integration.facts().provider).await?;
            let find = |kind: &str| {
                registered
                    .iter()
                    .find(|(have, _)| have == kind)
                    .map(|(_, client)| client.clone())
            };
            views.push(integrations::view(*integration, self.language(), &find));
        }
        Ok(views)
    }

    async fn set_paused(
        self: &Arc<Self>,
        caller: &Caller,
        wanted: &model::ConnectionRef,
        paused: bool,
    ) -> Result<Response, Error> {
        let row = self.roster.resolve(wanted)?;
        if let Some(view) = self.change(row.id, |row| row.paused = paused).await? {
            let entry = NewEntry::status(&row, view.status.kind());
            self.ledger.note(entry.by(caller));
        }
        if !paused {
            self.revive_actions(row.id);
            self.round.notify_one();
        }
        self.roster
            .resolve(wanted)
            .map(|row| Response::Connection(self.view(&row)))
    }

    /// What the keychain held moves along. One that is locked is opened first, or everything in it would be cut off; one
    /// that is gone or broken is left behind, and its accounts are signed in to again.
    async fn use_vault_file(self: &Arc<Self>, passphrase: Secret) -> Result<VaultState, Error> {
        let _busy = self.moving.busy.lock().await;
        let items = match self.vault.settled().await {
            VaultState::Unlocked { .. } => self.vault_items().await?,
            VaultState::Locked {
                place: VaultPlace::Keychain,
            } if self.keeps_anything().await? => return Err(Error::new(ErrorCode::VaultLocked)),
            _ => Vec::new(),
        };
        self.vault
            .use_file(passphrase, &items)
            .await
            .map_err(|error| vault_error(&error))?;
        self.carry_ledger_key().await?;
        Ok(self.vault.state())
    }

    /// The ledger's key alone is carried over in memory, or made anew.
    async fn keeps_anything(&self) -> Result<bool, Error> {
        let items = self.vault_items().await?;
        Ok(items.iter().any(|item| *item != Item::LedgerKey))
    }

    /// Everything the tables say the vault should hold.
    async fn vault_items(&self) -> Result<Vec<Item>, Error> {
        self.db(|store| {
            let mut items: Vec<Item> = store
                .connections()
                .all()?
                .into_iter()
                .map(|row| Item::Grant(row.id))
                .collect();
            let revocations = store.revocations().all()?;
            items.extend(
                revocations
                    .into_iter()
                    .map(|row| Item::Revocation(row.connection)),
            );
            let attempts = store.attempts().pending()?;
            items.extend(
                attempts
                    .into_iter()
                    .map(|row| Item::Attempt(row.state_hash)),
            );
            let clients = store.clients().all()?;
            items.extend(clients.into_iter().map(|row| Item::Client {
                provider: row.provider,
                kind: row.kind,
            }));
            let uploads = store.outbox().open()?;
            items.extend(
                uploads
                    .into_iter()
                    .filter(|row| !row.files.is_empty())
                    .map(|row| Item::Upload(row.id)),
            );
            items.push(Item::LedgerKey);
            Ok(items)
        })
        .await
    }

    /// Only a hub without a window gives its profile away.
    fn hand_over(&self) -> Result<Response, Error> {
        if !self.headless {
            return Err(Error::new(ErrorCode::RefusedCaller));
        }
        self.handed_over.cancel();
        Ok(Response::Done)
    }

    pub(crate) async fn vault_is_open(&self) -> bool {
        matches!(self.vault.settled().await, VaultState::Unlocked { .. })
    }
}
