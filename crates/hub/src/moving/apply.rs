//! Doing what was shown, as a whole or not at all.
//!
//! The vault and the tables can't be written in one step, so the table leads: a row names every vault item before the
//! first is written, and turns to `done` in the very transaction that writes everything else. Whatever ends the process
//! in between, the next start finds either a row that is `writing`, and takes its items out of the vault again, or one
//! that is `done`, and has only the ledger to tell. Items have names that nothing else here has, so that taking them
//! out never hits what was here before.

use std::sync::Arc;

use model::{Caller, ConnectionId, Error, Event, ImportId, Imported, ProviderId};
use serde::{Deserialize, Serialize};
use store::{ImportPhase, ImportRow, StoreError};
use vault::{Grant, Item};

use super::{check::Checked, plan::Plan, refusal::Refusal};
use crate::{
    core::{Core, vault_error},
    ledger::NewEntry,
    settings,
};

/// A vault item of an import, as its journal names it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "item", rename_all = "snake_case")]
pub(super) enum Written {
    Grant { connection: ConnectionId },
    Client { provider: ProviderId, kind: String },
}

impl Written {
    fn item(&self) -> Item {
        match self {
            Self::Grant { connection } => Item::Grant(*connection),
            Self::Client { provider, kind } => Item::Client {
                provider: provider.clone(),
                kind: kind.clone(),
            },
        }
    }
}

impl Core {
    /// Applies the plan of `file`, if that is still what the person was shown.
    pub(super) async fn apply(
        self: &Arc<Self>,
        caller: &Caller,
        shown: &model::ImportPreview,
        file: &Checked,
    ) -> Result<Imported, Error> {
        // No sign-in, registration or other import changes meanwhile what the plan was made for.
        let _busy = self.moving.busy.lock().await;
        let _taking_in = self.attempts.taking_in.lock().await;
        let _choosing = self.settings.changing.lock().await;
        let plan = self.plan(shown.id, file).await?;
        if plan.preview != *shown {
            return Err(Refusal::new("reason_import_changed").error(&self.words()));
        }
        let mut held = Vec::new();
        for one in &plan.connections {
            if one.grant.is_some() {
                let mut slot = self.broker.hold(one.row.id).await;
                slot.forget();
                held.push(slot);
            }
        }
        self.nothing_there_yet(&plan).await?;
        let id = shown.id;
        self.begin_journal(id, &plan).await?;
        self.moving.step().await;
        let filled = self.fill_vault(&plan).await;
        // Nobody is decided about between the table and what is in memory.
        let turn = self.policy.turn().await;
        let kept = match filled {
            Ok(()) => self.commit(id, &plan).await,
            Err(error) => Err(error),
        };
        if let Err(error) = kept {
            drop(turn);
            self.undo(id).await;
            return Err(error);
        }
        drop(held);
        self.moving.step().await;
        let another_time = self.settings_hold(plan.settings.clone());
        let imported = self.enter_imported(plan);
        drop(turn);
        if another_time {
            self.look_at_old_days().await;
        }
        self.tell_ledger(id, Some(caller)).await;
        // Connections that brought their sign-in are proven now.
        self.round.notify_one();
        Ok(imported)
    }

    /// An item of the same name would be replaced, and then taken out if this fails.
    async fn nothing_there_yet(&self, plan: &Plan) -> Result<(), Error> {
        for one in plan.connections.iter().filter(|one| one.grant.is_some()) {
            let found: Option<Grant> = self
                .vault
                .read(&Item::Grant(one.row.id))
                .await
                .map_err(|error| vault_error(&error))?;
            if found.is_some() {
                return Err(Refusal::new("reason_import_changed").error(&self.words()));
            }
        }
        Ok(())
    }

    async fn begin_journal(&self, id: ImportId, plan: &Plan) -> Result<(), Error> {
        let grants = plan.connections.iter().filter(|one| one.grant.is_some());
        let grants = grants.map(|one| Written::Grant {
            connection: one.row.id,
        });
        let clients = plan.clients.iter().filter(|(_, record)| record.is_some());
        let clients = clients.map(|(row, _)| Written::Client {
            provider: row.provider.clone(),
            kind: row.kind.clone(),
        });
        let row = ImportRow {
            id,
            phase: ImportPhase::Writing,
            items: grants.chain(clients).collect(),
            begun_at: self.clock.now(),
        };
        self.db(move |store| store.imports().begin(&row)).await
    }

    async fn fill_vault(&self, plan: &Plan) -> Result<(), Error> {
        let failed = |error: vault::VaultError| vault_error(&error);
        for one in &plan.connections {
            if let Some(grant) = &one.grant {
                self.vault
                    .write(&Item::Grant(one.row.id), grant)
                    .await
                    .map_err(failed)?;
                self.moving.step().await;
            }
        }
        for (row, record) in &plan.clients {
            if let Some(record) = record {
                let item = Item::Client {
                    provider: row.provider.clone(),
                    kind: row.kind.clone(),
                };
                self.vault.write(&item, record).await.map_err(failed)?;
                self.moving.step().await;
            }
        }
        Ok(())
    }

