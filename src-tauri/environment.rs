//! The one place of the window's program that reads the environment. Reads only whether things are set, and
//! where folders and our other program are; keeps nothing.
#![allow(
    clippy::disallowed_methods,
    reason = "this face passes on what it found here"
)]

use std::path::PathBuf;

use clients::Homes;
use directories::BaseDirs;
use model::Texts;

/// Print when the first cards were on the screen (for `cargo xtask bench`).
const STARTUP_TRACE: &str = "AUTOPILOT_STARTUP_TRACE";

/// Set to anything but nothing.
pub fn is_set(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| !value.is_empty())
}

/// What the system speaks, as the window does until the person chooses; English where that is none of our languages.
pub fn spoken() -> Texts {
    sys_locale::get_locale()
        .and_then(|tag| Texts::in_language(&tag))
        .unwrap_or_else(Texts::english)
}

/// The person's folders, as every program of theirs finds them.
pub fn homes() -> Option<Homes> {
    let folders = BaseDirs::new()?;
    Some(Homes {
        home: folders.home_dir().to_owned(),
        config: folders.config_dir().to_owned(),
    })
}

/// The terminal program, which lies beside this one; its path, too, where it doesn't.
pub fn terminal_program() -> Result<PathBuf, PathBuf> {
    let name = format!("autopilot{}", std::env::consts::EXE_SUFFIX);
    let Ok(own) = std::env::current_exe() else {
        return Err(name.into());
    };
    let program = own.with_file_name(name);
    match program.is_file() {
        true => Ok(program),
        false => Err(program),
    }
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
pub fn library_folders() -> Vec<PathBuf> {
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
