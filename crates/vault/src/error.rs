//! What can go wrong with the vault. No message here ever holds a secret.

use model::{VaultPlace, VaultState};

#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum VaultError {
    /// There, but closed; the person can open it.
    #[error("the vault is locked")]
    Locked,
    /// No keychain answers on this system.
    #[error("no keychain answers on this system")]
    NoKeychain,
    /// The item is there, but it isn't what we wrote, or a newer version of the app wrote it.
    #[error("the stored item can't be understood")]
    Unreadable,
    #[error("that isn't the vault's passphrase")]
    WrongPassphrase,
    /// A vault file is there already; it is never overwritten.
    #[error("a vault file exists already")]
    FileExists,
    /// No answer in time. A write may or may not have reached the vault: read before trusting either.
    #[error("the vault didn't answer in time")]
    TimedOut,
    /// More than any record of ours should ever need.
    #[error("the record is too large for the vault")]
    TooLarge,
    /// Anything else, in the system's own words.
    #[error("the vault failed: {0}")]
    Failed(String),
}

impl VaultError {
    /// What this failure says about the vault as a whole; `None` where it is about one item or one call.
    pub(crate) fn state(&self, place: VaultPlace) -> Option<VaultState> {
        match self {
            Self::Locked => Some(VaultState::Locked { place }),
            Self::NoKeychain => Some(VaultState::NoKeychain),
            Self::Failed(reason) => Some(VaultState::Failing {
                place,
                reason: reason.clone(),
            }),
            Self::Unreadable
            | Self::WrongPassphrase
            | Self::FileExists
            | Self::TimedOut
            | Self::TooLarge => None,
        }
    }
}

/// A record that is there but makes no sense to this version. Carries no detail on purpose: a parser's
/// message can quote what it read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the record can't be understood")]
pub struct Unreadable;

impl From<Unreadable> for VaultError {
    fn from(_: Unreadable) -> Self {
        Self::Unreadable
    }
}
