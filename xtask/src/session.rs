//! A desktop session for programs under test: a home folder, a D-Bus, an unlocked keyring and, where asked for, a
//! screen, all of their own. A developer's keyring, settings and windows are never touched. On macOS and Windows
//! there is nothing to start, and programs get the session they are in.
//!
//! Everything started here ends with the `Session`; should this process be killed, the kernel ends it.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};

use crate::process::{answers, end};

/// Which screen the programs draw on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Screen {
    /// None at all.
    None,
    /// A virtual one, even where there is a real one: tests must not type into a developer's windows.
    Virtual,
}

/// Opens the keyring of a session. It protects nothing: the folder is thrown away, or holds sandbox tokens.
const KEYRING_PASSWORD: &[u8] = b"autopilot";

/// How the folders of our sessions begin; the number of our process follows.
const SCRATCH: &str = "ap-session-";

/// Room for our window and a browser wherever they are put: without a window manager they choose themselves.
const SCREEN_SIZE: &str = "1600x1200x24";

/// What a surrounding session may have set and ours must not inherit.
const FOREIGN: [&str; 8] = [
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
    "GNOME_KEYRING_CONTROL",
    "SSH_AUTH_SOCK",
    "XDG_SESSION_TYPE",
    "XDG_SESSION_ID",
    "DBUS_STARTER_ADDRESS",
    "DBUS_STARTER_BUS_TYPE",
];

pub struct Session {
    variables: Vec<(&'static str, PathBuf)>,
    /// In the order they were started; ended in the opposite one.
    daemons: Vec<Child>,
    /// Thrown away at the end.
    scratch: Option<PathBuf>,
}

impl Session {
    /// A session that remembers nothing from before and leaves nothing behind.
    pub fn fresh(screen: Screen) -> Result<Self> {
        Self::start(screen, None)
    }

    /// A session whose home folder stays, so that a second run finds what the first one left.
    pub fn lasting(screen: Screen, home: &Path) -> Result<Self> {
        Self::start(screen, Some(home))
    }

    /// A screen and nothing else: home, bus and keyring stay the caller's own.
    pub fn only_screen() -> Result<Self> {
        let mut session = Self::empty();
        if cfg!(target_os = "linux") {
            session.start_screen()?;
        }
        Ok(session)
    }

    /// Lets a command run in this session.
    pub fn apply<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        if !self.variables.is_empty() {
            for name in FOREIGN {
                command.env_remove(name);
            }
        }
        command.envs(self.variables.iter().map(|(name, value)| (name, value)))
    }

    /// A folder that goes with the session.
    pub fn folder(&self, name: &str) -> Result<PathBuf> {
        let shelf = self.scratch.clone().unwrap_or_else(std::env::temp_dir);
        let folder = shelf.join(name);
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    /// For every program run in it from now on.
    pub fn set(&mut self, name: &'static str, value: impl Into<PathBuf>) {
        self.variables.push((name, value.into()));
    }

    fn empty() -> Self {
        Self {
            variables: Vec::new(),
            daemons: Vec::new(),
            scratch: None,
        }
    }

    fn start(screen: Screen, home: Option<&Path>) -> Result<Self> {
        let mut session = Self::empty();
        if !cfg!(target_os = "linux") {
            return Ok(session);
        }
        let scratch = scratch_folder()?;
        session.scratch = Some(scratch.clone());
        let home = home.map_or_else(|| scratch.join("home"), Path::to_path_buf);
        session.make_home(&home, &scratch)?;
        if screen == Screen::Virtual {
            session.start_screen()?;
        }
        session.start_bus()?;
        session.start_keyring()?;
        Ok(session)
    }

    fn make_home(&mut self, home: &Path, scratch: &Path) -> Result<()> {
        // Cargo and its toolchains live in the real home, and tests may call them.
        if let Some(real) = std::env::var_os("HOME").map(PathBuf::from) {
            for (name, folder) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
                let value = std::env::var_os(name).map_or_else(|| real.join(folder), PathBuf::from);
                self.variables.push((name, value));
            }
        }
        let folders = [
            ("HOME", home.to_path_buf()),
            ("XDG_CONFIG_HOME", home.join(".config")),
            ("XDG_DATA_HOME", home.join(".local/share")),
            ("XDG_STATE_HOME", home.join(".local/state")),
            ("XDG_CACHE_HOME", home.join(".cache")),
            // Always in the scratch folder: a socket's path may have no more than 107 bytes.
            ("XDG_RUNTIME_DIR", scratch.join("run")),
        ];
        for (name, folder) in folders {
            fs::create_dir_all(&folder)
                .with_context(|| format!("couldn't make {}", folder.display()))?;
            private(&folder)?;
            self.variables.push((name, folder));
        }
        // Without it xdg-open of Debian 12 can't read the quoted command of a link handler.
        self.variables.push(("XDG_CURRENT_DESKTOP", "GNOME".into()));
        Ok(())
    }

