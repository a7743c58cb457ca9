//! The vault file: where secrets rest when the person chose a passphrase instead of a keychain.
//!
//! Two files, both plain age (<https://age-encryption.org/v1>), so that `age -d -i vault.age.key vault.age`
//! opens them without us:
//! * `vault.age.key`: an X25519 identity, encrypted to the passphrase (scrypt). Written once.
//! * `vault.age`: `{"version":1,"items":{NAME:TEXT,…}}`, encrypted to that identity's recipient, replaced
//!   as a whole at every write.
//!
//! The identity is kept in memory once unlocked; the contents are not. A file that can't be read is never
//! written over.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Read},
    iter,
    path::PathBuf,
};

use age::{DecryptError, Decryptor, scrypt, secrecy::SecretString, x25519};
use model::{Secret, SecretInput};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{
    Place,
    replace::{beside, replace},
};
use crate::{error::VaultError, paper};

/// scrypt's log2(N). 17 takes 128 MiB and about half a second, once per run; fixed rather than measured,
/// so that a busy machine doesn't end up with a weak file.
const WORK: u8 = 17;
/// What we would still try: 4 GiB.
const MOST_WORK: u8 = 22;

const VERSION: u32 = 1;

pub(crate) struct VaultFile {
    path: PathBuf,
    key: PathBuf,
    identity: Option<x25519::Identity>,
}

#[derive(Serialize)]
struct Written<'a> {
    version: u32,
    items: BTreeMap<&'a str, &'a str>,
}

#[derive(Deserialize)]
struct Contents {
    version: u32,
    items: BTreeMap<String, SecretInput>,
}

type Items = BTreeMap<String, Secret>;

impl VaultFile {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self {
            key: beside(&path, ".key"),
            path,
            identity: None,
        }
    }

    /// The file decides where secrets rest, so "can't tell" must not pass for "isn't there".
    ///
    /// # Errors
    /// `Failed` if the folder can't be looked into.
    pub(crate) fn exists(&self) -> Result<bool, VaultError> {
        self.path.try_exists().map_err(|error| failed(&error))
    }

    /// Makes an empty vault and leaves it unlocked.
    ///
    /// # Errors
    /// `FileExists`, or `Failed` if the folder can't be written to.
    pub(crate) fn create(&mut self, passphrase: &Secret) -> Result<(), VaultError> {
        if self.exists()? {
            return Err(VaultError::FileExists);
        }
        if passphrase.expose().is_empty() {
            return Err(VaultError::Failed(
                "an empty passphrase protects nothing".to_owned(),
            ));
        }
        self.set_aside_former_key()?;

        let identity = x25519::Identity::generate();
        let mut recipient = scrypt::Recipient::new(SecretString::from(passphrase.expose()));
        recipient.set_work_factor(WORK);
        let line = Zeroizing::new({
            use age::secrecy::ExposeSecret;
            format!("{}\n", identity.to_string().expose_secret())
        });
        let key = age::encrypt(&recipient, line.as_bytes()).map_err(|error| sealing(&error))?;
        // Reading it back with scrypt would double the wait; comparing bytes proves the disk just as well.
        replace(&self.key, &key, |read| read == key).map_err(|error| failed(&error))?;

        // The file that decides comes last: without it, nothing has changed.
        self.store(&identity, &Items::new())?;
        self.identity = Some(identity);
        Ok(())
    }

    /// # Errors
    /// `WrongPassphrase`; `Unreadable` if either file is damaged or newer than we are; `Failed` if one
    /// can't be read at all.
    pub(crate) fn unlock(&mut self, passphrase: &Secret) -> Result<(), VaultError> {
        let sealed = fs::read(&self.key).map_err(|error| failed(&error))?;
        let mut opener = scrypt::Identity::new(SecretString::from(passphrase.expose()));
        opener.set_max_work_factor(MOST_WORK);
        let text = open(&opener, &sealed).map_err(|error| match error {
            DecryptError::DecryptionFailed
            | DecryptError::KeyDecryptionFailed
            | DecryptError::NoMatchingKeys => VaultError::WrongPassphrase,
            _ => VaultError::Unreadable,
        })?;
        let identity = std::str::from_utf8(&text)
            .ok()
            .and_then(|text| {
                text.lines()
                    .map(str::trim)
                    .find(|line| !line.is_empty() && !line.starts_with('#'))
            })
            .and_then(|line| line.parse().ok())
            .ok_or(VaultError::Unreadable)?;
        self.load(&identity)?;
        self.identity = Some(identity);
        Ok(())
    }

    /// A key without a vault: a creation that was cut short, or a vault that someone moved away. The second
    /// would be lost without its key, so it is kept under another name.
    fn set_aside_former_key(&self) -> Result<(), VaultError> {
        let there = self.key.try_exists().map_err(|error| failed(&error))?;
        if !there {
            return Ok(());
        }
        for n in 1_u32.. {
            let aside = beside(&self.key, &format!(".{n}"));
            if !aside.try_exists().map_err(|error| failed(&error))? {
                return fs::rename(&self.key, aside).map_err(|error| failed(&error));
            }
        }
        Ok(())
    }

    fn unlocked(&self) -> Result<x25519::Identity, VaultError> {
        self.identity.clone().ok_or(VaultError::Locked)
    }

    fn load(&self, identity: &x25519::Identity) -> Result<Items, VaultError> {
        let sealed = fs::read(&self.path).map_err(|error| failed(&error))?;
        read_contents(identity, &sealed)
    }

    fn store(&self, identity: &x25519::Identity, items: &Items) -> Result<(), VaultError> {
        let text = paper::write(&Written {
            version: VERSION,
            items: items
                .iter()
                .map(|(name, text)| (name.as_str(), text.expose()))
                .collect(),
        });
        let sealed = age::encrypt(&identity.to_public(), &text).map_err(|error| sealing(&error))?;
        replace(&self.path, &sealed, |read| {
            read_contents(identity, read).is_ok_and(|read| read == *items)
        })
        .map_err(|error| failed(&error))
    }
}

