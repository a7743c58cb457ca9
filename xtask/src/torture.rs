//! `torture`: kills the hub again and again while it writes, and counts what became of every write. The counting is a
//! test like any other (`tests/integration/torture.rs`); this runs it alone, as often as asked.

use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::build::{binaries, interface_if_stale, tests};
use crate::process::check;
use crate::session::{Screen, Session};
use crate::setup;

const USUAL_KILLS: u32 = 200;

/// `torture [--kills N] [--seed N]`
pub fn run(arguments: &[String]) -> Result<()> {
    let (kills, seed) = read(arguments)?;
    setup::all()?;
    interface_if_stale()?;
    binaries()?;
    let compiled = tests()?;
    let binary = compiled
        .iter()
        .find(|binary| binary.target == "integration")
        .context("there is no test target `integration`")?;
    let session = Session::fresh(Screen::None)?;
    let mut command = Command::new(&binary.executable);
    command
        .args(["torture::", "--nocapture"])
        .current_dir(&binary.folder)
        .env("CARGO_MANIFEST_DIR", &binary.folder)
        .env("TORTURE_KILLS", kills.to_string());
    if let Some(seed) = seed {
        command.env("TORTURE_SEED", seed.to_string());
    }
    check(session.apply(&mut command))
}

fn read(arguments: &[String]) -> Result<(u32, Option<u64>)> {
    let (mut kills, mut seed) = (USUAL_KILLS, None);
    let mut rest = arguments.iter();
    while let Some(word) = rest.next() {
        match (word.as_str(), rest.next()) {
            ("--kills", Some(number)) => kills = number.parse()?,
            ("--seed", Some(number)) => seed = Some(number.parse()?),
            _ => bail!("usage: cargo xtask torture [--kills N] [--seed N]"),
        }
    }
    Ok((kills, seed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_kills_can_be_said() {
        let words =
            |text: &str| -> Vec<String> { text.split_whitespace().map(str::to_owned).collect() };
        assert_eq!(read(&words("")).unwrap(), (200, None));
        assert_eq!(read(&words("--kills 20 --seed 7")).unwrap(), (20, Some(7)));
        assert!(read(&words("--kills many")).is_err());
    }
}
