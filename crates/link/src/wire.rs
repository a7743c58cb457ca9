//! The messages on the socket. Each line is an object with one of these shapes:
//!
//! ```text
//! to the hub    {"hello":{"version","protocol","face"}}     first, once
//!               {"id":7,"request":{…}}                      `model::Request`
//!               {"id":8,"subscribe":true}                   answered by Done, then events
//! to the face   {"welcome":{"version","protocol","profile","pid"}}
//!               {"id":7,"response":{…}}                     `model::Response`
//!               {"id":7,"error":{…}}                        `model::Error`
//!               {"event":{…}}                               `model::Event`
//!               {"error":{…}}                               goodbye: the hub closes after it
//! ```
//!
//! A goodbye with `handing_over` promises that whatever was asked and not answered was not begun, so that
//! it can be asked again.

use model::{Error, Event, ProfileName, Request, Response};
use serde::{Deserialize, Serialize};

use crate::frame::FrameError;

/// Rises when an older peer could misunderstand a newer one.
pub const PROTOCOL: u32 = 1;

/// Of the app this end belongs to.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Hello {
    pub version: String,
    pub protocol: u32,
    /// `cli`, `mcp`, `desktop`: for the log, and never a reason to allow more.
    pub face: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Welcome {
    pub version: String,
    pub protocol: u32,
    pub profile: ProfileName,
    pub pid: u32,
}

/// A line to the hub.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct ToHub {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hello: Option<Hello>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<Request>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subscribe: Option<bool>,
}

impl ToHub {
    pub(crate) fn greeting(face: &str) -> Self {
        Self {
            hello: Some(Hello {
                version: VERSION.to_owned(),
                protocol: PROTOCOL,
                face: face.to_owned(),
            }),
            ..Self::default()
        }
    }

    pub(crate) fn question(id: u64, request: Request) -> Self {
        Self {
            id: Some(id),
            request: Some(request),
            ..Self::default()
        }
    }

    pub(crate) fn subscription(id: u64) -> Self {
        Self {
            id: Some(id),
            subscribe: Some(true),
            ..Self::default()
        }
    }
}

/// What a line to the hub wants, once the greeting is over.
pub enum Asked {
    Request {
        id: u64,
        request: Box<Request>,
    },
    Subscribe {
        id: u64,
    },
    /// Has an id, but no request this version knows: answered with an error, and no reason to close.
    Unknown {
        id: u64,
    },
}

impl Asked {
    pub fn read(line: &[u8]) -> Result<Self, FrameError> {
        #[derive(Deserialize)]
        struct WithId {
            id: u64,
        }
        let Ok(message) = serde_json::from_slice::<ToHub>(line) else {
            let WithId { id } = serde_json::from_slice(line).map_err(|_| FrameError::Garbage)?;
            return Ok(Self::Unknown { id });
        };
        match message {
            ToHub {
                id: Some(id),
                request: Some(request),
                subscribe: None,
                hello: None,
            } => Ok(Self::Request {
                id,
                request: Box::new(request),
            }),
            ToHub {
                id: Some(id),
                subscribe: Some(true),
                request: None,
                hello: None,
            } => Ok(Self::Subscribe { id }),
            ToHub {
                id: Some(id),
                hello: None,
                ..
            } => Ok(Self::Unknown { id }),
            _ => Err(FrameError::Garbage),
        }
    }
}

/// A line to a face.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct ToFace {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub welcome: Option<Welcome>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response: Option<Response>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<Event>,
}

impl ToFace {
    pub fn answer(id: u64, answer: Result<Response, Error>) -> Self {
        let (response, error) = match answer {
            Ok(response) => (Some(response), None),
            Err(error) => (None, Some(error)),
        };
        Self {
            id: Some(id),
            response,
            error,
            ..Self::default()
        }
    }

    pub fn goodbye(error: Error) -> Self {
        Self {
            error: Some(error),
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_this_version_does_not_know_keeps_its_id() {
        let line = br#"{"id":3,"request":{"request":"of_tomorrow"}}"#;
        assert!(matches!(Asked::read(line), Ok(Asked::Unknown { id: 3 })));
    }

    #[test]
    fn what_is_no_message_is_garbage() {
        for line in [
            &b"GET / HTTP/1.1"[..],
            b"",
            b"[]",
            b"{}",
            b"{\"id\":-1}",
            b"\xff",
        ] {
            assert!(matches!(Asked::read(line), Err(FrameError::Garbage)));
        }
    }

    #[test]
    fn nesting_without_end_is_refused() {
        let deep = format!("{{\"id\":1,\"request\":{}", "[".repeat(100_000));
        assert!(Asked::read(deep.as_bytes()).is_err());
    }
}
