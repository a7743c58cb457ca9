//! Brings up a hub where none runs, and waits until it answers.
//!
//! Two processes may do so at once: the profile's lock decides which hub stays, and both find that one.

use std::{
    fs::{self, File},
    io::{Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use model::{Error, ErrorCode};
use tokio::{
    process::Child,
    time::{Instant, sleep},
};

use crate::{Client, LinkError, ProfilePaths};

/// A cold start with a keychain to be woken takes a few seconds on a slow machine.
const ANSWERS_WITHIN: Duration = Duration::from_secs(20);

/// Once the hub we started is gone, another one may be the reason and about to listen.
const ANOTHER_WITHIN: Duration = Duration::from_secs(3);

const LOOK_EVERY: Duration = Duration::from_millis(25);

/// Enough for the sentence a hub ends with.
const LAST_WORDS: u64 = 600;

/// Connects to the profile's hub; where none runs, starts `command` (which must become that hub), apart from
/// this process, and waits up to 20 s for it to answer.
///
/// Fails with `hub_unreachable`, the last words of the started hub as detail, or as [`LinkError`] does.
pub async fn connect_or_start(paths: &ProfilePaths, command: Command) -> Result<Client, Error> {
    connect_or_start_as(paths, "cli", command).await
}

/// [`connect_or_start`] as another face than a terminal program.
pub(crate) async fn connect_or_start_as(
    paths: &ProfilePaths,
    face: &str,
    command: Command,
) -> Result<Client, Error> {
    match Client::connect_as(paths, face).await {
        // Broken = it is just letting go: the next one will have to wait for the lock, not we.
        Err(LinkError::NotRunning | LinkError::Broken(_)) => {}
        answer => return Ok(answer?),
    }
    let log = paths.data_dir.join("hub-start.log");
    let child = start(paths, &log, command).map_err(|error| {
        Error::new(ErrorCode::HubUnreachable).detail(format!("it could not be started: {error}"))
    })?;
    wait_for_answer(paths, face, child, log).await
}

async fn wait_for_answer(
    paths: &ProfilePaths,
    face: &str,
    mut child: Child,
    log: PathBuf,
) -> Result<Client, Error> {
    let mut deadline = Instant::now() + ANSWERS_WITHIN;
    let mut ended = None;
    loop {
        match Client::connect_as(paths, face).await {
            Ok(client) => return Ok(client),
            Err(LinkError::NotRunning | LinkError::Broken(_)) => {}
            Err(error) => return Err(error.into()),
        }
        if Instant::now() >= deadline {
            let how = match ended {
                Some(status) => format!("it ended with {status}"),
                None => "it didn't answer in time".to_owned(),
            };
            let detail = format!("{how}. {}", last_words(&log));
            return Err(Error::new(ErrorCode::HubUnreachable).detail(detail.trim_end()));
        }
        if ended.is_none()
            && let Ok(Some(status)) = child.try_wait()
        {
            ended = Some(status);
            deadline = deadline.min(Instant::now() + ANOTHER_WITHIN);
        }
        sleep(LOOK_EVERY).await;
    }
}

fn start(paths: &ProfilePaths, log: &Path, mut command: Command) -> std::io::Result<Child> {
    paths.create_data_dir()?;
    let out = File::create(log)?;
    command
        .stdin(Stdio::null())
        .stdout(out.try_clone()?)
        .stderr(out);
    apart(&mut command);
    // Tokio's child, so that one that ends while we live on is reaped. It is not killed when dropped.
    tokio::process::Command::from(command).spawn()
}

/// Ctrl-C in the terminal that started it is not meant for the hub.
#[cfg(unix)]
fn apart(command: &mut Command) {
    std::os::unix::process::CommandExt::process_group(command, 0);
}

#[cfg(windows)]
fn apart(command: &mut Command) {
    const CREATE_NO_WINDOW: u32 = 0x0800_0000;
    const CREATE_NEW_PROCESS_GROUP: u32 = 0x0000_0200;
    std::os::windows::process::CommandExt::creation_flags(
        command,
        CREATE_NO_WINDOW | CREATE_NEW_PROCESS_GROUP,
    );
}

/// The end of what it wrote, without control characters. A hub writes no secrets.
fn last_words(log: &Path) -> String {
    let read = || -> std::io::Result<String> {
        let mut file = File::open(log)?;
        let length = fs::metadata(log)?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(LAST_WORDS)))?;
        let mut bytes = vec![];
        file.take(LAST_WORDS).read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes)
            .split(|c: char| c.is_control())
            .filter(|part| !part.trim().is_empty())
            .collect::<Vec<_>>()
            .join(" "))
    };
    read().unwrap_or_default()
}
