//! `test`: every check there is, in an order in which the quick ones speak first. A failing step doesn't stop the
//! others; the last line is the sum. Decides nothing about the app: it only runs and counts.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::build::{self, SELECTION, TestBinary, interface_if_stale};
use crate::execute::{Output, doc_tests, execute};
use crate::process::{answers, cargo, check, command, npm, root, target};
use crate::session::{Screen, Session};
use crate::tally::Tally;
use crate::{bindings, setup};

/// What a step came to.
enum Outcome {
    /// Not a runner of tests, and all is well.
    Fine,
    Counted(Tally),
    /// Left out, and why.
    LeftOut(&'static str),
}

type Step = fn(&mut Bench) -> Result<Outcome>;

/// In the order they run. The window's Rust needs the built interface, so that comes before it.
const STEPS: [(&str, &str, Step); 12] = [
    (
        "bindings",
        "the TypeScript types are those of `model`",
        |_| bindings::check().map(fine),
    ),
    ("format", "rustfmt has nothing to change", |_| {
        format_check().map(fine)
    }),
    ("licences", "licences, banned crates and sources", |_| {
        licences()
    }),
    ("ui-check", "the interface's types", |_| npm_script("check")),
    ("ui-lint", "the interface's rules", |_| npm_script("lint")),
    ("ui-test", "the interface's tests", |_| ui_tests()),
    ("ui-build", "the interface builds", |_| {
        interface_if_stale().map(fine)
    }),
    ("clippy", "no warnings in Rust", |_| clippy().map(fine)),
    ("build", "both programs and all tests build", |bench| {
        bench.built().map(fine)
    }),
    ("unit", "what each crate promises", |bench| {
        bench.unit().map(Outcome::Counted)
    }),
    (
        "integration",
        "the real programs, without a window",
        |bench| bench.together("integration").map(Outcome::Counted),
    ),
    ("e2e", "the real window", |bench| {
        bench.together("e2e").map(Outcome::Counted)
    }),
];

/// The package whose tests need the real programs.
const TOGETHER: &str = "autopilot-tests";

/// `test [--only STEP]...`
pub fn run(arguments: &[String]) -> Result<()> {
    let Some(only) = read(arguments)? else {
        for (name, meaning, _) in STEPS {
            println!("{name:<12} {meaning}");
        }
        return Ok(());
    };
    setup::all()?;
    let mut bench = Bench::default();
    let mut total = Tally::default();
    let mut table = Vec::new();
    for (name, meaning, step) in STEPS {
        if !only.is_empty() && !only.contains(name) {
            continue;
        }
        println!("\n== {name}: {meaning}");
        let started = Instant::now();
        let (tally, words) = match step(&mut bench) {
            Ok(Outcome::Fine) => (Tally::default(), "ok".to_owned()),
            Ok(Outcome::Counted(tally)) => (tally, tally.to_string()),
            Ok(Outcome::LeftOut(why)) => (Tally::default(), format!("left out: {why}")),
            Err(error) => {
                println!("{error:#}");
                (Tally::FAILURE, "FAILED".to_owned())
            }
        };
        total += tally;
        table.push((name, started.elapsed(), words));
    }
    println!();
    for (name, time, words) in table {
        println!("{name:<12} {:>7}  {words}", seconds(time));
    }
    println!("{total}");
    if total.failed > 0 {
        // The last line is the sum; there is nothing to add to it.
        std::process::exit(1);
    }
    Ok(())
}

/// The chosen steps, none meaning all; `None` when asked for their names.
fn read(arguments: &[String]) -> Result<Option<BTreeSet<String>>> {
    let mut only = BTreeSet::new();
    let mut rest = arguments.iter();
    while let Some(word) = rest.next() {
        match (word.as_str(), rest.next()) {
            ("--only", Some(list)) if list == "list" => return Ok(None),
            ("--only", Some(step)) if STEPS.iter().any(|(name, ..)| name == step) => {
                only.insert(step.clone())
            }
            ("--only", Some(step)) => bail!("there is no step `{step}`; `--only list` names them"),
            _ => bail!("usage: cargo xtask test [--only STEP]..."),
        };
    }
    Ok(Some(only))
}

fn fine((): ()) -> Outcome {
    Outcome::Fine
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

/// Reads all sources itself: `cargo fmt` misses modules that a build script brings in.
fn format_check() -> Result<()> {
    let mut sources = Vec::new();
    for folder in ["crates", "fuzz", "src-tauri", "tests", "xtask"] {
        rust_files(&root().join(folder), &mut sources)?;
    }
    sources.sort();
    let arguments = ["--check", "-l", "--edition", "2024"].map(PathBuf::from);
    check(&mut command(
        "rustfmt",
        arguments.into_iter().chain(sources),
    ))
    .context("`cargo fmt --all` puts these right")
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in
        fs::read_dir(folder).with_context(|| format!("couldn't read {}", folder.display()))?
    {
        let path = entry?.path();
        if path.is_dir() {
            let skipped = path
                .file_name()
                .is_some_and(|name| name == "node_modules" || name == "target");
            if !skipped {
                rust_files(&path, found)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    Ok(())
}

fn licences() -> Result<Outcome> {
    if !answers("cargo", &["deny", "--version"]) {
        return Ok(Outcome::LeftOut("cargo-deny isn't installed"));
    }
    check(&mut cargo([
        "deny",
        "--all-features",
        "check",
        "licenses",
        "bans",
        "sources",
    ]))
    .map(fine)
}

fn npm_script(name: &'static str) -> Result<Outcome> {
    let package: Value =
        serde_json::from_str(&fs::read_to_string(root().join("ui/package.json"))?)?;
    if package["scripts"][name].is_null() {
        return Ok(Outcome::LeftOut("the interface has no such script"));
    }
    check(&mut command(npm(), ["--prefix", "ui", "run", name])).map(fine)
}

fn ui_tests() -> Result<Outcome> {
    let report = target().join("xtask/vitest.json");
    // An old report must not be taken for this run's.
    let _ = fs::remove_file(&report);
    let mut vitest = command(
        "node",
        [
            "node_modules/vitest/vitest.mjs",
            "run",
            "--reporter=default",
            "--reporter=json",
        ],
    );
    vitest
        .arg(format!("--outputFile.json={}", report.display()))
        .current_dir(root().join("ui"));
    let ended = check(&mut vitest);
    let text = match fs::read_to_string(&report) {
        Ok(text) => text,
        // No report: it didn't get that far, and its own ending says why.
        Err(error) => return ended.and(Err(error).context("vitest left no report")),
    };
    let mut tally = Tally::from_vitest(&serde_json::from_str(&text)?)
        .context("vitest's report has another shape")?;
    if ended.is_err() && tally.failed == 0 {
        tally += Tally::FAILURE;
    }
    Ok(Outcome::Counted(tally))
}

fn clippy() -> Result<()> {
    interface_if_stale()?;
    check(
        cargo(["clippy", "--all-targets"].iter().chain(&SELECTION)).args(["--", "-D", "warnings"]),
    )
}

/// What is built once and used by several steps.
#[derive(Default)]
struct Bench {
    /// `Some(None)`: it has been tried, and doesn't build.
    compiled: Option<Option<Vec<TestBinary>>>,
}

impl Bench {
    fn built(&mut self) -> Result<()> {
        self.binaries().map(drop)
    }

    fn binaries(&mut self) -> Result<&[TestBinary]> {
        if self.compiled.is_none() {
            self.compiled = Some(None);
            interface_if_stale()?;
            build::binaries()?;
            self.compiled = Some(Some(build::tests()?));
        }
        self.compiled
            .as_ref()
            .and_then(Option::as_deref)
            .context("not run, because something doesn't build")
    }

    /// Every test binary but those of [`TOGETHER`], one after the other: each uses all cores by itself.
    fn unit(&mut self) -> Result<Tally> {
        let session = Session::fresh(Screen::None)?;
        let mut total = Tally::default();
        for binary in self
            .binaries()?
            .iter()
            .filter(|binary| binary.package != TOGETHER)
        {
            total += execute(binary, &[], &session, Output::WhenFailing)?;
        }
        total += doc_tests(&session)?;
        Ok(total)
    }

    fn together(&mut self, target: &str) -> Result<Tally> {
        let session = Session::fresh(Screen::Virtual)?;
        let binary = self
            .binaries()?
            .iter()
            .find(|binary| binary.package == TOGETHER && binary.target == target)
            .with_context(|| format!("there is no test target `{target}`"))?;
        execute(binary, &[], &session, Output::Streamed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn only_known_steps_can_be_chosen() {
        assert_eq!(
            read(&words(&["--only", "unit", "--only", "e2e"]))
                .unwrap()
                .unwrap()
                .len(),
            2
        );
        assert!(read(&words(&["--only", "everything"])).is_err());
        assert!(read(&words(&["unit"])).is_err());
        assert!(read(&words(&["--only", "list"])).unwrap().is_none());
    }

    #[test]
    fn what_once_failed_to_build_is_not_built_again() {
        let mut bench = Bench {
            compiled: Some(None),
        };
        assert!(bench.binaries().is_err());
    }
}
