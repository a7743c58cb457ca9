//! Placeholder until the ledger's room lands.
mod entry;
use crate::core::Core;
pub(crate) use entry::{About, NewEntry};
#[derive(Debug, Default)]
pub(crate) struct Ledger;
impl Ledger {
    pub(crate) fn note(&self, _entry: NewEntry) {}
}
impl Core {
    pub(crate) async fn record(&self, _entry: NewEntry) -> Result<(), model::Error> {
        Ok(())
    }
    pub(crate) async fn settings(&self) -> Result<model::Settings, model::Error> {
        self.db(|store| Ok(store.settings().get("settings")?.unwrap_or_default()))
            .await
    }
    pub(crate) async fn answer_about_ledger(
        self: &std::sync::Arc<Self>,
        request: model::Request,
    ) -> Result<model::Response, model::Error> {
        self.answer_about_secrets(request).await
    }
}
