//! The programs installed beside this one: the one that holds profiles, and the window. This one only asks, and is small
//! for it, since agents and mail programs start it again and again.

use std::{
    ffi::OsString,
    io,
    path::{Path, PathBuf},
    process::Command,
};

use model::{Error, ErrorCode};

use crate::{
    args::Globals, exit::Exit, failure::Failure, output::Output, platform, platform::Ending,
    session::same_profile, terminal::Terminal,
};

/// Ways to a hub, best first: the window in the background where one can be shown, since only there a person can be
/// asked; else, and where that doesn't come up, the one without.
pub(crate) fn hub_commands(globals: &Globals) -> Result<Vec<Command>, Error> {
    let own = own()?;
    let mut commands = Vec::new();
    let desktop = named(&own, "autopilot-desktop");
    if platform::has_screen() && desktop.is_file() {
        let mut command = Command::new(desktop);
        command.arg("--hidden");
        same_profile(&mut command, globals);
        commands.push(command);
    }
    let mut command = Command::new(named(&own, HUB));
    command.arg("hub");
    same_profile(&mut command, globals);
    commands.push(command);
    Ok(commands)
}

/// Has the program that holds profiles do what was asked of this one, in this very process where the system has that.
/// The arguments without this program's own name.
pub(crate) fn become_hub(arguments: &[OsString], globals: Globals) -> Exit {
    let out = Output::detect(globals.json);
    let error = match own() {
        Ok(own) => {
            let mut command = Command::new(named(&own, HUB));
            command.args(arguments);
            match platform::become_program(command) {
                Ok(exit) => return exit,
                Err(error) => not_started(&error),
            }
        }
        Err(error) => error,
    };
    Terminal::new(out, globals, Ending::never()).fail(&Failure::Refused(error))
}

/// Are these services the profile's? The program that would hold it is asked, and says so itself where they aren't.
pub(crate) fn check_services(globals: &Globals) -> Result<(), Failure> {
    if !globals.sandbox && globals.endpoints.is_none() {
        return Ok(());
    }
    let mut command = Command::new(named(&own()?, HUB));
    command.args(["hub", "--check"]);
    same_profile(&mut command, globals);
    if globals.json {
        command.arg("--json");
    }
    let ended = command.status().map_err(|error| not_started(&error))?;
    if ended.success() {
        return Ok(());
    }
    Err(Failure::Told(Exit::from_code(ended.code())))
}

const HUB: &str = "autopilot-hub";

fn own() -> Result<PathBuf, Error> {
    std::env::current_exe().map_err(|error| Error::new(ErrorCode::HubUnreachable).detail(error))
}

fn named(own: &Path, name: &str) -> PathBuf {
    own.with_file_name(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

fn not_started(error: &io::Error) -> Error {
    Error::new(ErrorCode::HubUnreachable).detail(format!("{HUB} could not be started: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hub_is_started_for_the_same_profile_and_the_same_services() {
        let globals = Globals {
            sandbox: true,
            json: true,
            ..Globals::default()
        };
        let command = hub_commands(&globals).unwrap().pop().unwrap();
        let said: Vec<_> = command
            .get_args()
            .map(|one| one.to_string_lossy().into_owned())
            .collect();
        assert_eq!(said, ["hub", "--profile", "sandbox", "--sandbox"]);
        let program = Path::new(command.get_program());
        assert_eq!(program.file_stem().unwrap(), HUB);
    }

    #[test]
    fn without_a_word_about_services_nobody_is_asked() {
        assert!(check_services(&Globals::default()).is_ok());
    }
}
