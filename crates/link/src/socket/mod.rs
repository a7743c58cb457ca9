//! The system's own socket: a Unix socket, or a named pipe on Windows. All that differs between systems
//! about the connection itself is in here.

#[cfg(unix)]
mod stream;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub use unix::{Listener, Stream, connect};
#[cfg(windows)]
pub use windows::{Listener, Stream, connect};

/// Who is at the other end, as the system reports it.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// The same user as we are.
    pub same_user: bool,
    /// The process that connected, where the system tells.
    pub pid: Option<u32>,
}
