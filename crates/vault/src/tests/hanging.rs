//! Calls that never come back: a locked keyring whose prompt nobody answers.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use model::{ConnectionId, VaultPlace, VaultState};

use super::records::{key_grant, secret};
use crate::{Grant, Item, Vault, VaultError, places::memory::Memory};

const PLACE: VaultPlace = VaultPlace::Keychain;
const UNLOCKED: VaultState = VaultState::Unlocked { place: PLACE };
const LOCKED: VaultState = VaultState::Locked { place: PLACE };

/// Long enough for a call in memory, on any machine; what hangs here hangs until told otherwise.
const SHORT: Duration = Duration::from_secs(1);

fn open(keychain: &Memory, file: PathBuf) -> Vault {
    let keychain = keychain.clone();
    Vault::open_over(file, SHORT, move || Box::new(keychain.clone()))
}

fn prompting() -> (Memory, Vault) {
    let keychain = Memory::default();
    keychain.with(|inner| inner.prompting = true);
    let vault = open(&keychain, PathBuf::from("/nowhere/vault.age"));
    (keychain, vault)
}

fn item() -> Item {
    Item::Grant(ConnectionId::generate())
}

async fn until(what: &str, holds: impl Fn() -> bool) {
    let given_up = Instant::now() + Duration::from_secs(30);
    while !holds() {
        assert!(Instant::now() < given_up, "never {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_prompt_nobody_answers_is_a_locked_vault_after_the_deadline() {
    let (_keychain, vault) = prompting();
    // Nobody asks; the state says so all the same.
    until("locked", || vault.state() == LOCKED).await;
    assert_eq!(vault.settled().await, LOCKED);
}

#[tokio::test]
async fn behind_a_prompt_calls_are_refused_at_once_instead_of_queueing() {
    let (keychain, vault) = prompting();
    vault.settled().await;
    let asked = Instant::now();
    for _ in 0..50 {
        assert_eq!(vault.read::<Grant>(&item()).await, Err(VaultError::Locked));
    }
    assert!(asked.elapsed() < SHORT * 50);
    assert_eq!(keychain.with(|inner| inner.prompts), 1);
}

#[tokio::test]
async fn an_answered_prompt_unlocks_the_vault_by_itself() {
    let (keychain, vault) = prompting();
    assert_eq!(vault.settled().await, LOCKED);
    keychain.with(|inner| inner.prompting = false);
    until("unlocked", || vault.state() == UNLOCKED).await;
    vault.write(&item(), &key_grant("t")).await.unwrap();
}

#[tokio::test]
async fn a_check_leaves_the_hanging_thread_and_finds_the_keychain_unlocked() {
    let (keychain, vault) = prompting();
    assert_eq!(vault.settled().await, LOCKED);
    assert_eq!(vault.check().await, LOCKED);
    assert_eq!(keychain.with(|inner| inner.prompts), 2);
    keychain.with(|inner| inner.prompting = false);
    until("unlocked", || vault.state() == UNLOCKED).await;
    assert_eq!(vault.check().await, UNLOCKED);
    assert_eq!(keychain.names(), Vec::<String>::new());
}

#[tokio::test]
async fn however_often_it_is_checked_only_a_few_threads_hang() {
    let (keychain, vault) = prompting();
    vault.settled().await;
    for _ in 0..10 {
        assert_eq!(vault.check().await, LOCKED);
    }
    // The first and one for each of the three that may be left.
    assert_eq!(keychain.with(|inner| inner.prompts), 4);
    keychain.with(|inner| inner.prompting = false);
    until("unlocked", || vault.state() == UNLOCKED).await;
    vault.write(&item(), &key_grant("t")).await.unwrap();
}

#[tokio::test]
async fn a_write_its_caller_gave_up_never_goes_through_later() {
    let keychain = Memory::default();
    let vault = open(&keychain, PathBuf::from("/nowhere/vault.age"));
    assert_eq!(vault.settled().await, UNLOCKED);
    let item = item();
    vault.write(&item, &key_grant("former")).await.unwrap();

    keychain.with(|inner| inner.prompting = true);
    assert_eq!(
        vault.write(&item, &key_grant("late")).await,
        Err(VaultError::TimedOut)
    );
    assert_eq!(vault.state(), LOCKED);
    keychain.with(|inner| inner.prompting = false);
    until("unlocked", || vault.state() == UNLOCKED).await;
    assert_eq!(vault.read(&item).await, Ok(Some(key_grant("former"))));
}

#[tokio::test]
async fn a_write_whose_caller_was_dropped_is_still_finished() {
    let keychain = Memory::default();
    let vault = open(&keychain, PathBuf::from("/nowhere/vault.age"));
    vault.settled().await;
    let item = item();
    {
        let grant = key_grant("rotated");
        let write = vault.write(&item, &grant);
        tokio::pin!(write);
        // Asked for, and dropped before the answer.
        let _ = futures_poll_once(write.as_mut()).await;
    }
    until("stored", || keychain.names() == [item.name()]).await;
    assert_eq!(vault.read(&item).await, Ok(Some(key_grant("rotated"))));
}

async fn futures_poll_once<F: Future + Unpin>(mut future: F) -> Option<F::Output> {
    std::future::poll_fn(move |context| {
        let polled = std::pin::Pin::new(&mut future).poll(context);
        std::task::Poll::Ready(match polled {
            std::task::Poll::Ready(output) => Some(output),
            std::task::Poll::Pending => None,
        })
    })
    .await
}

#[tokio::test]
async fn the_file_can_be_chosen_while_the_keychain_hangs() {
    let folder = tempfile::tempdir().unwrap();
    let keychain = Memory::default();
    keychain.with(|inner| inner.prompting = true);
    let vault = open(&keychain, folder.path().join("vault.age"));
    for _ in 0..5 {
        vault.check().await;
    }
    vault.use_file(secret("pass"), &[]).await.unwrap();
    let place = VaultPlace::File;
    assert_eq!(vault.state(), VaultState::Unlocked { place });
    // The threads that come back now have nothing to say any more.
    keychain.with(|inner| inner.prompting = false);
    vault.write(&item(), &key_grant("t")).await.unwrap();
    assert_eq!(vault.state(), VaultState::Unlocked { place });
    assert_eq!(keychain.names(), Vec::<String>::new());
}

#[tokio::test]
async fn closing_does_not_wait_for_a_prompt() {
    let (_keychain, vault) = prompting();
    vault.settled().await;
    vault.close().await;
    assert!(vault.read::<Grant>(&item()).await.is_err());
}
