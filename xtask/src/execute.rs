//! Running compiled tests in a session and counting what they report. Chooses neither the tests nor the session.

use std::collections::BTreeMap;
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
    let mut command = prepared(binary, session);
    command.args(arguments);
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

/// As cargo would start it.
fn prepared(binary: &TestBinary, session: &Session) -> Command {
    let mut command = Command::new(&binary.executable);
    command
        .current_dir(&binary.folder)
        .env("CARGO_MANIFEST_DIR", &binary.folder);
    session.apply(&mut command);
    command
}

/// What became of one test; the later, the worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    Passed,
    /// It says of itself that it can't run here.
    LeftOut,
    /// No binary has it.
    Missing,
    Failed,
}

/// Runs these tests of a binary, and says what became of each that it has. Of a failure its output is shown.
pub fn each(
    binary: &TestBinary,
    paths: &[&str],
    session: &Session,
) -> Result<BTreeMap<String, Verdict>> {
    let mut command = prepared(binary, session);
    let ended = command
        .arg("--exact")
        .args(paths)
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("couldn't start {} {}", binary.package, binary.target))?;
    let text = String::from_utf8_lossy(&ended.stdout);
    if !ended.status.success() {
        print!("{text}{}", String::from_utf8_lossy(&ended.stderr));
    }
    Ok(text.lines().filter_map(verdict).collect())
}

/// From libtest's `test a::b ... ok`; `None` for any other line.
fn verdict(line: &str) -> Option<(String, Verdict)> {
    let (name, word) = line.strip_prefix("test ")?.split_once(" ... ")?;
    let verdict = match word.split(',').next()?.trim() {
        "ok" => Verdict::Passed,
        "ignored" => Verdict::LeftOut,
        _ => Verdict::Failed,
    };
    Some((name.to_owned(), verdict))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_of_libtest_is_a_verdict_or_none() {
        let read = |line| verdict(line).map(|(name, verdict)| (name.len(), verdict));
        assert_eq!(read("test a::b ... ok"), Some((4, Verdict::Passed)));
        assert_eq!(read("test a::b ... FAILED"), Some((4, Verdict::Failed)));
        assert_eq!(
            read("test a::b ... ignored, takes an hour"),
            Some((4, Verdict::LeftOut))
        );
        assert_eq!(read("test result: ok. 1 passed; 0 failed"), None);
        assert_eq!(read("running 1 test"), None);
    }
}
