//! A person's desktop, for one test: a home, a screen, a bus, an unlocked keyring and a notification daemon, all of
//! them real programs and all of them its own. Nothing of the developer's is touched.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write as _};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use autopilot_tests::World;

use crate::notices;
use crate::patience::{until, within};

/// One desktop at a time: two would fight over the processor, and every wait would have to be longer.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// The same among several runs of these tests: they share the machine's one policy for its browser.
const LOCK: &str = "autopilot-e2e.lock";

const SCREEN: &str = "1600x1200x24";
const BROWSER: &str = "e2e-browser.desktop";
const KEYRING_PASSWORD: &[u8] = b"autopilot";
/// For what has been asked to end.
const A_MOMENT: Duration = Duration::from_secs(5);

pub struct Desktop {
    world: World,
    /// In the order they were started; ended in the opposite one.
    daemons: Vec<Child>,
    _turn: (MutexGuard<'static, ()>, File),
}

/// What isn't about screen and bus is the world's: profile, twins, terminal program.
impl Deref for Desktop {
    type Target = World;

    fn deref(&self) -> &World {
        &self.world
    }
}

impl Desktop {
    /// Beside twins of the services, with a profile that talks to them.
    pub fn new(promise: &str) -> Self {
        Self::around(|| World::sandbox(promise))
    }

    /// Waits for its turn before the world is made.
    pub fn around(world: impl FnOnce() -> World) -> Self {
        // A test that failed has not spoilt anything for the next one.
        let here = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let lock = std::env::temp_dir().join(LOCK);
        // Another user's lock can only be read, which is enough to wait for it.
        let everywhere = File::create(&lock).or_else(|_| File::open(&lock)).unwrap();
        everywhere.lock().unwrap();
        let mut desktop = Self {
            world: world(),
            daemons: Vec::new(),
            _turn: (here, everywhere),
        };
        // Nobody has this screen read aloud, and looking for somebody who does takes a second per window.
        desktop.set("NO_AT_BRIDGE", "1");
        // Our window can be driven only where this is set; the browser and what it starts inherit it.
        desktop.set("TAURI_WEBVIEW_AUTOMATION", "true");
        desktop.start_screen();
        desktop.start_bus();
        desktop.start_keyring();
        desktop.start_notifications();
        desktop.open_addresses_with("true %U");
        desktop
    }

    /// Which command the desktop opens web addresses with. At first one that does nothing: not every test needs to
    /// see what a browser would show.
    pub fn open_addresses_with(&self, command: &str) {
        let applications = self.home().join(".local/share/applications");
        fs::create_dir_all(&applications).unwrap();
        let entry = format!(
            "[Desktop Entry]\nType=Application\nName=Browser\nExec={command}\nTerminal=false\n\
             MimeType=x-scheme-handler/http;x-scheme-handler/https;text/html;\n"
        );
        fs::write(applications.join(BROWSER), entry).unwrap();
        let kinds = [
            "x-scheme-handler/http",
            "x-scheme-handler/https",
            "text/html",
        ];
        let handlers: String = kinds
            .iter()
            .map(|kind| format!("{kind}={BROWSER}\n"))
            .collect();
        fs::write(
            self.home().join(".config/mimeapps.list"),
            format!("[Default Applications]\n{handlers}"),
        )
        .unwrap();
    }

    pub fn home(&self) -> PathBuf {
        self.root().join("home")
    }

    /// Lets a command run in this session, and knows nothing of the one around.
    pub fn apply<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        let variables = self.world.variables().iter();
        command
            .env_clear()
            .envs(variables.map(|(name, value)| (name, value)))
    }

    /// Starts a program that ends when its owner ends it, or with this test. Its output goes nowhere.
    pub fn start(&self, program: &str, arguments: &[String]) -> Child {
        let mut command = tied(program);
        command
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        self.apply(&mut command)
            .spawn()
            .unwrap_or_else(|error| panic!("couldn't start {program}: {error}"))
    }

    /// Runs a program to its end and returns what it printed; it must succeed.
    pub fn output(&self, program: &str, arguments: &[&str]) -> String {
        let ended = self.apply(Command::new(program).args(arguments)).output();
        let ended = ended.unwrap_or_else(|error| panic!("couldn't start {program}: {error}"));
        let text = String::from_utf8_lossy(&ended.stdout).into_owned();
        let errors = String::from_utf8_lossy(&ended.stderr);
        assert!(
            ended.status.success(),
            "{program} {arguments:?} failed: {text}{errors}"
        );
        text
    }

    /// What the profile keeps in this desktop's keyring, as anyone with it open sees it: names, labels, secrets.
    pub fn keyring(&self) -> String {
        let service = format!("app.autopilot.desktop.{}", self.profile());
        let mut command = Command::new("secret-tool");
        let found = self
            .apply(command.args(["search", "--all", "--unlock", "service", &service]))
            .output()
            .unwrap();
        // Attributes go to one stream and the rest to the other, differently from version to version.
        String::from_utf8_lossy(&[found.stdout, found.stderr].concat()).into_owned()
    }

