//! A home of its own for each test: folders, variables, profile, twins. Two profiles may share one home.

use std::{
    ffi::OsString,
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use sandbox::Seed;
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    Connecting, Face, HubProcess, Peer, PipedHub, Ran, bin, end_within, keychain, wait::PATIENCE,
};

/// What programs get from the session around the tests; everything else is the world's own. No screen: where there is
/// one, whoever needs a hub brings up the window.
const INHERITED: [&str; 6] = [
    "PATH",
    "DBUS_SESSION_BUS_ADDRESS",
    "LANG",
    "LLVM_PROFILE_FILE",
    "LD_LIBRARY_PATH",
    "TMPDIR",
];

/// One profile in one home. Clones and [`World::beside`] share the home; it goes with the last of them,
/// unless the test failed: then it stays, to be looked at.
#[derive(Clone)]
pub struct World {
    ground: Arc<Ground>,
    profile: String,
    endpoints: Option<PathBuf>,
    variables: Vec<(String, OsString)>,
}

struct Ground {
    root: Option<TempDir>,
    peer: Option<Peer>,
    profiles: std::sync::Mutex<Vec<String>>,
}

impl World {
    /// A home without services: the profile is what its flags make of it.
    #[must_use]
    pub fn bare(promise: &str) -> Self {
        Self::make(promise, |_| None)
    }

    /// A home beside a running sandbox of its own, and a profile that talks to it.
    #[must_use]
    pub fn sandbox(promise: &str) -> Self {
        Self::sandbox_with(promise, Seed::default())
    }

    #[must_use]
    pub fn sandbox_with(promise: &str, seed: Seed) -> Self {
        let mut world = Self::make(promise, |root| {
            Some(Peer::start(root.join("sandbox.json"), seed))
        });
        let toml = world.peer().endpoints_toml().to_owned();
        world.endpoints = Some(world.write("endpoints.toml", &toml));
        world
    }

