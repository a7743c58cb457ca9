//! A real gnome-keyring on a real D-Bus.

use model::{ProfileName, VaultPlace, VaultState};
use vault::{DEADLINE, Grant, Options, Vault, VaultError};

use crate::{
    promises::{self, grant, item},
    session::{Bus, kill_keyring, lock_keyring, search, unlock_keyring, within},
};

const PLACE: VaultPlace = VaultPlace::Keychain;
const UNLOCKED: VaultState = VaultState::Unlocked { place: PLACE };
const LOCKED: VaultState = VaultState::Locked { place: PLACE };

/// The attribute by which a profile's items are found.
fn service(profile: &str) -> String {
    format!("app.autopilot.desktop.{profile}")
}

fn open(profile: &str) -> Vault {
    Vault::open(Options {
        profile: ProfileName::new(profile).unwrap(),
        file: "/nowhere/vault.age".into(),
        deadline: DEADLINE,
    })
}

#[test]
fn the_promises_hold_over_a_real_keyring() {
    within(
        "secret_service::the_promises_hold_over_a_real_keyring",
        Bus::Activating,
        async || {
            unlock_keyring();
            let vault = open("one");
            assert_eq!(vault.settled().await, UNLOCKED);
            promises::all_hold(&vault).await;
            assert!(!search(&service("one")).contains("label"));
        },
    );
}

#[test]
fn anyone_can_see_with_secret_tool_what_is_kept_and_that_it_is_gone() {
    within(
        "secret_service::anyone_can_see_with_secret_tool_what_is_kept_and_that_it_is_gone",
        Bus::Activating,
        async || {
            unlock_keyring();
            let vault = open("one");
            let item = item();
            vault.write(&item, &grant("seen-canary")).await.unwrap();
            let found = search(&service("one"));
            assert!(found.contains("seen-canary"), "{found}");
            assert!(
                found.contains(&format!("username = {}", item.name())),
                "{found}"
            );
            assert_eq!(found.matches("label").count(), 1, "{found}");
            vault.delete(&item).await.unwrap();
            assert!(!search(&service("one")).contains("label"));
        },
    );
}

#[test]
fn two_profiles_never_see_each_others_items() {
    within(
        "secret_service::two_profiles_never_see_each_others_items",
        Bus::Activating,
        async || {
            unlock_keyring();
            let (one, two) = (open("one"), open("two"));
            let item = item();
            one.write(&item, &grant("ones-canary")).await.unwrap();
            assert_eq!(two.read::<Grant>(&item).await, Ok(None));
            two.write(&item, &grant("twos-canary")).await.unwrap();
            two.delete(&item).await.unwrap();
            assert_eq!(one.read(&item).await, Ok(Some(grant("ones-canary"))));
            assert!(!search(&service("two")).contains("canary"));
        },
    );
}

#[test]
fn a_vault_file_moves_back_into_a_real_keyring_whole_or_not_at_all() {
    within(
        "secret_service::a_vault_file_moves_back_into_a_real_keyring_whole_or_not_at_all",
        Bus::Activating,
        async || {
            unlock_keyring();
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("vault.age");
            let vault = Vault::open(Options {
                profile: ProfileName::new("moving").unwrap(),
                file: file.clone(),
                deadline: DEADLINE,
            });
            assert_eq!(vault.settled().await, UNLOCKED);
            vault.use_file(promises::secret("pass"), &[]).await.unwrap();
            let items: Vec<_> = (0..5).map(|_| item()).collect();
            for item in &items {
                vault.write(item, &grant(&item.name())).await.unwrap();
            }
            // A keyring that is locked and nobody opens: the file stays, with everything.
            lock_keyring();
            assert_eq!(vault.use_keychain().await, Err(VaultError::Locked));
            assert!(file.exists());
            for item in &items {
                assert_eq!(vault.read(item).await, Ok(Some(grant(&item.name()))));
            }
            unlock_keyring();
            vault.use_keychain().await.unwrap();
            assert_eq!(vault.state(), UNLOCKED);
            assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
            for item in &items {
                assert_eq!(vault.read(item).await, Ok(Some(grant(&item.name()))));
            }
            let found = search(&service("moving"));
            assert_eq!(found.matches("label").count(), items.len(), "{found}");
        },
    );
}

