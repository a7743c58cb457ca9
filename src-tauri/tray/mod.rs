//! The icon in the system's tray: what is up, what waits for a person, and the few things one wants without the window.
//!
//! Whoever is on the session bus can choose from this menu as the person would. So it opens places and stops agents, and
//! lets nothing happen that wasn't allowed: agents are let go on in the window alone.
//!
//! On Linux it needs a library that may be missing, and a host that may not run. Without the library there is no icon
//! (loading it anyway would end the process); without a host the window must not be hidden, since nothing could bring
//! it back.

mod drawing;
#[cfg(target_os = "linux")]
mod linux;

use model::{Error, OpenTarget, ProfileName, Request, Response, Settings, Texts};
use tauri::menu::{Menu, MenuEvent, MenuItem, PredefinedMenuItem};
use tauri::tray::{MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, Manager, Wry};

#[cfg(target_os = "linux")]
pub use linux::has_host;
#[cfg(target_os = "linux")]
use linux::is_available;

use crate::app::Start;
use crate::engine::Engine;
use crate::overview::{Overview, Summary};
use crate::{front, window};

const SHOW: &str = "show";
const APPROVALS: &str = "approvals";
const PAUSE: &str = "pause";
const CHECK: &str = "check";
const QUIT: &str = "quit";

/// The icon and its lines; what they say comes from the overview.
pub struct Tray {
    profile: ProfileName,
    icon: TrayIcon<Wry>,
    line: MenuItem<Wry>,
    show: MenuItem<Wry>,
    approvals: MenuItem<Wry>,
    pause: MenuItem<Wry>,
    check: MenuItem<Wry>,
    quit: MenuItem<Wry>,
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
    let profile = app.state::<Start>().profile.clone();
    let overview = app.state::<Overview>();
    let (summary, texts) = (overview.summary(), overview.texts());
    let item = |id: &str, enabled: bool| MenuItem::with_id(app, id, "", enabled, None::<&str>);
    let (line, show, approvals, pause, check, quit) = (
        item("line", false)?,
        item(SHOW, true)?,
        item(APPROVALS, false)?,
        item(PAUSE, true)?,
        item(CHECK, true)?,
        item(QUIT, true)?,
    );
    let menu = Menu::with_items(
        app,
        &[
            &line,
            &PredefinedMenuItem::separator(app)?,
            &show,
            &approvals,
            &pause,
            &check,
            &PredefinedMenuItem::separator(app)?,
            &quit,
        ],
    )?;
    let icon = TrayIconBuilder::with_id("main")
        .icon(drawing::icon(summary.mood()))
        .icon_as_template(true)
        .tooltip(window::title(&profile, &texts))
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
    let tray = Tray {
        profile,
        icon,
        line,
        show,
        approvals,
        pause,
        check,
        quit,
    };
    tray.show(&summary, &texts);
    Ok(tray)
}

fn chosen(app: &AppHandle, event: &MenuEvent) {
    let summary = app.state::<Overview>().summary();
    match event.id().as_ref() {
        SHOW => front::open(app, OpenTarget::Connections),
        APPROVALS if summary.writes > 0 => front::open(app, OpenTarget::Approvals),
        APPROVALS => front::open(app, OpenTarget::Agents { caller: None }),
        PAUSE if summary.agents_paused => front::open(app, OpenTarget::Agents { caller: None }),
        PAUSE => in_background(app, "pausing", |engine| async move { pause(&engine).await }),
        CHECK => in_background(app, "checking", |engine| async move {
            engine.ask(Request::Refresh).await.map(|_| ())
        }),
        QUIT => app.exit(0),
        _ => {}
    }
}

fn in_background<F>(app: &AppHandle, what: &'static str, work: impl FnOnce(Engine) -> F)
where
    F: Future<Output = Result<(), Error>> + Send + 'static,
{
    let work = work(app.state::<Engine>().inner().clone());
    tauri::async_runtime::spawn(async move {
        if let Err(error) = work.await {
            tracing::warn!(code = error.code.name(), "{what} from the tray failed");
        }
    });
}

async fn pause(engine: &Engine) -> Result<(), Error> {
    let Response::Settings(settings) = engine.ask(Request::GetSettings).await? else {
        return Ok(());
    };
    let settings = Settings {
        agents_paused: true,
        ..settings
    };
    let request = Request::SetSettings { settings };
    engine.ask(request).await.map(|_| ())
}

impl Tray {
    /// Each line is its own call to the system, and any of them may fail without harm.
    pub fn show(&self, summary: &Summary, texts: &Texts) {
        let line = summary.line(texts);
        let titled = format!("{}: {line}", window::title(&self.profile, texts));
        let count = summary.waiting();
        let approvals = match count {
            0 => texts.plain("tray_approvals_none"),
            _ => texts.say(
                "tray_approvals",
                &[("count".to_owned(), count.to_string())].into(),
            ),
        };
        let pause = match summary.agents_paused {
            true => "tray_resume",
            false => "tray_pause",
        };
        // Linux shows no words beside the icon, so there the menu alone tells another profile from the person's own.
        let first = match self.profile == ProfileName::personal() {
            true => &line,
            false => &titled,
        };
        let _ = self.line.set_text(first);
        let _ = self.show.set_text(texts.plain("tray_show"));
        let _ = self.approvals.set_text(approvals);
        let _ = self.approvals.set_enabled(count > 0);
        let _ = self.pause.set_text(texts.plain(pause));
        let _ = self.check.set_text(texts.plain("tray_check"));
        let _ = self.quit.set_text(texts.plain("tray_quit"));
        let _ = self.icon.set_tooltip(Some(&titled));
        let _ = self.icon.set_icon(Some(drawing::icon(summary.mood())));
        // A new picture forgets that it is to be recoloured.
        let _ = self.icon.set_icon_as_template(true);
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
