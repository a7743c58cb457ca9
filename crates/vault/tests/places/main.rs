//! The vault over real places: a vault file on the disk, and a real Secret Service. What holds everywhere
//! is in `promises`; each place's own behaviour is beside it.

mod file;
mod promises;
#[cfg(target_os = "linux")]
mod secret_service;
#[cfg(target_os = "linux")]
mod session;
