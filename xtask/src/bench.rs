//! `bench`: builds what is shipped and what it is held against, then lets the figures in `tests/bench` measure them in
//! a session of their own.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::build::{interface_if_stale, tests};
use crate::execute::{Output, execute};
use crate::process::{cargo, check, command, npm, root, target};
use crate::session::{Screen, Session};
use crate::setup;
use crate::terminal;

/// What is shipped and what measures it, and nothing else: tests of other packages would bring features along that
/// are not shipped.
const SELECTION: [&str; 7] = [
    "--package",
    "autopilot-app",
    "--package",
    "autopilot-tests",
    "--no-default-features",
    "--features",
    "autopilot-app/desktop",
];

/// But for the terminal program, which is linked in its own way ([`terminal::build`]).
const PROGRAMS: [&str; 4] = ["--bin", "autopilot-hub", "--bin", "autopilot-desktop"];

const FIGURES: &str = "figures";
const EMPTY_WINDOW: &str = "empty-window";
const MINIMAL_MCP: &str = "minimal-mcp";
const EMPTY_PROGRAM: &str = "empty-program";

/// Parts that measure the crates alone, and parts that need `autopilot` but no window: what they don't need isn't
/// built when nothing else is asked for.
const BARE: [&str; 2] = ["mail", "upload"];
const HEADLESS: [&str; 3] = ["big-upload", "mcp", "token"];

/// What the window's page weighs and how smoothly it moves, measured by its own scripts in a browser and by the real window.
const INTERFACE: &str = "ui";

/// `bench [ARGS]`; the arguments go to the figures, but for the window's page, which is measured here.
pub fn run(arguments: &[String]) -> Result<()> {
    setup::all()?;
    let figures = without_interface(arguments);
    if figures.len() == arguments.len() && !arguments.is_empty() {
        return measure(arguments);
    }
    // One that misses its aim keeps none of the others from being measured.
    let page = ["size", "smooth"]
        .map(|script| check(&mut command(npm(), ["--prefix", "ui", "run", script])));
    let window = frames();
    let rest = match figures.is_empty() && !arguments.is_empty() {
        true => Ok(()),
        false => measure(&figures),
    };
    page.into_iter().chain([window, rest]).collect()
}

/// What the real window says of the same, as it is shipped.
fn frames() -> Result<()> {
    const FRAMES: [&str; 4] = [
        "smoothness::a_thousand_lines_of_the_history",
        "--exact",
        "--ignored",
        "--nocapture",
    ];
    interface_if_stale()?;
    let programs = ["build", "--release"].iter().chain(&PROGRAMS);
    check(&mut cargo(programs.chain(&SELECTION)))?;
    terminal::build()?;
    let compiled = tests()?;
    let driving = compiled.iter().find(|binary| binary.target == "e2e");
    let driving = driving.context("there is no test target `e2e`")?;
    let mut session = Session::fresh(Screen::Virtual)?;
    session.set("AUTOPILOT_TEST_PROGRAMS", target().join("release"));
    let tally = execute(
        driving,
        &FRAMES.map(str::to_owned),
        &session,
        Output::Streamed,
    )?;
    ensure!(tally.passed == 1, "the window's frames: {tally}");
    Ok(())
}

/// The arguments but for `--only ui`.
fn without_interface(arguments: &[String]) -> Vec<String> {
    let mut rest = Vec::new();
    let mut words = arguments.iter().peekable();
    while let Some(word) = words.next() {
        if word == "--only" && words.next_if(|part| *part == INTERFACE).is_some() {
            continue;
        }
        rest.push(word.clone());
    }
    rest
}

fn measure(arguments: &[String]) -> Result<()> {
    setup::to_compare()?;
    let need = Need::of(arguments);
    let mut floors = Vec::new();
    let mut figures = Command::new(match need {
        Need::Crates | Need::Terminal => {
            let built = build_benches(&CRATES)?;
            if need == Need::Terminal {
                headless()?;
                floors = Vec::from(floors_of(&build_benches(&FLOORS)?)?);
            }
            executable(&built, FIGURES)?
        }
        Need::Window => return everything(arguments),
    });
    figures.current_dir(root()).args(floors).args(arguments);
    check(Session::fresh(Screen::None)?.apply(&mut figures))
}

