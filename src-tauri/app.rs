//! The Tauri app: its plugins, what happens once it is ready, and what closing and quitting mean.

use std::fs::File;
use std::io;

use link::ProfilePaths;
use model::{OpenTarget, ProfileName, Texts};
use tauri::plugin::TauriPlugin;
use tauri::{App, AppHandle, Builder, Context, Manager, RunEvent, WindowEvent, Wry};
use tauri_plugin_window_state::StateFlags;

use crate::arguments::Arguments;
use crate::commands::{self, Drops, StartupTrace};
use crate::engine::Engine;
use crate::front::{self, Front};
use crate::overview::Overview;
use crate::tray::{self, Tray};
use crate::turn::Turn;
use crate::window::{self, Visibility};
use crate::{deep_link, follow, notify};

/// What stays the same as long as this process runs.
pub struct Start {
    pub profile: ProfileName,
    pub paths: ProfilePaths,
    pub texts: Texts,
}

/// Why there is no window.
#[derive(Debug)]
pub enum NoWindow {
    /// Another process of this profile is just leaving; trying again helps.
    Leaving,
    Failed(tauri::Error),
}

/// Opens the window. Returns only when that didn't work: quitting ends the process, after the engine has been closed.
pub fn run(
    start: Start,
    arguments: Arguments,
    engine: Engine,
    trace: StartupTrace,
    turn: Turn,
) -> Result<(), NoWindow> {
    let context = context(&start.profile);
    let autostart = autostart(&start.profile);
    let app = Builder::default()
        .manage(Overview::new(start.texts.clone()))
        .manage(start)
        .manage(Visibility::follow(engine.clone()))
        .manage(engine)
        .manage(Front::default())
        .manage(Drops::default())
        .manage(trace)
        .manage(turn)
        // First, so that a second process leaves before it does anything else.
        .plugin(single_instance())
        .plugin(tauri_plugin_deep_link::init())
        // Used from here only: the page has no permission to call it.
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_notification::init())
        .plugin(
            tauri_plugin_opener::Builder::new()
                .open_js_links_on_click(false)
                .build(),
        )
        .plugin(window_state())
        .plugin(autostart)
        .invoke_handler(commands::handler())
        .setup(move |app| {
            set_up(app, arguments);
            Ok(())
        })
        .build(context)
        .map_err(|error| match error {
            tauri::Error::PluginInitialization(plugin, _) if plugin == "single-instance" => {
                NoWindow::Leaving
            }
            other => NoWindow::Failed(other),
        })?;
    app.run(|app, event| on_event(app, &event));
    Ok(())
}

/// Each profile is an app of its own to the desktop: its own single instance, window place and web storage. The
/// personal one keeps the plain name, which is the one that is installed and that notifications go by.
fn context(profile: &ProfileName) -> Context<Wry> {
    let mut context = tauri::generate_context!();
    if *profile != ProfileName::personal() {
        // No part of a D-Bus name may begin with a digit, and a profile's name may.
        context
            .config_mut()
            .identifier
            .push_str(&format!(".profile-{profile}"));
    }
    context
}

fn single_instance() -> TauriPlugin<Wry> {
    tauri_plugin_single_instance::Builder::new()
        .callback(|app, words, _folder| {
            // Its words were accepted or refused there already; what can't be read here still shows the window.
            let words = words.into_iter().skip(1).map(Into::into);
            let arguments = Arguments::read(words).unwrap_or_default();
            match arguments.link {
                Some(link) => deep_link::deliver(app, link),
                None if arguments.hidden => {}
                None => front::open(app, OpenTarget::Connections),
            }
        })
        .build()
}

/// At login, in the background. Used from here only: the page has no permission to call it. Each profile has an entry of
/// its own among what the system starts.
fn autostart(profile: &ProfileName) -> TauriPlugin<Wry> {
    let builder = tauri_plugin_autostart::Builder::new().arg("--hidden");
    if *profile == ProfileName::personal() {
        return builder.app_name("Autopilot").build();
    }
    builder
        .args(["--profile".to_owned(), profile.to_string()])
        .app_name(format!("Autopilot-{profile}"))
        .build()
}

