//! Moving into the vault file, and out of it again, back into the keychain.
//!
//! The vault file decides where secrets rest, so its appearing and its going are the switch. On the side of it where
//! there is none, the keychain is whole; on the other, the file is, and the keychain has copies that nobody reads. A
//! list beside the file names those, so that copies of a move that broke off don't outlive the connections they belong to.

use model::{Secret, VaultPlace};

use super::{Guarded, Keeper, Ticket, prove_place};
use crate::{error::VaultError, item::SELF_TEST, places::file::Items, split};

impl Keeper {
    /// What the keychain has under these names is in the file from its first moment on.
    ///
    /// # Errors
    /// `FileExists`; `Locked` or `NoKeychain` if what should move can't be read; `Failed` if the file can't be written.
    /// The keychain is then still the place, and whole.
    pub(crate) fn use_file(
        &mut self,
        ticket: &Ticket,
        passphrase: &Secret,
        names: &[String],
    ) -> Result<(), VaultError> {
        if self.file.exists()? {
            return Err(VaultError::FileExists);
        }
        let mut items = Items::new();
        for name in names {
            match split::read(self.keychain.as_mut(), name) {
                Ok(Some(body)) => split::write(&mut items, name, &body)?,
                // Damaged, there is nothing in it to keep.
                Ok(None) | Err(VaultError::Unreadable) => {}
                Err(error) => return Err(error),
            }
        }
        Guarded::wanted_by(ticket)?;
        self.file.create(passphrase, &items)?;
        self.place = VaultPlace::File;
        self.undecided = None;
        // What stays for now is dropped at the next unlocking.
        let _ = self.drop_copies(&ticket.of_nobody());
        Ok(())
    }

    /// # Errors
    /// `Locked` if either side is; `NoKeychain`; `Failed` if the keychain doesn't keep what it is given, or nothing is
    /// in a file. The file is then still the place, and whole.
    pub(crate) fn use_keychain(&mut self, ticket: &Ticket) -> Result<(), VaultError> {
        if let Some(error) = &self.undecided {
            return Err(error.clone());
        }
        if self.place == VaultPlace::Keychain {
            return Err(VaultError::Failed("there is no vault file".to_owned()));
        }
        // First what may ask the person something: whether the file is open, and the keychain.
        self.file.names()?;
        prove_place(&mut Guarded {
            place: self.keychain.as_mut(),
            ticket,
        })?;
        self.drop_copies(ticket)?;
        let copied = self.copy_all(ticket).and_then(|()| {
            Guarded::wanted_by(ticket)?;
            self.file.leave()
        });
        if copied.is_err() {
            // Best while the keychain is known to answer; what stays is dropped at the next unlocking.
            let _ = self.drop_copies(&ticket.of_nobody());
            return copied;
        }
        self.place = VaultPlace::Keychain;
        Ok(())
    }

    fn copy_all(&mut self, ticket: &Ticket) -> Result<(), VaultError> {
        // A record's parts, and the round trip's item, are nobody's records.
        let mut names = self.file.names()?;
        names.retain(|name| name != SELF_TEST && !name.contains('#'));
        self.file.note_copies(&names)?;
        for name in &names {
            let Some(body) = split::read(&mut self.file, name)? else {
                continue;
            };
            let mut keychain = Guarded {
                place: self.keychain.as_mut(),
                ticket,
            };
            split::write(&mut keychain, name, &body)?;
            if split::read(&mut keychain, name)?.as_deref() != Some(&*body) {
                return Err(VaultError::Failed(
                    "the keychain didn't keep what it was given".to_owned(),
                ));
            }
        }
        Ok(())
    }

    /// After a move that broke off: the file is the place, and the keychain's copies are nobody's.
    pub(super) fn drop_copies(&mut self, ticket: &Ticket) -> Result<(), VaultError> {
        let copies = self.file.noted_copies()?;
        if copies.is_empty() {
            return Ok(());
        }
        let mut keychain = Guarded {
            place: self.keychain.as_mut(),
            ticket,
        };
        for name in &copies {
            split::delete(&mut keychain, name)?;
        }
        self.file.forget_copies()
    }
}