    fn start_screen(&mut self) -> Result<()> {
        // The server picks a free number itself and tells it: nothing to guess, nothing to collide with.
        let arguments = [
            "-displayfd",
            "1",
            "-screen",
            "0",
            SCREEN_SIZE,
            "-nolisten",
            "tcp",
            "-noreset",
        ];
        let number = first_line(self.start_daemon("Xvfb", &arguments)?)?;
        anyhow::ensure!(!number.is_empty(), "Xvfb ended without opening a screen");
        self.variables
            .push(("DISPLAY", format!(":{number}").into()));
        Ok(())
    }

    fn start_bus(&mut self) -> Result<()> {
        let arguments = ["--session", "--nofork", "--nopidfile", "--print-address=1"];
        let address = first_line(self.start_daemon("dbus-daemon", &arguments)?)?;
        anyhow::ensure!(
            !address.is_empty(),
            "dbus-daemon ended without opening a bus"
        );
        self.variables
            .push(("DBUS_SESSION_BUS_ADDRESS", address.into()));
        Ok(())
    }

    fn start_keyring(&mut self) -> Result<()> {
        let arguments = ["--foreground", "--unlock", "--components=secrets"];
        let keyring = self.start_daemon("gnome-keyring-daemon", &arguments)?;
        if let Some(mut stdin) = keyring.stdin.take() {
            stdin.write_all(KEYRING_PASSWORD)?;
        }
        let mut wait = Command::new("gdbus");
        wait.args([
            "wait",
            "--session",
            "--timeout",
            "20",
            "org.freedesktop.secrets",
        ]);
        let there = self
            .apply(&mut wait)
            .status()
            .is_ok_and(|status| status.success());
        anyhow::ensure!(there, "the keyring didn't come up");
        Ok(())
    }

    /// Starts a daemon in this session.
    fn start_daemon(&mut self, program: &str, arguments: &[&str]) -> Result<&mut Child> {
        // Without setpriv a killed test run leaves its daemons behind, which is untidy but harmless.
        let mut command = if answers("setpriv", &["--version"]) {
            let mut tied = Command::new("setpriv");
            tied.args(["--pdeathsig", "TERM", program]);
            tied
        } else {
            Command::new(program)
        };
        command
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let child = self
            .apply(&mut command)
            .spawn()
            .with_context(|| format!("couldn't start {program}"))?;
        self.daemons.push(child);
        self.daemons.last_mut().context("it was just put there")
    }
}

/// What a daemon says first: its address. Empty if it ended instead.
fn first_line(daemon: &mut Child) -> Result<String> {
    let output = daemon.stdout.take().context("its output is piped")?;
    let mut reader = BufReader::new(output);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    // Read to its end, so that a later line can neither block nor kill the daemon.
    std::thread::spawn(move || std::io::copy(&mut reader, &mut std::io::sink()));
    Ok(line.trim().to_owned())
}

impl Drop for Session {
    fn drop(&mut self) {
        for daemon in self.daemons.iter_mut().rev() {
            end(daemon);
        }
        if let Some(scratch) = &self.scratch {
            let _ = fs::remove_dir_all(scratch);
        }
    }
}

/// A new folder for one session, with a short name because sockets will live in it.
fn scratch_folder() -> Result<PathBuf> {
    let shelf = std::env::temp_dir();
    sweep(&shelf);
    let process = std::process::id();
    for turn in 0..1000 {
        let folder = shelf.join(format!("{SCRATCH}{process}-{turn}"));
        match fs::create_dir(&folder) {
            Ok(()) => {
                private(&folder)?;
                return Ok(folder);
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => {
                return Err(error).with_context(|| format!("couldn't make {}", folder.display()));
            }
        }
    }
    anyhow::bail!("{} is full of folders of earlier runs", shelf.display())
}

/// Clears away what runs stopped by Ctrl-C left: folders whose process is gone.
fn sweep(shelf: &Path) {
    let Ok(entries) = fs::read_dir(shelf) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let process = name
            .to_str()
            .and_then(|name| name.strip_prefix(SCRATCH))
            .and_then(|rest| rest.split('-').next());
        let gone = process.is_some_and(|process| {
            process.parse::<u32>().is_ok() && !Path::new("/proc").join(process).exists()
        });
        // A link is never followed: it isn't ours.
        if gone && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(unix)]
fn private(folder: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    Ok(())
}

#[cfg(not(unix))]
fn private(_folder: &Path) -> Result<()> {
    Ok(())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_session_keeps_its_keyring_and_its_files_to_itself() {
        let session = Session::fresh(Screen::None).unwrap();
        let scratch = session.scratch.clone().unwrap();
        let mut store = Command::new("secret-tool");
        store
            .args(["store", "--label=test", "xtask", "canary"])
            .stdin(Stdio::piped());
        let mut child = session.apply(&mut store).spawn().unwrap();
        child.stdin.take().unwrap().write_all(b"secret").unwrap();
        assert!(child.wait().unwrap().success());

        let mut look = Command::new("secret-tool");
        let found = session
            .apply(look.args(["lookup", "xtask", "canary"]))
            .output()
            .unwrap();
        assert_eq!(found.stdout, b"secret");

        let other = Session::fresh(Screen::None).unwrap();
        let mut look = Command::new("secret-tool");
        let found = other
            .apply(look.args(["lookup", "xtask", "canary"]))
            .output()
            .unwrap();
        assert_eq!(found.stdout, b"");

        drop(session);
        assert!(!scratch.exists());
    }
}
