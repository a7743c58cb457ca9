//! The names of what the vault holds. A name is the item's user attribute in the keychain, so it is
//! visible to anyone who may list the keychain: ids only, never an account or a secret.

use model::{ActionId, ConnectionId, ProviderId};

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Item {
    /// `grant/ID`: the whole grant of a connection.
    Grant(ConnectionId),
    /// `attempt/HASH`: a sign-in under way, found by the hash of its state.
    Attempt(String),
    /// `revocation/ID`: a grant that waits for being revoked at its provider.
    Revocation(ConnectionId),
    /// `client/PROVIDER/KIND`: a client registration of the user's own.
    Client { provider: ProviderId, kind: String },
    /// `ledger/key`: what chains the lines of the ledger.
    LedgerKey,
    /// `upload/ID`: uploads of an action that can be resumed.
    Upload(ActionId),
}

/// The item of the round trip. Outside of every [`Item`]'s namespace.
pub(crate) const SELF_TEST: &str = "selftest";

impl Item {
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Grant(id) => format!("grant/{id}"),
            Self::Attempt(hash) => format!("attempt/{hash}"),
            Self::Revocation(id) => format!("revocation/{id}"),
            Self::Client { provider, kind } => format!("client/{provider}/{kind}"),
            Self::LedgerKey => "ledger/key".to_owned(),
            Self::Upload(id) => format!("upload/{id}"),
        }
    }
}
