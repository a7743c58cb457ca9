//! What is remembered besides secrets: SQLite, one module a table.
//!
//! Secrets never come here; they rest in the vault. The calls are synchronous and short, and the hub
//! makes them off its async threads. One process opens a profile's database at a time: the hub, which
//! holds the profile's lock. Start at [`Store::open`]; [`table`] has what is kept; `schema` the order
//! in which tables came to be.

mod column;
mod error;
mod file;
mod lately;
mod reach;
mod salvage;
mod schema;
mod store;
pub mod table;

pub use error::StoreError;
pub use file::{SetAside, SetAsideWhy};
pub use reach::Tx;
pub use store::{Opened, Store};
pub use table::{
    attempts::{AttemptOutcome, AttemptRow, Attempts},
    callers::{CallerRow, Callers},
    chats::Chats,
    clients::{ClientRow, Clients},
    connections::{ConnectionRow, Connections},
    imports::{ImportPhase, ImportRow, Imports},
    ledger::{Ledger, LedgerEnds, LedgerHead, LedgerLine, LedgerMark, day_name},
    ledger_checkpoints::{LedgerCheckpoint, LedgerCheckpoints, LedgerFound},
    outbox::{Outbox, OutboxRow, Piece, QueuedFile},
    revocations::{RevocationPhase, RevocationRow, Revocations},
    rotations::{RotationRow, Rotations},
    settings::Settings,
};
