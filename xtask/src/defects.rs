//! `defects`: panics of ours, in programs as they are shipped: optimised, linked as one, unwinding. The shipped programs
//! themselves have no way to be made to panic, and get none; the hub that has one is built in the same way of the same
//! engine. The same tests run on unoptimised programs in every `test`.

use anyhow::{Result, ensure};

use crate::bench::headless;
use crate::build::driving;
use crate::execute::{Output, execute};
use crate::process::{cargo, check, target};
use crate::session::{Screen, Session};
use crate::setup;

pub fn run() -> Result<()> {
    setup::all()?;
    headless()?;
    let package = ["build", "--release", "--package", "autopilot-tests"];
    check(cargo(package).args(["--bin", "piped-hub"]))?;
    let binary = driving("integration")?;
    let mut session = Session::fresh(Screen::None)?;
    session.set("AUTOPILOT_TEST_PROGRAMS", target().join("release"));
    let tests = ["defects::", "--nocapture"].map(str::to_owned);
    let tally = execute(&binary, &tests, &session, Output::Streamed)?;
    println!("defects, release build: {tally}");
    ensure!(tally.passed > 0 && tally.failed == 0, "{tally}");
    Ok(())
}
