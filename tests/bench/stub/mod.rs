//! The other side of what is measured over a wire: a server that only counts, in a process of its own, so that neither
//! its memory nor its threads are taken for ours. It is this same program, started again as `figures stub`.
//!
//! Plain HTTP for mail, TLS for uploads, and a proxy that leads every name to the latter: rclone's Drive backend can't
//! be told another address than Google's.

mod drive;
mod mail;
mod server;

use std::{
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

pub use server::serve;

/// The first argument of a program that is the stub.
pub const WORD: &str = "stub";

pub struct Stub {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<std::process::ChildStdout>,
    told: Value,
    folder: TempDir,
}

impl Stub {
    pub fn start() -> Self {
        let folder = TempDir::new().expect("a folder can be made");
        let mut child = Command::new(std::env::current_exe().expect("we know our own file"))
            .arg(WORD)
            .arg(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("we start again");
        let stdin = child.stdin.take().expect("it is piped");
        let mut stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("it says where it is");
        let told = serde_json::from_str(&line).expect("it speaks JSON");
        Self {
            child,
            stdin,
            stdout,
            told,
            folder,
        }
    }

    /// Plain HTTP.
    pub fn mail(&self) -> &str {
        self.place("mail")
    }

    /// TLS, by the name of the certificate.
    pub fn drive(&self) -> &str {
        self.place("drive")
    }

    /// Leads every name to [`Stub::drive`].
    pub fn proxy(&self) -> &str {
        self.place("proxy")
    }

    /// What signed the certificate, as PEM.
    pub fn authority(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// How late every answer is from now on, in milliseconds.
    pub fn delay(&mut self, ms: u64) {
        self.tell(&format!("delay {ms}"));
    }

    /// What Drive says of the next file; the stub doesn't hash what comes.
    pub fn expect(&mut self, size: u64, md5: &str, sha256: &str) {
        self.tell(&format!("file {size} {md5} {sha256}"));
    }

    /// How many requests came since this was last asked, and how many bytes in their bodies.
    pub fn counted(&mut self) -> (u64, u64) {
        let answer = self.tell("count");
        let mut numbers = answer
            .split_whitespace()
            .map(|number| number.parse().expect("a count is a number"));
        let mut next = || numbers.next().expect("it counts both");
        (next(), next())
    }

    fn tell(&mut self, what: &str) -> String {
        writeln!(self.stdin, "{what}").expect("the stub listens");
        let mut line = String::new();
        self.stdout.read_line(&mut line).expect("the stub answers");
        line
    }

    fn place(&self, name: &str) -> &str {
        self.told[name].as_str().expect("a place is text")
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
