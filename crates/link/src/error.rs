//! What can go wrong on the way to the hub, before any request is answered.

use std::{io, path::PathBuf};

use model::{Error, ErrorCode};

use crate::VERSION;

/// Why there is no connection to the hub.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum LinkError {
    /// Nothing answers on this profile's socket.
    #[error("no hub runs for this profile")]
    NotRunning,
    /// The socket belongs to another user, or the hub won't have us.
    #[error("the hub refused the connection")]
    Refused,
    /// The two speak different protocols; the values are versions of the app.
    #[error("the hub is version {theirs}, this program {ours}")]
    VersionMismatch { ours: String, theirs: String },
    /// It answered, but not sensibly, or not in time.
    #[error("the connection to the hub broke: {0}")]
    Broken(String),
}

impl From<LinkError> for Error {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::NotRunning => Self::new(ErrorCode::HubUnreachable),
            LinkError::Refused => Self::new(ErrorCode::RefusedCaller),
            LinkError::VersionMismatch { ours, theirs } => version_mismatch(&ours, &theirs),
            LinkError::Broken(reason) => Self::new(ErrorCode::HubUnreachable).detail(reason),
        }
    }
}

/// `ours` = of the program that asks, `theirs` = of the hub: the message is read by whoever asks.
pub fn version_mismatch(ours: &str, theirs: &str) -> Error {
    Error::new(ErrorCode::VersionMismatch)
        .with("ours", ours)
        .with("theirs", theirs)
}

/// What the hub's goodbye or refusal means for a connection that was just being made.
pub fn from_greeting(error: &Error) -> LinkError {
    match error.code {
        ErrorCode::VersionMismatch => LinkError::VersionMismatch {
            ours: VERSION.to_owned(),
            theirs: error.args.get("theirs").cloned().unwrap_or_default(),
        },
        ErrorCode::RefusedCaller => LinkError::Refused,
        _ => LinkError::Broken(error.code.name().to_owned()),
    }
}

/// Why the hub can't listen.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error("the folder {path} for the socket can't be made private: {source}")]
    Folder { path: PathBuf, source: io::Error },
    /// Something that is not a socket of ours lies where the socket should be.
    #[error("{path} is in the way")]
    InTheWay { path: PathBuf },
    #[error("the socket {path} can't be opened: {source}")]
    Socket { path: PathBuf, source: io::Error },
}