/// Where the window was, but never that it was hidden.
fn window_state() -> TauriPlugin<Wry> {
    tauri_plugin_window_state::Builder::new()
        .with_state_flags(StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED)
        .build()
}

/// Nothing here may fail: Tauri would panic.
fn set_up(app: &mut App, arguments: Arguments) {
    let app = app.handle();
    notify::install(app);
    // Before there is a page that could say it has painted.
    deep_link::install(app);
    if !arguments.hidden {
        window::create(app);
    }
    if let Some(tray) = tray::install(app) {
        app.manage(tray);
    }
    if let Some(link) = arguments.link {
        deep_link::deliver(app, link);
    }
    follow::start(app);
    quit_on_signal(app);
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        // From here on a start finds our hub, or at least the window that says why there is none.
        let _ = app.state::<Engine>().hub().await;
        app.state::<Turn>().pass_on();
    });
}

fn on_event(app: &AppHandle, event: &RunEvent) {
    match event {
        RunEvent::WindowEvent {
            event: WindowEvent::CloseRequested { api, .. },
            ..
        } => {
            api.prevent_close();
            close(app);
        }
        RunEvent::WindowEvent {
            event: WindowEvent::DragDrop(event),
            ..
        } => commands::dragged(app, event),
        RunEvent::WindowEvent {
            event: WindowEvent::Focused(false),
            ..
        } => window::look_again_soon(app),
        RunEvent::WindowEvent {
            event: WindowEvent::Focused(true) | WindowEvent::Resized(_),
            ..
        } => window::look(app),
        RunEvent::Exit => leave(app),
        #[cfg(target_os = "macos")]
        RunEvent::Reopen { .. } => front::open(app, OpenTarget::Connections),
        _ => {}
    }
}

/// Lets a next start take our place at once, rather than hand its wish to a process that is leaving; its engine waits
/// for ours to let go of the profile.
fn leave(app: &AppHandle) {
    tauri_plugin_single_instance::destroy(app);
    app.state::<Turn>().pass_on();
    app.state::<Engine>().stop();
}

/// Into the tray, if the person wants that and there is one to come back from; else this is quitting.
fn close(app: &AppHandle) {
    // A hub that couldn't be opened keeps nothing alive that would be worth staying for.
    if app.try_state::<Tray>().is_none()
        || !app.state::<Overview>().closes_to_tray()
        || app.state::<Engine>().has_failed()
    {
        app.exit(0);
        return;
    }
    let app = app.clone();
    std::thread::spawn(move || {
        if tray::has_host() {
            window::hide(&app);
            explain_once(&app);
        } else {
            app.exit(0);
        }
    });
}

/// Says once for ever that closing isn't quitting. An empty file in the profile's folder remembers it.
fn explain_once(app: &AppHandle) {
    let start = app.state::<Start>();
    let texts = app.state::<Overview>().texts();
    match File::create_new(start.paths.data_dir.join("tray-explained")) {
        Ok(_) => notify::say(
            app,
            &texts.plain("notice_tray_title"),
            &texts.plain("notice_tray_body"),
            None,
        ),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => tracing::warn!(%error, "couldn't remember that the tray was explained"),
    }
}

/// Logging out and Ctrl-C quit as the menu does, so that the profile is closed properly.
fn quit_on_signal(app: &AppHandle) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        match signal().await {
            Ok(()) => app.exit(0),
            Err(error) => tracing::warn!(%error, "signals can't be listened to"),
        }
    });
}

#[cfg(unix)]
async fn signal() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        _ = hang_up.recv() => Ok(()),
        interrupted = tokio::signal::ctrl_c() => interrupted,
    }
}

#[cfg(not(unix))]
async fn signal() -> io::Result<()> {
    tokio::signal::ctrl_c().await
}
