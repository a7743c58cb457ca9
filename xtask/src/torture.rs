//! `torture`: the hub killed again and again while it does everything it does. A few kills are part of every `test`; this
//! runs them alone, as often as asked, and keeps what they came to beside the promises it is about.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::build::driving;
use crate::figures::Figures;
use crate::process::check;
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
    let session = Session::fresh(Screen::None)?;
    let tallies = session.folder("tallies")?;
    let mut command = Command::new(&binary.executable);
    command
        // They mostly wait: all at once takes no longer than the longest.
        .args(["torture::", "--nocapture", "--test-threads", "8"])
        .current_dir(&binary.folder)
        .env("CARGO_MANIFEST_DIR", &binary.folder)
        .env("TORTURE_KILLS", kills.to_string())
        .env("TORTURE_TALLIES", &tallies);
    if let Some(seed) = seed {
        command.env("TORTURE_SEED", seed.to_string());
    }
    let ended = check(session.apply(&mut command));
    let figures = add_up(&tallies, format!("cargo xtask torture --kills {kills}"))?;
    println!("{}", figures.line(&COUNTED));
    // What failed is no figure to keep.
    ended?;
    figures.write("torture")
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
