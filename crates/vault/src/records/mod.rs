//! What the vault holds, and the only place where secrets are written down.
//!
//! The records themselves implement no serde trait, so nothing else can serialise one by accident; the
//! private mirror types beside them say how each is written. A stored record is
//! `{"record":NAME,"version":N,"body":{…}}`. A newer version than ours is unreadable, not guessed at.

use zeroize::Zeroizing;

use crate::error::Unreadable;

mod client_secret;
mod exposed;
mod grant;
mod ledger_key;
mod moved_secrets;
mod pending_sign_in;
mod sheet;
mod upload_session;

pub use client_secret::ClientSecret;
pub use grant::{ClientName, Credential, Grant, OauthGrant};
pub use ledger_key::LedgerKey;
pub(crate) use moved_secrets::MovedSecretsText;
pub use moved_secrets::{MovedClient, MovedGrant, MovedSecrets};
pub use pending_sign_in::PendingSignIn;
pub use upload_session::UploadSession;

/// Something the vault can hold under an [`Item`](crate::Item).
pub trait Record: Sized {
    /// UTF-8 text, secrets included.
    fn encode(&self) -> Zeroizing<Vec<u8>>;

    /// # Errors
    /// If it is another kind of record, a newer version, or damaged.
    fn decode(text: &[u8]) -> Result<Self, Unreadable>;
}
