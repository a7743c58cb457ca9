//! The vault's states, and how they change while it runs.

use std::path::PathBuf;

use model::{ConnectionId, VaultPlace, VaultState};

use super::records::{key_grant, secret};
use crate::{
    DEADLINE, Grant, Item, Vault, VaultError,
    places::{Place, memory::Memory},
};

const KEYCHAIN: VaultPlace = VaultPlace::Keychain;
const UNLOCKED: VaultState = VaultState::Unlocked { place: KEYCHAIN };
const LOCKED: VaultState = VaultState::Locked { place: KEYCHAIN };

pub(crate) fn open(keychain: &Memory) -> Vault {
    open_beside(keychain, PathBuf::from("/nowhere/vault.age"))
}

pub(crate) fn open_beside(keychain: &Memory, file: PathBuf) -> Vault {
    let keychain = keychain.clone();
    Vault::open_over(file, DEADLINE, move || Box::new(keychain.clone()))
}

fn item() -> Item {
    Item::Grant(ConnectionId::generate())
}

#[tokio::test]
async fn the_round_trip_leaves_nothing_behind() {
    let keychain = Memory::default();
    let vault = open(&keychain);
    assert_eq!(vault.settled().await, UNLOCKED);
    assert_eq!(keychain.names(), Vec::<String>::new());
}

#[tokio::test]
async fn what_is_written_is_read_until_it_is_deleted() {
    let vault = open(&Memory::default());
    let (item, grant) = (item(), key_grant("12:canary"));
    assert_eq!(vault.read::<Grant>(&item).await, Ok(None));
    assert_eq!(vault.delete(&item).await, Ok(()));
    vault.write(&item, &grant).await.unwrap();
    assert_eq!(vault.read(&item).await, Ok(Some(grant)));
    vault.delete(&item).await.unwrap();
    assert_eq!(vault.read::<Grant>(&item).await, Ok(None));
}

#[tokio::test]
async fn a_store_that_only_pretends_is_not_called_unlocked() {
    /// Takes everything and keeps nothing, like a mock that slipped in.
    struct Pretender;
    impl Place for Pretender {
        fn get(&mut self, _: &str) -> Result<Option<zeroize::Zeroizing<Vec<u8>>>, VaultError> {
            Ok(None)
        }
        fn put(&mut self, _: &str, _: &[u8]) -> Result<(), VaultError> {
            Ok(())
        }
        fn delete(&mut self, _: &str) -> Result<(), VaultError> {
            Ok(())
        }
        fn limit(&self) -> Option<usize> {
            None
        }
    }
    let file = PathBuf::from("/nowhere/vault.age");
    let vault = Vault::open_over(file, DEADLINE, || Box::new(Pretender));
    assert!(matches!(
        vault.settled().await,
        VaultState::Failing {
            place: KEYCHAIN,
            ..
        }
    ));
}

#[tokio::test]
async fn a_call_that_panics_costs_no_other_call() {
    let keychain = Memory::default();
    let vault = open(&keychain);
    let item = item();
    assert_eq!(vault.settled().await, UNLOCKED);
    keychain.with(|inner| inner.panics = true);
    assert!(matches!(
        vault.write(&item, &key_grant("t")).await,
        Err(VaultError::Failed(_))
    ));
    keychain.with(|inner| inner.panics = false);
    vault.write(&item, &key_grant("t")).await.unwrap();
    assert_eq!(vault.read(&item).await, Ok(Some(key_grant("t"))));
    assert_eq!(vault.state(), UNLOCKED);
}

#[tokio::test]
async fn a_keychain_that_refuses_writes_keeps_what_it_has() {
    let keychain = Memory::default();
    let vault = open(&keychain);
    let item = item();
    vault.write(&item, &key_grant("kept")).await.unwrap();
    let before = keychain.with(|inner| inner.items.clone());
    keychain.with(|inner| inner.writes_left = Some(0));
    for _ in 0..3 {
        let refused = vault.write(&item, &key_grant("newer")).await;
        assert!(matches!(refused, Err(VaultError::Failed(_))), "{refused:?}");
        assert!(vault.delete(&item).await.is_err());
        assert_eq!(vault.read(&item).await, Ok(Some(key_grant("kept"))));
    }
    assert_eq!(keychain.with(|inner| inner.items.clone()), before);
    keychain.with(|inner| inner.writes_left = None);
    vault.write(&item, &key_grant("newer")).await.unwrap();
    assert_eq!(vault.read(&item).await, Ok(Some(key_grant("newer"))));
    assert_eq!(vault.state(), UNLOCKED);
}

