//! A hub greeted and asked before there is a runtime to wait with: it works on its answer while this process is still
//! getting ready. For a program that is started often and knows its first question.
//!
//! Only the straight way, as [`crate::ask_once`]; whoever gets none goes the ordinary one, which also says why not.

use model::{Request, door::EventStream};

#[cfg(target_os = "linux")]
use crate::wire::ToHub;
use crate::{Client, LinkError, ProfilePaths, client::Answer};

/// By which the hub's answers name what was asked.
#[cfg(target_os = "linux")]
const IDS: [u64; 2] = [1, 2];

/// A connection on which events and one query were asked for, and no answer read yet.
pub struct Ahead {
    query: Request,
    #[cfg(target_os = "linux")]
    stream: std::os::unix::net::UnixStream,
    #[cfg(not(target_os = "linux"))]
    never: std::convert::Infallible,
}

impl Ahead {
    /// Asks the profile's hub as that face. Only a query: nobody may ever read the answer.
    pub fn ask(paths: &ProfilePaths, face: &str, query: Request) -> Option<Self> {
        if query.access() != model::Access::Query {
            return None;
        }
        Self::begin(paths, face, query)
    }

    pub(crate) const fn query(&self) -> &Request {
        &self.query
    }

    #[cfg(target_os = "linux")]
    fn begin(paths: &ProfilePaths, face: &str, query: Request) -> Option<Self> {
        let [listening, asked] = IDS;
        let lines = [
            ToHub::subscription(listening),
            ToHub::question(asked, query.clone()),
        ];
        let stream = crate::once::straight::greet(paths, face, lines)?;
        Some(Self { query, stream })
    }

    /// Elsewhere the standard library doesn't say whose process answers.
    #[cfg(not(target_os = "linux"))]
    fn begin(_paths: &ProfilePaths, _face: &str, _query: Request) -> Option<Self> {
        None
    }

    /// Goes on with it on a runtime, from the hub's greeting.
    #[cfg(target_os = "linux")]
    pub(crate) async fn follow(self) -> Result<(Client, EventStream, Answer), LinkError> {
        Client::asked_ahead(self.stream, IDS).await
    }

    #[cfg(not(target_os = "linux"))]
    pub(crate) async fn follow(self) -> Result<(Client, EventStream, Answer), LinkError> {
        match self.never {}
    }
}
