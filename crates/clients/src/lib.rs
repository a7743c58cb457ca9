//! The configuration files of AI clients on this machine: where they are, whether we stand in them, what would change,
//! and the change itself, with a backup.
//!
//! These files are other programs', and people write in them by hand: what we don't know stays as it is, to the last
//! comment, and what we can't read is left alone. This crate talks to no hub, runs nothing and reads no environment;
//! a face says where the person's folders are ([`Homes`]) and what our entry says ([`Entry`]). Start at [`client`] for
//! the clients, at [`entry`] for the text, and at [`change`] for the files.

pub mod change;
pub mod client;
pub mod entry;
mod file;
#[cfg(test)]
mod tests;
mod trouble;

pub use change::{Changed, Preview, State, look, preview, set_up};
pub use client::{Client, Homes};
pub use entry::Entry;
pub use trouble::Trouble;
