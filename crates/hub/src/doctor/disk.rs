//! Where the profile is kept: can something be written there, and how much room is left?

use std::{
    fs::{self, File},
    io::{self, ErrorKind, Write},
    path::Path,
    sync::Arc,
};

use model::doctor::DoctorCause;

use super::{Check, DEADLINE};
use crate::core::Core;

#[cfg(unix)]
const MIB: u64 = 1 << 20;
/// An upload's copy, a day of history and the database's log fit into it many times.
const LOW_MIB: u64 = 200;
/// More than the last free block of any file system.
static PROOF: [u8; 64 << 10] = [0x5a; 64 << 10];
const NAME: &str = "doctor.tmp";

pub(super) fn check(core: &Arc<Core>) -> Check {
    let folder = core.data_dir.clone();
    Check::new("disk", DEADLINE, async move {
        tokio::task::spawn_blocking(move || look(&folder))
            .await
            .unwrap_or(DoctorCause::TookTooLong)
    })
}

fn look(folder: &Path) -> DoctorCause {
    if let Err(error) = prove_write(folder) {
        return match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => DoctorCause::DiskFull,
            _ => DoctorCause::FolderUnwritable,
        };
    }
    match free_mib(folder) {
        Some(free_mib) if free_mib < LOW_MIB => DoctorCause::DiskLow { free_mib },
        Some(free_mib) => DoctorCause::DiskRoomy { free_mib },
        None => DoctorCause::DiskWritable,
    }
}

/// Written and synced, since a full disk may only be told then. What a crash left is replaced; a link isn't followed.
fn prove_write(folder: &Path) -> io::Result<()> {
    let path = folder.join(NAME);
    let _ = fs::remove_file(&path);
    let written = File::create_new(&path).and_then(|mut file| {
        file.write_all(&PROOF)?;
        file.sync_all()
    });
    let removed = fs::remove_file(&path);
    written.and(removed)
}

#[cfg(unix)]
fn free_mib(folder: &Path) -> Option<u64> {
    let room = rustix::fs::statvfs(folder).ok()?;
    Some(room.f_bavail.saturating_mul(room.f_frsize) / MIB)
}

/// Elsewhere the write has to do.
#[cfg(not(unix))]
fn free_mib(_folder: &Path) -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looking_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let cause = look(folder.path());
        let is_room_known = matches!(
            cause,
            DoctorCause::DiskRoomy { .. } | DoctorCause::DiskLow { .. }
        );
        let is_known_where_it_is_looked_for = match cfg!(unix) {
            true => is_room_known,
            false => cause == DoctorCause::DiskWritable,
        };
        assert!(is_known_where_it_is_looked_for, "{cause:?}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_folder_that_is_gone_is_not_a_full_disk() {
        let folder = tempfile::tempdir().unwrap();
        let gone = folder.path().join("gone");
        assert_eq!(look(&gone), DoctorCause::FolderUnwritable);
    }
}
