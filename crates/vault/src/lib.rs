//! Where secrets rest: the system keychain, or a passphrase file the user chose.
//!
//! [`Vault`] is a cheap handle to one dedicated thread that makes every keychain and file call, with a
//! deadline each. What it holds are [`records`], each under an [`Item`]'s name. It never deletes or
//! overwrites because something failed, and it never falls back from one place to another by itself.
//!
//! Only the hub may depend on this crate. It knows no service, asks no network and keeps no copy of what
//! it stored. Inside: `vault` (the handle) -> `desk` (the thread) -> `keeper` (what runs on it) ->
//! `split` (one record in one or several items) -> `places` (keychain, file).

mod desk;
mod error;
mod item;
mod keeper;
mod paper;
mod parcel;
mod places;
pub mod records;
mod sealing;
mod split;
mod vault;

#[cfg(test)]
mod tests;

pub use error::{Unreadable, VaultError};
pub use item::Item;
pub use model::{VaultPlace, VaultState};
pub use parcel::{Parcel, ParcelError};
pub use records::{
    ClientName, ClientSecret, Credential, Grant, LedgerKey, MovedClient, MovedGrant, MovedSecrets,
    OauthGrant, PendingSignIn, Record, UploadSession,
};
pub use vault::{DEADLINE, Options, Vault};
