//! `autopilot-hub`: holds the profile without a window, or serves the sandbox by itself, until stopped. Takes the
//! command line of the terminal program, which becomes this one for these verbs, and says things in its way.

use std::{ffi::OsString, process::ExitCode};

use cli::hosting::{self, Failure, HubArguments, HubEvent, Terminal, Work};
use model::Texts;

use crate::{HostOptions, Stopped, check_endpoints, start_telling, twins};

/// Runs the program with these arguments (the first is its own name) and says how it went.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    hosting::main(arguments, async |terminal, work| match work {
        Work::Hub(HubArguments { check: true }) => check(terminal),
        Work::Hub(_) => hold(terminal).await,
        Work::Sandbox(arguments) => twins::serve(terminal, arguments).await,
    })
}

fn check(terminal: &Terminal) -> Result<(), Failure> {
    let globals = &terminal.globals;
    check_endpoints(
        &globals.profile(),
        globals.sandbox,
        globals.endpoints.as_deref(),
    )?;
    Ok(())
}

async fn hold(terminal: &Terminal) -> Result<(), Failure> {
    let globals = &terminal.globals;
    let profile = globals.profile();
    let options = HostOptions {
        profile: profile.clone(),
        sandbox: globals.sandbox,
        endpoints_file: globals.endpoints.clone(),
        headless: true,
        data_root: None,
        // Not the terminal's: whoever asks later may speak another language, or be a program.
        texts: Texts::english(),
    };
    let hosted = tokio::select! {
        started = start_telling(options, globals.verbose) => started?,
        () = terminal.ending.asked() => return Err(Failure::Interrupted),
    };
    let sandbox = hosted.sandbox.is_some();
    if terminal.out.json() {
        terminal.out.object(&HubEvent::Ready {
            profile: profile.as_str(),
            sandbox,
        });
    }
    let key = if sandbox {
        "cli_hub_holding_sandbox"
    } else {
        "cli_hub_holding"
    };
    let holding = terminal.words(key, &[("profile", &profile)]);
    terminal.out.line(&holding);
    if hosted.run_until(terminal.ending.asked()).await == Stopped::HandedOver {
        terminal
            .out
            .line(&terminal.words("cli_hub_handed_over", &[]));
    }
    Ok(())
}
