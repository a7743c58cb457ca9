//! The hub whose window is a pipe (`bin/piped_hub.rs`), as a process that can be asked like a window, and killed.

use std::{
    fs::File,
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Stdio},
};

use model::{Error, Request, Response};

use crate::{PATIENCE, World, end_within, programs};

/// Killed when dropped.
pub struct PipedHub {
    child: Child,
    window: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl PipedHub {
    pub(crate) fn start(world: &World, rotation: &str) -> Self {
        Self::launch(world, rotation).ready(world)
    }

    /// One whose code for an integration has a defect.
    #[must_use]
    pub fn with_defect(world: &World, integration: &str) -> Self {
        Self::launch_as(world, &["none", integration]).ready(world)
    }

    fn ready(self, world: &World) -> Self {
        let mut hub = self;
        let ready = hub.line();
        assert!(
            ready.contains("ready"),
            "the hub didn't open; {} tells why",
            said(world).display()
        );
        hub
    }

    /// Starts it, and doesn't wait for anything.
    #[must_use]
    pub fn launch(world: &World, rotation: &str) -> Self {
        Self::launch_as(world, &[rotation])
    }

    fn launch_as(world: &World, words: &[&str]) -> Self {
        let endpoints = world.endpoints().expect("a piped hub has stand-ins");
        let said = File::options()
            .create(true)
            .append(true)
            .open(said(world))
            .expect("a file can be made");
        let mut child = world
            .run_here(&programs::own("piped-hub"))
            .arg(world.profile())
            .arg(endpoints)
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(said)
            .spawn()
            .expect("the hub starts");
        let window = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().expect("it is piped"));
        Self {
            child,
            window,
            answers,
        }
    }

    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asks as the window does, and waits for the answer.
    pub fn ask(&mut self, request: &Request) -> Result<Response, Error> {
        self.begin(request);
        let line = self.line();
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("no answer to {request:?}: {line}"))
    }

    /// How many tasks its runtime has that haven't ended.
    pub fn tasks(&mut self) -> u64 {
        self.write("\"tasks\"");
        let line = self.line();
        line.trim().parse().expect("a number of tasks")
    }

    /// Asks as the window does, for an answer nobody waits for.
    pub fn begin(&mut self, request: &Request) {
        let line = serde_json::to_string(request).expect("requests can be written");
        self.write(&line);
    }

    fn write(&mut self, line: &str) {
        let window = self.window.as_mut().expect("its input is open");
        writeln!(window, "{line}").expect("it reads its input");
    }

    /// No goodbye: SIGKILL.
    pub fn kill9(mut self) {
        self.child.kill().expect("our own child can be killed");
        self.child.wait().expect("a child can be waited for");
    }

    /// Closes its window, and waits until it has ended.
    pub fn stop(mut self) {
        self.window.take();
        let status = end_within(&mut self.child, PATIENCE, "the hub");
        assert!(status.success(), "the hub ended with {status}");
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.answers
            .read_line(&mut line)
            .expect("it speaks in lines");
        line
    }
}

impl Drop for PipedHub {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What these hubs say on standard error, one after the other.
fn said(world: &World) -> std::path::PathBuf {
    world.root().join(format!("{}.err", world.profile()))
}
