//! Is there a tray, before it is too late to ask?

use std::path::PathBuf;

use zbus::blocking::{Connection, Proxy, fdo::DBusProxy};

/// In the order in which they would be loaded.
const LIBRARIES: [&str; 2] = ["libayatana-appindicator3.so.1", "libappindicator3.so.1"];
const WATCHER: &str = "org.kde.StatusNotifierWatcher";

/// Looks for the library's file where the loader would. Too few folders only cost the icon; loading to see would
/// need `unsafe`.
pub fn is_available() -> bool {
    let folders = crate::environment::library_folders()
        .into_iter()
        .chain(loader_folders());
    folders
        .into_iter()
        .any(|folder| LIBRARIES.iter().any(|name| folder.join(name).exists()))
}

fn loader_folders() -> impl Iterator<Item = PathBuf> {
    let triple = format!("{}-linux-gnu", std::env::consts::ARCH);
    [
        "/usr/local/lib",
        "/usr/lib",
        "/usr/lib64",
        "/lib",
        "/lib64",
        "/app/lib",
    ]
    .into_iter()
    .flat_map(move |folder| [PathBuf::from(folder), PathBuf::from(folder).join(&triple)])
}

/// Asks the session bus; milliseconds, but not for the main thread.
pub fn has_host() -> bool {
    ask_for_host().unwrap_or(false)
}

fn ask_for_host() -> zbus::Result<bool> {
    let bus = Connection::session()?;
    if !DBusProxy::new(&bus)?.name_has_owner(WATCHER.try_into()?)? {
        return Ok(false);
    }
    // A watcher may run without anybody drawing the icons; one that doesn't say counts as a host.
    let watcher = Proxy::new(&bus, WATCHER, "/StatusNotifierWatcher", WATCHER)?;
    Ok(watcher
        .get_property("IsStatusNotifierHostRegistered")
        .unwrap_or(true))
}
