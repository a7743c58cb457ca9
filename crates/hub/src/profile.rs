//! The profile's folder: its lock, and the endpoints that were fixed when it was created.
//!
//! Only the process that holds the lock may open the database, the vault or the socket.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Write},
    path::Path,
};

use crate::{OpenError, options::EndpointOverrides};

const LOCK: &str = "lock";
const ENDPOINTS: &str = "endpoints.toml";

/// Held as long as this process owns the profile.
#[derive(Debug)]
pub(crate) struct ProfileLock(
    #[expect(dead_code, reason = "closing the file is what lets go")] File,
);

/// Makes the folder (0700) and takes its lock without waiting.
pub(crate) fn lock(data_dir: &Path) -> Result<ProfileLock, OpenError> {
    make_private(data_dir)?;
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(data_dir.join(LOCK))?;
    match file.try_lock() {
        Ok(()) => Ok(ProfileLock(file)),
        Err(TryLockError::WouldBlock) => Err(OpenError::Held),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// Keeps what a new profile is created with, or checks it against what an existing one was.
///
/// A profile without the file talks to the real services, for ever: a grant is never sent anywhere else.
pub(crate) fn settle_endpoints(
    data_dir: &Path,
    given: Option<EndpointOverrides>,
    is_new: bool,
) -> Result<EndpointOverrides, OpenError> {
    match (kept_endpoints(data_dir)?, given) {
        (Some(kept), Some(given)) if kept != given => Err(OpenError::EndpointsFixed),
        (Some(kept), _) => Ok(kept),
        (None, Some(given)) if is_new => {
            let text = toml::to_string(&given).map_err(io::Error::other)?;
            write_whole(&data_dir.join(ENDPOINTS), text.as_bytes())?;
            Ok(given)
        }
        (None, Some(_)) => Err(OpenError::EndpointsFixed),
        (None, None) => Ok(EndpointOverrides::default()),
    }
}

/// What the profile was created with, if it was created with any.
pub(crate) fn kept_endpoints(data_dir: &Path) -> io::Result<Option<EndpointOverrides>> {
    match fs::read_to_string(data_dir.join(ENDPOINTS)) {
        Ok(text) => toml::from_str(&text).map(Some).map_err(io::Error::other),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Writes beside, then renames: never half a file.
fn write_whole(path: &Path, contents: &[u8]) -> io::Result<()> {
    let beside = path.with_extension("new");
    let mut file = File::create(&beside)?;
    file.write_all(contents)?;
    file.sync_all()?;
    fs::rename(beside, path)
}

fn make_private(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
    }
    #[cfg(not(unix))]
    fs::create_dir_all(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn somewhere_else() -> EndpointOverrides {
        EndpointOverrides::parse("[gmail]\ntoken = \"http://127.0.0.1:9/token\"").unwrap()
    }

    #[test]
    fn a_second_process_is_refused_while_the_first_holds_the_profile() {
        let folder = tempfile::tempdir().unwrap();
        let held = lock(folder.path()).unwrap();
        assert!(matches!(lock(folder.path()), Err(OpenError::Held)));
        drop(held);
        assert!(lock(folder.path()).is_ok());
    }

    #[test]
    fn endpoints_are_fixed_when_the_profile_is_created() {
        let folder = tempfile::tempdir().unwrap();
        let kept = settle_endpoints(folder.path(), Some(somewhere_else()), true).unwrap();
        assert_eq!(settle_endpoints(folder.path(), None, false).unwrap(), kept);
        let other = EndpointOverrides::default();
        assert!(matches!(
            settle_endpoints(folder.path(), Some(other), false),
            Err(OpenError::EndpointsFixed)
        ));
    }

    #[test]
    fn a_profile_of_real_accounts_never_takes_other_endpoints() {
        let folder = tempfile::tempdir().unwrap();
        settle_endpoints(folder.path(), None, true).unwrap();
        assert!(matches!(
            settle_endpoints(folder.path(), Some(somewhere_else()), false),
            Err(OpenError::EndpointsFixed)
        ));
    }

    #[test]
    fn endpoints_must_be_loopback_or_https() {
        for bad in [
            "http://example.org/token",
            "http://127.0.0.1.example.org/",
            "ftp://127.0.0.1/",
        ] {
            assert!(
                EndpointOverrides::parse(&format!("[gmail]\ntoken = \"{bad}\"")).is_err(),
                "{bad}"
            );
        }
        assert!(EndpointOverrides::parse("[nowhere]\ntoken = \"https://x.example\"").is_err());
        assert!(EndpointOverrides::parse("[gmail]\nfoo = \"https://x.example\"").is_err());
    }
}
