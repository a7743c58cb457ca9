//! The window's program, `autopilot-desktop`. Everything it does with accounts it asks of the hub, which it opens beside
//! the window; here is only the order in which things start.
//!
//! 1. Words of the command line, and the refusal to show real accounts to a program that steers web views.
//! 2. If a hub with a window runs for the profile, it gets the link or the wish to be seen, and this process leaves; one
//!    that is only starting is waited for.
//! 3. The engine begins to open, and the window with it.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod app;
mod arguments;
mod commands;
mod deep_link;
mod engine;
mod environment;
mod errand;
mod follow;
mod front;
mod guard;
#[cfg(test)]
mod hostile;
mod notify;
mod our_link;
mod overview;
mod redirect_link;
mod tray;
mod turn;
mod window;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use host::HostOptions;
use link::ProfilePaths;
use model::{ProfileName, Texts};
use tokio::runtime::Runtime;

use crate::app::{NoWindow, Start};
use crate::arguments::Arguments;
use crate::commands::StartupTrace;
use crate::engine::Engine;
use crate::errand::Outcome;
use crate::guard::Origin;
use crate::turn::Turn;

/// What this program may end with; the same numbers as the terminal program's.
const FAILED: u8 = 1;
const USAGE: u8 = 2;

/// How long a former process may take to leave before we give up on its place.
const AGAIN_AT_MOST: u8 = 40;
const AGAIN_AFTER: Duration = Duration::from_millis(250);

/// How long a start waits for another one to show what becomes of it; then it goes on as if there were none.
const TURN_WITHIN: Duration = Duration::from_secs(15);
const LOOK_EVERY: Duration = Duration::from_millis(50);

fn main() -> ExitCode {
    let began = Instant::now();
    #[cfg(target_os = "linux")]
    environment::paint_as_the_machine_can();
    let texts = environment::spoken();
    // Fails only when there is a provider already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    match start(began, &texts) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Refusal { code, sentence }) => {
            say(&sentence);
            ExitCode::from(code)
        }
    }
}

/// Why nothing was started, for the person who started it from a terminal.
struct Refusal {
    code: u8,
    sentence: String,
}

impl Refusal {
    fn new(code: u8, texts: &Texts, key: &str, args: &[(&str, &dyn ToString)]) -> Self {
        let args: BTreeMap<_, _> = args
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.to_string()))
            .collect();
        Self {
            code,
            sentence: texts.say(key, &args),
        }
    }

    fn failed(texts: &Texts, reason: &dyn ToString) -> Self {
        Self::new(FAILED, texts, "desktop_failed", &[("reason", reason)])
    }
}

fn start(began: Instant, texts: &Texts) -> Result<(), Refusal> {
    let arguments = Arguments::read(std::env::args_os().skip(1)).map_err(|bad| Refusal {
        code: USAGE,
        sentence: bad.to_string(),
    })?;
    let profile = arguments.profile(profile_exists);
    let paths = ProfilePaths::for_profile(&profile, None)
        .map_err(|error| Refusal::failed(texts, &error))?;
    if let Some(variable) =
        guard::refusal(&profile, origin(&paths, &arguments), environment::is_set)
    {
        let args: [(&str, &dyn ToString); 2] = [("profile", &profile), ("variable", &variable)];
        return Err(Refusal::new(USAGE, texts, "desktop_steered", &args));
    }

    let runtime = Runtime::new().map_err(|error| Refusal::failed(texts, &error))?;
    let Some(turn) = runtime.block_on(wait_for_turn(&paths, &arguments)) else {
        return Ok(());
    };
    if !environment::has_display() {
        return Err(Refusal::new(FAILED, texts, "desktop_no_display", &[]));
    }
    open(
        began,
        texts,
        &runtime,
        Start {
            profile,
            paths,
            texts: texts.clone(),
        },
        arguments,
        turn,
    )
}

/// Runs the errand where a hub does, now or as soon as a start that came before has one; `None` = there is nothing left to
/// do. Otherwise this process goes on to become the window.
async fn wait_for_turn(paths: &ProfilePaths, arguments: &Arguments) -> Option<Turn> {
    let until = Instant::now() + TURN_WITHIN;
    loop {
        match errand::run(paths, arguments.link.as_ref(), arguments.hidden).await {
            Outcome::Done => return None,
            Outcome::TellWindow => return Some(Turn::default()),
            Outcome::NeedsWindow => {}
        }
        if let Some(turn) = Turn::take(paths) {
            return Some(turn);
        }
        if Instant::now() >= until {
            return Some(Turn::default());
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Opens the engine and the window beside each other, and returns when both are closed.
fn open(
    began: Instant,
    texts: &Texts,
    runtime: &Runtime,
    start: Start,
    arguments: Arguments,
    turn: Turn,
) -> Result<(), Refusal> {
    tauri::async_runtime::set(runtime.handle().clone());
    let options = HostOptions {
        profile: start.profile.clone(),
        sandbox: arguments.sandbox,
        endpoints_file: arguments.endpoints.clone(),
        headless: false,
        data_root: None,
        texts: texts.clone(),
    };
    let engine = Engine::start(runtime.handle(), options);
    let trace = StartupTrace(environment::wants_startup_trace().then_some(began));
    let again = arguments.again;
    match app::run(start, arguments, engine.clone(), trace, turn) {
        Ok(()) => Ok(()),
        Err(no_window) => {
            engine.stop();
            match no_window {
                NoWindow::Leaving if again < AGAIN_AT_MOST => start_again(again + 1, texts),
                NoWindow::Leaving => Err(Refusal::failed(
                    texts,
                    &"the former Autopilot doesn't leave",
                )),
                NoWindow::Failed(error) => Err(Refusal::failed(texts, &error)),
            }
        }
    }
}

/// The system's window library can only be started once in a process, so a new attempt is a new process.
fn start_again(attempt: u8, texts: &Texts) -> Result<(), Refusal> {
    std::thread::sleep(AGAIN_AFTER);
    let mut words: Vec<OsString> = std::env::args_os().skip(1).collect();
    if let Some(place) = words.iter().position(|word| word == "--again") {
        words.drain(place..(place + 2).min(words.len()));
    }
    words.extend(["--again".into(), attempt.to_string().into()]);
    let program = std::env::current_exe().map_err(|error| Refusal::failed(texts, &error))?;
    let mut command = Command::new(program);
    command.args(words);
    #[cfg(unix)]
    let error = std::os::unix::process::CommandExt::exec(&mut command);
    #[cfg(not(unix))]
    let error = match command.spawn() {
        Ok(_) => return Ok(()),
        Err(error) => error,
    };
    Err(Refusal::failed(texts, &error))
}

/// Has this profile been opened before?
fn profile_exists(profile: &ProfileName) -> bool {
    ProfilePaths::for_profile(profile, None).is_ok_and(|paths| exists(&paths))
}

fn exists(paths: &ProfilePaths) -> bool {
    paths
        .data_dir
        .read_dir()
        .is_ok_and(|mut files| files.next().is_some())
}

fn origin(paths: &ProfilePaths, arguments: &Arguments) -> Origin {
    if exists(paths) {
        Origin::Existing {
            stand_ins: hub::Hub::endpoint_overrides(&paths.data_dir).is_some(),
        }
    } else {
        Origin::New {
            stand_ins: arguments.sandbox || arguments.endpoints.is_some(),
        }
    }
}

#[allow(clippy::print_stderr, reason = "there is no window to say it in")]
fn say(sentence: &str) {
    eprintln!("{sentence}");
}
