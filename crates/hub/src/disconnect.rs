//! Ending a connection: what dies is said first, the grant moves aside, and the provider is told, now or
//! as soon as it can be reached. The table leads every step, so that a crash anywhere is resumed.

use std::sync::Arc;

use integrations::Reach;
use model::{
    Caller, ConnectionId, ConnectionRef, DisconnectPreview, Error, Notice, NoticeKind, Secret,
};
use store::{ConnectionRow, RevocationPhase, RevocationRow};
use vault::{Credential, Grant, Item, VaultError};

use crate::{
    core::{Core, integration, kept_endpoints, vault_error},
    ledger::NewEntry,
    oauth::{self, TokenFailure},
};

/// After this long the provider is no longer asked, and the person is told;
const GIVE_UP_DAYS: i64 = 30;
/// but not before this many tries: a clock that was years behind makes a month out of a minute.
const GIVE_UP_TRIES: u32 = 24;

impl Core {
    pub(crate) fn preview_disconnect(
        &self,
        wanted: &ConnectionRef,
    ) -> Result<DisconnectPreview, Error> {
        let row = self.roster.resolve(wanted)?;
        let service = integration(&row.integration)?;
        let reach = service.facts().auth.revocation();
        let also_ends = if reach == Reach::Project {
            self.siblings(&row)
        } else {
            Vec::new()
        };
        Ok(DisconnectPreview {
            connection: row.id,
            revocable: reach != Reach::None,
            also_ends: also_ends.iter().map(|row| self.view(row)).collect(),
            consequences: integrations::consequences(service, self.language()),
        })
    }

    /// Connections of the same account at the same provider: they share what the provider revokes.
    fn siblings(&self, row: &ConnectionRow) -> Vec<ConnectionRow> {
        let provider = |row: &ConnectionRow| {
            integration(&row.integration)
                .ok()
                .map(|one| &one.facts().provider)
        };
        self.roster
            .all()
            .into_iter()
            .filter(|other| other.id != row.id && other.identity.account == row.identity.account)
            .filter(|other| provider(other) == provider(row))
            .collect()
    }

    pub(crate) async fn disconnect(
        self: &Arc<Self>,
        caller: &Caller,
        wanted: &ConnectionRef,
        revoke: bool,
    ) -> Result<(), Error> {
        let row = self.roster.resolve(wanted)?;
        let ended = NewEntry::connection(&row, "disconnected").by(caller);
        let reach = integration(&row.integration)?.facts().auth.revocation();
        let core = Arc::clone(self);
        self.finish(async move {
            // No renewal may write the grant back while it is being moved.
            let mut held = core.broker.hold(row.id).await;
            held.forget();
            if revoke && reach != Reach::None {
                core.move_to_revocation(&row).await?;
                core.ledger.note(ended);
                let later = Arc::clone(&core);
                core.flights.spawn(async move { later.revoke_due().await });
                Ok(())
            } else {
                core.remove_here(&row).await?;
                core.ledger.note(ended);
                Ok(())
            }
        })
        .await?
    }

    /// The row goes first, and what is left to do stands in the table: a crash leaves no connection without its sign-in,
    /// and no sign-in behind.
    async fn remove_here(self: &Arc<Self>, row: &ConnectionRow) -> Result<(), Error> {
        let id = row.id;
        // Of a former try to tell the provider. Where secrets can't be reached, nothing is begun.
        self.vault
            .delete(&Item::Revocation(id))
            .await
            .map_err(|error| vault_error(&error))?;
        // Nothing to be revoked is under its new name, so nobody is told.
        let intent = self.intent(row, RevocationPhase::Pending);
        self.db(move |store| {
            store.transaction(|tx| {
                tx.revocations().remove(id)?;
                tx.revocations().insert(&intent)?;
                tx.connections().remove(id)
            })
        })
        .await?;
        self.leave(id);
        self.drop_actions(id).await;
        if let Err(error) = self.forget_revocation(id).await {
            let code = error.code.name();
            tracing::warn!(code, "the grant of a removed connection is deleted later");
        }
        Ok(())
    }

    pub(crate) fn intent(&self, row: &ConnectionRow, phase: RevocationPhase) -> RevocationRow {
        let now = self.clock.now();
        RevocationRow {
            connection: row.id,
            integration: row.integration.clone(),
            account: row.identity.account.clone(),
            phase,
            created_at: now,
            tries: 0,
            next_try_at: now,
        }
    }

    async fn move_to_revocation(self: &Arc<Self>, row: &ConnectionRow) -> Result<(), Error> {
        let intent = self.intent(row, RevocationPhase::Moving);
        self.db(move |store| {
            store.transaction(|tx| {
                // A former try that stopped halfway left its intent; it is the same intent.
                tx.revocations().remove(intent.connection)?;
                tx.revocations().insert(&intent)
            })
        })
        .await?;
        if let Err(error) = self.finish_move(row.id).await {
            // Nothing was moved that isn't still there: the connection stays as it was.
            let id = row.id;
            self.db(move |store| store.revocations().remove(id)).await?;
            return Err(error);
        }
        Ok(())
    }