    fn make(promise: &str, peer: impl FnOnce(&Path) -> Option<Peer>) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        // Short, because sockets live in it.
        let root = tempfile::Builder::new()
            .prefix("ap-")
            .tempdir()
            .expect("a folder can be made");
        let peer = peer(root.path());
        // The keychain is the session's: only the profile's name keeps tests apart there.
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let profile = format!("{promise}-{}-{number}", std::process::id());
        assert!(profile.len() <= 32, "{profile} is too long for a profile");
        let profiles = vec![profile.clone()].into();
        let ground = Arc::new(Ground {
            root: Some(root),
            peer,
            profiles,
        });
        let mut world = Self {
            ground,
            profile,
            endpoints: None,
            variables: Vec::new(),
        };
        world.lay_out();
        world
    }

    fn lay_out(&mut self) {
        for (name, folder) in [
            ("HOME", "home"),
            ("XDG_CONFIG_HOME", "home/.config"),
            ("XDG_DATA_HOME", "home/.local/share"),
            ("XDG_STATE_HOME", "home/.local/state"),
            ("XDG_CACHE_HOME", "home/.cache"),
            ("XDG_RUNTIME_DIR", "run"),
        ] {
            let folder = self.root().join(folder);
            fs::create_dir_all(&folder).expect("a folder can be made");
            private(&folder);
            self.variables.push((name.to_owned(), folder.into()));
        }
        let inherited = INHERITED
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), std::env::var_os(name)?)));
        self.variables.extend(inherited);
        self.variables
            .push(("XDG_CURRENT_DESKTOP".to_owned(), "GNOME".into()));
    }

    /// Another profile in the same home, beside the same twins.
    #[must_use]
    pub fn beside(&self, name: &str) -> Self {
        let profile = format!("{name}-{}", self.profile);
        assert!(profile.len() <= 32, "{profile} is too long for a profile");
        self.ground
            .profiles
            .lock()
            .expect("no test panicked here")
            .push(profile.clone());
        Self {
            profile,
            ..self.clone()
        }
    }

    /// The same profile, whose programs see another value of a variable.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.into()));
        self
    }

    /// The same profile, whose programs don't see this variable.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.variables.retain(|(known, _)| known != name);
        self
    }

    /// The same profile, created with another endpoints file, or without one.
    #[must_use]
    pub fn with_endpoints(mut self, file: Option<PathBuf>) -> Self {
        self.endpoints = file;
        self
    }

    #[must_use]
    pub fn root(&self) -> &Path {
        self.ground
            .root
            .as_ref()
            .expect("the folder stays as long as the world")
            .path()
    }

    #[must_use]
    pub fn profile(&self) -> &str {
        &self.profile
    }

    #[must_use]
    pub fn peer(&self) -> &Peer {
        self.ground.peer.as_ref().expect("this world has a sandbox")
    }

    #[must_use]
    pub fn endpoints(&self) -> Option<&Path> {
        self.endpoints.as_deref()
    }

    /// Every variable programs of this world get, and no other.
    #[must_use]
    pub fn variables(&self) -> &[(String, OsString)] {
        &self.variables
    }

    /// The folder with the profile's database and logs.
    #[must_use]
    pub fn data_dir(&self) -> PathBuf {
        self.root()
            .join("home/.local/share/autopilot/profiles")
            .join(&self.profile)
    }

    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.data_dir().join("autopilot.db")
    }

    /// Where this profile's hub listens, once it does.
    #[must_use]
    pub fn socket(&self) -> Option<PathBuf> {
        let run = self
            .variables
            .iter()
            .find(|(name, _)| name == "XDG_RUNTIME_DIR")?;
        let start = format!("{}-", self.profile);
        fs::read_dir(Path::new(&run.1).join("autopilot"))
            .ok()?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .find(|path| {
                path.file_name()
                    .is_some_and(|name| name.to_string_lossy().starts_with(&start))
            })
    }

    /// Lets a caller in before the profile's hub starts, in the way of hubs without a window. `kind` is `agent` or
    /// `program`.
    #[cfg(unix)]
    pub fn write_policy(&self, kind: &str, executable: &Path, writes: &str) {
        use std::os::unix::fs::PermissionsExt as _;
        let path = self.data_dir().join("policy.toml");
        fs::create_dir_all(self.data_dir()).expect("a folder can be made");
        private(&self.data_dir());
        let executable = executable.display();
        let text = format!(
            "[[caller]]\nkind = \"{kind}\"\nexecutable = \"{executable}\"\nwrites = \"{writes}\"\n"
        );
        fs::write(&path, text).expect("a file can be written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("it is ours");
    }

    /// Writes a file into the home.
    #[must_use]
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.root().join(name);
        fs::write(&path, text).expect("a file can be written");
        path
    }

    /// The rules of hubs without a window, read at their next start.
    pub fn policy(&self, text: &str) {
        let folder = self.data_dir();
        fs::create_dir_all(&folder).expect("a folder can be made");
        private(&folder);
        let file = folder.join("policy.toml");
        fs::write(&file, text).expect("a file can be written");
        for_its_owner(&file);
    }

    /// Rules that let the program that runs these tests in, as `program` or `agent`, and let it write.
    pub fn let_me_in(&self, kind: &str, more: &str) {
        let me = std::env::current_exe().expect("a running program has a file");
        let me = Value::String(me.display().to_string());
        self.policy(&format!(
            "[[caller]]\nkind = \"{kind}\"\nexecutable = {me}\nwrites = \"allow\"\n{more}"
        ));
    }

    /// A program of ours in this world.
    #[must_use]
    pub fn command(&self, program: &str) -> Command {
        self.run_here(&bin(program))
    }

    pub(crate) fn run_here(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.current_dir(self.root());
        command
    }

    /// `autopilot` for this profile, with its endpoints.
    #[must_use]
    pub fn autopilot(&self, arguments: &[&str]) -> Command {
        let mut command = self.command("autopilot");
        command.args(arguments).args(["--profile", &self.profile]);
        if let Some(endpoints) = &self.endpoints {
            command.arg("--endpoints").arg(endpoints);
        }
        command
    }

    /// Runs `autopilot … --json` to its end.
    #[must_use]
    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, "")
    }

    /// The same, with something on standard input.
    #[must_use]
    pub fn run_with(&self, arguments: &[&str], input: &str) -> Ran {
        let mut command = self.autopilot(arguments);
        command.arg("--json");
        finish(command, input)
    }

    /// Runs it as a person would, for words instead of JSON.
    #[must_use]
    pub fn say(&self, arguments: &[&str]) -> Ran {
        finish(self.autopilot(arguments), "")
    }

    /// The same on a system of another language.
    #[must_use]
    pub fn say_in(&self, language: &str, arguments: &[&str]) -> Ran {
        let mut command = self.autopilot(arguments);
        command.env("LANG", language);
        finish(command, "")
    }

    /// Begins `autopilot connect INTEGRATION … --no-browser --json`.
    #[must_use]
    pub fn connect(&self, arguments: &[&str]) -> Connecting {
        Connecting::start(self, arguments)
    }

    /// Starts `autopilot hub` and waits until it answers.
    #[must_use]
    pub fn hub(&self) -> HubProcess {
        HubProcess::start(self, &[])
    }

    /// The same, saying on its terminal all that it can.
    #[must_use]
    pub fn verbose_hub(&self) -> HubProcess {
        HubProcess::start(self, &["--verbose"])
    }

    /// Starts a hub whose window is a pipe, against services that rotate as told, and waits until it answers.
    #[must_use]
    pub fn piped_hub(&self, rotation: &str) -> PipedHub {
        PipedHub::start(self, rotation)
    }

    /// A client of this profile's running hub, as any program may be one.
    #[must_use]
    pub fn face(&self) -> Face {
        Face::connect_as(self, "cli")
    }

    /// A client that says it is an agent's.
    #[must_use]
    pub fn agent(&self) -> Face {
        Face::connect_as(self, "mcp")
    }

    /// A client that says it is this.
    #[must_use]
    pub fn face_as(&self, face: &str) -> Face {
        Face::connect_as(self, face)
    }

    /// `status --json`'s connections.
    #[must_use]
    pub fn connections(&self) -> Vec<Value> {
        let told = self.run(&["status"]).done();
        told["connections"]
            .as_array()
            .expect("connections is a list")
            .clone()
    }

    /// The only connection of an integration, as `status --json` tells it.
    #[must_use]
    pub fn connection(&self, integration: &str) -> Value {
        let mut all = self.connections();
        all.retain(|one| one["integration"] == integration);
        assert_eq!(all.len(), 1, "not one {integration}: {all:?}");
        all.remove(0)
    }
}

