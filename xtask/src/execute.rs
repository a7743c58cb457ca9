//! Running compiled tests in a session and counting what they report. Chooses neither the tests nor the session.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::build::{SELECTION, TestBinary};
use crate::process::cargo;
use crate::session::Session;
use crate::tally::Tally;

/// How much of a test binary's output is worth a developer's screen.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// Many quick tests: one line for all of them, the rest only when one fails.
    WhenFailing,
    /// Few slow tests: each as it ends.
    Streamed,
}

/// Runs one test binary in a session, as cargo would.
pub fn execute(
    binary: &TestBinary,
    arguments: &[String],
    session: &Session,
    output: Output,
) -> Result<Tally> {
    let mut command = Command::new(&binary.executable);
    command
        .args(arguments)
        .current_dir(&binary.folder)
        .env("CARGO_MANIFEST_DIR", &binary.folder);
    session.apply(&mut command);
    let name = format!("{} {}", binary.package, binary.target);
    let (tally, success) = match output {
        Output::WhenFailing => gather(&mut command, &name)?,
        Output::Streamed => stream(&mut command)?,
    };
    if !success && tally.failed == 0 {
        println!("{name} ended badly without saying which test failed");
        return Ok(Tally { failed: 1, ..tally });
    }
    Ok(tally)
}

fn gather(command: &mut Command, name: &str) -> Result<(Tally, bool)> {
    let ended = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("couldn't start {name}"))?;
    let text = String::from_utf8_lossy(&ended.stdout);
    let tally = Tally::from_libtest(&text);
    if !ended.status.success() {
        print!("{text}{}", String::from_utf8_lossy(&ended.stderr));
    }
    if tally != Tally::default() {
        println!("{name}: {tally}");
    }
    Ok((tally, ended.status.success()))
}

fn stream(command: &mut Command) -> Result<(Tally, bool)> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut tally = Tally::default();
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).split(b'\n') {
            let line = String::from_utf8_lossy(&line?).into_owned();
            println!("{line}");
            if let Some(counted) = Tally::from_libtest_line(&line) {
                tally += counted;
            }
        }
    }
    Ok((tally, child.wait()?.success()))
}

/// The examples in the documentation, which only cargo can compile and run.
pub fn doc_tests(session: &Session) -> Result<Tally> {
    let mut command = cargo(["test", "--quiet", "--doc"].iter().chain(&SELECTION));
    let (tally, success) = gather(session.apply(&mut command), "examples in the documentation")?;
    Ok(if !success && tally.failed == 0 {
        Tally { failed: 1, ..tally }
    } else {
        tally
    })
}
