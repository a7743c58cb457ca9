//! How a table reaches the database: through the shared lock, a call at a time, or inside one transaction.

use rusqlite::Connection;

use crate::{
    Attempts, Callers, Chats, Clients, Connections, Imports, Ledger, LedgerCheckpoints, Outbox,
    Revocations, Rotations, Settings, Store, StoreError,
};

#[derive(Clone, Copy)]
pub(crate) enum Reach<'a> {
    Shared(&'a Store),
    Held(&'a Connection),
}

impl Reach<'_> {
    pub(crate) fn with<T>(
        self,
        f: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        match self {
            Self::Shared(store) => store.with(|db| f(db)),
            Self::Held(db) => f(db),
        }
    }
}

/// Several tables in one commit; see [`Store::transaction`].
pub struct Tx<'a>(pub(crate) &'a Connection);

/// The same handles on a store (each call its own commit) and on a transaction (one commit for all).
macro_rules! tables {
    ($owner:ty, $this:ident => $reach:expr) => {
        impl $owner {
            pub fn connections(&self) -> Connections<'_> {
                let $this = self;
                Connections($reach)
            }
            pub fn attempts(&self) -> Attempts<'_> {
                let $this = self;
                Attempts($reach)
            }
            pub fn rotations(&self) -> Rotations<'_> {
                let $this = self;
                Rotations($reach)
            }
            pub fn revocations(&self) -> Revocations<'_> {
                let $this = self;
                Revocations($reach)
            }
            pub fn clients(&self) -> Clients<'_> {
                let $this = self;
                Clients($reach)
            }
            pub fn outbox(&self) -> Outbox<'_> {
                let $this = self;
                Outbox($reach)
            }
            pub fn imports(&self) -> Imports<'_> {
                let $this = self;
                Imports($reach)
            }
            pub fn settings(&self) -> Settings<'_> {
                let $this = self;
                Settings($reach)
            }
            pub fn ledger(&self) -> Ledger<'_> {
                let $this = self;
                Ledger($reach)
            }
            pub fn ledger_checkpoints(&self) -> LedgerCheckpoints<'_> {
                let $this = self;
                LedgerCheckpoints($reach)
            }
            pub fn callers(&self) -> Callers<'_> {
                let $this = self;
                Callers($reach)
            }
            pub fn chats(&self) -> Chats<'_> {
                let $this = self;
                Chats($reach)
            }
        }
    };
}

tables!(Store, this => Reach::Shared(this));
tables!(Tx<'_>, this => Reach::Held(this.0));
