//! A Unix socket, mode 0600, in a folder of mode 0700.

use std::{
    fs::{self, Permissions},
    io,
    os::unix::fs::{FileTypeExt, PermissionsExt},
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::{
    net::{UnixListener, UnixStream},
    time::sleep,
};

use super::Peer;
pub use super::stream::Stream;
use crate::{ServeError, profile::private_folder};

/// Five seconds in all, for a hub that is busy accepting.
const TRIES: u32 = 250;
const BETWEEN_TRIES: Duration = Duration::from_millis(20);

pub struct Listener {
    inner: UnixListener,
    path: PathBuf,
}

impl Listener {
    /// Only for the holder of the profile's lock: a socket that lies there is taken to be stale.
    pub fn bind(path: &Path) -> Result<Self, ServeError> {
        let in_folder = |source| ServeError::Folder {
            path: path.to_owned(),
            source,
        };
        let at_socket = |source| ServeError::Socket {
            path: path.to_owned(),
            source,
        };
        let folder = path
            .parent()
            .ok_or_else(|| in_folder(io::ErrorKind::NotFound.into()))?;
        // Before the socket is there, so that nobody else reaches it in the moment before its mode is set.
        private_folder(folder).map_err(in_folder)?;
        match fs::symlink_metadata(path) {
            Ok(found) if found.file_type().is_socket() => {
                fs::remove_file(path).map_err(at_socket)?;
            }
            Ok(_) => {
                return Err(ServeError::InTheWay {
                    path: path.to_owned(),
                });
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(at_socket(error)),
        }
        let inner = UnixListener::bind(path).map_err(at_socket)?;
        fs::set_permissions(path, Permissions::from_mode(0o600)).map_err(at_socket)?;
        Ok(Self {
            inner,
            path: path.to_owned(),
        })
    }

    pub async fn accept(&mut self) -> io::Result<(Stream, Peer)> {
        let (stream, _) = self.inner.accept().await?;
        known(stream)
    }
}

impl Drop for Listener {
    /// Dropped under the lock, so this is still our own socket.
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

pub async fn connect(path: &Path) -> io::Result<(Stream, Peer)> {
    for _ in 0..TRIES {
        match UnixStream::connect(path).await {
            // Linux doesn't wait when too many are waiting already (connect(2), EAGAIN).
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => sleep(BETWEEN_TRIES).await,
            connected => return known(connected?),
        }
    }
    Err(io::ErrorKind::TimedOut.into())
}

fn known(stream: UnixStream) -> io::Result<(Stream, Peer)> {
    let credentials = stream.peer_cred()?;
    let peer = Peer {
        same_user: credentials.uid() == rustix::process::geteuid().as_raw(),
        pid: credentials.pid().and_then(|pid| u32::try_from(pid).ok()),
    };
    Ok((Stream::from_std(stream.into_std()?)?, peer))
}
