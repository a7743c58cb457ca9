//! The one place of the window's program that reads the environment. Reads only whether things are set, and folders
//! of the loader; keeps nothing.
#![allow(
    clippy::disallowed_methods,
    reason = "this face passes on what it found here"
)]

/// Print when the first cards were on the screen (for `cargo xtask bench`).
const STARTUP_TRACE: &str = "AUTOPILOT_STARTUP_TRACE";

/// Set to anything but nothing.
pub fn is_set(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| !value.is_empty())
}

pub fn wants_startup_trace() -> bool {
    is_set(STARTUP_TRACE)
}

/// Is there a screen to open a window on? Elsewhere than on Linux there always is.
pub fn has_display() -> bool {
    !cfg!(target_os = "linux") || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")
}

/// Where the loader looks for libraries before its own folders.
#[cfg(target_os = "linux")]
pub fn library_folders() -> Vec<std::path::PathBuf> {
    std::env::var_os("LD_LIBRARY_PATH")
        .map(|folders| std::env::split_paths(&folders).collect())
        .unwrap_or_default()
}

/// Is a program of this name on the search path?
#[cfg(target_os = "linux")]
pub fn has_program(name: &str) -> bool {
    std::env::var_os("PATH").is_some_and(|folders| {
        std::env::split_paths(&folders).any(|folder| folder.join(name).is_file())
    })
}
