//! Where a profile lives: its folder, its socket, its lock. The one place that asks the system for the
//! person's folders (through `directories`, which reads HOME and the XDG variables).
//!
//! Every process of the profile has to come to the same answer, also one started by cron without the
//! session's variables.

use std::{
    io,
    path::{Path, PathBuf},
};

use directories::BaseDirs;
use model::{Error, ErrorCode, ProfileName};

/// The places of one profile. Nothing is made by asking for them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProfilePaths {
    pub profile: ProfileName,
    /// For its owner alone; database, log and, where chosen, the vault file.
    pub data_dir: PathBuf,
    /// A Unix socket; on Windows the name of a pipe.
    pub socket: PathBuf,
    /// Held by the process that is the hub, for as long as it is.
    pub lock: PathBuf,
}

/// The system names no home folder for this user.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the home folder isn't known (HOME isn't set)")]
pub struct NoHome;

/// The person's folders. Without `HOME` the C library is asked for them; linked into a program it would load parts of the
/// system's for that, which may be other ones than it was made with, and the program would end right there.
#[allow(
    clippy::disallowed_methods,
    reason = "the place that asks for folders, and has to know whom it would ask"
)]
fn folders() -> Option<BaseDirs> {
    let asks_elsewhere = std::env::var_os("HOME").is_none_or(|home| home.is_empty());
    if cfg!(all(target_os = "linux", target_feature = "crt-static")) && asks_elsewhere {
        return None;
    }
    BaseDirs::new()
}

impl From<NoHome> for Error {
    fn from(error: NoHome) -> Self {
        Self::new(ErrorCode::HubUnreachable).detail(error)
    }
}

impl ProfilePaths {
    /// `data_root` replaces the person's own folder (`~/.local/share/autopilot` and its like): for tests.
    pub fn for_profile(profile: &ProfileName, data_root: Option<PathBuf>) -> Result<Self, NoHome> {
        let own = data_root.is_none();
        let root = match data_root {
            Some(root) => root,
            // Local rather than roaming: a keychain doesn't roam either.
            None => folders().ok_or(NoHome)?.data_local_dir().join("autopilot"),
        };
        let data_dir = root.join("profiles").join(profile.as_str());
        Ok(Self {
            profile: profile.clone(),
            socket: place::socket(profile, &data_dir, own),
            lock: data_dir.join("hub.lock"),
            data_dir,
        })
    }

    /// Makes the profile's folder where it is missing, and private where it isn't.
    pub fn create_data_dir(&self) -> io::Result<()> {
        place::private_folder(&self.data_dir)
    }
}

#[cfg(unix)]
pub(crate) use place::private_folder;

/// Tells profiles of the same name apart whose data lie in different places: they may share one folder for
/// sockets. FNV-1a, because every build has to agree on it; nothing depends on it being hard to guess.
fn mark(data_dir: &Path) -> String {
    let hash = data_dir
        .as_os_str()
        .as_encoded_bytes()
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
    format!("{hash:016x}")
}

#[cfg(unix)]
mod place {
    use std::{
        fs::{self, DirBuilder, Permissions},
        os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt},
    };

    use super::*;

    /// The shortest limit on a socket's address is macOS' 104 bytes, with its closing zero.
    const LONGEST: usize = 100;

    pub fn socket(profile: &ProfileName, data_dir: &Path, own: bool) -> PathBuf {
        let name = format!("{profile}-{}.sock", mark(data_dir));
        let in_session = own
            .then(session_folder)
            .flatten()
            .map(|folder| folder.join("autopilot").join(&name));
        let beside_data = data_dir.join("hub.sock");
        in_session
            .into_iter()
            .chain([beside_data])
            .find(|path| path.as_os_str().len() < LONGEST)
            .unwrap_or_else(|| {
                // Not $TMPDIR: it differs between a session and cron.
                Path::new("/tmp")
                    .join(format!("autopilot-{}", my_uid()))
                    .join(&name)
            })
    }

    /// `$XDG_RUNTIME_DIR`, or where systemd puts it for processes that were not told.
    fn session_folder() -> Option<PathBuf> {
        let told = folders().and_then(|dirs| dirs.runtime_dir().map(Path::to_owned));
        let usual = PathBuf::from(format!("/run/user/{}", my_uid()));
        told.into_iter()
            .chain([usual])
            .find(|folder| fs::metadata(folder).is_ok_and(|it| it.is_dir() && it.uid() == my_uid()))
    }

    fn my_uid() -> u32 {
        rustix::process::geteuid().as_raw()
    }

    /// Made where missing; ours, a real folder and closed to others, or an error.
    pub fn private_folder(path: &Path) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(path)?;
        let found = fs::symlink_metadata(path)?;
        if !found.is_dir() || found.uid() != my_uid() {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        if found.mode() & 0o077 != 0 {
            fs::set_permissions(path, Permissions::from_mode(0o700))?;
        }
        Ok(())
    }
}

#[cfg(windows)]
mod place {
    use super::*;

    /// Pipes have a name space of their own; who may open one is said when it is made.
    pub fn socket(profile: &ProfileName, data_dir: &Path, _own: bool) -> PathBuf {
        PathBuf::from(format!(r"\\.\pipe\autopilot-{profile}-{}", mark(data_dir)))
    }

    /// `%LOCALAPPDATA%` is the user's own; folders in it inherit that.
    pub fn private_folder(path: &Path) -> io::Result<()> {
        std::fs::create_dir_all(path)
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn paths(name: &str, root: &Path) -> ProfilePaths {
        let profile = ProfileName::new(name).unwrap();
        ProfilePaths::for_profile(&profile, Some(root.to_owned())).unwrap()
    }

    #[test]
    fn two_profiles_share_no_path() {
        let (one, two) = (paths("a", Path::new("/r")), paths("b", Path::new("/r")));
        assert_ne!(one.data_dir, two.data_dir);
        assert_ne!(one.socket, two.socket);
        assert_ne!(one.lock, two.lock);
    }

    #[test]
    fn a_deep_root_still_gets_a_socket_that_can_be_bound() {
        let deep = |end: &str| PathBuf::from(format!("/{}/{end}", "d".repeat(120)));
        let (one, two) = (paths("a", &deep("1")), paths("a", &deep("2")));
        for it in [&one, &two] {
            assert!(it.socket.as_os_str().len() < 100);
        }
        assert_ne!(one.socket, two.socket, "same name, other data");
    }

    #[test]
    fn the_profiles_folder_is_for_its_owner_alone() {
        let root = tempfile::tempdir().unwrap();
        let it = paths("a", root.path());
        it.create_data_dir().unwrap();
        std::fs::set_permissions(&it.data_dir, std::fs::Permissions::from_mode(0o755)).unwrap();
        it.create_data_dir().unwrap();
        let mode = std::fs::metadata(&it.data_dir)
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o700);
    }

    #[test]
    fn a_link_in_place_of_a_private_folder_is_refused() {
        let root = tempfile::tempdir().unwrap();
        let link = root.path().join("link");
        std::os::unix::fs::symlink(root.path(), &link).unwrap();
        assert!(private_folder(&link).is_err());
    }
}
