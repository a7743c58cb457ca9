//! `bench`: builds what is shipped, then lets the figures in `tests/bench` measure it in a session of its own.

use anyhow::Result;

use crate::build::{SELECTION, interface_if_stale};
use crate::process::{cargo, check};
use crate::session::{Screen, Session};
use crate::setup;

/// `bench [ARGS]`; the arguments go to the figures.
pub fn run(arguments: &[String]) -> Result<()> {
    setup::all()?;
    interface_if_stale()?;
    check(&mut cargo(
        ["build", "--release", "--bins"].iter().chain(&SELECTION),
    ))?;
    check(&mut cargo(
        ["bench", "--no-run", "--bench", "figures"]
            .iter()
            .chain(&SELECTION),
    ))?;
    let session = Session::fresh(Screen::Virtual)?;
    let mut bench = cargo(["bench", "--bench", "figures"].iter().chain(&SELECTION));
    check(session.apply(bench.arg("--").args(arguments)))
}
