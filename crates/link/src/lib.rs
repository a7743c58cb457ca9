//! The local socket: how other processes of the same user ask the hub.
//!
//! Only transport: one JSON object a line, both ways, many requests at a time. What may be asked is
//! `model`'s word, who may ask is the hub's; this crate tells the hub truthfully who is at the other end
//! and nothing more. It opens neither keychain nor database. [`profile`] says where a profile lives,
//! [`Server`] is the hub's end, [`Client`] everyone else's, [`ask_once`] and [`Ahead`] shorter ones, [`connect_or_start`] brings up a
//! hub where none runs, [`Session`] is a face's lasting way to whichever hub there is.

mod ahead;
mod caller;
mod client;
mod error;
mod frame;
#[cfg(any(test, fuzzing))]
pub mod hostile;
mod lasting;
mod once;
pub mod profile;
mod server;
mod session;
mod socket;
mod start;
mod wire;

pub use ahead::Ahead;
pub use client::Client;
pub use error::{LinkError, ServeError};
pub use frame::MAX_FRAME;
pub use lasting::Session;
pub use once::ask_once;
pub use profile::{NoHome, ProfilePaths};
pub use server::Server;
pub use start::connect_or_start;
pub use wire::{PROTOCOL, VERSION};
