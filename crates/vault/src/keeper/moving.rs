//! Moving out of the vault file, back into the keychain.
//!
//! The vault file decides where secrets rest, so its rename is the switch. Before it, the file is whole and the keychain
//! has copies that nobody reads; after it, the keychain is whole and the file is litter. A list beside the file names
//! what was copied, so that copies of a move that broke off don't outlive the connections they belong to.

use model::VaultPlace;

use super::{Guarded, Keeper, Ticket, prove_place};
use crate::{error::VaultError, item::SELF_TEST, split};

impl Keeper {
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
