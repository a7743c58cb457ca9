//! `bench`: builds what is shipped and an empty window to hold it against, then lets the figures in `tests/bench`
//! measure both in a session of their own.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::build::interface_if_stale;
use crate::process::{cargo, check, root};
use crate::session::{Screen, Session};
use crate::setup;

/// What is shipped and what measures it, and nothing else: tests of other packages would bring features along that
/// are not shipped.
const SELECTION: [&str; 6] = [
    "--package",
    "autopilot-app",
    "--package",
    "autopilot-tests",
    "--features",
    "autopilot-app/desktop",
];

const FIGURES: &str = "figures";
const EMPTY_WINDOW: &str = "empty-window";

/// `bench [ARGS]`; the arguments go to the figures.
pub fn run(arguments: &[String]) -> Result<()> {
    setup::all()?;
    interface_if_stale()?;
    let programs = [
        "build",
        "--release",
        "--bin",
        "autopilot",
        "--bin",
        "autopilot-desktop",
    ];
    check(&mut cargo(programs.iter().chain(&SELECTION)))?;
    let built = build_benches()?;
    let session = Session::fresh(Screen::Virtual)?;
    let mut figures = Command::new(executable(&built, FIGURES)?);
    figures
        .current_dir(root())
        .arg("--empty-window")
        .arg(executable(&built, EMPTY_WINDOW)?)
        .args(arguments);
    check(session.apply(&mut figures))
}

/// Both benches; cargo says where they are.
fn build_benches() -> Result<String> {
    let words = [
        "bench",
        "--no-run",
        "--message-format",
        "json-render-diagnostics",
        "--bench",
        FIGURES,
        "--bench",
        EMPTY_WINDOW,
    ];
    let output = cargo(words.iter().chain(&SELECTION))
        .stderr(Stdio::inherit())
        .output()
        .context("couldn't start cargo")?;
    if !output.status.success() {
        bail!("the benches don't compile");
    }
    String::from_utf8(output.stdout).context("cargo's messages aren't text")
}

fn executable(messages: &str, bench: &str) -> Result<PathBuf> {
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["reason"] == "compiler-artifact")
        .filter(|message| message["target"]["name"] == bench)
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
        .with_context(|| format!("cargo didn't say where `{bench}` is"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bench_is_found_by_its_name_among_what_cargo_built() {
        let messages = concat!(
            r#"{"reason":"compiler-artifact","target":{"name":"figures"},"executable":null}"#,
            "\n",
            r#"{"reason":"compiler-artifact","target":{"name":"figures"},"executable":"/t/figures-1"}"#,
            "\nnot a message\n",
            r#"{"reason":"build-finished","success":true}"#,
        );
        assert_eq!(
            executable(messages, FIGURES).unwrap(),
            PathBuf::from("/t/figures-1")
        );
        assert!(executable(messages, EMPTY_WINDOW).is_err());
    }
}
