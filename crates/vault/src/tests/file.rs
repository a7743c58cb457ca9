//! The vault file on the disk.

use std::{fs, path::Path};

use model::{ConnectionId, VaultPlace, VaultState};

use super::{
    records::{key_grant, secret},
    state::open_beside,
};
use crate::{
    Grant, Item, Vault, VaultError,
    places::{
        Place,
        file::{Items, VaultFile},
        memory::Memory,
    },
};

const PLACE: VaultPlace = VaultPlace::File;

fn item() -> Item {
    Item::Grant(ConnectionId::generate())
}

fn vault_at(file: &Path) -> Vault {
    open_beside(&Memory::default(), file.to_owned())
}

#[tokio::test]
async fn a_file_that_is_there_is_the_place_and_stays_locked_until_the_passphrase() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("vault.age");
    let item = item();
    let vault = vault_at(&file);
    vault.use_file(secret("pass phrase"), &[]).await.unwrap();
    vault.write(&item, &key_grant("12:canary")).await.unwrap();
    vault.close().await;

    let vault = vault_at(&file);
    let locked = VaultState::Locked { place: PLACE };
    assert_eq!(vault.settled().await, locked);
    assert_eq!(vault.read::<Grant>(&item).await, Err(VaultError::Locked));
    assert_eq!(
        vault.write(&item, &key_grant("other")).await,
        Err(VaultError::Locked)
    );
    assert_eq!(
        vault.unlock_file(secret("pass phrasé")).await,
        Err(VaultError::WrongPassphrase)
    );
    assert_eq!(vault.state(), locked);
    vault.unlock_file(secret("pass phrase")).await.unwrap();
    assert_eq!(vault.state(), VaultState::Unlocked { place: PLACE });
    assert_eq!(vault.read(&item).await, Ok(Some(key_grant("12:canary"))));
    assert_eq!(vault.check().await, VaultState::Unlocked { place: PLACE });
}

#[test]
fn on_the_disk_it_is_sealed_and_the_users_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vault.age");
    let mut file = VaultFile::new(path.clone());
    file.create(&secret("pass-canary"), &Items::new()).unwrap();
    file.put("grant/1", b"token-canary").unwrap();
    file.put("grant/2", b"another").unwrap();
    file.delete("grant/2").unwrap();

    let mut names: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["vault.age", "vault.age.key"]);
    for name in names {
        let path = folder.path().join(name);
        let bytes = fs::read(&path).unwrap();
        assert!(bytes.starts_with(b"age-encryption.org/v1\n"));
        assert!(!bytes.windows(6).any(|window| window == b"canary"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(
                fs::metadata(&path).unwrap().permissions().mode() & 0o777,
                0o600
            );
        }
    }
}

#[test]
fn a_damaged_file_is_said_and_never_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vault.age");
    let mut file = VaultFile::new(path.clone());
    file.create(&secret("pass"), &Items::new()).unwrap();
    file.put("grant/1", b"token").unwrap();
    let good = fs::read(&path).unwrap();

    for damaged in [&good[..good.len() - 5], b"", b"not age at all"] {
        fs::write(&path, damaged).unwrap();
        assert_eq!(file.get("grant/1"), Err(VaultError::Unreadable));
        assert_eq!(file.put("grant/2", b"x"), Err(VaultError::Unreadable));
        assert_eq!(file.delete("grant/1"), Err(VaultError::Unreadable));
        assert_eq!(fs::read(&path).unwrap(), damaged);
    }
    let mut again = VaultFile::new(path.clone());
    assert_eq!(again.unlock(&secret("pass")), Err(VaultError::Unreadable));
    assert_eq!(
        again.create(&secret("pass"), &Items::new()),
        Err(VaultError::FileExists)
    );

    fs::write(&path, &good).unwrap();
    assert_eq!(file.get("grant/1").unwrap().unwrap().as_slice(), b"token");
}

#[cfg(unix)]
#[test]
fn a_write_that_cannot_finish_leaves_the_former_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vault.age");
    let mut file = VaultFile::new(path.clone());
    file.create(&secret("pass"), &Items::new()).unwrap();
    file.put("grant/1", b"token").unwrap();
    let before = fs::read(&path).unwrap();
    // Something that can't be replaced stands where the new file would be written first.
    let blocked = folder.path().join("vault.age.new");
    fs::create_dir(&blocked).unwrap();
    assert!(matches!(
        file.put("grant/1", b"other"),
        Err(VaultError::Failed(_))
    ));
    assert_eq!(fs::read(&path).unwrap(), before);
    // A half-written one from a crash is no obstacle.
    fs::remove_dir(&blocked).unwrap();
    fs::write(&blocked, b"half").unwrap();
    file.put("grant/1", b"other").unwrap();
    assert_eq!(file.get("grant/1").unwrap().unwrap().as_slice(), b"other");
}

#[test]
fn a_key_whose_vault_was_moved_away_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vault.age");
    let (key, aside) = (
        folder.path().join("vault.age.key"),
        folder.path().join("vault.age.key.1"),
    );
    fs::write(&key, b"a former key").unwrap();
    let mut file = VaultFile::new(path.clone());
    file.create(&secret("pass"), &Items::new()).unwrap();
    assert_eq!(fs::read(aside).unwrap(), b"a former key");
    let mut again = VaultFile::new(path);
    again.unlock(&secret("pass")).unwrap();
}

#[test]
fn an_empty_passphrase_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut file = VaultFile::new(folder.path().join("vault.age"));
    assert!(file.create(&secret(""), &Items::new()).is_err());
    assert!(fs::read_dir(folder.path()).unwrap().next().is_none());
}
