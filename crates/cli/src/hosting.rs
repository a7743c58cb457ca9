//! What the program that holds profiles, `autopilot-hub`, shares with this one: the command line, and the way of saying
//! things. How a hub is opened it brings along itself; this crate knows no hub.

use std::{ffi::OsString, process::ExitCode};

use clap::Parser as _;
use tokio::runtime::Builder;

use crate::args::{Arguments, Word, refuse};
pub use crate::{
    args::{Globals, HubArguments, SandboxArguments, Work},
    failure::Failure,
    output::Output,
    platform::{Ending, asked_to_end},
    schema::{HubEvent, SandboxAnswer},
    terminal::Terminal,
};

/// Runs `work` as these arguments ask for it (the first is the program's own name) and says how it went.
pub fn main(
    arguments: impl IntoIterator<Item = OsString>,
    work: impl AsyncFnOnce(&Terminal, Work) -> Result<(), Failure>,
) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let exit = match Arguments::try_parse_from(&arguments) {
        // It serves many at once.
        Ok(parsed) => crate::carry_out(
            &mut Builder::new_multi_thread(),
            parsed.globals,
            async |terminal| match parsed.verb {
                Word::Hosting(asked) => work(terminal, asked).await,
                Word::Asking(_) => Err(Failure::usage(
                    terminal.words("cli_hosting_only_holds", &[]),
                    terminal.words("cli_hosting_ask_other", &[("command", &"autopilot --help")]),
                )),
            },
        ),
        Err(refused) => refuse(&refused, &arguments),
    };
    ExitCode::from(exit.code())
}
