//! What differs from system to system, and nothing else: the browser, echo, and signals.

use std::{io, process::Stdio};

use tokio::{process::Command, sync::watch};

use crate::exit::Exit;

/// Asks the system to open an address in the person's browser. Fails when no opener is there or it refuses.
pub(crate) async fn open_in_browser(url: &str) -> io::Result<()> {
    let mut command = opener(url);
    // Ctrl-C here is not meant for a browser that was started on the way.
    #[cfg(unix)]
    command.process_group(0);
    let status = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .await?;
    if status.success() {
        Ok(())
    } else {
        Err(io::Error::other("the browser could not be opened"))
    }
}

#[cfg(target_os = "macos")]
fn opener(url: &str) -> Command {
    let mut command = Command::new("open");
    command.arg(url);
    command
}

#[cfg(windows)]
fn opener(url: &str) -> Command {
    // Not `cmd /c start`: a shell would read the `&` between parameters as its own.
    let mut command = Command::new("rundll32");
    command.args(["url.dll,FileProtocolHandler", url]);
    command
}

#[cfg(not(any(windows, target_os = "macos")))]
fn opener(url: &str) -> Command {
    let mut command = Command::new("xdg-open");
    command.arg(url);
    command
}

/// Goes on as another program, in this very process: who waits for it, or stops it, notices nothing.
#[cfg(unix)]
pub(crate) fn become_program(mut command: std::process::Command) -> io::Result<Exit> {
    Err(std::os::unix::process::CommandExt::exec(&mut command))
}

/// Has another program do it and waits for its end; Ctrl-C reaches both.
#[cfg(not(unix))]
pub(crate) fn become_program(mut command: std::process::Command) -> io::Result<Exit> {
    Ok(Exit::from_code(command.status()?.code()))
}

/// Windows and macOS always have one for whoever is logged in.
#[cfg(any(windows, target_os = "macos"))]
pub(crate) const fn has_screen() -> bool {
    true
}

#[cfg(not(any(windows, target_os = "macos")))]
#[allow(
    clippy::disallowed_methods,
    reason = "the session says in its variables whether it has a screen"
)]
pub(crate) fn has_screen() -> bool {
    ["WAYLAND_DISPLAY", "DISPLAY"]
        .into_iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// Resolves when somebody asks this process to end: Ctrl-C, or a polite kill. Only hears what comes from its
/// first poll on; see [`Ending`] for one that remembers.
pub async fn asked_to_end() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    if tokio::signal::ctrl_c().await.is_err() {
        // No signals on this system: nobody can ask this way.
        std::future::pending::<()>().await;
    }
}

/// Whether this process was asked to end, for every part of a verb: a Ctrl-C between two of them counts too.
#[derive(Clone, Debug)]
pub struct Ending(watch::Receiver<bool>);

impl Ending {
    /// Listens from now on. Must be called on a Tokio runtime.
    pub fn listen() -> Self {
        let (asked, receiver) = watch::channel(false);
        tokio::spawn(async move {
            asked_to_end().await;
            asked.send_replace(true);
            // The sender stays, so that whoever asks later still learns it.
            asked.closed().await;
        });
        Self(receiver)
    }

    /// For what is over before anybody could interrupt it.
    pub fn never() -> Self {
        Self(watch::channel(false).1)
    }

    pub async fn asked(&self) {
        if self.0.clone().wait_for(|asked| *asked).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// Keeps what is typed from showing, until dropped.
pub(crate) use echo::Hidden;

#[cfg(unix)]
mod echo {
    use std::io;

    use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

    pub(crate) struct Hidden(Termios);

    impl Hidden {
        /// Fails where standard input is no terminal.
        pub(crate) fn begin() -> io::Result<Self> {
            let before = tcgetattr(io::stdin())?;
            let mut quiet = before.clone();
            quiet.local_modes.remove(LocalModes::ECHO);
            tcsetattr(io::stdin(), OptionalActions::Flush, &quiet)?;
            Ok(Self(before))
        }
    }

    impl Drop for Hidden {
        fn drop(&mut self) {
            // Unread input goes too: the rest of a paste that was longer than a line must not reach the shell.
            // Nothing more can be done if even that fails.
            let _ = tcsetattr(io::stdin(), OptionalActions::Flush, &self.0);
        }
    }
}

#[cfg(not(unix))]
mod echo {
    use std::io;

    pub(crate) struct Hidden;

    impl Hidden {
        /// Not offered here: the secret has to be piped in.
        pub(crate) fn begin() -> io::Result<Self> {
            Err(io::Error::from(io::ErrorKind::Unsupported))
        }
    }
}
