//! One module a table: how it is made, what a row is, and every question asked of it.
//!
//! Queries live nowhere else. A handle borrows the store or a transaction and is dropped after use.

pub mod attempts;
pub mod callers;
pub mod chats;
pub mod clients;
pub mod connections;
pub mod imports;
pub mod ledger;
pub mod ledger_checkpoints;
pub mod outbox;
pub(crate) mod proof;
pub mod revocations;
pub mod rotations;
pub mod settings;
