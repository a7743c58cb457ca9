//! What the person chose about how the hub works: read from memory, changed in the table first, and obeyed at once by
//! whoever watches. What fits is decided in `fitting`; how services are reached follows from `authority` and the
//! HTTP client in `wire`.

mod authority;
mod fitting;

use std::sync::{Arc, PoisonError, RwLock};

use integrations::Sentence;
use model::{Error, ErrorCode, Event, Language, Settings, Texts};
use store::Store;
use tokio::sync::watch;

pub(crate) use authority::Authority;
use fitting::Misfit;

use crate::{core::Core, wire};

pub(crate) const KEY: &str = "settings";

#[derive(Debug)]
pub(crate) struct Chosen {
    now: watch::Sender<Settings>,
    /// The words of the language the window speaks.
    words: RwLock<Texts>,
    /// One change at a time: the table, the client and what is in memory must tell the same.
    pub(crate) changing: tokio::sync::Mutex<()>,
}

impl Chosen {
    /// Settings that can't be read are the usual ones: they are a convenience, not a promise.
    pub(crate) fn load(store: &Store, usual: &Texts) -> Self {
        let kept = store.settings().get::<Settings>(KEY);
        let kept = kept.unwrap_or_else(|error| {
            tracing::warn!(%error, "the settings can't be read; the usual ones hold");
            None
        });
        let kept = kept.unwrap_or_default();
        Self {
            words: RwLock::new(words_of(&kept).unwrap_or_else(|| usual.clone())),
            now: watch::Sender::new(kept),
            changing: tokio::sync::Mutex::default(),
        }
    }

    pub(crate) fn get(&self) -> Settings {
        self.now.borrow().clone()
    }

    pub(crate) fn watch(&self) -> watch::Receiver<Settings> {
        self.now.subscribe()
    }

    /// For what the person reads: notices, the page a browser lands on, and why a setting doesn't fit.
    pub(crate) fn words(&self) -> Texts {
        self.words
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

fn words_of(settings: &Settings) -> Option<Texts> {
    settings.language.as_deref().and_then(Texts::in_language)
}

/// Otherwise the one that doesn't fit.
pub(crate) fn fits(settings: &Settings) -> Result<(), &'static str> {
    fitting::check(settings).map_err(|misfit| misfit.field)
}

impl Core {
    /// For whatever people read.
    pub(crate) fn words(&self) -> Texts {
        self.settings.words()
    }

    pub(crate) fn language(&self) -> Language {
        self.words().language()
    }

    /// What a service's folder has to say, put into words.
    pub(crate) fn said(&self, sentences: &[Sentence]) -> Vec<String> {
        let language = self.language();
        sentences.iter().map(|one| one.say(language)).collect()
    }

    pub(crate) async fn set_settings(
        self: &Arc<Self>,
        settings: Settings,
    ) -> Result<Settings, Error> {
        let _alone = self.settings.changing.lock().await;
        let before = self.settings.get();
        let (settings, client, authority) = self.prepared(settings, &before).await?;
        let kept = settings.clone();
        self.db(move |store| {
            authority.keep(store)?;
            store.settings().put(KEY, &kept)
        })
        .await?;
        if before.language != settings.language {
            let words = words_of(&settings).unwrap_or_else(|| self.texts.clone());
            let mut spoken = self.settings.words.write();
            *spoken
                .as_deref_mut()
                .unwrap_or_else(|poisoned| poisoned.get_mut()) = words;
        }
        self.settings.now.send_replace(settings.clone());
        self.paces.set_quotas(&settings.quotas);
        if let Some(client) = client {
            // Calls under way end on the way they began.
            self.http.replace(client);
            self.round.notify_one();
        }
        if before.ledger_days != settings.ledger_days {
            self.look_at_old_days().await;
        }
        self.emit(Event::Settings {
            settings: settings.clone(),
        });
        if before.language != settings.language {
            // What services say of themselves is in the other language now.
            self.emit(Event::IntegrationsChanged);
            for row in self.roster.all() {
                let connection = self.view(&row);
                self.emit(Event::ConnectionChanged { connection });
            }
        }
        Ok(settings)
    }

    /// What an import brought holds: the table has it. How services are reached, and what the window speaks, is never in
    /// one. True if the ledger is kept for another time.
    pub(crate) fn settings_hold(self: &Arc<Self>, settings: Settings) -> bool {
        let before = self.settings.now.send_replace(settings.clone());
        self.paces.set_quotas(&settings.quotas);
        let another_time = before.ledger_days != settings.ledger_days;
        self.emit(Event::Settings { settings });
        another_time
    }

    /// The settings as they are to be kept, with the client and the certificates that follow from them: whatever doesn't
    /// work is refused before anything has changed.
    async fn prepared(
        &self,
        mut settings: Settings,
        before: &Settings,
    ) -> Result<(Settings, Option<reqwest::Client>, Authority), Error> {
        fitting::check(&settings).map_err(|misfit| self.misfit(misfit))?;
        fitting::tidy(&mut settings);
        let kept = self.db(Authority::kept).await?;
        let authority = match &settings.network.authority {
            None => Authority::default(),
            Some(path) => {
                let path = path.clone();
                let chosen = tokio::task::spawn_blocking(move || Authority::read(&path))
                    .await
                    .map_err(|_| Error::new(ErrorCode::Internal))?;
                match chosen {
                    Ok(chosen) => chosen,
                    // It was good when it was chosen, and what it said then is kept.
                    Err(_)
                        if before.network.authority == settings.network.authority
                            && !kept.is_empty() =>
                    {
                        kept.clone()
                    }
                    Err(misfit) => return Err(self.misfit(misfit)),
                }
            }
        };
        let is_same = before.network == settings.network && authority == kept;
        let client = (!is_same)
            .then(|| wire::client(&self.version, &settings.network, &authority))
            .transpose()
            .map_err(|error| {
                self.misfit(Misfit::new("network", "reason_network_unusable"))
                    .detail(error.without_url())
            })?;
        Ok((settings, client, authority))
    }

    fn misfit(&self, misfit: Misfit) -> Error {
        Error::new(ErrorCode::InvalidInput)
            .with("field", misfit.field)
            .with("reason", self.words().say(misfit.reason, &misfit.args))
    }
}
