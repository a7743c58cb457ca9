//! The log of a process that hosts a hub: one file a day, a week kept, in the profile's own folder.
//!
//! Whatever ends a task of ours in a panic is in it too, with its place in the source. [`crate::redact`] is the last look at each
//! line.
//!
//! Other people's crates are heard from `warn` up only: below that, HTTP libraries write headers.

use std::{fs, io::IsTerminal, panic, path::Path};

use tracing_appender::{
    non_blocking::WorkerGuard,
    rolling::{RollingFileAppender, Rotation},
};
use tracing_subscriber::{EnvFilter, Layer, layer::SubscriberExt, util::SubscriberInitExt};

use crate::redact::Redacted;

const FILES_KEPT: usize = 7;
const OURS: [&str; 12] = [
    "hub",
    "link",
    "vault",
    "store",
    "integrations",
    "sandbox",
    "cli",
    "host",
    "model",
    "autopilot",
    "autopilot_hub",
    "autopilot_desktop",
];

/// Alive as long as lines are to be written.
pub(super) struct Log(#[expect(dead_code, reason = "dropping it writes what is left")] WorkerGuard);

/// Begins to write. A log that can't be written is no reason not to run, so there is no error, only no log.
pub(super) fn start(folder: &Path, verbose: bool) -> Option<Log> {
    fs::create_dir_all(folder).ok()?;
    let file = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("autopilot")
        .filename_suffix("log")
        .max_log_files(FILES_KEPT)
        .build(folder)
        .ok()?;
    let (writer, guard) = tracing_appender::non_blocking(file);
    let to_file = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_writer(move || Redacted(writer.clone()))
        .with_filter(filter("info"));
    let to_terminal = verbose.then(|| {
        tracing_subscriber::fmt::layer()
            .with_ansi(std::io::stderr().is_terminal())
            .with_writer(|| Redacted(std::io::stderr()))
            .with_filter(filter("debug"))
    });
    // A second host in one process (a test) keeps the first one's log.
    tracing_subscriber::registry()
        .with(to_file)
        .with(to_terminal)
        .try_init()
        .ok()?;
    tell_panics();
    Some(Log(guard))
}

/// In the log too, and not only where nobody looks.
fn tell_panics() {
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        let why = info.payload_as_str().unwrap_or_default();
        tracing::error!(place, why, "a defect of ours");
        before(info);
    }));
}

fn filter(ours: &str) -> EnvFilter {
    let directives: Vec<String> = OURS.iter().map(|name| format!("{name}={ours}")).collect();
    EnvFilter::new(format!("warn,{}", directives.join(",")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_libraries_never_log_below_warn() {
        let text = filter("debug").to_string();
        assert!(
            text.split(',').any(|directive| directive == "warn"),
            "{text}"
        );
        for library in ["hyper", "reqwest", "h2", "rustls"] {
            assert!(!text.contains(library), "{text}");
        }
    }
}
