//! `completions`: a script for the shell, made from what can be typed.

use clap::CommandFactory;

use crate::{
    args::{Arguments, CompletionsArguments},
    failure::Failure,
    terminal::Terminal,
};

pub(super) fn run(terminal: &Terminal, arguments: &CompletionsArguments) -> Result<(), Failure> {
    let mut script = Vec::new();
    let mut command = Arguments::command();
    clap_complete::generate(arguments.shell, &mut command, "autopilot", &mut script);
    terminal
        .out
        .row(String::from_utf8_lossy(&script).trim_end());
    Ok(())
}