    /// Everything else in one commit.
    async fn commit(&self, id: ImportId, plan: &Plan) -> Result<(), Error> {
        // Decided about since it was shown: the plan isn't true any more.
        let decided = self.policy.decided();
        if plan.callers.iter().any(|row| decided.contains(&row.caller)) {
            return Err(Refusal::new("reason_import_changed").error(&self.words()));
        }
        let connections: Vec<_> = plan
            .connections
            .iter()
            .map(|one| (one.row.clone(), one.chats.clone(), one.is_here))
            .collect();
        let callers = plan.callers.clone();
        let clients: Vec<_> = plan.clients.iter().map(|(row, _)| row.clone()).collect();
        let chosen = plan.settings.clone();
        self.db(move |store| {
            store.transaction(|tx| {
                for (row, chats, is_here) in &connections {
                    if *is_here {
                        // Signed in or ended since it was shown: the plan isn't true any more.
                        if !tx.connections().update(row)? {
                            return Err(StoreError::Value("a connection that is gone"));
                        }
                    } else {
                        tx.connections().insert(row)?;
                        for chat in chats {
                            tx.chats().upsert(row.id, chat)?;
                        }
                    }
                }
                for row in &callers {
                    tx.callers().put(row)?;
                }
                for row in &clients {
                    tx.clients().put(row)?;
                }
                tx.settings().put(settings::KEY, &chosen)?;
                tx.imports().set_done(id)
            })
        })
        .await
    }

    /// Takes out of the vault what an import without its tables left there. What can't be done now is done at the
    /// next start.
    async fn undo(&self, id: ImportId) {
        let rows = self.db(|store| store.imports().all::<Written>()).await;
        let row = rows.into_iter().flatten().find(|row| row.id == id);
        let Some(row) = row.filter(|row| row.phase == ImportPhase::Writing) else {
            return;
        };
        for written in &row.items {
            if self.is_known(written).await {
                continue;
            }
            if let Err(error) = self.vault.delete(&written.item()).await {
                tracing::warn!(%error, "an import is taken back at the next start");
                return;
            }
            self.moving.step().await;
        }
        let removed = self.db(move |store| store.imports().remove(id)).await;
        if let Err(error) = removed {
            tracing::warn!(
                code = error.code.name(),
                "an import is taken back again later"
            );
        }
    }

    /// Somebody signed in, or registered a client, under the same name since: then it is theirs.
    async fn is_known(&self, written: &Written) -> bool {
        match written {
            Written::Grant { connection } => self
                .roster
                .get(*connection)
                .is_some_and(|row| row.generation > 0),
            Written::Client { provider, kind } => {
                let (provider, kind) = (provider.clone(), kind.clone());
                let row = self
                    .db(move |store| store.clients().get(&provider, &kind))
                    .await;
                // Not known for certain: kept rather than lost.
                row.map_or(true, |row| row.is_some())
            }
        }
    }

    /// In memory and on screen; the tables have it.
    fn enter_imported(self: &Arc<Self>, plan: Plan) -> Imported {
        let (mut connections, mut reconnect) = (Vec::new(), Vec::new());
        for one in plan.connections {
            // Asked of the row: a pause hides it from the view.
            let waits = one.grant.is_none();
            self.ledger.note(NewEntry::connection(&one.row, "imported"));
            if !one.row.paused {
                let kind = one.row.status.kind();
                self.ledger.note(NewEntry::status(&one.row, kind));
            }
            let view = self.enter(one.row);
            if waits {
                reconnect.push(view.clone());
            }
            connections.push(view);
        }
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let (callers, clients) = (count(plan.callers.len()), count(plan.clients.len()));
        for row in plan.callers {
            self.ledger.note(NewEntry::policy("imported", &row.caller));
            self.enter_caller(row);
        }
        if clients > 0 {
            self.emit(Event::IntegrationsChanged);
        }
        Imported {
            connections,
            reconnect,
            callers,
            clients,
        }
    }

    /// The ledger tells of it, and then nothing is left to do.
    async fn tell_ledger(self: &Arc<Self>, id: ImportId, caller: Option<&Caller>) {
        let mut entry = NewEntry::mark("imported");
        if let Some(caller) = caller {
            entry = entry.by(caller);
        }
        let told = match self.record(entry).await {
            Ok(()) => self
                .db(move |store| store.imports().remove(id))
                .await
                .map(drop),
            Err(error) => Err(error),
        };
        if let Err(error) = told {
            tracing::warn!(
                code = error.code.name(),
                "an import is told of at the next start"
            );
        }
    }

    /// At start: what a crash interrupted is taken back, or told of.
    pub(crate) async fn mend_imports(self: &Arc<Self>) -> Result<(), Error> {
        let _busy = self.moving.busy.lock().await;
        let _taking_in = self.attempts.taking_in.lock().await;
        let rows = self.db(|store| store.imports().all::<Written>()).await?;
        for row in rows {
            match row.phase {
                ImportPhase::Writing => self.undo(row.id).await,
                ImportPhase::Done => self.tell_ledger(row.id, None).await,
            }
        }
        Ok(())
    }
}
