//! What a service can do besides being alive, in three traits that no service owns: mail, files, messages.
//!
//! The hub decides who may and when; here is only how. A write is handed a [`Journal`], which it tells right before
//! the request that may do it, so that a crash knows what may have happened.

mod address;
mod files;
mod journal;
mod local_file;
mod mail;
mod messages;
mod outcome;
mod pieces;
#[cfg(test)]
pub(crate) mod remembered;

pub use address::bare_address;
pub use files::{Fetched, Files, OutgoingFile};
pub use journal::Journal;
pub use local_file::{LocalFile, open_ordinary};
pub use mail::{Mail, OutgoingMail, ReadMail, SentMail};
pub use messages::{ChatTarget, ClaimLinks, Claimed, Messages, OutgoingMessage, SentMessage};
pub use outcome::{Large, LocalError};
pub(crate) use pieces::{Pieces, hexadecimal};
