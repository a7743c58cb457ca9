//! The vault over real places: a vault file on the disk, and a real Secret Service. What holds everywhere
//! is in `promises`; each place's own behaviour is beside it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "every line of this binary is part of a test, which may panic and reads its own environment"
)]

mod file;
mod promises;
#[cfg(target_os = "linux")]
mod secret_service;
#[cfg(target_os = "linux")]
mod session;