impl Place for VaultFile {
    fn get(&mut self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        let items = self.load(&self.unlocked()?)?;
        Ok(items
            .get(name)
            .map(|text| Zeroizing::new(text.expose().as_bytes().to_vec())))
    }

    fn put(&mut self, name: &str, text: &[u8]) -> Result<(), VaultError> {
        let identity = self.unlocked()?;
        let text = std::str::from_utf8(text).map_err(|_| VaultError::Unreadable)?;
        let mut items = self.load(&identity)?;
        items.insert(name.to_owned(), Secret::new(text.to_owned()));
        self.store(&identity, &items)
    }

    fn delete(&mut self, name: &str) -> Result<(), VaultError> {
        let identity = self.unlocked()?;
        let mut items = self.load(&identity)?;
        match items.remove(name) {
            Some(_) => self.store(&identity, &items),
            None => Ok(()),
        }
    }

    fn limit(&self) -> Option<usize> {
        None
    }
}

fn open(identity: &dyn age::Identity, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, DecryptError> {
    // The plain text is always shorter than the sealed one, so this never grows and leaves no copy.
    let mut text = Zeroizing::new(Vec::with_capacity(sealed.len()));
    Decryptor::new_buffered(sealed)?
        .decrypt(iter::once(identity))?
        .read_to_end(&mut text)?;
    Ok(text)
}

fn read_contents(identity: &x25519::Identity, sealed: &[u8]) -> Result<Items, VaultError> {
    let text = open(identity, sealed).map_err(|_| VaultError::Unreadable)?;
    let contents: Contents = paper::read(&text)?;
    if contents.version != VERSION {
        return Err(VaultError::Unreadable);
    }
    Ok(contents
        .items
        .into_iter()
        .map(|(name, text)| (name, text.into_secret()))
        .collect())
}

/// A file system's message names the kind of failure, never what was in the file.
fn failed(error: &io::Error) -> VaultError {
    VaultError::Failed(format!("the vault file: {error}"))
}

fn sealing(error: &age::EncryptError) -> VaultError {
    VaultError::Failed(format!("the vault file couldn't be sealed: {error}"))
}
