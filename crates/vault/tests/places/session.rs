//! A desktop session of the test's own: a fresh home, a fresh D-Bus session, and in it a keyring daemon
//! that this module starts, locks, unlocks and kills. Nobody's real keyring is ever touched.
//!
//! A test that needs one runs itself again inside `dbus-run-session`; the inner run does the work. Where
//! the programs are missing it fails and says so: a test that skips itself proves nothing.

use std::{
    fs,
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};

/// Set for the inner run.
const INSIDE: &str = "AUTOPILOT_TEST_SESSION";

#[derive(Clone, Copy)]
pub enum Bus {
    /// As on a desktop: asking for the Secret Service starts it.
    Activating,
    /// A bus on which no service can be started.
    Bare,
    /// An address where nobody listens.
    Absent,
}

/// Runs `body` in a session of its own. `test` is the full name of the calling test.
pub fn within(test: &str, bus: Bus, body: impl AsyncFnOnce()) {
    if std::env::var_os(INSIDE).is_some() {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build();
        return runtime.unwrap().block_on(body());
    }
    for program in ["dbus-run-session", "gnome-keyring-daemon", "secret-tool"] {
        assert!(
            is_installed(program),
            "this test needs {program}; on Debian: apt install dbus gnome-keyring libsecret-tools"
        );
    }
    let home = tempfile::tempdir().unwrap();
    let output = outer(test, bus, home.path()).output().unwrap();
    assert!(
        output.status.success(),
        "{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    // A name that matches no test would pass without running anything.
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("1 passed"), "{test} didn't run:\n{said}");
}

fn outer(test: &str, bus: Bus, home: &Path) -> Command {
    let runtime = home.join("run");
    fs::create_dir(&runtime).unwrap();
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&runtime, fs::Permissions::from_mode(0o700)).unwrap();
    }
    let this = std::env::current_exe().unwrap();
    let mut command = match bus {
        Bus::Absent => Command::new(&this),
        Bus::Activating | Bus::Bare => {
            let mut command = Command::new("dbus-run-session");
            if matches!(bus, Bus::Bare) {
                let config = home.join("bus.conf");
                fs::write(&config, BARE_BUS).unwrap();
                command.arg("--config-file").arg(config);
            }
            command.arg("--").arg(&this);
            command
        }
    };
    command
        .args([test, "--exact", "--nocapture"])
        .env(INSIDE, "1")
        .env("HOME", home)
        .env("XDG_RUNTIME_DIR", &runtime)
        .env_remove("XDG_DATA_HOME")
        .env_remove("XDG_CONFIG_HOME")
        .env_remove("XDG_CACHE_HOME")
        .env_remove("GNOME_KEYRING_CONTROL")
        // A display would let a prompt wait for somebody.
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY");
    if matches!(bus, Bus::Absent) {
        let nobody = format!("unix:path={}", home.join("no-bus").display());
        command.env("DBUS_SESSION_BUS_ADDRESS", nobody);
    }
    command
}

const BARE_BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;

fn is_installed(program: &str) -> bool {
    std::env::var_os("PATH").is_some_and(|path| {
        std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
    })
}

/// Starts the daemon with its keyring unlocked, in place of one that runs.
pub fn unlock_keyring() {
    let mut daemon = Command::new("gnome-keyring-daemon")
        .args(["--replace", "--unlock", "--components=secrets"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    daemon.stdin.take().unwrap().write_all(b"pw").unwrap();
    assert!(daemon.wait().unwrap().success());
    // It forks before it has its name on the bus; where the bus starts services by itself, asking too
    // early would start a second one, whose keyring is locked.
    eventually("the daemon owns its name", || daemon_pid().is_some());
}

pub fn lock_keyring() {
    let locked = gdbus(&[
        "--dest=org.freedesktop.secrets",
        "--object-path=/org/freedesktop/secrets",
        "--method=org.freedesktop.Secret.Service.Lock",
        "[objectpath '/org/freedesktop/secrets/collection/login']",
    ]);
    assert!(locked.status.success(), "{locked:?}");
}

pub fn kill_keyring() {
    let pid = daemon_pid().expect("no keyring daemon runs");
    let killed = Command::new("kill").args(["-9", &pid.to_string()]).status();
    assert!(killed.unwrap().success());
    eventually("the daemon is gone", || daemon_pid() != Some(pid));
}

/// What the keyring really holds of a service: secret-tool's own words.
pub fn search(service: &str) -> String {
    let found = Command::new("secret-tool")
        .args(["search", "--all", "service", service])
        .output()
        .unwrap();
    // Attributes go to its standard error.
    format!(
        "{}{}",
        String::from_utf8_lossy(&found.stdout),
        String::from_utf8_lossy(&found.stderr)
    )
}

fn daemon_pid() -> Option<u32> {
    let answer = gdbus(&[
        "--dest=org.freedesktop.DBus",
        "--object-path=/org/freedesktop/DBus",
        "--method=org.freedesktop.DBus.GetConnectionUnixProcessID",
        "org.freedesktop.secrets",
    ]);
    // `(uint32 4711,)`
    let text = String::from_utf8(answer.stdout).ok()?;
    text.trim()
        .strip_prefix("(uint32 ")?
        .strip_suffix(",)")?
        .parse()
        .ok()
}

fn gdbus(arguments: &[&str]) -> Output {
    Command::new("gdbus")
        .args(["call", "--session"])
        .args(arguments)
        .output()
        .unwrap()
}

fn eventually(what: &str, holds: impl Fn() -> bool) {
    let given_up = Instant::now() + Duration::from_secs(30);
    while !holds() {
        assert!(Instant::now() < given_up, "never: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
