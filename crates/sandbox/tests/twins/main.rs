//! The sandbox seen from outside, over its socket, as an app or a test would use it.

// `clippy.toml` allows these in tests, which to clippy means test functions, not what they share.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod apis;
mod batch;
mod bench;
mod consent;
mod drive;
mod faults;
mod mail;
mod messages;
mod mishaps;
mod pick;
mod restart;
mod resumable;
mod takeover;
mod telegram;
mod token;
