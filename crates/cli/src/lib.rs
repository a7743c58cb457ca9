//! The terminal program: a thin client over [`link`] that asks, and says the answer. It opens neither keychain nor
//! database and knows no hub: where it is to hold a profile, it becomes the program beside it that does ([`beside`]).
//!
//! Only [`output`] prints. Start at [`args`] for what can be typed, at [`verbs`] for what each word does, and at
//! [`hosting`] for what that other program shares with this one.

mod args;
mod beside;
mod choose;
pub mod exit;
mod failure;
mod follow;
pub mod hosting;
mod input;
mod local;
mod moments;
mod output;
#[cfg(test)]
mod page;
mod platform;
mod progress;
mod quick;
mod schema;
mod session;
mod table;
mod terminal;
mod verbs;
mod words;

use std::{ffi::OsString, process::ExitCode};

use clap::Parser as _;
use tokio::runtime::Builder;

use args::{Arguments, Globals, Verb, Word};
pub use exit::Exit;
use failure::Failure;
use output::Output;
use platform::Ending;
use terminal::Terminal;

/// Runs the program with these arguments (the first is its own name) and says how it went.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let mut arguments: Vec<OsString> = arguments.into_iter().collect();
    if let Some(exit) = quick::run(&arguments) {
        return ExitCode::from(exit.code());
    }
    args::json_is_the_arguments(&mut arguments);
    let exit = match Arguments::try_parse_from(&arguments) {
        Ok(Arguments { globals, verb }) => match verb {
            Word::Hosting(_) => beside::become_hub(&arguments[1..], globals),
            Word::Asking(verb) => ask(globals, verb),
        },
        Err(refused) => args::refuse(&refused, &arguments),
    };
    ExitCode::from(exit.code())
}

/// It asks and leaves, and starts quicker on one thread.
fn ask(globals: Globals, verb: Verb) -> Exit {
    ask_by(globals, async |terminal| verbs::run(terminal, verb).await)
}

fn ask_by(globals: Globals, work: impl AsyncFnOnce(&Terminal) -> Result<(), Failure>) -> Exit {
    carry_out(&mut Builder::new_current_thread(), globals, work)
}

fn carry_out(
    runtime: &mut Builder,
    globals: Globals,
    work: impl AsyncFnOnce(&Terminal) -> Result<(), Failure>,
) -> Exit {
    let out = Output::detect(globals.json);
    let runtime = match runtime.enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let internal = model::Error::new(model::ErrorCode::Internal).detail(error);
            let terminal = Terminal::new(out, globals, Ending::never());
            return terminal.fail(&Failure::Refused(internal));
        }
    };
    let (terminal, ended) = runtime.block_on(async {
        let terminal = Terminal::new(out, globals, Ending::listen());
        let ended = work(&terminal).await;
        (terminal, ended)
    });
    // A thread may be blocked reading standard input for as long as the person likes: don't wait for it.
    runtime.shutdown_background();
    match ended {
        Ok(()) => Exit::Done,
        Err(failure) => terminal.fail(&failure),
    }
}
