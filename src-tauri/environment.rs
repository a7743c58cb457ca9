//! The one place of the window's program that reads the environment, and sets the one variable that WebKit can be told
//! by. Reads only whether things are set, and where folders and our other program are; keeps nothing.
#![allow(
    clippy::disallowed_methods,
    reason = "this face passes on what it found here"
)]

use std::path::PathBuf;
#[cfg(target_os = "linux")]
use std::{ffi::OsStr, fs, path::Path};

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

/// Without a graphics card WebKit lets the processor imitate one to paint with, and then to put the painted parts
/// together. Painting with the processor itself gives the same picture, and an eighth less memory in the page's process.
/// Whoever wants it otherwise sets the variable to 0. To be called before there is a second thread.
#[cfg(target_os = "linux")]
pub fn paint_as_the_machine_can() {
    if !has_graphics_card(Path::new("/dev")) {
        // Fails for impossible names only.
        let _ = glib::setenv("WEBKIT_SKIA_ENABLE_CPU_RENDERING", "1", false);
    }
}

/// What the drivers of a card that computes put there: the kernel's own, NVIDIA's, and Windows' below WSL.
#[cfg(target_os = "linux")]
fn has_graphics_card(devices: &Path) -> bool {
    let renders = |name: &OsStr| name.as_encoded_bytes().starts_with(b"renderD");
    let by_the_kernel = fs::read_dir(devices.join("dri"))
        .is_ok_and(|nodes| nodes.flatten().any(|node| renders(&node.file_name())));
    by_the_kernel
        || ["nvidiactl", "dxg"]
            .iter()
            .any(|name| devices.join(name).exists())
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

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_graphics_card_is_known_by_what_its_driver_puts_there() {
        for (node, is_one) in [
            ("dri/renderD128", true),
            ("nvidiactl", true),
            ("dxg", true),
            // A screen without anything that computes, as many virtual machines have.
            ("dri/card0", false),
            ("null", false),
        ] {
            let devices = tempfile::tempdir().unwrap();
            let node = devices.path().join(node);
            fs::create_dir_all(node.parent().unwrap()).unwrap();
            fs::write(node, "").unwrap();
            assert_eq!(has_graphics_card(devices.path()), is_one);
        }
        assert!(!has_graphics_card(Path::new("/nowhere")));
    }
}
