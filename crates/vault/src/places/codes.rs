//! Numbers of other systems' keychains and what they mean for us: apart from the calls, so that the rules are tested on
//! every system. Linux names its errors; `platform` reads them.

#[cfg(any(target_os = "macos", test))]
use crate::error::VaultError;

/// Windows' CRED_MAX_CREDENTIAL_BLOB_SIZE, in bytes.
#[cfg(any(windows, test))]
pub(crate) const LARGEST_CREDENTIAL: usize = 2560;

/// macOS: <https://developer.apple.com/documentation/security/security-framework-result-codes>
#[cfg(any(target_os = "macos", test))]
pub(crate) const fn keychain_services(code: i32) -> Option<VaultError> {
    match code {
        // errSecNotAvailable, errSecNoSuchKeychain, errSecNoDefaultKeychain
        -25291 | -25294 | -25307 => Some(VaultError::NoKeychain),
        // userCanceledErr, errSecAuthFailed, errSecInteractionNotAllowed, errSecInteractionRequired
        -128 | -25293 | -25308 | -25315 => Some(VaultError::Locked),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn macos_tells_a_closed_keychain_from_none_and_from_any_other_trouble() {
        for absent in [-25291, -25294, -25307] {
            assert_eq!(keychain_services(absent), Some(VaultError::NoKeychain));
        }
        for closed in [-128, -25293, -25308, -25315] {
            assert_eq!(keychain_services(closed), Some(VaultError::Locked));
        }
        // errSecItemNotFound is read as "not there" before it gets here; errSecParam, errSecDecode are neither.
        for other in [0, -50, -25300, -26275] {
            assert_eq!(keychain_services(other), None);
        }
    }
}
