//! `fuzz`: feeds every promise about hostile input as often as asked, beginning with what `fuzz/corpus` keeps, and writes
//! down what came of it. What is fed, and what must hold, is in each crate's `hostile` module; here is only the running.
//!
//! Needs a nightly compiler and cargo-fuzz, which only this verb installs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail};

use crate::process::{capture, check, command, host, root};
use crate::setup;

/// Each target, and the longest input it is given: long enough for every shape there is, short enough that a million
/// take minutes.
const TARGETS: [(&str, u32); 10] = [
    ("deep_links", 512),
    ("import_plain", 4096),
    ("import_sealed", 4096),
    ("integration_toml", 4096),
    ("link_frames", 1024),
    ("loopback", 512),
    ("mcp_frames", 1024),
    ("mime", 1024),
    ("provider_json", 1024),
    ("token_answers", 512),
];

const USUAL_RUNS: u64 = 100_000;

/// No input of these lengths may take longer, or the process grow larger.
const SLOWEST_S: u32 = 10;
const LARGEST_MB: u32 = 1024;

const FIGURES: &str = "tests/reliability/figures/fuzz.toml";

/// `fuzz [--runs N] [TARGET]...`
pub fn run(arguments: &[String]) -> Result<()> {
    let (runs, chosen) = read(arguments)?;
    setup::to_fuzz()?;
    // Safe Rust has little for a sanitizer to see, and would run half as fast.
    check(&mut nightly([
        "cargo",
        "fuzz",
        "build",
        "--release",
        "--sanitizer",
        "none",
    ]))?;
    let mut outcomes = Vec::new();
    for (target, longest) in TARGETS {
        if chosen.is_empty() || chosen.iter().any(|one| one == target) {
            println!("\n== {target}: {runs} runs");
            outcomes.push(feed(target, longest, runs)?);
            // At once: the next one may be stopped.
            write_figures(runs, &outcomes)?;
        }
    }
    println!();
    for outcome in &outcomes {
        println!("{:<18} {}", outcome.target, outcome.words());
    }
    let findings: usize = outcomes.iter().map(|outcome| outcome.findings.len()).sum();
    let fed: u64 = outcomes.iter().map(|outcome| outcome.runs).sum();
    println!(
        "{} targets, {fed} runs, {findings} findings",
        outcomes.len()
    );
    if findings > 0 {
        for path in outcomes.iter().flat_map(|outcome| &outcome.findings) {
            println!("{}", path.display());
        }
        bail!("something gave way; each file is an input that shows it");
    }
    if outcomes.iter().any(|outcome| outcome.runs < runs) {
        bail!("a target ended before its runs were done");
    }
    Ok(())
}

struct Outcome {
    target: &'static str,
    runs: u64,
    per_second: u64,
    findings: Vec<PathBuf>,
}

impl Outcome {
    fn words(&self) -> String {
        format!(
            "{} runs, {} a second, {} findings",
            self.runs,
            self.per_second,
            self.findings.len()
        )
    }
}

fn read(arguments: &[String]) -> Result<(u64, Vec<String>)> {
    let (mut runs, mut chosen) = (USUAL_RUNS, Vec::new());
    let mut rest = arguments.iter();
    while let Some(word) = rest.next() {
        if word == "--runs" {
            runs = rest.next().context("--runs needs a number")?.parse()?;
        } else if TARGETS.iter().any(|(target, _)| target == word) {
            chosen.push(word.clone());
        } else {
            let names: Vec<&str> = TARGETS.iter().map(|(target, _)| *target).collect();
            bail!(
                "usage: cargo xtask fuzz [--runs N] [TARGET]...; targets: {}",
                names.join(", ")
            );
        }
    }
    Ok((runs, chosen))
}

fn feed(target: &'static str, longest: u32, runs: u64) -> Result<Outcome> {
    // What a run finds on its way isn't kept by itself: the kept inputs are few and each has a name.
    let ours = root().join("fuzz/target/xtask").join(target);
    let (found, broken) = (ours.join("found"), ours.join("broken"));
    for folder in [&found, &broken] {
        let _ = fs::remove_dir_all(folder);
        fs::create_dir_all(folder)?;
    }
    let mut fuzzer = command(&program(target)?.to_string_lossy(), [&found]);
    fuzzer
        .arg(root().join("fuzz/corpus").join(target))
        .arg(format!("-runs={runs}"))
        .arg(format!("-max_len={longest}"))
        .arg(format!("-timeout={SLOWEST_S}"))
        .arg(format!("-rss_limit_mb={LARGEST_MB}"))
        .arg(format!("-artifact_prefix={}/", broken.display()))
        .arg("-print_final_stats=1")
        .stdout(Stdio::inherit())
        .stderr(Stdio::piped());
    let ended = fuzzer
        .spawn()
        .and_then(std::process::Child::wait_with_output)
        .with_context(|| format!("couldn't run the target {target}"))?;
    let said = String::from_utf8_lossy(&ended.stderr);
    let mut findings: Vec<PathBuf> = fs::read_dir(&broken)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    findings.sort();
    if !ended.status.success() {
        eprintln!("{}", end_of(&said));
        if findings.is_empty() {
            bail!("{target} ended with {} and left no input", ended.status);
        }
    }
    let outcome = Outcome {
        target,
        runs: stated(&said, "number_of_executed_units").unwrap_or(0),
        per_second: stated(&said, "average_exec_per_sec").unwrap_or(0),
        findings,
    };
    println!("{}", outcome.words());
    Ok(outcome)
}

