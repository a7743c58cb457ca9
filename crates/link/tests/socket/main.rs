//! The socket with real connections: many requests at once, hostile peers, a hub that leaves, a hub that
//! has to be started.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    reason = "a test's small functions may fail as loudly as the test"
)]

#[cfg(target_os = "linux")]
mod ahead;
mod asking;
mod door;
mod hostile;
mod lasting;
mod leaving;
#[cfg(target_os = "linux")]
mod once;
mod starting;
