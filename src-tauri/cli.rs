//! The terminal program `autopilot`: all of it is in [`cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main(std::env::args_os())
}
