//! Where secrets rest and whether they can be reached, as the faces see it.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum VaultPlace {
    /// The operating system's keychain.
    Keychain,
    /// The passphrase file the person chose instead.
    File,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum VaultState {
    /// Not looked at yet.
    Opening,
    /// A secret was written, read back and deleted.
    Unlocked { place: VaultPlace },
    /// There, but closed; the person can open it.
    Locked { place: VaultPlace },
    /// No keychain answers on this system.
    NoKeychain,
    /// There, but not doing its work; `reason` is for the details pane and never holds a secret.
    Failing { place: VaultPlace, reason: String },
}

impl VaultState {
    #[must_use]
    pub const fn is_unlocked(&self) -> bool {
        matches!(self, Self::Unlocked { .. })
    }
}
