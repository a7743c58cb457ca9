//! What agents see of Autopilot: tools over the Model Context Protocol, in front of the local socket.
//!
//! A face like the terminal program: it asks the hub and says the answer. It opens neither keychain nor database,
//! decides nothing about who may do what, and prints nothing but the protocol. Start at [`face`] for what is answered,
//! at [`offer`] for the tools, at [`eras`] for the revisions of the protocol, at [`reach`] for the way to the hub, and
//! at [`stdio`] for the pipe.
//!
//! rmcp does the protocol. Three things are ours around it, each for a reason its module gives: deciding the era
//! message by message ([`eras`]), lines with a limit and an answer for what is no message ([`stdio`]), and leaving at
//! the end of input at once ([`serve_stdio`]).

mod answers;
mod arguments;
mod choose;
pub mod client;
mod eras;
mod face;
mod following;
mod frames;
#[cfg(any(test, fuzzing))]
pub mod hostile;
mod offer;
mod outside;
mod reach;
mod refusal;
mod schemas;
mod stdio;
mod tools;

use std::time::Duration;

use link::Session;
use model::Request;

pub use face::Face;
pub use stdio::{MAX_FRAME, serve_on, serve_stdio};

/// How long a call waits for the end of a write, unless told otherwise: clients give up after a minute.
pub const PATIENCE: Duration = Duration::from_secs(50);

/// What is asked of the hub before anything else.
pub const FIRST_QUESTION: Request = Request::ListConnections;

/// What serves agents: the same over every transport. Must be called on a Tokio runtime.
#[must_use]
pub fn face(session: Session, patience: Duration) -> Face {
    Face::new(reach::Reach::begin(session, patience))
}
