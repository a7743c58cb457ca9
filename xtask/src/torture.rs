//! `torture`: the hub killed again and again while it does everything it does. A few kills are part of every `test`; this
//! runs them alone, as often as asked, and keeps what they came to beside the promises it is about.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;

use anyhow::{Context, Result, anyhow, bail, ensure};
use serde_json::Value;

use crate::build::{TestBinary, driving};
use crate::figures::Figures;
use crate::process::{capture, check};
use crate::session::{Screen, Session};
use crate::setup;

const USUAL_KILLS: u32 = 200;

/// What a scenario counts, as the tests write it.
const COUNTED: [&str; 5] = ["kills", "recovered", "named", "lost", "doubled"];

/// `torture [--kills N] [--seed N]`
pub fn run(arguments: &[String]) -> Result<()> {
    let (kills, seed) = read(arguments)?;
    setup::all()?;
    let binary = driving("integration")?;
    let shelf = Session::fresh(Screen::None)?;
    let tallies = shelf.folder("tallies")?;
    let ended: Vec<Result<()>> = thread::scope(|scope| {
        let scenarios: Vec<_> = scenarios(&binary)?
            .into_iter()
            .map(|scenario| {
                let (binary, tallies) = (&binary, &tallies);
                scope.spawn(move || torture(binary, &scenario, kills, seed, tallies))
            })
            .collect();
        scenarios
            .into_iter()
            .map(|one| {
                one.join()
                    .map_err(|_| anyhow!("a scenario's watcher broke off"))
            })
            .collect::<Result<_>>()
    })?;
    let figures = add_up(&tallies, format!("cargo xtask torture --kills {kills}"))?;
    println!("{}", figures.line(&COUNTED));
    // What failed is no figure to keep.
    ended.into_iter().collect::<Result<()>>()?;
    figures.write("torture")
}

/// The names of the tests, a scenario each.
fn scenarios(binary: &TestBinary) -> Result<Vec<String>> {
    let mut list = Command::new(&binary.executable);
    list.args(["torture::", "--list", "--format", "terse"]);
    let names: Vec<String> = capture(&mut list)?
        .lines()
        .filter_map(|line| line.strip_suffix(": test"))
        .map(str::to_owned)
        .collect();
    ensure!(!names.is_empty(), "there is nothing to torture");
    Ok(names)
}

/// One scenario, beside the others: they mostly wait, so all together take little longer than the longest. Each has a
/// session of its own: one keyring for all of them is more than it bears, and ends in the middle.
fn torture(
    binary: &TestBinary,
    scenario: &str,
    kills: u32,
    seed: Option<u64>,
    tallies: &Path,
) -> Result<()> {
    let session = Session::fresh(Screen::None)?;
    let mut command = Command::new(&binary.executable);
    command
        .args([scenario, "--exact", "--nocapture"])
        .current_dir(&binary.folder)
        .env("CARGO_MANIFEST_DIR", &binary.folder)
        .env("TORTURE_KILLS", kills.to_string())
        .env("TORTURE_TALLIES", tallies);
    if let Some(seed) = seed {
        command.env("TORTURE_SEED", seed.to_string());
    }
    check(session.apply(&mut command))
}

/// All scenarios together, and each by itself.
fn add_up(folder: &Path, command: String) -> Result<Figures> {
    let mut scenarios: Vec<(String, Value)> = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_stem().and_then(|stem| stem.to_str());
        let name = name.context("a tally has a name")?.to_owned();
        scenarios.push((name, serde_json::from_str(&fs::read_to_string(&path)?)?));
    }
    ensure!(!scenarios.is_empty(), "no scenario came to its end");
    scenarios.sort_by(|a, b| a.0.cmp(&b.0));
    let mut figures = Figures::of(command);
    for what in COUNTED {
        let sum: u64 = scenarios
            .iter()
            .filter_map(|(_, told)| told[what].as_u64())
            .sum();
        figures.add(what, sum);
    }
    for (name, told) in &scenarios {
        for what in &COUNTED[..3] {
            figures.add(&format!("{name}: {what}"), &told[*what]);
        }
    }
    Ok(figures)
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