/// Where cargo-fuzz puts what it builds.
fn program(target: &str) -> Result<PathBuf> {
    let host = host(&mut nightly(["rustc"]))?;
    let folder = Path::new("fuzz/target").join(host).join("release");
    Ok(root().join(folder).join(target))
}

fn nightly<const N: usize>(words: [&str; N]) -> std::process::Command {
    let mut command = command("rustup", ["run", "nightly"]);
    command.args(words);
    // Cargo sets it for whoever it runs, and cargo-fuzz would build with that one.
    command.env_remove("CARGO").env_remove("RUSTC");
    command
}

/// `stat::NAME: NUMBER`, as libFuzzer prints it at its end.
fn stated(said: &str, name: &str) -> Option<u64> {
    let prefix = format!("stat::{name}:");
    let line = said
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix(&prefix))?;
    line.trim().parse().ok()
}

/// What was wrong stands at the end; before it is how the corpus grew.
fn end_of(said: &str) -> String {
    let lines: Vec<&str> = said.lines().collect();
    lines[lines.len().saturating_sub(40)..].join("\n")
}

fn write_figures(runs: u64, outcomes: &[Outcome]) -> Result<()> {
    let path = root().join(FIGURES);
    let before = fs::read_to_string(&path).unwrap_or_default();
    let date = capture(&mut command("date", ["--utc", "+%F"]))?;
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, figures(runs, date.trim(), outcomes, &before))?;
    Ok(())
}

/// Of targets that didn't run this time, what was written `before` stays.
fn figures(runs: u64, date: &str, outcomes: &[Outcome], before: &str) -> String {
    let mut text = format!("command = \"cargo xtask fuzz --runs {runs}\"\ndate = \"{date}\"\n");
    for (target, _) in TARGETS {
        let name = format!("name = \"{target}\"");
        let now = outcomes.iter().find(|outcome| outcome.target == target);
        let kept = || {
            let (_, rest) = before.split_once(&format!("{name}\nvalue = \""))?;
            rest.split('"').next().map(str::to_owned)
        };
        if let Some(value) = now.map(Outcome::words).or_else(kept) {
            text.push_str(&format!("\n[[line]]\n{name}\nvalue = \"{value}\"\n"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_is_built_and_has_something_kept() {
        let manifest = fs::read_to_string(root().join("fuzz/Cargo.toml")).unwrap();
        let built: Vec<&str> = manifest
            .lines()
            .filter_map(|line| line.strip_prefix("path = \"fuzz_targets/"))
            .filter_map(|line| line.strip_suffix(".rs\""))
            .collect();
        assert_eq!(built, TARGETS.map(|(target, _)| target));
        for (target, _) in TARGETS {
            let kept = root().join("fuzz/corpus").join(target);
            assert!(fs::read_dir(kept).unwrap().count() > 3, "{target}");
        }
    }

    #[test]
    fn the_number_of_runs_and_the_targets_can_be_said() {
        let words =
            |text: &str| -> Vec<String> { text.split_whitespace().map(str::to_owned).collect() };
        assert_eq!(read(&words("")).unwrap(), (USUAL_RUNS, Vec::new()));
        assert_eq!(
            read(&words("--runs 7 mime")).unwrap(),
            (7, vec!["mime".to_owned()])
        );
        assert!(read(&words("--runs many")).is_err());
        assert!(read(&words("everything")).is_err());
    }

    #[test]
    fn what_libfuzzer_says_at_its_end_is_counted() {
        let said = "#4 INITED\nDone 1000000 runs in 44 second(s)\nstat::number_of_executed_units: 1000000\n\
                    stat::average_exec_per_sec:     22727\n";
        assert_eq!(stated(said, "number_of_executed_units"), Some(1_000_000));
        assert_eq!(stated(said, "average_exec_per_sec"), Some(22_727));
        assert_eq!(stated("", "average_exec_per_sec"), None);
        let outcome = |target, per_second| Outcome {
            target,
            runs: 7,
            per_second,
            findings: Vec::new(),
        };
        let both = [outcome("mime", 3), outcome("loopback", 4)];
        let before = figures(7, "2026-11-26", &both, "");
        let after = figures(9, "2026-11-27", &[outcome("mime", 5)], &before);
        assert_eq!(
            after,
            "command = \"cargo xtask fuzz --runs 9\"\ndate = \"2026-11-27\"\n\n\
             [[line]]\nname = \"loopback\"\nvalue = \"7 runs, 4 a second, 0 findings\"\n\n\
             [[line]]\nname = \"mime\"\nvalue = \"7 runs, 5 a second, 0 findings\"\n"
        );
    }
}