#[test]
fn what_was_kept_is_there_in_the_next_run() {
    within(
        "secret_service::what_was_kept_is_there_in_the_next_run",
        Bus::Activating,
        async || {
            unlock_keyring();
            let item = item();
            let vault = open("one");
            vault.write(&item, &grant("kept")).await.unwrap();
            vault.close().await;
            assert_eq!(open("one").read(&item).await, Ok(Some(grant("kept"))));
        },
    );
}

#[test]
fn a_keyring_that_is_locked_and_unlocked_while_we_run_is_noticed() {
    within(
        "secret_service::a_keyring_that_is_locked_and_unlocked_while_we_run_is_noticed",
        Bus::Activating,
        async || {
            unlock_keyring();
            let vault = open("one");
            let item = item();
            vault.write(&item, &grant("kept")).await.unwrap();

            lock_keyring();
            assert_eq!(vault.read::<Grant>(&item).await, Err(VaultError::Locked));
            assert_eq!(vault.state(), LOCKED);
            assert_eq!(
                vault.write(&item, &grant("other")).await,
                Err(VaultError::Locked)
            );
            assert_eq!(vault.check().await, LOCKED);
            assert_eq!(open("one").settled().await, LOCKED);
            assert_eq!(vault.look().await, LOCKED);

            unlock_keyring();
            assert_eq!(vault.look().await, UNLOCKED);
            assert_eq!(vault.read(&item).await, Ok(Some(grant("kept"))));
        },
    );
}

#[test]
fn a_daemon_that_died_is_found_again_once_it_is_back() {
    within(
        "secret_service::a_daemon_that_died_is_found_again_once_it_is_back",
        Bus::Bare,
        async || {
            unlock_keyring();
            let vault = open("one");
            let item = item();
            vault.write(&item, &grant("kept")).await.unwrap();

            kill_keyring();
            assert_eq!(
                vault.read::<Grant>(&item).await,
                Err(VaultError::NoKeychain)
            );
            assert_eq!(vault.state(), VaultState::NoKeychain);
            assert_eq!(vault.check().await, VaultState::NoKeychain);

            unlock_keyring();
            assert_eq!(vault.check().await, UNLOCKED);
            assert_eq!(vault.read(&item).await, Ok(Some(grant("kept"))));
        },
    );
}

#[test]
fn a_daemon_restarted_between_two_calls_costs_no_call() {
    within(
        "secret_service::a_daemon_restarted_between_two_calls_costs_no_call",
        Bus::Bare,
        async || {
            unlock_keyring();
            let vault = open("one");
            let item = item();
            vault.write(&item, &grant("kept")).await.unwrap();
            kill_keyring();
            unlock_keyring();
            // The open session is gone with the old daemon.
            assert_eq!(vault.read(&item).await, Ok(Some(grant("kept"))));
            kill_keyring();
            unlock_keyring();
            vault.write(&item, &grant("newer")).await.unwrap();
            assert_eq!(vault.read(&item).await, Ok(Some(grant("newer"))));
            assert_eq!(vault.state(), UNLOCKED);
        },
    );
}

#[test]
fn a_bus_without_a_keychain_says_so_until_one_appears() {
    within(
        "secret_service::a_bus_without_a_keychain_says_so_until_one_appears",
        Bus::Bare,
        async || {
            let vault = open("one");
            assert_eq!(vault.settled().await, VaultState::NoKeychain);
            assert_eq!(
                vault.write(&item(), &grant("t")).await,
                Err(VaultError::NoKeychain)
            );
            assert_eq!(vault.look().await, VaultState::NoKeychain);
            unlock_keyring();
            assert_eq!(vault.look().await, UNLOCKED);
        },
    );
}

#[test]
fn without_a_bus_there_is_no_keychain() {
    within(
        "secret_service::without_a_bus_there_is_no_keychain",
        Bus::Absent,
        async || {
            let vault = open("one");
            assert_eq!(vault.settled().await, VaultState::NoKeychain);
            assert_eq!(vault.check().await, VaultState::NoKeychain);
        },
    );
}

#[test]
fn a_fresh_login_with_no_keyring_yet_is_not_taken_for_unlocked() {
    within(
        "secret_service::a_fresh_login_with_no_keyring_yet_is_not_taken_for_unlocked",
        Bus::Activating,
        async || {
            // The bus starts a daemon, which has no keyring and no display to ask for a password.
            let vault = open("one");
            assert_eq!(vault.settled().await, LOCKED);
        },
    );
}
