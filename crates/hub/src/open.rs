//! Opening and closing: the lock first, the lock last.

use std::{
    fs, io,
    panic::AssertUnwindSafe,
    path::Path,
    sync::{Arc, Mutex, PoisonError, atomic::AtomicBool},
    time::Duration,
};

use futures_util::FutureExt as _;
use model::{ConnectionId, Network, Texts};
use store::{AttemptOutcome, ConnectionRow, SetAside, SetAsideWhy, Store};
use tokio::sync::{Notify, broadcast};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use vault::{Grant, Item, Vault};

use crate::{
    Hub, HubOptions, OpenError, Played,
    broker::Broker,
    calls,
    claims::Claims,
    clock::Clock,
    core::Core,
    ledger::{self, Ledger, NewEntry},
    lending::Shelves,
    monitor,
    moving::Moving,
    outbox::Outbox,
    pace::Paces,
    policy::{Policy, PolicyFile, Reserves},
    profile,
    roster::Roster,
    settings::{Authority, Chosen},
    sign_in::Attempts,
    wire,
};

const DATABASE: &str = "autopilot.db";
const VAULT_FILE: &str = "vault.age";
/// Flights get this long to land when the hub closes.
const LAND_WITHIN: Duration = Duration::from_secs(10);
const EVENTS_KEPT: usize = 1024;

impl Hub {
    /// Takes the profile's lock, opens store and vault, and starts the monitor.
    pub async fn open(options: HubOptions) -> Result<Self, OpenError> {
        let data_dir = options.data_dir.clone();
        let lock = profile::lock(&data_dir)?;
        let is_new = !data_dir.join(DATABASE).exists();
        let overrides = profile::settle_endpoints(&data_dir, options.endpoints, is_new)?;
        let database = data_dir.join(DATABASE);
        let opened = tokio::task::spawn_blocking(move || Store::open(&database))
            .await
            .map_err(|_| OpenError::Store("the database thread ended".to_owned()))?
            .map_err(|error| OpenError::Store(error.to_string()))?;
        let rows = opened
            .store
            .connections()
            .all()
            .map_err(|error| OpenError::Store(error.to_string()))?;
        let file = if options.headless {
            PolicyFile::read(&data_dir).map_err(|error| OpenError::Policy(error.to_string()))?
        } else {
            PolicyFile::default()
        };
        let trial = options.sandbox || overrides.are_all_here();
        let policy = Policy::load(&opened.store, &data_dir, file, trial)
            .map_err(|error| OpenError::Store(error.to_string()))?;
        let vault = Vault::open(vault::Options {
            profile: options.profile.clone(),
            file: data_dir.join(VAULT_FILE),
            deadline: vault::DEADLINE,
        });
        let settings = Chosen::load(&opened.store, &options.texts);
        let http = http_of(&options.version, &settings, &opened.store)
            .map_err(|error| OpenError::Folder(io::Error::other(error.to_string())))?;
        let clock = Clock::default();
        let core = Arc::new(Core {
            profile: options.profile,
            version: options.version,
            headless: options.headless,
            sandbox: options.sandbox,
            remarks: opened
                .set_aside
                .iter()
                .map(|aside| remark(&options.texts, aside))
                .collect(),
            texts: options.texts,
            set_aside: opened.set_aside,
            data_dir,
            surroundings: options.surroundings,
            settings,
            policy,
            reserves: Reserves::default(),
            store: opened.store,
            vault,
            http: wire::Http::new(http),
            overrides,
            played: if trial {
                options.played
            } else {
                Played::default()
            },
            built_in: options.built_in_clients,
            ledger: Ledger::new(clock.clone()),
            clock,
            roster: Roster::load(rows),
            broker: Broker::default(),
            attempts: Attempts::default(),
            notices: monitor::Notices::default(),
            rhythms: monitor::Rhythms::default(),
            outbox: Outbox::default(),
            moving: Moving::default(),
            claims: Claims::default(),
            paces: Paces::default(),
            shelves: Shelves::default(),
            events: broadcast::Sender::new(EVENTS_KEPT),
            round: Notify::new(),
            visible: AtomicBool::new(false),
            closing: CancellationToken::new(),
            handed_over: CancellationToken::new(),
            flights: TaskTracker::new(),
        });
        if let Some(rotation) = core.played.rotation {
            core.broker.rotate_as(rotation);
        }
        core.paces.set_quotas(&core.settings.get().quotas);
        core.begin_ledger()
            .await
            .map_err(|error| OpenError::Store(error.to_string()))?;
        ledger::start(&core);
        // Mending needs the vault, which may be locked for long; the door opens meanwhile.
        let mending = Arc::clone(&core);
        tokio::spawn(async move {
            // Whatever can't be mended, the rest must go on.
            if AssertUnwindSafe(mending.mend_when_open())
                .catch_unwind()
                .await
                .is_err()
            {
                tracing::error!("mending ended in a defect of ours; the next start tries again");
            }
            monitor::start(&mending);
            mending.start_outbox();
        });
        Ok(Self {
            core,
            lock: Arc::new(Mutex::new(Some(lock))),
        })
    }

