//! Moving into the vault file and back into the keychain: one of the two is always whole, whatever breaks off.

use std::{
    fs,
    path::{Path, PathBuf},
};

use model::{ConnectionId, VaultPlace, VaultState};

use super::{
    records::{key_grant, secret},
    state::open_beside,
};
use crate::{Grant, Item, LedgerKey, Vault, VaultError, item::SELF_TEST, places::memory::Memory};

const FILE: VaultState = VaultState::Unlocked {
    place: VaultPlace::File,
};
const KEYCHAIN: VaultState = VaultState::Unlocked {
    place: VaultPlace::Keychain,
};

struct House {
    folder: tempfile::TempDir,
    keychain: Memory,
    items: Vec<(Item, Grant)>,
}

impl House {
    /// A vault file with three grants and the ledger's key, and an empty keychain.
    async fn new() -> Self {
        let house = Self {
            folder: tempfile::tempdir().unwrap(),
            keychain: Memory::default(),
            items: (0..3)
                .map(|n| {
                    (
                        Item::Grant(ConnectionId::generate()),
                        key_grant(&format!("{n}:token")),
                    )
                })
                .collect(),
        };
        let vault = house.vault();
        vault.use_file(secret("pass"), &[]).await.unwrap();
        for (item, grant) in &house.items {
            vault.write(item, grant).await.unwrap();
        }
        let key = LedgerKey {
            key: secret("of the ledger"),
        };
        vault.write(&Item::LedgerKey, &key).await.unwrap();
        vault.close().await;
        house
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("vault.age")
    }

    fn vault(&self) -> Vault {
        open_beside(&self.keychain, self.path())
    }

    async fn opened(&self) -> Vault {
        let vault = self.vault();
        if !vault.settled().await.is_unlocked() {
            vault.unlock_file(secret("pass")).await.unwrap();
        }
        vault
    }

    /// Everything is there, wherever that is.
    async fn is_whole(&self, vault: &Vault) {
        for (item, grant) in &self.items {
            assert_eq!(
                vault.read::<Grant>(item).await.unwrap().as_ref(),
                Some(grant)
            );
        }
        let key = vault.read::<LedgerKey>(&Item::LedgerKey).await.unwrap();
        assert_eq!(key.unwrap().key, secret("of the ledger"));
    }

    fn files(&self) -> Vec<String> {
        names_in(self.folder.path())
    }
}

fn names_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Two grants and what is missing, in a keychain beside an empty folder.
async fn in_a_keychain(keychain: &Memory, file: PathBuf) -> (Vault, Vec<Item>) {
    let vault = open_beside(keychain, file);
    let items: Vec<Item> = (0..3)
        .map(|_| Item::Grant(ConnectionId::generate()))
        .collect();
    for item in &items[..2] {
        vault.write(item, &key_grant(&item.name())).await.unwrap();
    }
    (vault, items)
}

async fn both_are_there(vault: &Vault, items: &[Item]) {
    for item in &items[..2] {
        assert_eq!(vault.read(item).await, Ok(Some(key_grant(&item.name()))));
    }
    assert_eq!(vault.read::<Grant>(&items[2]).await, Ok(None));
}

#[tokio::test]
async fn a_file_has_everything_from_its_first_moment_and_the_keychain_keeps_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let keychain = Memory::default();
    let (vault, items) = in_a_keychain(&keychain, folder.path().join("vault.age")).await;
    vault.use_file(secret("pass"), &items).await.unwrap();
    assert_eq!(vault.state(), FILE);
    both_are_there(&vault, &items).await;
    assert_eq!(keychain.names(), Vec::<String>::new());
    assert_eq!(names_in(folder.path()), ["vault.age", "vault.age.key"]);
}

#[tokio::test]
async fn a_keychain_that_cannot_be_read_stays_the_place_with_all_it_has() {
    let folder = tempfile::tempdir().unwrap();
    let keychain = Memory::default();
    let (vault, items) = in_a_keychain(&keychain, folder.path().join("vault.age")).await;
    keychain.with(|inner| inner.error = Some(VaultError::Locked));
    assert_eq!(
        vault.use_file(secret("pass"), &items).await,
        Err(VaultError::Locked)
    );
    assert_eq!(names_in(folder.path()), Vec::<String>::new());
    keychain.with(|inner| inner.error = None);
    assert_eq!(vault.check().await, KEYCHAIN);
    both_are_there(&vault, &items).await;
}

#[tokio::test]
async fn a_folder_that_takes_no_file_leaves_the_keychain_the_place_with_all_it_has() {
    let folder = tempfile::tempdir().unwrap();
    let keychain = Memory::default();
    let file = folder.path().join("missing/vault.age");
    let (vault, items) = in_a_keychain(&keychain, file).await;
    assert!(vault.use_file(secret("pass"), &items).await.is_err());
    assert_eq!(vault.check().await, KEYCHAIN);
    both_are_there(&vault, &items).await;
}

#[tokio::test]
async fn what_the_keychain_did_not_let_go_of_is_dropped_when_the_file_is_next_opened() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("vault.age");
    let keychain = Memory::default();
    let (vault, items) = in_a_keychain(&keychain, file.clone()).await;
    keychain.with(|inner| inner.writes_left = Some(0));
    vault.use_file(secret("pass"), &items).await.unwrap();
    assert_eq!(keychain.names().len(), 2);
    vault.close().await;

    keychain.with(|inner| inner.writes_left = None);
    let vault = open_beside(&keychain, file);
    vault.unlock_file(secret("pass")).await.unwrap();
    both_are_there(&vault, &items).await;
    assert_eq!(keychain.names(), Vec::<String>::new());
}

