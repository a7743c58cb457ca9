//! A named pipe that only its owner may open. The system enforces that when the pipe is opened, so a peer
//! that is here is the same user.

use std::{io, path::Path};

use interprocess::{
    local_socket::{
        GenericFilePath, ListenerOptions, ToFsName,
        tokio::{Listener as PipeListener, prelude::*},
    },
    os::windows::{local_socket::ListenerOptionsExt, security_descriptor::SecurityDescriptor},
};

pub use interprocess::local_socket::tokio::Stream;

use super::Peer;
use crate::ServeError;

/// SDDL: nothing inherited; everything for the owner and the system, nothing for anyone else.
const OWNER_ONLY: &str = "D:P(A;;GA;;;OW)(A;;GA;;;SY)";

pub struct Listener(PipeListener);

impl Listener {
    /// Fails when the pipe is there already: a pipe is never stale, it goes with its process.
    pub fn bind(path: &Path) -> Result<Self, ServeError> {
        open(path).map(Self).map_err(|source| ServeError::Socket {
            path: path.to_owned(),
            source,
        })
    }

    pub async fn accept(&mut self) -> io::Result<(Stream, Peer)> {
        let stream = self.0.accept().await?;
        let peer = peer(&stream);
        Ok((stream, peer))
    }
}

fn open(path: &Path) -> io::Result<PipeListener> {
    let rights = widestring::U16CString::from_str(OWNER_ONLY)
        .map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
    ListenerOptions::new()
        .name(path.to_fs_name::<GenericFilePath>()?)
        .security_descriptor(SecurityDescriptor::deserialize(&rights)?)
        .create_tokio()
}

pub async fn connect(path: &Path) -> io::Result<(Stream, Peer)> {
    let stream = Stream::connect(path.to_fs_name::<GenericFilePath>()?).await?;
    let peer = peer(&stream);
    Ok((stream, peer))
}

fn peer(stream: &Stream) -> Peer {
    Peer {
        same_user: true,
        pid: stream.peer_creds().ok().and_then(|peer| peer.pid()),
    }
}
