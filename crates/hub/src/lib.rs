//! The engine behind one door: sign-in, broker, monitor.
//!
//! The hub is the only crate that sees vault, store and integrations together. It never prints, never
//! reads the environment, and knows no integration by name. Faces reach it through [`model::Door`];
//! inside, `door` leads to the rooms, and `core` holds what they share.

mod broker;
mod calls;
mod claims;
mod clients;
mod clock;
mod core;
mod disconnect;
mod doctor;
mod door;
mod enduring;
#[cfg(any(test, fuzzing))]
pub mod hostile;
mod ledger;
mod lending;
mod monitor;
mod moving;
mod naming;
mod oauth;
mod open;
mod options;
mod outbox;
mod pace;
mod policy;
mod profile;
mod reads;
mod retry;
mod roster;
mod settings;
mod sign_in;
mod test_run;
mod wire;
mod workflow;

#[cfg(test)]
mod tests;

use std::{
    path::Path,
    sync::{Arc, Mutex},
};

use futures_core::future::BoxFuture;
use model::{Caller, Door, Error, ErrorCode, Request, Response, door::EventStream};

pub use integrations::Rotation;
pub use options::{
    BuiltInClient, EndpointOverrides, HubOptions, LinkFolders, Played, Surroundings,
};

/// Why a hub could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process holds this profile's lock.
    #[error("another process holds this profile")]
    Held,
    #[error("this profile was created with other endpoints")]
    EndpointsFixed,
    #[error("the profile's folder can't be used")]
    Folder(#[from] std::io::Error),
    #[error("the database can't be opened")]
    Store(String),
    /// A hub without its rules would allow what they forbid.
    #[error("{0}")]
    Policy(String),
}

impl From<OpenError> for Error {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Held => Self::new(ErrorCode::AlreadyRunning),
            OpenError::EndpointsFixed => Self::new(ErrorCode::EndpointsFixed),
            OpenError::Folder(error) => Self::new(ErrorCode::StoreFailed).detail(error),
            OpenError::Policy(reason) => Self::new(ErrorCode::InvalidInput).with("reason", reason),
            OpenError::Store(reason) => Self::new(ErrorCode::StoreFailed).detail(reason),
        }
    }
}

/// The open hub of one profile; clones share it.
#[derive(Clone, Debug)]
pub struct Hub {
    core: Arc<core::Core>,
    lock: Arc<Mutex<Option<profile::ProfileLock>>>,
}

impl Hub {
    /// Resolves when a desktop asked for this headless hub's profile: the host then closes and exits.
    pub async fn handed_over(&self) {
        self.core.handed_over.cancelled().await;
    }

    /// What an existing profile was created with.
    #[must_use]
    pub fn endpoint_overrides(data_dir: &Path) -> Option<EndpointOverrides> {
        profile::kept_endpoints(data_dir).ok().flatten()
    }

    /// Is there a profile in this folder already?
    #[must_use]
    pub fn exists(data_dir: &Path) -> bool {
        open::exists(data_dir)
    }

    /// The host saw the machine wake or the network change: look now.
    pub fn wake(&self) {
        self.core.round.notify_one();
    }
}

impl Door for Hub {
    fn handle(&self, caller: Caller, request: Request) -> BoxFuture<'_, Result<Response, Error>> {
        Box::pin(async move { self.core.answer(&caller, request).await })
    }

    fn events(&self, caller: Caller) -> EventStream {
        self.core.events_for(caller)
    }
}
