//! `e2e`: the tests that drive the real window. Gives them a screen, a bus and a keyring of their own.

use anyhow::{Result, bail};

use crate::build::driving;
use crate::execute::{Output, execute};
use crate::session::{Screen, Session};
use crate::setup;

/// `e2e [FILTER] [--] [libtest's own arguments]`
pub fn run(arguments: &[String]) -> Result<()> {
    setup::all()?;
    let binary = driving("e2e")?;
    let session = Session::fresh(Screen::Virtual)?;
    // As with `cargo test`, what is meant for the tests may stand behind two dashes; libtest would read names there.
    let words: Vec<String> = arguments
        .iter()
        .filter(|word| *word != "--")
        .cloned()
        .collect();
    let tally = execute(&binary, &words, &session, Output::Streamed)?;
    println!("{tally}");
    if tally.failed > 0 {
        bail!("end-to-end tests failed");
    }
    Ok(())
}
