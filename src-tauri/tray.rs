//! The icon in the system's tray: how many connections are up, how many writes wait for a person, and the few things
//! one wants without the window.
//!
//! On Linux it needs a library that may be missing, and a host that may not run. Without the library there is no icon
//! (loading it anyway would end the process); without a host the window must not be hidden, since nothing could bring
//! it back.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use model::{
    ActionId, ActionState, ActionView, ConnectionId, ConnectionView, OpenTarget, Request, Texts,
};
use tauri::image::Image;
use tauri::menu::{Menu, MenuEvent, MenuItem, PredefinedMenuItem};
use tauri::tray::{MouseButton, MouseButtonState, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, Manager, Wry};

use crate::app::Start;
use crate::engine::Engine;
use crate::front;

const SHOW: &str = "show";
const CHECK: &str = "check";
const QUIT: &str = "quit";

/// What the tray says, kept up to date by the hub's events.
pub struct Tray {
    line: MenuItem<Wry>,
    seen: Mutex<Seen>,
}

/// What is counted.
#[derive(Default)]
struct Seen {
    up: HashMap<ConnectionId, bool>,
    waiting: HashSet<ActionId>,
}

impl Seen {
    fn counts(&self) -> (usize, usize) {
        let up = self.up.values().filter(|up| **up).count();
        (up, self.waiting.len())
    }

    fn act(&mut self, action: &ActionView) {
        match action.state {
            ActionState::AwaitingApproval { .. } => self.waiting.insert(action.id),
            _ => self.waiting.remove(&action.id),
        };
    }
}

/// `None` where there can be no tray.
pub fn install(app: &AppHandle) -> Option<Tray> {
    if !is_available() {
        tracing::info!("no tray library on this system; closing the window quits");
        return None;
    }
    build(app)
        .inspect_err(|error| tracing::warn!(%error, "no tray icon"))
        .ok()
}

fn build(app: &AppHandle) -> tauri::Result<Tray> {
    let texts = &app.state::<Start>().texts;
    let nothing = line_of(texts, (0, 0));
    let line = MenuItem::with_id(app, "line", nothing, false, None::<&str>)?;
    let item = |id, key| MenuItem::with_id(app, id, texts.plain(key), true, None::<&str>);
    let menu = Menu::with_items(
        app,
        &[
            &line,
            &PredefinedMenuItem::separator(app)?,
            &item(SHOW, "tray_show")?,
            &item(CHECK, "tray_check")?,
            &PredefinedMenuItem::separator(app)?,
            &item(QUIT, "tray_quit")?,
        ],
    )?;
    TrayIconBuilder::with_id("main")
        .icon(icon())
        .icon_as_template(true)
        .tooltip("Autopilot")
        .menu(&menu)
        .show_menu_on_left_click(cfg!(target_os = "macos"))
        .on_menu_event(|app, event| chosen(app, &event))
        .on_tray_icon_event(|tray, event| {
            if let TrayIconEvent::Click {
                button: MouseButton::Left,
                button_state: MouseButtonState::Up,
                ..
            } = event
                && !cfg!(target_os = "macos")
            {
                front::open(tray.app_handle(), OpenTarget::Connections);
            }
        })
        .build(app)?;
    Ok(Tray {
        line,
        seen: Mutex::default(),
    })
}

/// Dark strokes for macOS, which recolours them, and light ones elsewhere, where panels are mostly dark.
fn icon() -> Image<'static> {
    if cfg!(target_os = "macos") {
        tauri::include_image!("icons/tray.png")
    } else {
        tauri::include_image!("icons/tray-on-dark.png")
    }
}

fn chosen(app: &AppHandle, event: &MenuEvent) {
    match event.id().as_ref() {
        SHOW => front::open(app, OpenTarget::Connections),
        QUIT => app.exit(0),
        CHECK => {
            let engine = app.state::<Engine>().inner().clone();
            tauri::async_runtime::spawn(async move {
                if let Err(error) = engine.ask(Request::Refresh).await {
                    tracing::warn!(code = error.code.name(), "checking from the tray failed");
                }
            });
        }
        _ => {}
    }
}

fn line_of(texts: &Texts, (up, waiting): (usize, usize)) -> String {
    let key = match up {
        0 => "tray_none_connected",
        _ => "tray_connected",
    };
    let connected = texts.say(key, &[("count".to_owned(), up.to_string())].into());
    if waiting == 0 {
        return connected;
    }
    let args = [
        ("connected".to_owned(), connected),
        ("count".to_owned(), waiting.to_string()),
    ];
    texts.say("tray_waiting", &args.into())
}

impl Tray {
    pub fn changed(&self, app: &AppHandle, connection: &ConnectionView) {
        self.update(app, |seen| {
            seen.up.insert(connection.id, connection.status.is_up());
        });
    }

    pub fn removed(&self, app: &AppHandle, id: ConnectionId) {
        self.update(app, |seen| {
            seen.up.remove(&id);
        });
    }

    pub fn acted(&self, app: &AppHandle, action: &ActionView) {
        self.update(app, |seen| seen.act(action));
    }

    pub fn all(&self, app: &AppHandle, connections: &[ConnectionView], actions: &[ActionView]) {
        self.update(app, |seen| {
            seen.up = connections
                .iter()
                .map(|one| (one.id, one.status.is_up()))
                .collect();
            seen.waiting.clear();
            actions.iter().for_each(|action| seen.act(action));
        });
    }

    fn update(&self, app: &AppHandle, change: impl FnOnce(&mut Seen)) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let before = seen.counts();
        change(&mut seen);
        let now = seen.counts();
        drop(seen);
        if before != now {
            let _ = self
                .line
                .set_text(line_of(&app.state::<Start>().texts, now));
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn is_available() -> bool {
    true
}

/// Does somebody show tray icons?
#[cfg(not(target_os = "linux"))]
pub fn has_host() -> bool {
    true
}

#[cfg(target_os = "linux")]
pub use linux::has_host;
#[cfg(target_os = "linux")]
use linux::is_available;

#[cfg(target_os = "linux")]
mod linux {
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_names_what_waits_only_while_something_does() {
        let texts = Texts::english();
        assert_eq!(line_of(&texts, (0, 0)), "Nothing connected");
        assert_eq!(line_of(&texts, (2, 0)), "2 connected");
        assert_eq!(line_of(&texts, (2, 3)), "2 connected, 3 to approve");
    }
}
