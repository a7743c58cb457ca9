//! Opens the sandbox: this same program once more, on the sandbox's own profile. It is an app of its own to the
//! desktop, so one that runs already merely comes forward, and nothing of this profile is touched.

use std::process::{Command, Stdio};

use model::{Error, ErrorCode};

/// What the other process is told; nothing of it comes from the page.
const ARGUMENTS: [&str; 1] = ["--sandbox"];

#[tauri::command]
pub async fn open_sandbox() -> Result<(), Error> {
    let failed = |error: std::io::Error| Error::new(ErrorCode::Internal).detail(error);
    let program = std::env::current_exe().map_err(failed)?;
    let mut command = Command::new(program);
    command
        .args(ARGUMENTS)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut window = command.spawn().map_err(failed)?;
    // It lives as long as its person wants; waiting for it here only clears away what is left of it.
    std::thread::spawn(move || window.wait());
    Ok(())
}