const CRATES: [&str; 5] = [
    "--bench",
    FIGURES,
    "--package",
    "autopilot-tests",
    "--no-default-features",
];

/// Everything without a window, as it is shipped.
pub fn headless() -> Result<()> {
    let programs = ["build", "--release", "--package", "autopilot-app"];
    check(cargo(programs).args(["--bin", "autopilot-hub"]))?;
    terminal::build()
}

/// Built for themselves, so that nothing of ours grows by them or makes them grow.
const FLOORS: [&str; 7] = [
    "--package",
    "autopilot-tests",
    "--no-default-features",
    "--bench",
    MINIMAL_MCP,
    "--bench",
    EMPTY_PROGRAM,
];

/// Where they are, as the figures are told.
fn floors_of(built: &str) -> Result<[OsString; 4]> {
    Ok([
        "--minimal-mcp".into(),
        executable(built, MINIMAL_MCP)?.into(),
        "--empty-program".into(),
        executable(built, EMPTY_PROGRAM)?.into(),
    ])
}

fn everything(arguments: &[String]) -> Result<()> {
    interface_if_stale()?;
    let programs = ["build", "--release"].iter().chain(&PROGRAMS);
    check(&mut cargo(programs.chain(&SELECTION)))?;
    let benches = ["--bench", FIGURES, "--bench", EMPTY_WINDOW];
    let chosen: Vec<&str> = benches.iter().chain(&SELECTION).copied().collect();
    let built = build_benches(&chosen)?;
    let floors = floors_of(&build_benches(&FLOORS)?)?;
    terminal::build()?;
    let session = Session::fresh(Screen::Virtual)?;
    let mut figures = Command::new(executable(&built, FIGURES)?);
    figures
        .current_dir(root())
        .arg("--empty-window")
        .arg(executable(&built, EMPTY_WINDOW)?)
        .args(floors)
        .args(arguments);
    check(session.apply(&mut figures))
}

/// What has to be built.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Need {
    Crates,
    Terminal,
    Window,
}

impl Need {
    /// From the parts asked for; none means all.
    fn of(arguments: &[String]) -> Self {
        let parts: Vec<&str> = arguments
            .iter()
            .skip_while(|word| *word != "--only")
            .map(String::as_str)
            .filter(|word| *word != "--only")
            .collect();
        let all_among = |known: &[&str]| parts.iter().all(|part| known.contains(part));
        if parts.is_empty() {
            Self::Window
        } else if all_among(&BARE) {
            Self::Crates
        } else if all_among(&[&BARE[..], &HEADLESS].concat()) {
            Self::Terminal
        } else {
            Self::Window
        }
    }
}

/// Cargo says where they are.
fn build_benches(chosen: &[&str]) -> Result<String> {
    let words = [
        "bench",
        "--no-run",
        "--message-format",
        "json-render-diagnostics",
    ];
    let output = cargo(words.iter().chain(chosen))
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
    fn only_what_is_asked_for_is_built() {
        let need = |words: &str| {
            let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
            Need::of(&words)
        };
        assert_eq!(need(""), Need::Window);
        assert_eq!(need("--only mail --only upload"), Need::Crates);
        assert_eq!(need("--only mail --only big-upload"), Need::Terminal);
        assert_eq!(need("--only upload --only list"), Need::Window);
    }

    #[test]
    fn the_page_is_measured_apart_from_the_figures() {
        let rest = |words: &str| {
            let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
            without_interface(&words).join(" ")
        };
        assert_eq!(rest("--only ui"), "");
        assert_eq!(rest("--only mail --only ui"), "--only mail");
        assert_eq!(rest("--only mail"), "--only mail");
    }

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
