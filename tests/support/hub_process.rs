//! `autopilot hub`, as a process that can be stopped politely or killed.

use std::{
    fs::{self, File},
    io::Read,
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread::JoinHandle,
};

use crate::{PATIENCE, World, end_within, eventually};

/// A running hub. Killed when dropped.
pub struct HubProcess {
    child: Child,
    said: PathBuf,
}

impl HubProcess {
    /// Starts it and waits until it answers.
    #[must_use]
    pub(crate) fn start(world: &World, more: &[&str]) -> Self {
        Self::launch(world, &[], more).ready()
    }

    /// The same, begun by other programs that become it: with a network or a disk of its own.
    #[must_use]
    pub fn start_in(world: &World, around: &[&str]) -> Self {
        Self::launch(world, around, &[]).ready()
    }

    fn ready(self) -> Self {
        let mut hub = self;
        eventually(PATIENCE, "the hub answers", || {
            if let Some(status) = hub.child.try_wait().expect("a child can be waited for") {
                panic!("the hub ended with {status}: {}", hub.said());
            }
            hub.said().contains("\"ready\"").then_some(())
        });
        hub
    }

    fn launch(world: &World, around: &[&str], more: &[&str]) -> Self {
        let said = tempfile::Builder::new()
            .prefix("hub-")
            .suffix(".out")
            .tempfile_in(world.root())
            .and_then(|file| file.keep().map_err(Into::into))
            .expect("a file can be made");
        let out: File = said.0;
        let again = out.try_clone().expect("a file can be shared");
        let child = within(
            world.autopilot(&[&["hub", "--json"], more].concat()),
            around,
        )
        .stdin(Stdio::null())
        .stdout(out)
        .stderr(again)
        .spawn()
        .expect("the hub starts");
        Self {
            child,
            said: said.1,
        }
    }

    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Everything it wrote to standard output and standard error so far.
    #[must_use]
    pub fn said(&self) -> String {
        fs::read_to_string(&self.said).expect("it speaks UTF-8")
    }

    /// No goodbye: SIGKILL.
    pub fn kill9(mut self) {
        self.child.kill().expect("our own child can be killed");
        self.child.wait().expect("a child can be waited for");
    }

    /// Asks it to end, as a session does, and waits until it has.
    pub fn stop(mut self) {
        signal(self.pid(), "TERM");
        let status = end_within(&mut self.child, PATIENCE, "the hub");
        assert!(
            status.success(),
            "the hub ended with {status}: {}",
            self.said()
        );
    }

    /// Is it still there?
    pub fn runs(&mut self) -> bool {
        self.child
            .try_wait()
            .expect("a child can be waited for")
            .is_none()
    }
}

impl Drop for HubProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The same command, run by others that end in it.
fn within(command: Command, around: &[&str]) -> Command {
    let [first, rest @ ..] = around else {
        return command;
    };
    let mut outer = Command::new(first);
    outer
        .args(rest)
        .arg(command.get_program())
        .args(command.get_args());
    outer.env_clear().envs(
        command
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    if let Some(folder) = command.get_current_dir() {
        outer.current_dir(folder);
    }
    outer
}

/// Sends a signal by name to a process of ours.
pub(crate) fn signal(pid: u32, name: &str) {
    let sent = Command::new("kill")
        .args([&format!("-{name}"), &pid.to_string()])
        .status();
    assert!(
        sent.is_ok_and(|status| status.success()),
        "no {name} for {pid}"
    );
}

/// Reads a pipe to its end, so that its writer never waits.
pub(crate) fn collect(pipe: Option<impl Read + Send + 'static>) -> JoinHandle<Vec<u8>> {
    let mut pipe = pipe.expect("it is piped");
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.read_to_end(&mut bytes);
        bytes
    })
}