    /// The processes of `program` in this session.
    pub fn processes(&self, program: &Path) -> Vec<u32> {
        let mut all = self.all_processes();
        all.retain(|process| {
            fs::read_link(format!("/proc/{process}/exe")).is_ok_and(|exe| exe == program)
        });
        all
    }

    /// Everything that calls this home its own.
    fn all_processes(&self) -> Vec<u32> {
        let home = format!("HOME={}", self.home().display());
        let numbers = fs::read_dir("/proc").unwrap().flatten();
        numbers
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .filter(|process: &u32| {
                let environment = fs::read(format!("/proc/{process}/environ")).unwrap_or_default();
                environment
                    .split(|byte| *byte == 0)
                    .any(|line| line == home.as_bytes())
            })
            .collect()
    }

    /// For every program started from now on.
    pub fn set(&mut self, name: &str, value: &str) {
        self.world = self.world.clone().with(name, value);
    }

    /// As if it had never been set, for every program started from now on.
    pub fn unset(&mut self, name: &str) {
        self.world = self.world.clone().without(name);
    }

    pub fn variable(&self, name: &str) -> String {
        let mut all = self.world.variables().iter();
        let found = all.find(|(known, _)| known == name);
        let (_, value) = found.unwrap_or_else(|| panic!("{name} isn't set"));
        value.to_string_lossy().into_owned()
    }

    fn start_screen(&mut self) {
        let arguments = [
            "-displayfd",
            "1",
            "-screen",
            "0",
            SCREEN,
            "-nolisten",
            "tcp",
            "-noreset",
        ];
        let number = first_line(self.daemon("Xvfb", &arguments));
        assert!(!number.is_empty(), "Xvfb ended without opening a screen");
        self.set("DISPLAY", &format!(":{number}"));
    }

    fn start_bus(&mut self) {
        let arguments = ["--session", "--nofork", "--nopidfile", "--print-address=1"];
        let address = first_line(self.daemon("dbus-daemon", &arguments));
        assert!(
            !address.is_empty(),
            "dbus-daemon ended without opening a bus"
        );
        self.set("DBUS_SESSION_BUS_ADDRESS", &address);
    }

    fn start_keyring(&mut self) {
        let arguments = ["--foreground", "--unlock", "--components=secrets"];
        let mut input = self
            .daemon("gnome-keyring-daemon", &arguments)
            .stdin
            .take()
            .unwrap();
        input.write_all(KEYRING_PASSWORD).unwrap();
        drop(input);
        self.wait_on_bus("org.freedesktop.secrets");
    }

    fn start_notifications(&mut self) {
        let settings = notices::daemon_settings(self).display().to_string();
        self.daemon("dunst", &["-conf", &settings]);
        self.wait_on_bus("org.freedesktop.Notifications");
    }

    fn wait_on_bus(&self, name: &str) {
        self.output("gdbus", &["wait", "--session", "--timeout", "20", name]);
    }

    fn daemon(&mut self, program: &str, arguments: &[&str]) -> &mut Child {
        let mut command = tied(program);
        command
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let child = self.apply(&mut command).spawn();
        let child = child.unwrap_or_else(|error| panic!("couldn't start {program}: {error}"));
        self.daemons.push(child);
        self.daemons.last_mut().unwrap()
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        for daemon in self.daemons.iter_mut().rev() {
            end(daemon);
        }
        // What they and the tests have started may write into the home folder to its last moment.
        let gone = within(A_MOMENT, || self.all_processes().is_empty().then_some(()));
        if gone.is_none() {
            let left = self.all_processes();
            left.into_iter().for_each(|process| signal(process, "KILL"));
        }
    }
}

/// A command whose process ends with the thread that starts it, however that ends.
pub fn tied(program: &str) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "TERM", program]);
    command
}

/// What a daemon says first: its address. Empty if it ended instead.
fn first_line(daemon: &mut Child) -> String {
    let mut reader = BufReader::new(daemon.stdout.take().unwrap());
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    // Read to its end, so that a later line can neither block nor kill the daemon.
    std::thread::spawn(move || std::io::copy(&mut reader, &mut std::io::sink()));
    line.trim().to_owned()
}

/// Ends a child politely, and for good if it doesn't listen.
pub fn end(child: &mut Child) {
    signal(child.id(), "TERM");
    let ended = within(A_MOMENT, || child.try_wait().ok().flatten());
    if ended.is_some() {
        return;
    }
    let _ = child.kill();
    let _ = child.wait();
}

/// `TERM`, `KILL` …; a process that is gone already is fine.
pub fn signal(process: u32, name: &str) {
    let mut command = Command::new("kill");
    let _ = command
        .args([&format!("-{name}"), &process.to_string()])
        .stderr(Stdio::null())
        .status();
}

/// Waits until a process that isn't our child is gone.
pub fn await_exit(process: u32) {
    let entry = PathBuf::from(format!("/proc/{process}"));
    until("a process to end", || {
        // One that has ended and whose parent hasn't looked yet has no command line any more.
        !entry.exists() || fs::read(entry.join("cmdline")).is_ok_and(|line| line.is_empty())
    });
}