    /// Takes no more requests, lets flights land, closes vault and store, and lets go of the lock.
    pub async fn close(&self) {
        let core = &self.core;
        core.closing.cancel();
        core.flights.close();
        if tokio::time::timeout(LAND_WITHIN, core.flights.wait())
            .await
            .is_err()
        {
            tracing::warn!("some work didn't end in time; the next start picks it up");
        }
        if self.holds_profile() {
            core.close_ledger().await;
        }
        core.vault.close().await;
        core.store.clone().close();
        self.lock
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
    }
}

impl Hub {
    /// False once it was closed.
    fn holds_profile(&self) -> bool {
        self.lock
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_some()
    }
}

impl Core {
    /// Finishes what a crash interrupted, once the vault can be read.
    async fn mend_when_open(self: &Arc<Self>) {
        let mut state = self.vault.watch();
        if !self.vault_is_open().await {
            // The monitor must run meanwhile, to say that the vault is locked and to see it open.
            let later = Arc::clone(self);
            tokio::spawn(async move {
                while !state.borrow_and_update().is_unlocked() {
                    if state.changed().await.is_err() {
                        return;
                    }
                }
                later.mend().await;
            });
            return;
        }
        self.mend().await;
    }

    async fn mend(self: &Arc<Self>) {
        if let Err(error) = self.resume_moves().await {
            tracing::warn!(
                code = error.code.name(),
                "an interrupted disconnect is finished later"
            );
        }
        if let Err(error) = self.recover_sign_ins().await {
            tracing::warn!(
                code = error.code.name(),
                "an interrupted sign-in is looked at later"
            );
        }
        if let Err(error) = self.mend_imports().await {
            tracing::warn!(
                code = error.code.name(),
                "an interrupted import is looked at later"
            );
        }
        // What was mended may have something to do at once: a provider to tell, a connection to prove.
        self.round.notify_one();
    }

    /// A grant was kept and its row wasn't: the crash came between. The grant knows whose it is.
    async fn recover_sign_ins(self: &Arc<Self>) -> Result<(), model::Error> {
        for outcome in [AttemptOutcome::Cancelled, AttemptOutcome::Expired] {
            let over = self
                .db(move |store| store.attempts().with_outcome(outcome))
                .await?;
            for attempt in over {
                // Ended, and the crash came before its verifier went.
                let _ = self.vault.delete(&Item::Attempt(attempt.state_hash)).await;
            }
        }
        let used = self
            .db(|store| store.attempts().with_outcome(AttemptOutcome::Used))
            .await?;
        for attempt in used {
            // Deleted on use; a vault that failed then gets its second chance here.
            let _ = self.vault.delete(&Item::Attempt(attempt.state_hash)).await;
            // Requests are answered by now: a sign-in between its grant and its row isn't an interrupted one.
            let _taking_in = self.attempts.taking_in.lock().await;
            let _held = self.broker.hold(attempt.target).await;
            let item = Item::Grant(attempt.target);
            let Ok(Some(grant)) = self.vault.read::<Grant>(&item).await else {
                continue;
            };
            if self.roster.get(attempt.target).is_some() {
                // Signed in again, perhaps: then the row may still say what was true of the former grant.
                self.catch_up(attempt.target, &grant).await?;
                continue;
            }
            if self
                .roster
                .by_identity(&grant.integration, &grant.identity.id)
                .is_some()
            {
                // The same account was connected anew since; this grant is nobody's.
                let _ = self.vault.delete(&item).await;
            } else if let Err(error) = self.bring_back(attempt.target, grant).await {
                tracing::warn!(
                    code = error.code.name(),
                    "a kept grant waits for the next start"
                );
            }
        }
        Ok(())
    }

    async fn bring_back(
        self: &Arc<Self>,
        id: ConnectionId,
        grant: Grant,
    ) -> Result<(), model::Error> {
        let row = ConnectionRow {
            id,
            granted: calls::granted(&grant),
            integration: grant.integration,
            identity: grant.identity,
            status: model::Status::Unproven,
            proven_at: None,
            checked_at: None,
            connected_at: grant.connected_at,
            asked: grant.asked,
            remarks: Vec::new(),
            name: None,
            paused: false,
            token_allowed: false,
            generation: grant.generation,
        };
        let kept = row.clone();
        self.db(move |store| store.connections().upsert(&kept))
            .await?;
        self.ledger.note(NewEntry::connection(&row, "connected"));
        self.ledger.note(NewEntry::status(&row, row.status.kind()));
        self.enter(row);
        Ok(())
    }
}

/// As the person chose to reach services; as usual where what they chose no longer works, for the window has to open to
/// choose anew.
fn http_of(version: &str, settings: &Chosen, store: &Store) -> reqwest::Result<reqwest::Client> {
    let network = settings.get().network;
    let authority = Authority::kept(store).unwrap_or_default();
    wire::client(version, &network, &authority).or_else(|error| {
        tracing::warn!(error = %error.without_url(), "the chosen way to the network doesn't work");
        wire::client(version, &Network::default(), &Authority::default())
    })
}

fn remark(texts: &Texts, aside: &SetAside) -> String {
    let file = aside.file_name();
    let key = match aside.why {
        SetAsideWhy::Damaged if aside.saved => "remark_database_salvaged",
        SetAsideWhy::Damaged => "remark_database_set_aside",
        SetAsideWhy::Newer => "remark_database_newer",
    };
    texts.say(key, &[("file".to_owned(), file)].into())
}

/// Is there a profile here already?
pub(crate) fn exists(data_dir: &Path) -> bool {
    fs::exists(data_dir.join(DATABASE)).unwrap_or(false)
}