/// Runs a program to its end, and collects what it says.
fn finish(mut command: Command, input: &str) -> Ran {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let mut stdin = child.stdin.take().expect("its input is piped");
    // It may end without reading, which is its right.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    let stdout = crate::hub_process::collect(child.stdout.take());
    let stderr = crate::hub_process::collect(child.stderr.take());
    let status = end_within(&mut child, PATIENCE * 2, &format!("{command:?}"));
    let text = |thread: std::thread::JoinHandle<Vec<u8>>| {
        String::from_utf8(thread.join().expect("reading ends")).expect("it speaks UTF-8")
    };
    Ran {
        code: status.code(),
        stdout: text(stdout),
        stderr: text(stderr),
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        for profile in self.profiles.lock().expect("no test panicked here").iter() {
            keychain::clear(profile);
        }
        if std::thread::panicking()
            && let Some(root) = self.root.take()
        {
            eprintln!("what was left: {}", root.keep().display());
        }
    }
}

#[cfg(unix)]
fn private(folder: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).expect("it is our own");
}

#[cfg(unix)]
fn for_its_owner(file: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(file, fs::Permissions::from_mode(0o600)).expect("it is our own");
}

#[cfg(not(unix))]
fn private(_folder: &Path) {}

#[cfg(not(unix))]
fn for_its_owner(_file: &Path) {}
