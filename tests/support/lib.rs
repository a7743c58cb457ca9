//! What tests over the real programs share: a home of their own, the twins, the terminal program, the hub,
//! the keychain, and patience. A harness fails its test by panicking, so `expect` is at home here.
//!
//! Nothing here may look inside our crates for what a user could see from outside: a promise is kept by the
//! shipped programs or not at all.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a harness panics when its test fails, says why, and hands on the session's variables"
)]

mod agents;
mod connecting;
mod face;
mod hub_process;
pub mod keychain;
mod mcp;
pub mod mcp_peer;
mod peer;
mod piped_hub;
mod programs;
mod ran;
#[cfg(unix)]
mod recorder;
mod wait;
mod world;

pub use agents::{AGENTS, outlive_a_killed_hub};
pub use connecting::{Connecting, End, land};
pub use face::{Face, paths};
pub use hub_process::HubProcess;
pub use mcp::Mcp;
pub use peer::{Consent, Peer};
pub use piped_hub::PipedHub;
pub use programs::{bin, http};
pub use ran::Ran;
#[cfg(unix)]
pub use recorder::Recorder;
pub use sandbox;
pub use wait::{PATIENCE, end_within, eventually};
pub use world::World;

/// The account and the bot nearly every test uses.
pub const ANNA: &str = "anna@example.org";
pub const BEN: &str = "ben@example.org";
pub const BOT: &str = "@autopilot_demo_bot";
