//! The terminal program, and the host that both binaries open a hub with.
//!
//! Every verb but the hosting one is a thin client over [`link`]: it asks, and says the answer. None opens
//! the keychain or the database. Only [`output`] prints. Start at [`args`] for what can be typed, at
//! [`verbs`] for what each word does, and at [`host`] for how a hub is opened.

mod args;
mod choose;
pub mod exit;
mod failure;
mod follow;
pub mod host;
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

use std::{ffi::OsString, process::ExitCode};

use clap::Parser;

pub use exit::Exit;
use failure::Failure;
use output::Output;
use platform::Ending;
use terminal::Terminal;

/// Runs the program with these arguments (the first is its own name) and says how it went. `prepare` is what only a
/// hub and other long ways need.
pub fn main(arguments: impl IntoIterator<Item = OsString>, prepare: impl FnOnce()) -> ExitCode {
    let mut arguments: Vec<OsString> = arguments.into_iter().collect();
    if let Some(exit) = quick::run(&arguments) {
        return ExitCode::from(exit.code());
    }
    prepare();
    args::json_is_the_arguments(&mut arguments);
    let exit = match args::Arguments::try_parse_from(&arguments) {
        Ok(parsed) => run(parsed),
        Err(refused) => args::refuse(&refused, &arguments),
    };
    ExitCode::from(exit.code())
}

fn run(arguments: args::Arguments) -> Exit {
    let out = Output::detect(arguments.globals.json);
    let runtime = match runtime(&arguments.verb) {
        Ok(runtime) => runtime,
        Err(error) => {
            let internal = model::Error::new(model::ErrorCode::Internal).detail(error);
            let terminal = Terminal::new(out, arguments.globals, Ending::never());
            return terminal.fail(&Failure::Refused(internal));
        }
    };
    let (terminal, ended) = runtime.block_on(async {
        let terminal = Terminal::new(out, arguments.globals, Ending::listen());
        let ended = verbs::run(&terminal, arguments.verb).await;
        (terminal, ended)
    });
    // A thread may be blocked reading standard input for as long as the person likes: don't wait for it.
    runtime.shutdown_background();
    match ended {
        Ok(()) => Exit::Done,
        Err(failure) => terminal.fail(&failure),
    }
}

/// A hub serves many at once; a client asks and leaves, and starts quicker on one thread.
fn runtime(verb: &args::Verb) -> std::io::Result<tokio::runtime::Runtime> {
    let mut builder = if verb.hosts() {
        tokio::runtime::Builder::new_multi_thread()
    } else {
        tokio::runtime::Builder::new_current_thread()
    };
    builder.enable_all().build()
}
