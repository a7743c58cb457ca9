//! The hub, killed without a goodbye, again and again, at any point of whatever it does: sending and uploading, renewing
//! under each kind of rotation, signing in, signing in again, disconnecting, moving house, opening an older profile.
//! One file a scenario. After each restart database and keychain agree, and nothing is lost or silently doubled.
//!
//! A few kills of each are part of every run; `cargo xtask torture --kills 1000` does it longer and keeps the figures. The
//! seed is printed first, and `--seed` repeats a run as far as a machine's timing lets it.
#![allow(
    clippy::print_stdout,
    reason = "a long run says how far it is, and what it counted"
)]

mod agreement;
pub(crate) mod dice;
mod grants;
mod importing;
mod migrating;
mod sending;
pub(crate) mod sign_in;
mod tally;
mod witness;
mod writes;

use dice::Dice;

/// Of all kills of a run, in hundredths. Where the most can go wrong, the most is tried.
#[derive(Clone, Copy)]
enum Share {
    Sending = 25,
    /// Once for each kind of rotation.
    Grants = 15,
    Importing = 16,
    Migrating = 14,
}

/// All scenarios together, in a run of all tests.
const USUAL_KILLS: u64 = 100;

/// How many kills a scenario is to bear, and the dice for them. The name keeps equal seeds apart.
fn asked_for(scenario: &str, share: Share) -> (u64, Dice) {
    let all = from_environment("TORTURE_KILLS").unwrap_or(USUAL_KILLS);
    let kills = (all * share as u64).div_ceil(100);
    let seed = from_environment("TORTURE_SEED")
        .unwrap_or_else(|| std::time::UNIX_EPOCH.elapsed().unwrap().as_secs());
    println!("{scenario}: {kills} kills with seed {seed}");
    let apart = scenario.bytes().fold(seed, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(byte.into())
    });
    (kills, Dice::new(apart))
}

pub(crate) fn from_environment(name: &str) -> Option<u64> {
    let text = text_from_environment(name)?;
    Some(text.parse().expect("it is a number"))
}

#[allow(
    clippy::disallowed_methods,
    reason = "how long to torture is said by whoever starts the tests"
)]
pub(crate) fn text_from_environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
