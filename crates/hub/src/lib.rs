//! The engine behind one door: sign-in, broker, monitor.
//!
//! The hub is the only crate that sees vault, store and integrations together. It never prints, never
//! reads the environment, and knows no integration by name. Faces reach it through [`model::Door`].

mod options;

use std::path::Path;

use futures_core::future::BoxFuture;
use model::{Caller, Door, Error, ErrorCode, Request, Response, door::EventStream};

pub use options::{BuiltInClient, EndpointOverrides, HubOptions};

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
}

impl From<OpenError> for Error {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Held => Self::new(ErrorCode::HubUnreachable).detail("another process holds this profile"),
            OpenError::EndpointsFixed => Self::new(ErrorCode::EndpointsFixed),
            OpenError::Folder(error) => Self::new(ErrorCode::StoreFailed).detail(error),
            OpenError::Store(reason) => Self::new(ErrorCode::StoreFailed).detail(reason),
        }
    }
}

#[derive(Clone, Debug)]
pub struct Hub {}

impl Hub {
    pub async fn open(_options: HubOptions) -> Result<Self, OpenError> {
        Ok(Self {})
    }
    pub async fn close(&self) {}
    pub async fn handed_over(&self) {}
    #[must_use]
    pub fn endpoint_overrides(_data_dir: &Path) -> Option<EndpointOverrides> {
        None
    }
    pub fn wake(&self) {}
}

impl Door for Hub {
    fn handle(&self, _caller: Caller, _request: Request) -> BoxFuture<'_, Result<Response, Error>> {
        Box::pin(async { Err(Error::new(ErrorCode::Internal)) })
    }

    fn events(&self) -> EventStream {
        Box::pin(futures_util::stream::empty())
    }
}
