//! All that differs between the systems' keychains, and nothing else: opening a session, making an entry,
//! the size limit, and telling "no keychain" and "locked" from the rest by the type of the error.
//!
//! On Linux the calls block on an executor of zbus' own. They must be made on a plain thread: inside
//! tokio they would panic as soon as any crate turned on `zbus/tokio`.

#[cfg(all(unix, not(target_os = "macos")))]
pub(crate) use secret_service_bus::{LIMIT, entry, meaning, session, would_ask};

#[cfg(target_os = "macos")]
pub(crate) use keychain_services::{LIMIT, entry, meaning, session, would_ask};

#[cfg(windows)]
pub(crate) use credential_manager::{LIMIT, entry, meaning, session, would_ask};

/// Linux and the BSDs: the Secret Service on the session bus.
/// <https://specifications.freedesktop.org/secret-service-spec/latest/>
#[cfg(all(unix, not(target_os = "macos")))]
mod secret_service_bus {
    use std::{collections::HashMap, io, sync::Arc};

    use keyring::{Entry, Error};
    use keyring_core::CredentialStore;
    use secret_service::{EncryptionType, Error as Service, blocking::SecretService};

    use crate::error::VaultError;

    pub(crate) const LIMIT: Option<usize> = None;

    pub(crate) fn session() -> keyring::Result<Arc<CredentialStore>> {
        let store: Arc<CredentialStore> = zbus_secret_service_keyring_store::Store::new()?;
        Ok(store)
    }

    pub(crate) fn entry(
        store: &CredentialStore,
        service: &str,
        name: &str,
    ) -> keyring::Result<Entry> {
        let label = format!("Autopilot: {name}");
        let modifiers = HashMap::from([("label", label.as_str())]);
        let inner = store.build(service, name, Some(&modifiers))?;
        Ok(Entry { inner })
    }

    pub(crate) fn meaning(error: &Error) -> Option<VaultError> {
        let (Error::PlatformFailure(source) | Error::NoStorageAccess(source)) = error else {
            return None;
        };
        match source.downcast_ref::<Service>()? {
            // `NoResult`: there is a service, but no keyring yet and nobody to ask for one.
            Service::Locked | Service::Prompt | Service::NoResult => Some(VaultError::Locked),
            Service::Unavailable => Some(VaultError::NoKeychain),
            Service::Zbus(error) => of_bus(error),
            Service::ZbusFdo(error) => of_fdo(error),
            _ => None,
        }
    }

    /// A locked collection raises the prompter; so does making the first one.
    pub(crate) fn would_ask() -> bool {
        let Ok(service) = SecretService::connect(EncryptionType::Plain) else {
            return false;
        };
        match service.get_default_collection() {
            Ok(collection) => collection.is_locked().unwrap_or(false),
            Err(Service::NoResult) => true,
            Err(_) => false,
        }
    }

    fn of_bus(error: &zbus::Error) -> Option<VaultError> {
        match error {
            zbus::Error::Address(_) | zbus::Error::Handshake(_) | zbus::Error::Connection(..) => {
                Some(VaultError::NoKeychain)
            }
            zbus::Error::InputOutput(error) => {
                use io::ErrorKind::{BrokenPipe, ConnectionRefused, ConnectionReset, NotFound};
                matches!(
                    error.kind(),
                    NotFound | ConnectionRefused | ConnectionReset | BrokenPipe
                )
                .then_some(VaultError::NoKeychain)
            }
            zbus::Error::MethodError(name, ..) => {
                let name = name.as_str();
                if name == "org.freedesktop.Secret.Error.IsLocked" {
                    Some(VaultError::Locked)
                } else if name == "org.freedesktop.DBus.Error.ServiceUnknown"
                    || name == "org.freedesktop.DBus.Error.NameHasNoOwner"
                    || name.starts_with("org.freedesktop.DBus.Error.Spawn.")
                {
                    Some(VaultError::NoKeychain)
                } else {
                    None
                }
            }
            zbus::Error::FDO(error) => of_fdo(error),
            _ => None,
        }
    }

    fn of_fdo(error: &zbus::fdo::Error) -> Option<VaultError> {
        use zbus::fdo::Error as Fdo;
        match error {
            Fdo::ServiceUnknown(_)
            | Fdo::NameHasNoOwner(_)
            | Fdo::NoServer(_)
            | Fdo::Disconnected(_)
            | Fdo::SpawnExecFailed(_)
            | Fdo::SpawnServiceNotFound(_)
            | Fdo::SpawnChildExited(_)
            | Fdo::SpawnChildSignaled(_)
            | Fdo::SpawnFailed(_) => Some(VaultError::NoKeychain),
            Fdo::ZBus(error) => of_bus(error),
            _ => None,
        }
    }
}

/// macOS: the login keychain.
/// <https://developer.apple.com/documentation/security/security-framework-result-codes>
#[cfg(target_os = "macos")]
mod keychain_services {
    use std::sync::Arc;

    use keyring::{Entry, Error};
    use keyring_core::CredentialStore;

    use super::super::codes;
    use crate::error::VaultError;

    pub(crate) const LIMIT: Option<usize> = None;

    pub(crate) fn session() -> keyring::Result<Arc<CredentialStore>> {
        let store: Arc<CredentialStore> = apple_native_keyring_store::keychain::Store::new()?;
        Ok(store)
    }

    pub(crate) fn entry(
        store: &CredentialStore,
        service: &str,
        name: &str,
    ) -> keyring::Result<Entry> {
        let inner = store.build(service, name, None)?;
        Ok(Entry { inner })
    }

    /// The system gives no way to tell without asking.
    pub(crate) const fn would_ask() -> bool {
        false
    }

    pub(crate) fn meaning(error: &Error) -> Option<VaultError> {
        let (Error::PlatformFailure(source) | Error::NoStorageAccess(source)) = error else {
            return None;
        };
        let code = source
            .downcast_ref::<security_framework::base::Error>()?
            .code();
        codes::keychain_services(code)
    }
}

/// Windows: the Credential Manager.
/// <https://learn.microsoft.com/windows/win32/api/wincred/ns-wincred-credentialw>
#[cfg(windows)]
mod credential_manager {
    use std::{collections::HashMap, sync::Arc};

    use keyring::{Entry, Error};
    use keyring_core::CredentialStore;

    use super::super::codes;
    use crate::error::VaultError;

    pub(crate) const LIMIT: Option<usize> = Some(codes::LARGEST_CREDENTIAL);

    pub(crate) fn session() -> keyring::Result<Arc<CredentialStore>> {
        let store: Arc<CredentialStore> = windows_native_keyring_store::Store::new()?;
        Ok(store)
    }

    pub(crate) fn entry(
        store: &CredentialStore,
        service: &str,
        name: &str,
    ) -> keyring::Result<Entry> {
        // The default would let a domain's roaming profile carry tokens to other machines.
        let modifiers = HashMap::from([("persistence", "Local")]);
        let inner = store.build(service, name, Some(&modifiers))?;
        Ok(Entry { inner })
    }

    /// The system gives no way to tell without asking.
    pub(crate) const fn would_ask() -> bool {
        false
    }

    pub(crate) fn meaning(error: &Error) -> Option<VaultError> {
        // ERROR_NO_SUCH_LOGON_SESSION: a network logon has no credential set at all.
        matches!(error, Error::NoStorageAccess(_)).then_some(VaultError::NoKeychain)
    }
}
