//! Other people's programs that do the same work, and how much memory they take for it.

use std::{
    path::PathBuf,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use crate::proc;

/// Python with `google-api-python-client`, where `cargo xtask bench` puts it.
pub fn python() -> PathBuf {
    installed("peers/google/bin/python")
}

/// Python's `workspace-mcp`, where `cargo xtask bench` puts it.
pub fn workspace_mcp() -> PathBuf {
    installed("peers/workspace-mcp/bin/workspace-mcp")
}

fn installed(program: &str) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target"),
        PathBuf::from,
    );
    let program = target.join(program);
    assert!(
        program.exists(),
        "{} isn't there; `cargo xtask bench` installs it",
        program.display()
    );
    program
}

/// Runs it to its end and returns what it said.
pub fn capture(command: &mut Command) -> String {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(
        output.status.success(),
        "{command:?} ended with {}",
        output.status
    );
    String::from_utf8(output.stdout).expect("it speaks UTF-8")
}

/// Runs it to its end: how long that took, and the most memory it ever held.
pub fn timed(command: &mut Command) -> (Duration, f64) {
    let log = tempfile::tempfile().expect("a file can be made");
    let began = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log.try_clone().expect("a file can be shared"))
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let mut peak: f64 = 0.0;
    let status = loop {
        // Never shrinks, so the last look before the end is the one that counts.
        peak = peak.max(proc::peak(child.id()).unwrap_or(0.0));
        if let Some(status) = child.try_wait().expect("a child can be waited for") {
            break status;
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let passed = began.elapsed();
    if !status.success() {
        use std::io::{Read, Seek};
        let (mut said, mut log) = (String::new(), log);
        let _ = log.rewind().and_then(|()| log.read_to_string(&mut said));
        panic!("{command:?} ended with {status}: {said}");
    }
    (passed, peak)
}
