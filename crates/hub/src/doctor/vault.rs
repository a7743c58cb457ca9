//! The keychain or the vault file: a secret written, read back and deleted.

use std::sync::Arc;

use model::{VaultPlace, VaultState, doctor::DoctorCause};

use super::{Check, VAULT_DEADLINE};
use crate::core::Core;

pub(super) fn check(core: &Arc<Core>) -> Check {
    let core = Arc::clone(core);
    Check::new("vault", VAULT_DEADLINE, async move {
        cause(&core.vault.check().await)
    })
}

fn cause(state: &VaultState) -> DoctorCause {
    match state {
        VaultState::Unlocked {
            place: VaultPlace::Keychain,
        } => DoctorCause::KeychainWorks,
        VaultState::Unlocked {
            place: VaultPlace::File,
        } => DoctorCause::VaultFileOpen,
        VaultState::Locked {
            place: VaultPlace::File,
        } => DoctorCause::VaultFileLocked,
        // One that doesn't answer shows a question somewhere.
        VaultState::Opening
        | VaultState::Locked {
            place: VaultPlace::Keychain,
        } => DoctorCause::KeychainLocked,
        VaultState::NoKeychain => DoctorCause::NoKeychain,
        VaultState::Failing { .. } => DoctorCause::VaultFailing,
    }
}