#[tokio::test]
async fn locked_missing_and_failing_are_three_states_that_recover() {
    let failed = VaultError::Failed("odd".to_owned());
    for (error, state) in [
        (VaultError::Locked, LOCKED),
        (VaultError::NoKeychain, VaultState::NoKeychain),
        (
            failed,
            VaultState::Failing {
                place: KEYCHAIN,
                reason: "odd".to_owned(),
            },
        ),
    ] {
        let keychain = Memory::default();
        keychain.with(|inner| inner.error = Some(error.clone()));
        let vault = open(&keychain);
        assert_eq!(vault.settled().await, state);
        assert_eq!(vault.read::<Grant>(&item()).await, Err(error));
        assert_eq!(vault.check().await, state);
        keychain.with(|inner| inner.error = None);
        assert_eq!(vault.check().await, UNLOCKED);
        assert_eq!(vault.state(), UNLOCKED);
    }
}

#[tokio::test]
async fn a_call_that_fails_or_goes_through_again_changes_the_state_by_itself() {
    let keychain = Memory::default();
    let vault = open(&keychain);
    let item = item();
    assert_eq!(vault.settled().await, UNLOCKED);
    keychain.with(|inner| inner.error = Some(VaultError::Locked));
    assert_eq!(
        vault.write(&item, &key_grant("t")).await,
        Err(VaultError::Locked)
    );
    assert_eq!(vault.state(), LOCKED);
    keychain.with(|inner| inner.error = None);
    vault.write(&item, &key_grant("t")).await.unwrap();
    assert_eq!(vault.state(), UNLOCKED);
}

#[tokio::test]
async fn an_item_that_makes_no_sense_says_nothing_about_the_vault() {
    let keychain = Memory::default();
    let vault = open(&keychain);
    let item = item();
    keychain.with(|inner| inner.items.insert(item.name(), b"noise".to_vec()));
    assert_eq!(
        vault.read::<Grant>(&item).await,
        Err(VaultError::Unreadable)
    );
    assert_eq!(vault.state(), UNLOCKED);
    // And it is still there.
    assert_eq!(keychain.names(), [item.name()]);
}

#[tokio::test]
async fn closing_finishes_what_is_queued_and_refuses_the_rest() {
    let keychain = Memory::default();
    let vault = open(&keychain);
    let items: Vec<Item> = (0..20).map(|_| item()).collect();
    let mut writes = tokio::task::JoinSet::new();
    for item in items.clone() {
        let vault = vault.clone();
        writes.spawn(async move { vault.write(&item, &key_grant("t")).await });
    }
    // Each has been asked for once the current-thread runtime has polled them all.
    tokio::task::yield_now().await;
    vault.close().await;
    assert_eq!(keychain.names().len(), items.len());
    assert!(matches!(
        vault.read::<Grant>(&items[0]).await,
        Err(VaultError::Failed(_))
    ));
    while let Some(write) = writes.join_next().await {
        write.unwrap().unwrap();
    }
}

#[tokio::test]
async fn without_a_keychain_the_file_is_used_only_when_the_person_chooses_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("vault.age");
    let keychain = Memory::default();
    keychain.with(|inner| inner.error = Some(VaultError::NoKeychain));
    let vault = open_beside(&keychain, file.clone());
    assert_eq!(vault.settled().await, VaultState::NoKeychain);
    let item = item();
    assert_eq!(
        vault.write(&item, &key_grant("t")).await,
        Err(VaultError::NoKeychain)
    );
    assert!(std::fs::read_dir(folder.path()).unwrap().next().is_none());
    assert!(matches!(
        vault.unlock_file(secret("pass")).await,
        Err(VaultError::Failed(_))
    ));

    vault.use_file(secret("pass"), &[]).await.unwrap();
    let place = VaultPlace::File;
    assert_eq!(vault.state(), VaultState::Unlocked { place });
    vault.write(&item, &key_grant("t")).await.unwrap();
    assert_eq!(vault.read(&item).await, Ok(Some(key_grant("t"))));
    assert_eq!(
        vault.use_file(secret("other"), &[]).await,
        Err(VaultError::FileExists)
    );
    assert_eq!(vault.state(), VaultState::Unlocked { place });
}
