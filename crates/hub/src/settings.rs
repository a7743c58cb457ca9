//! What the person chose about how the hub works: read from memory, changed in the table first.

use std::sync::{Arc, PoisonError, RwLock};

use model::{Error, ErrorCode, Event, Settings};
use store::Store;

use crate::core::Core;

const KEY: &str = "settings";

#[derive(Debug)]
pub(crate) struct Chosen(RwLock<Settings>);

impl Chosen {
    /// Settings that can't be read are the usual ones: they are a convenience, not a promise.
    pub(crate) fn load(store: &Store) -> Self {
        let kept = store.settings().get::<Settings>(KEY);
        let kept = kept.unwrap_or_else(|error| {
            tracing::warn!(%error, "the settings can't be read; the usual ones hold");
            None
        });
        Self(RwLock::new(kept.unwrap_or_default()))
    }

    pub(crate) fn get(&self) -> Settings {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Core {
    pub(crate) async fn set_settings(
        self: &Arc<Self>,
        settings: Settings,
    ) -> Result<Settings, Error> {
        self.fitting(&settings)?;
        let kept = settings.clone();
        self.db(move |store| store.settings().put(KEY, &kept))
            .await?;
        let before = {
            let mut now = self
                .settings
                .0
                .write()
                .unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *now, settings.clone())
        };
        self.paces.set_quotas(&settings.quotas);
        if before.ledger_days != settings.ledger_days {
            self.look_at_old_days().await;
        }
        self.emit(Event::Settings {
            settings: settings.clone(),
        });
        Ok(settings)
    }

    fn fitting(&self, settings: &Settings) -> Result<(), Error> {
        let refuse = |field: &str, reason: &str| {
            Err(Error::new(ErrorCode::InvalidInput)
                .with("field", field)
                .with("reason", self.texts.plain(reason)))
        };
        if settings.undo_window_s > 60 {
            return refuse("undo_window_s", "reason_undo_window");
        }
        if !(1..=720).contains(&settings.queue_expiry_h) {
            return refuse("queue_expiry_h", "reason_queue_expiry");
        }
        if !(7..=3650).contains(&settings.ledger_days) {
            return refuse("ledger_days", "reason_ledger_days");
        }
        if !(1..=1440).contains(&settings.approval_expiry_min) {
            return refuse("approval_expiry_min", "reason_approval_expiry");
        }
        let fits = |(id, units): (&model::IntegrationId, &u32)| {
            *units > 0 && integrations::find(id).is_some()
        };
        if !settings.quotas.iter().all(fits) {
            return refuse("quotas", "reason_quota");
        }
        Ok(())
    }
}
