//! `cargo xtask VERB`: everything a developer does here, in one place and in plain Rust. It drives other programs
//! and may print; it knows nothing of the app's insides and is never shipped.
//!
//! One file per verb. What they share: [`process`] starts programs, [`session`] gives them a bus, a keyring and a
//! screen of their own, [`build`] keeps to one choice of features, [`execute`] runs compiled tests, [`tally`] counts.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a developer's tool talks on the terminal and reads the environment it was started in"
)]

mod bench;
mod bindings;
mod book;
mod build;
mod cross;
mod defects;
mod discovery;
mod e2e;
mod emulator;
mod execute;
mod figures;
mod fuzz;
mod icons;
#[cfg(test)]
mod named_tests;
mod package;
mod process;
mod prove;
mod reliability;
mod run;
mod sbom;
mod session;
mod setup;
mod soak;
mod tally;
mod terminal;
mod test;
mod torture;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask VERB

  setup                   find what this machine lacks to build and test, and install it
  run [--real] [--once] [-- ARGS]
                          build and open the app on the sandbox profile; --real for your own accounts;
                          --once leaves after the screenshot taken where there is no display
  test [--only STEP]...   every test; `--only list` names the steps
  e2e [FILTER]            the tests in the real window
  bindings [--check]      write the TypeScript types of the interface, or say whether they are stale
  bench                   measure the release build
  torture [--kills N] [--seed N]
                          kill the hub while it works, N times, and count what was lost or doubled
  defects                 let the engine panic, in programs built as they are shipped
  reliability             run every test that a promise names, and write docs/reliability.md
  soak [--minutes N]      a hub with a hundred connections and random faults: what it takes, minute by minute
  fuzz [--runs N] [TARGET]...
                          feed hostile input to everything that reads any, N times each
  package [--prove]       make the .deb and the .rpm; --prove installs, uses and removes the .deb, in a clean root and here
  book                    make a website of docs/
  cross [windows] [macos] [wine]
                          type-check for Windows and macOS, and run the engine's tests under Wine
  sbom                    list what is inside the shipped programs, as CycloneDX
  icons                   draw every icon from its SVG
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (verb, rest) = match arguments.split_first() {
        Some((verb, rest)) => (verb.as_str(), rest),
        None => ("help", &[][..]),
    };
    let outcome = match verb {
        "setup" => setup::all(),
        "run" => run::run(rest),
        "test" => test::run(rest),
        "e2e" => e2e::run(rest),
        "bindings" => bindings::run(rest),
        "bench" => bench::run(rest),
        "torture" => torture::run(rest),
        "defects" => defects::run(),
        "reliability" => reliability::run(rest),
        "soak" => soak::run(rest),
        "fuzz" => fuzz::run(rest),
        "package" => package::run(rest),
        "book" => book::run(),
        "cross" => cross::run(rest),
        "sbom" => sbom::run(),
        "icons" => icons::run(),
        "help" | "--help" | "-h" => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        other => {
            eprintln!("There is no verb `{other}`.\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
