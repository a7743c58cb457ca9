//! Gmail and Drive against a peer we did not write: `emulate`, started by `tests/peers/emulate/google.mjs`, which says
//! what it had to add. Mail and files go through it and come back the same, byte for byte.
//!
//! It knows no batch, so every header here was fetched alone; and no resumable upload, so files stay small. Both are
//! tried against the sandbox. Needs Node and `npm ci` in that folder, which `cargo xtask setup` does.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "what fails here fails the test"
)]

mod drive;
mod gmail;
mod peer;
