//! What runs on the vault's thread: one place or the other, the round trip that proves it, and the calls.
//!
//! It blocks freely and knows no deadline. What it does know is its [`Ticket`]: once the caller has given
//! up, or another thread has taken over, nothing more is written.

mod moving;

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use model::{Secret, VaultPlace, VaultState};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{
    error::VaultError,
    item::SELF_TEST,
    places::{Place, file::VaultFile},
    split,
};

/// A mismatch isn't proof of a bad place while threads that were left to their prompts all finish their
/// own round trips; each of the three can disturb ours twice.
const TRIES: usize = 7;

/// Whether what a call still has to write is wanted. Shared with whoever waits for it.
#[derive(Clone, Default)]
pub(crate) struct Ticket {
    pub(crate) caller_left: Arc<AtomicBool>,
    pub(crate) thread_replaced: Arc<AtomicBool>,
}

impl Ticket {
    /// For what is done on the thread's own account.
    pub(crate) fn of_nobody(&self) -> Self {
        Self {
            caller_left: Arc::default(),
            thread_replaced: self.thread_replaced.clone(),
        }
    }

    fn is_void(&self) -> bool {
        self.caller_left.load(Ordering::SeqCst) || self.thread_replaced.load(Ordering::SeqCst)
    }
}

pub(crate) struct Keeper {
    keychain: Box<dyn Place>,
    file: VaultFile,
    place: VaultPlace,
    /// Why it couldn't be told whether there is a vault file. Until it can, nothing is touched.
    undecided: Option<VaultError>,
}

impl Keeper {
    pub(crate) fn new(keychain: Box<dyn Place>, file: VaultFile) -> Self {
        let mut keeper = Self {
            keychain,
            file,
            place: VaultPlace::Keychain,
            undecided: None,
        };
        keeper.decide();
        keeper
    }

    fn decide(&mut self) {
        match self.file.exists() {
            // Once in the file, always in the file: that it vanished is a failure to be told.
            Ok(false) => self.undecided = None,
            Ok(true) => {
                self.place = VaultPlace::File;
                self.undecided = None;
            }
            Err(error) => {
                self.place = VaultPlace::File;
                self.undecided = Some(error);
            }
        }
    }

    pub(crate) const fn place(&self) -> VaultPlace {
        self.place
    }

    /// Proves the place by writing, reading back and deleting something nobody could have foreseen: a
    /// stand-in that forgets, or answers from a cache of ours, fails here.
    pub(crate) fn round_trip(&mut self, ticket: &Ticket) -> VaultState {
        if self.undecided.is_some() {
            self.place = VaultPlace::Keychain;
            self.decide();
        }
        let place = self.place;
        match self.prove(ticket) {
            Ok(()) => {
                if place == VaultPlace::Keychain {
                    self.file.sweep();
                }
                VaultState::Unlocked { place }
            }
            Err(error) => error.state(place).unwrap_or_else(|| VaultState::Failing {
                place,
                reason: error.to_string(),
            }),
        }
    }

    fn prove(&mut self, ticket: &Ticket) -> Result<(), VaultError> {
        prove_place(&mut self.open(ticket)?)
    }

    pub(crate) fn would_ask(&mut self) -> bool {
        self.place == VaultPlace::Keychain && self.keychain.would_ask()
    }

    pub(crate) fn read(
        &mut self,
        ticket: &Ticket,
        name: &str,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        split::read(&mut self.open(ticket)?, name)
    }

    pub(crate) fn write(
        &mut self,
        ticket: &Ticket,
        name: &str,
        body: &[u8],
    ) -> Result<(), VaultError> {
        split::write(&mut self.open(ticket)?, name, body)
    }

    pub(crate) fn delete(&mut self, ticket: &Ticket, name: &str) -> Result<(), VaultError> {
        split::delete(&mut self.open(ticket)?, name)
    }

    pub(crate) fn unlock_file(
        &mut self,
        ticket: &Ticket,
        passphrase: &Secret,
    ) -> Result<(), VaultError> {
        if self.place == VaultPlace::Keychain {
            return Err(VaultError::Failed("there is no vault file".to_owned()));
        }
        self.file.unlock(passphrase)?;
        // Only what a move left behind that broke off; it can wait for a keychain that would ask something.
        if !self.keychain.would_ask() {
            let _ = self.drop_copies(&ticket.of_nobody());
        }
        Ok(())
    }

    fn open<'a>(&'a mut self, ticket: &'a Ticket) -> Result<Guarded<'a>, VaultError> {
        if let Some(error) = &self.undecided {
            return Err(error.clone());
        }
        let place: &mut dyn Place = match self.place {
            VaultPlace::Keychain => self.keychain.as_mut(),
            VaultPlace::File => &mut self.file,
        };
        Ok(Guarded { place, ticket })
    }
}

fn prove_place(place: &mut Guarded<'_>) -> Result<(), VaultError> {
    // If there is a prompt, it had better hold up a read than a write.
    place.get(SELF_TEST)?;
    for _ in 0..TRIES {
        let text = format!("{} {}", Uuid::new_v4(), Uuid::new_v4());
        place.put(SELF_TEST, text.as_bytes())?;
        let read = place.get(SELF_TEST)?;
        let same = read.is_some_and(|read| read.as_slice() == text.as_bytes());
        // Even if nobody waits any more: it is litter, and nobody's record.
        place.place.delete(SELF_TEST)?;
        if same {
            return Ok(());
        }
    }
    Err(VaultError::Failed(
        "what was read back isn't what was written".to_owned(),
    ))
}

/// A place that takes nothing more once nobody waits for it. Without this, a write that hung on a prompt
/// could go through minutes later and replace a newer grant.
struct Guarded<'a> {
    place: &'a mut dyn Place,
    ticket: &'a Ticket,
}

impl Guarded<'_> {
    fn wanted(&self) -> Result<(), VaultError> {
        Self::wanted_by(self.ticket)
    }

    fn wanted_by(ticket: &Ticket) -> Result<(), VaultError> {
        if ticket.is_void() {
            Err(VaultError::TimedOut)
        } else {
            Ok(())
        }
    }
}

impl Place for Guarded<'_> {
    fn get(&mut self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        self.place.get(name)
    }

    fn put(&mut self, name: &str, text: &[u8]) -> Result<(), VaultError> {
        self.wanted()?;
        self.place.put(name, text)
    }

    fn delete(&mut self, name: &str) -> Result<(), VaultError> {
        self.wanted()?;
        self.place.delete(name)
    }

    fn limit(&self) -> Option<usize> {
        self.place.limit()
    }
}
