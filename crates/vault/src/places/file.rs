//! The vault file: where secrets rest when the person chose a passphrase instead of a keychain.
//!
//! Two files, both plain age (<https://age-encryption.org/v1>), so that `age -d -i vault.age.key vault.age`
//! opens them without us:
//! * `vault.age.key`: an X25519 identity, encrypted to the passphrase (scrypt). Written once.
//! * `vault.age`: `{"version":1,"items":{NAME:TEXT,…}}`, encrypted to that identity's recipient, replaced
//!   as a whole at every write.
//!
//! While everything moves, `vault.age.leaving` names what the keychain has beside the file; `vault.age.moved` is a file
//! that was left, until it is gone.
//!
//! The identity is kept in memory once unlocked; the contents are not. A file that can't be read is never
//! written over.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use age::x25519;
use model::{Secret, SecretInput};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{
    Place,
    replace::{beside, replace, sync_folder},
};
use crate::{error::VaultError, paper, sealing};

/// What we would still try for the person's own file: 4 GiB.
const MOST_WORK: u8 = 22;

const VERSION: u32 = 1;

pub(crate) struct VaultFile {
    path: PathBuf,
    key: PathBuf,
    leaving: PathBuf,
    moved: PathBuf,
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

pub(crate) type Items = BTreeMap<String, Secret>;

impl VaultFile {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self {
            key: beside(&path, ".key"),
            leaving: beside(&path, ".leaving"),
            moved: beside(&path, ".moved"),
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

    /// Makes a vault with these items, which the keychain has too, and leaves it unlocked.
    ///
    /// # Errors
    /// `FileExists`, or `Failed` if the folder can't be written to.
    pub(crate) fn create(&mut self, passphrase: &Secret, items: &Items) -> Result<(), VaultError> {
        if self.exists()? {
            return Err(VaultError::FileExists);
        }
        if passphrase.expose().is_empty() {
            return Err(VaultError::Failed(
                "an empty passphrase protects nothing".to_owned(),
            ));
        }
        self.set_aside_former_key()?;
        // What a former file left behind says nothing about this one.
        self.forget_copies()?;

        let identity = x25519::Identity::generate();
        let recipient = sealing::recipient(passphrase);
        let line = Zeroizing::new({
            use age::secrecy::ExposeSecret;
            format!("{}\n", identity.to_string().expose_secret())
        });
        let key = sealing::seal(&recipient, line.as_bytes()).map_err(|error| unsealed(&error))?;
        // Reading it back with scrypt would double the wait; comparing bytes proves the disk just as well.
        replace(&self.key, &key, |read| read == key).map_err(|error| failed(&error))?;

        if !items.is_empty() {
            let names: Vec<String> = items.keys().cloned().collect();
            self.note_copies(&names)?;
        }
        // The file that decides comes last: without it, nothing has changed.
        if let Err(error) = self.store(&identity, items) {
            let _ = self.forget_copies();
            return Err(error);
        }
        self.identity = Some(identity);
        Ok(())
    }

    /// # Errors
    /// `WrongPassphrase`; `Unreadable` if either file is damaged or newer than we are; `Failed` if one
    /// can't be read at all.
    pub(crate) fn unlock(&mut self, passphrase: &Secret) -> Result<(), VaultError> {
        let sealed = fs::read(&self.key).map_err(|error| failed(&error))?;
        let opener = sealing::identity(passphrase, MOST_WORK);
        let text = sealing::open(&*opener, &sealed).map_err(|error| {
            if sealing::is_wrong_passphrase(&error) {
                VaultError::WrongPassphrase
            } else {
                VaultError::Unreadable
            }
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

    /// The names of all items.
    ///
    /// # Errors
    /// `Locked`, or `Unreadable` if the file is damaged.
    pub(crate) fn names(&self) -> Result<Vec<String>, VaultError> {
        let items = self.load(&self.unlocked()?)?;
        Ok(items.into_keys().collect())
    }

    /// Keeps in mind, beyond a crash, what is about to be copied elsewhere. Names are no secrets.
    ///
    /// # Errors
    /// `Failed` if the folder can't be written to.
    pub(crate) fn note_copies(&self, names: &[String]) -> Result<(), VaultError> {
        let text = names.join("\n");
        replace(&self.leaving, text.as_bytes(), |read| {
            read == text.as_bytes()
        })
        .map_err(|error| failed(&error))
    }

    pub(crate) fn noted_copies(&self) -> Result<Vec<String>, VaultError> {
        match fs::read_to_string(&self.leaving) {
            Ok(text) => Ok(text.lines().map(str::to_owned).collect()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(failed(&error)),
        }
    }

    pub(crate) fn forget_copies(&self) -> Result<(), VaultError> {
        remove(&self.leaving).map_err(|error| failed(&error))
    }

    /// From here on there is no vault file. One step: a crash comes before or after it.
    ///
    /// # Errors
    /// `Failed` if the folder can't be written to; nothing has changed then.
    pub(crate) fn leave(&mut self) -> Result<(), VaultError> {
        fs::rename(&self.path, &self.moved).map_err(|error| failed(&error))?;
        self.identity = None;
        // Should the machine stop before this is on the disk, the file is the place again, with all it had.
        let _ = sync_folder(&self.path);
        Ok(())
    }

    /// Clears away a file that was left, once the keychain is known to work. What can't be removed is tried again.
    pub(crate) fn sweep(&self) {
        if !self.moved.exists() || self.exists() != Ok(false) {
            return;
        }
        // That it was left must be on the disk before anything of it goes.
        if sync_folder(&self.path).is_err() {
            return;
        }
        // The list first: it must never be taken for that of a later file.
        let _ = remove(&self.leaving)
            .and_then(|()| remove(&self.key))
            .and_then(|()| remove(&self.moved));
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
        let sealed =
            sealing::seal(&identity.to_public(), &text).map_err(|error| unsealed(&error))?;
        replace(&self.path, &sealed, |read| {
            read_contents(identity, read).is_ok_and(|read| read == *items)
        })
        .map_err(|error| failed(&error))
    }
}

impl Place for VaultFile {
    fn get(&mut self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        let mut items = self.load(&self.unlocked()?)?;
        Place::get(&mut items, name)
    }

    fn put(&mut self, name: &str, text: &[u8]) -> Result<(), VaultError> {
        let identity = self.unlocked()?;
        let mut items = self.load(&identity)?;
        items.put(name, text)?;
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

/// What a file will hold, before there is one.
impl Place for Items {
    fn get(&mut self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        Ok(BTreeMap::get(self, name).map(|text| Zeroizing::new(text.expose().as_bytes().to_vec())))
    }

    fn put(&mut self, name: &str, text: &[u8]) -> Result<(), VaultError> {
        let text = std::str::from_utf8(text).map_err(|_| VaultError::Unreadable)?;
        self.insert(name.to_owned(), Secret::new(text.to_owned()));
        Ok(())
    }

    fn delete(&mut self, name: &str) -> Result<(), VaultError> {
        self.remove(name);
        Ok(())
    }

    fn limit(&self) -> Option<usize> {
        None
    }
}

/// Nothing there is as good.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn read_contents(identity: &x25519::Identity, sealed: &[u8]) -> Result<Items, VaultError> {
    let text = sealing::open(identity, sealed).map_err(|_| VaultError::Unreadable)?;
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

fn unsealed(error: &age::EncryptError) -> VaultError {
    VaultError::Failed(format!("the vault file couldn't be sealed: {error}"))
}
