//! The vault file, through the front door.

use std::path::Path;

use model::{ProfileName, VaultPlace, VaultState};
use vault::{DEADLINE, Options, Vault, VaultError};

use crate::promises::{self, grant, item, secret};

fn open(file: &Path) -> Vault {
    Vault::open(Options {
        profile: ProfileName::new("vault-file-test").unwrap(),
        file: file.to_owned(),
        deadline: DEADLINE,
    })
}

/// The file is made by a first run over a stand-in for "chosen already", so that this test never asks the
/// keychain of whoever runs it: any file of that name decides for the file.
#[tokio::test(flavor = "multi_thread")]
async fn the_promises_hold_over_a_vault_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("vault.age");
    std::fs::write(&file, "").unwrap();
    let vault = open(&file);
    let place = VaultPlace::File;
    assert_eq!(vault.settled().await, VaultState::Locked { place });
    assert_eq!(
        vault.use_file(secret("pass"), &[]).await,
        Err(VaultError::FileExists)
    );
    std::fs::remove_file(&file).unwrap();
    vault.use_file(secret("pass"), &[]).await.unwrap();
    promises::all_hold(&vault).await;

    let item = item();
    vault.write(&item, &grant("kept")).await.unwrap();
    vault.close().await;
    let vault = open(&file);
    vault.unlock_file(secret("pass")).await.unwrap();
    assert_eq!(vault.read(&item).await, Ok(Some(grant("kept"))));
}
