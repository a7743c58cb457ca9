//! What agents see, over a real pipe to the face and a real socket to a hub that answers what its tests need.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test's small functions may fail as loudly as the test"
)]

mod eras;
mod hostile;
mod hub;
mod reading;
mod talk;
mod waiting;
