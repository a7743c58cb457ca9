//! The operating system's keychain, through keyring.
//!
//! The entries are keyring's, but their store is built here and kept as one open session. keyring's own
//! constructor remembers a failed start for the life of the process; ours is built anew whenever there is
//! none, so that a keychain that appears, is unlocked or restarts is found again.

use std::sync::Arc;

use keyring::{Entry, Error};
use keyring_core::CredentialStore;
use model::ProfileName;
use zeroize::Zeroizing;

use super::{Place, platform};
use crate::error::VaultError;

/// Our bundle identifier: what all of our items have in common.
const APP: &str = "app.autopilot.desktop";

pub(crate) struct Keychain {
    /// `app.autopilot.desktop.PROFILE`: the service attribute, which no two profiles share.
    service: String,
    session: Option<Arc<CredentialStore>>,
}

impl Keychain {
    pub(crate) fn new(profile: &ProfileName) -> Self {
        Self {
            service: format!("{APP}.{profile}"),
            session: None,
        }
    }

    fn session(&mut self) -> keyring::Result<Arc<CredentialStore>> {
        if let Some(session) = &self.session {
            return Ok(session.clone());
        }
        let session = platform::session()?;
        self.session = Some(session.clone());
        Ok(session)
    }

    /// Makes one call; once more with a new session if the open one turns out to be broken (the keyring
    /// daemon was restarted, say). Every call here can be repeated without harm.
    fn call<T>(
        &mut self,
        name: &str,
        call: impl Fn(&Entry) -> keyring::Result<T>,
    ) -> Result<Option<T>, VaultError> {
        let mut kept = self.session.is_some();
        loop {
            let outcome = self
                .session()
                .and_then(|session| platform::entry(session.as_ref(), &self.service, name))
                .and_then(|entry| call(&entry));
            let error = match outcome {
                Ok(value) => return Ok(Some(value)),
                Err(Error::NoEntry) => return Ok(None),
                Err(error) => meaning(&error),
            };
            if !matches!(error, VaultError::TooLarge | VaultError::Unreadable) {
                self.session = None;
                if kept && error != VaultError::Locked {
                    kept = false;
                    continue;
                }
            }
            return Err(error);
        }
    }
}

impl Place for Keychain {
    fn get(&mut self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        self.call(name, |entry| entry.get_secret().map(Zeroizing::new))
    }

    fn put(&mut self, name: &str, text: &[u8]) -> Result<(), VaultError> {
        match self.call(name, |entry| entry.set_secret(text))? {
            Some(()) => Ok(()),
            // Deleted by someone between being found and being written.
            None => Err(VaultError::Failed(
                "the item vanished while it was written".to_owned(),
            )),
        }
    }

    fn delete(&mut self, name: &str) -> Result<(), VaultError> {
        self.call(name, Entry::delete_credential).map(|_| ())
    }

    fn would_ask(&mut self) -> bool {
        platform::would_ask()
    }

    fn limit(&self) -> Option<usize> {
        platform::LIMIT
    }
}

/// What the keychain's error means for us. Errors that carry what was stored are cut down to the fact.
fn meaning(error: &Error) -> VaultError {
    if let Some(meaning) = platform::meaning(error) {
        return meaning;
    }
    match error {
        Error::NoStorageAccess(_) => VaultError::Locked,
        Error::NoDefaultStore => VaultError::NoKeychain,
        Error::TooLong(..) => VaultError::TooLarge,
        Error::BadEncoding(_) | Error::BadDataFormat(..) => VaultError::Unreadable,
        Error::Ambiguous(_) => VaultError::Failed(
            "another program keeps an item of the same name in the keychain".to_owned(),
        ),
        Error::PlatformFailure(source) => VaultError::Failed(source.to_string()),
        Error::BadStoreFormat(reason) | Error::NotSupportedByStore(reason) => {
            VaultError::Failed(reason.clone())
        }
        Error::Invalid(what, reason) => VaultError::Failed(format!("{what} {reason}")),
        _ => VaultError::Failed("the keychain failed in a way that isn't known".to_owned()),
    }
}