#[tokio::test]
async fn everything_moves_and_nothing_stays_in_the_file() {
    let house = House::new().await;
    let vault = house.opened().await;
    vault.use_keychain().await.unwrap();
    assert_eq!(vault.state(), KEYCHAIN);
    house.is_whole(&vault).await;
    assert_eq!(house.keychain.names().len(), 4);
    assert_eq!(house.files(), Vec::<String>::new());
    // And it is so after the next start, and a file can be chosen again.
    vault.close().await;
    let vault = house.vault();
    assert_eq!(vault.settled().await, KEYCHAIN);
    house.is_whole(&vault).await;
    vault.use_file(secret("another"), &[]).await.unwrap();
    assert_eq!(vault.state(), FILE);
}

#[tokio::test]
async fn a_machine_that_stops_at_any_step_leaves_one_whole_place() {
    let mut moved = false;
    for writes in 0.. {
        let house = House::new().await;
        let vault = house.opened().await;
        house
            .keychain
            .with(|inner| inner.writes_left = Some(writes));
        let done = vault.use_keychain().await.is_ok();
        vault.close().await;
        house.keychain.with(|inner| inner.writes_left = None);

        let vault = house.opened().await;
        let state = vault.state();
        house.is_whole(&vault).await;
        if done {
            assert_eq!(state, KEYCHAIN, "{writes}");
            moved = true;
            break;
        }
        // The keychain may fail right after the switch, too: everything is in it then.
        if state == KEYCHAIN {
            continue;
        }
        assert_eq!(state, FILE, "{writes}");
        // What was copied doesn't outlive the connection it belongs to. The round trip's item is nobody's record.
        let mut copies = house.keychain.names();
        copies.retain(|name| name != SELF_TEST);
        assert_eq!(copies, Vec::<String>::new(), "{writes}");
        assert_eq!(house.files(), ["vault.age", "vault.age.key"], "{writes}");
        vault.use_keychain().await.unwrap();
        house.is_whole(&vault).await;
    }
    assert!(moved);
}

#[tokio::test]
async fn a_process_killed_right_after_the_switch_finishes_the_move_at_the_next_start() {
    let house = House::new().await;
    let vault = house.opened().await;
    let (file, key) = (
        fs::read(house.path()).unwrap(),
        fs::read(house.folder.path().join("vault.age.key")).unwrap(),
    );
    vault.use_keychain().await.unwrap();
    vault.close().await;
    // As it was between the rename and the clearing away.
    fs::write(house.folder.path().join("vault.age.moved"), file).unwrap();
    fs::write(house.folder.path().join("vault.age.key"), key).unwrap();
    let copied = house.keychain.names().join("\n");
    fs::write(house.folder.path().join("vault.age.leaving"), copied).unwrap();

    // A keychain that doesn't answer is no reason to clear away anything.
    house
        .keychain
        .with(|inner| inner.error = Some(VaultError::NoKeychain));
    let vault = house.vault();
    assert_eq!(vault.settled().await, VaultState::NoKeychain);
    assert_eq!(house.files().len(), 3);
    house.keychain.with(|inner| inner.error = None);
    assert_eq!(vault.check().await, KEYCHAIN);
    house.is_whole(&vault).await;
    assert_eq!(house.files(), Vec::<String>::new());
}

#[tokio::test]
async fn a_killed_process_before_the_switch_leaves_copies_that_go_with_the_next_unlocking() {
    let house = House::new().await;
    let copied: Vec<String> = house.items.iter().map(|(item, _)| item.name()).collect();
    house.keychain.with(|inner| {
        for name in &copied {
            inner
                .items
                .insert(name.clone(), b"autopilot 1 a copy".to_vec());
        }
        inner
            .items
            .insert("grant/another".to_owned(), b"kept".to_vec());
    });
    fs::write(
        house.folder.path().join("vault.age.leaving"),
        copied.join("\n"),
    )
    .unwrap();
    let vault = house.opened().await;
    assert_eq!(vault.state(), FILE);
    house.is_whole(&vault).await;
    assert_eq!(house.keychain.names(), ["grant/another"]);
    assert_eq!(house.files(), ["vault.age", "vault.age.key"]);
}

#[tokio::test]
async fn without_a_keychain_that_works_the_file_stays_the_place() {
    let house = House::new().await;
    for error in [
        VaultError::NoKeychain,
        VaultError::Locked,
        VaultError::Failed("odd".to_owned()),
    ] {
        let vault = house.opened().await;
        house
            .keychain
            .with(|inner| inner.error = Some(error.clone()));
        assert_eq!(vault.use_keychain().await, Err(error));
        assert_eq!(vault.state(), FILE);
        house.is_whole(&vault).await;
        house.keychain.with(|inner| inner.error = None);
    }
    // Nor without the passphrase, nor where nothing is in a file.
    let locked = house.vault();
    assert_eq!(locked.use_keychain().await, Err(VaultError::Locked));
    let nowhere = open_beside(&Memory::default(), PathBuf::from("/nowhere/vault.age"));
    assert!(matches!(
        nowhere.use_keychain().await,
        Err(VaultError::Failed(_))
    ));
}

#[tokio::test]
async fn something_in_the_file_that_makes_no_sense_is_not_left_behind() {
    let house = House::new().await;
    let vault = house.opened().await;
    let mut file = crate::places::file::VaultFile::new(house.path());
    file.unlock(&secret("pass")).unwrap();
    crate::places::Place::put(&mut file, "grant/odd", b"noise").unwrap();
    assert_eq!(vault.use_keychain().await, Err(VaultError::Unreadable));
    assert_eq!(vault.state(), FILE);
    assert_eq!(house.keychain.names(), Vec::<String>::new());
    house.is_whole(&vault).await;
}