    /// From "moving" to "pending"; safe to run again after a crash at any point of it.
    async fn finish_move(self: &Arc<Self>, id: ConnectionId) -> Result<(), Error> {
        match self.vault.read::<Grant>(&Item::Grant(id)).await {
            Ok(Some(grant)) => {
                let kept = self.vault.write(&Item::Revocation(id), &grant).await;
                kept.map_err(|error| vault_error(&error))?;
            }
            // Gone, or moved before a crash; or unreadable, and so of no use to the provider either.
            Ok(None) | Err(VaultError::Unreadable) => {}
            Err(error) => return Err(vault_error(&error)),
        }
        self.db(move |store| {
            store.transaction(|tx| {
                tx.connections().remove(id)?;
                tx.revocations().set_pending(id)
            })
        })
        .await?;
        self.leave(id);
        self.drop_actions(id).await;
        if let Err(error) = self.vault.delete(&Item::Grant(id)).await {
            tracing::warn!(%error, "the grant of an ended connection is deleted at the next start");
        }
        Ok(())
    }

    /// At start: finishes what a crash interrupted.
    pub(crate) async fn resume_moves(self: &Arc<Self>) -> Result<(), Error> {
        let rows = self.db(|store| store.revocations().all()).await?;
        for id in rows.into_iter().map(|row| row.connection) {
            // Requests are answered by now: one that is under way finishes, or takes back, its own move.
            let _held = self.broker.hold(id).await;
            let rows = self.db(|store| store.revocations().all()).await?;
            match rows
                .iter()
                .find(|row| row.connection == id)
                .map(|row| row.phase)
            {
                Some(RevocationPhase::Moving) => {
                    let row = self.roster.get(id);
                    self.finish_move(id).await?;
                    if let Some(row) = &row {
                        self.ledger.note(NewEntry::connection(row, "disconnected"));
                    }
                }
                Some(RevocationPhase::Pending) => {
                    self.vault
                        .delete(&Item::Grant(id))
                        .await
                        .map_err(|error| vault_error(&error))?;
                }
                None => {}
            }
        }
        Ok(())
    }

    /// Tells the providers whose time has come.
    pub(crate) async fn revoke_due(self: &Arc<Self>) {
        let now = self.clock.now();
        let Ok(due) = self.db(move |store| store.revocations().due(now)).await else {
            return;
        };
        for row in due {
            if let Err(error) = self.revoke_one(&row).await {
                tracing::warn!(code = error.code.name(), "a revocation waits");
            }
        }
    }

    async fn revoke_one(self: &Arc<Self>, row: &RevocationRow) -> Result<(), Error> {
        let id = row.connection;
        let item = Item::Revocation(id);
        let grant: Option<Grant> = match self.vault.read(&item).await {
            Ok(grant) => grant,
            Err(VaultError::Unreadable) => None,
            Err(error) => return Err(vault_error(&error)),
        };
        let outcome = match &grant {
            // Nothing left that the provider could be told.
            None => Ok(()),
            Some(grant) => self.tell_provider(grant).await,
        };
        let waited = self.clock.now().duration_since(row.created_at).as_hours() / 24;
        match outcome {
            Ok(()) => {
                self.forget_revocation(id).await?;
                if row.tries > 0 {
                    self.say_revocation(row, "notice_revocation_done");
                }
                // What the provider ended along with it is seen at once.
                self.round.notify_one();
                Ok(())
            }
            Err(_) if waited >= GIVE_UP_DAYS && row.tries >= GIVE_UP_TRIES => {
                self.forget_revocation(id).await?;
                self.say_revocation(row, "notice_revocation_given_up");
                Ok(())
            }
            Err(_) => {
                let wait = (30_i64 << row.tries.min(7)).min(3600);
                let now = self.clock.now();
                let next = now
                    .checked_add(jiff::SignedDuration::from_secs(wait))
                    .unwrap_or(now);
                self.db(move |store| store.revocations().retry_later(id, next))
                    .await?;
                Ok(())
            }
        }
    }

    async fn tell_provider(&self, grant: &Grant) -> Result<(), TokenFailure> {
        let Credential::Oauth(oauth_grant) = &grant.credential else {
            return Ok(());
        };
        let client = match self.client(&oauth_grant.client).await {
            Ok(Some(client)) => client,
            // Without the registration's secret the token itself still names the grant.
            _ => crate::clients::Client {
                name: oauth_grant.client.clone(),
                secret: None,
            },
        };
        let token: &Secret = oauth_grant
            .refresh_token
            .as_ref()
            .unwrap_or(&oauth_grant.access_token);
        oauth::revoke(
            &self.http.get(),
            &kept_endpoints(&grant.endpoints),
            &client,
            token,
        )
        .await
    }

    /// Under both names: what was to be told may have been nothing.
    async fn forget_revocation(&self, id: ConnectionId) -> Result<(), Error> {
        for item in [Item::Grant(id), Item::Revocation(id)] {
            let gone = self.vault.delete(&item).await;
            gone.map_err(|error| vault_error(&error))?;
        }
        self.db(move |store| store.revocations().remove(id)).await?;
        Ok(())
    }

    fn say_revocation(&self, row: &RevocationRow, stem: &str) {
        let service = integration(&row.integration).map_or_else(
            |_| row.integration.to_string(),
            |one| one.facts().name.clone(),
        );
        let args = [
            ("service".to_owned(), service),
            ("account".to_owned(), row.account.clone()),
        ]
        .into();
        let words = self.words();
        self.tell(Notice {
            kind: NoticeKind::Revocation,
            title: words.say(&format!("{stem}_title"), &args),
            body: words.say(&format!("{stem}_body"), &args),
            action: None,
        });
    }
}
