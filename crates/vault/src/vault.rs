//! The handle everyone holds. Records go in and come out; who waits, for how long, and on which thread is
//! the desk's business.

use std::{path::PathBuf, sync::Arc, time::Duration};

use model::{ProfileName, Secret, VaultState};
use tokio::sync::watch;

use crate::{
    desk::{Desk, IfHung},
    error::VaultError,
    item::Item,
    keeper::{Keeper, Ticket},
    places::{Place, file::VaultFile, keychain::Keychain},
    records::Record,
};

/// A real call takes milliseconds; ten seconds without an answer is a prompt nobody sees.
pub const DEADLINE: Duration = Duration::from_secs(10);

/// A passphrase is made slow to try on purpose, and slower still on a small machine; it never hangs. Moving everything is
/// many calls.
const LONG_DEADLINE: Duration = Duration::from_secs(60);

pub struct Options {
    pub profile: ProfileName,
    /// `vault.age` in the profile's folder. Used if it exists, or once [`Vault::use_file`] made it.
    pub file: PathBuf,
    /// For each call, counted from when the thread takes it up; usually [`DEADLINE`].
    pub deadline: Duration,
}

/// A cheap handle to the one vault of a profile. Clones share it; the last one dropped ends its thread,
/// after whatever was queued.
#[derive(Clone)]
pub struct Vault {
    desk: Arc<Desk>,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Vault").field(&self.state()).finish()
    }
}

impl Vault {
    /// Returns at once; the round trip that proves the place is under way ([`Self::settled`] waits).
    #[must_use]
    pub fn open(options: Options) -> Self {
        let profile = options.profile;
        Self::open_over(options.file, options.deadline, move || {
            Box::new(Keychain::new(&profile))
        })
    }

    /// With `keychain` in place of the system's. It is made on the thread that uses it.
    pub(crate) fn open_over(
        file: PathBuf,
        deadline: Duration,
        keychain: impl Fn() -> Box<dyn Place> + Send + Sync + 'static,
    ) -> Self {
        let desk = Desk::open(deadline, move || {
            Keeper::new(keychain(), VaultFile::new(file.clone()))
        });
        Self {
            desk: Arc::new(desk),
        }
    }

    #[must_use]
    pub fn state(&self) -> VaultState {
        self.desk.watch().borrow().clone()
    }

    #[must_use]
    pub fn watch(&self) -> watch::Receiver<VaultState> {
        self.desk.watch()
    }

    /// The first state that isn't `Opening`.
    pub async fn settled(&self) -> VaultState {
        let mut states = self.desk.watch();
        let settled = states.wait_for(|state| *state != VaultState::Opening).await;
        // The sender lives as long as `self`, so there is always an answer.
        settled.map_or(VaultState::Opening, |state| state.clone())
    }

    /// Makes the round trip again, with a new session and, if the thread hangs, on a new thread. This is
    /// how a keychain that was unlocked or started meanwhile is found. It may show the system's prompt, and
    /// it writes: for when the person asks or the state isn't `Unlocked`, not for every tick.
    pub async fn check(&self) -> VaultState {
        match self
            .desk
            .prove_after(IfHung::Replace, Duration::ZERO, |_, _| Ok(()))
            .await
        {
            Ok(state) => state,
            Err(_) => self.state(),
        }
    }

    /// [`Self::check`], unless that would put a question to the person: for every tick while the state isn't
    /// `Unlocked`, so that a prompt that was dismissed stays dismissed.
    pub async fn look(&self) -> VaultState {
        match self.desk.call(|keeper, _| Ok(keeper.would_ask())).await {
            Ok(false) => self.check().await,
            Ok(true) | Err(_) => self.state(),
        }
    }

    /// # Errors
    /// `Unreadable` if the item is there but isn't an `R` of this version; otherwise as the vault is.
    pub async fn read<R: Record>(&self, item: &Item) -> Result<Option<R>, VaultError> {
        let name = item.name();
        let text = self
            .desk
            .call(move |keeper, ticket| keeper.read(ticket, &name))
            .await?;
        Ok(text.map(|text| R::decode(&text)).transpose()?)
    }

    /// Returns once the record is stored. Dropping the future doesn't stop a write that was begun.
    ///
    /// # Errors
    /// The former record is then still there, except after `TimedOut`, where either may be.
    pub async fn write<R: Record>(&self, item: &Item, record: &R) -> Result<(), VaultError> {
        let name = item.name();
        let text = record.encode();
        // Nothing is replaced by what couldn't be read back.
        R::decode(&text)?;
        self.desk
            .call(move |keeper, ticket| keeper.write(ticket, &name, &text))
            .await
    }

    /// Nothing to delete is a success.
    ///
    /// # Errors
    /// As the vault is; repeating it is always safe.
    pub async fn delete(&self, item: &Item) -> Result<(), VaultError> {
        let name = item.name();
        self.desk
            .call(move |keeper, ticket| keeper.delete(ticket, &name))
            .await
    }

    /// Makes the vault file and keeps everything there from now on. `items` are what moves there out of the keychain;
    /// without any, the keychain isn't asked.
    ///
    /// # Errors
    /// `FileExists`; `Locked` or `NoKeychain` if something should move and can't be read; `Failed` if the file can't be
    /// written or proved. Before there is a file, nothing has changed.
    pub async fn use_file(&self, passphrase: Secret, items: &[Item]) -> Result<(), VaultError> {
        let names: Vec<String> = items.iter().map(Item::name).collect();
        self.at_length(IfHung::ReplaceAnyway, move |keeper, ticket| {
            keeper.use_file(ticket, &passphrase, &names)
        })
        .await
    }

    /// Unlocks the vault file for this run.
    ///
    /// # Errors
    /// `WrongPassphrase`; `Unreadable` if the file is damaged or newer than we are; `Failed` if there is
    /// no vault file.
    pub async fn unlock_file(&self, passphrase: Secret) -> Result<(), VaultError> {
        self.at_length(IfHung::ReplaceAnyway, move |keeper, ticket| {
            keeper.unlock_file(ticket, &passphrase)
        })
        .await
    }

    /// Moves everything out of the vault file into the keychain, and keeps it there from now on. The file goes once the
    /// keychain has given back all it was given.
    ///
    /// # Errors
    /// `Locked` or `NoKeychain` if either side can't be reached; `Unreadable` if something in the file makes no sense.
    /// The file then stays the place, with all it had.
    pub async fn use_keychain(&self) -> Result<(), VaultError> {
        // Not on another thread: only this one has the file open.
        self.at_length(IfHung::Refuse, Keeper::use_keychain).await
    }

    /// Finishes the calls that are queued and ends the thread. Later calls fail.
    pub async fn close(&self) {
        self.desk.close().await;
    }

    /// What a person asks for and takes its time.
    async fn at_length(
        &self,
        if_hung: IfHung,
        work: impl FnOnce(&mut Keeper, &Ticket) -> Result<(), VaultError> + Send + 'static,
    ) -> Result<(), VaultError> {
        let state = self.desk.prove_after(if_hung, LONG_DEADLINE, work).await?;
        match state {
            VaultState::Unlocked { .. } => Ok(()),
            VaultState::Failing { reason, .. } => Err(VaultError::Failed(reason)),
            VaultState::NoKeychain => Err(VaultError::NoKeychain),
            VaultState::Locked { .. } | VaultState::Opening => Err(VaultError::Locked),
        }
    }
}
