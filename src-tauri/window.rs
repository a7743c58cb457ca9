//! Our one window: made on first need, shown, hidden to the tray, and held to our own page. Decides nothing about
//! connections; the hub is only told whether somebody looks.

use std::time::Duration;

use model::{ProfileName, Request, Texts};
use tauri::webview::{NewWindowResponse, PageLoadEvent, PermissionResponse};
use tauri::window::Color;
use tauri::{AppHandle, Manager, Theme, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder};
use tokio::sync::watch;

use crate::app::Start;
use crate::engine::Engine;
use crate::overview::Overview;

pub const LABEL: &str = "main";
const NAME: &str = "Autopilot";
const SIZE: (f64, f64) = (1120.0, 760.0);
const SMALLEST: (f64, f64) = (360.0, 480.0);

/// `--bg` of the page's tokens in either theme: what is seen until the page is.
const LIGHT: Color = Color(0xf5, 0xf4, 0xf1, 0xff);
const DARK: Color = Color(0x17, 0x16, 0x15, 0xff);

/// Whether somebody can see the window, for the hub, which checks more often then.
pub struct Visibility(watch::Sender<bool>);

impl Visibility {
    /// Tells the hub of every change, the latest one only, once it is open.
    pub fn follow(engine: Engine) -> Self {
        let (sender, mut visible) = watch::channel(false);
        tauri::async_runtime::spawn(async move {
            while visible.changed().await.is_ok() && engine.opened().await.is_some() {
                let visible = *visible.borrow_and_update();
                if let Err(error) = engine.ask(Request::SetWindowVisible { visible }).await {
                    tracing::warn!(
                        code = error.code.name(),
                        "the hub doesn't know whether the window is seen"
                    );
                }
            }
        });
        Self(sender)
    }
}

/// What the desktop calls a profile's window and icon. The person's own goes by the plain name; any other says which it
/// is, so that pretend accounts aren't taken for theirs in a list of windows.
pub fn title(profile: &ProfileName, texts: &Texts) -> String {
    if *profile == ProfileName::personal() {
        return NAME.to_owned();
    }
    // As the head of the page has it.
    let known_as = match *profile == ProfileName::sandbox() {
        true => texts.plain("ui_sandbox"),
        false => profile.to_string(),
    };
    format!("{NAME} ({known_as})")
}

/// Shows the window in front of others, making it first where there is none. Callable from any thread.
pub fn show(app: &AppHandle) {
    let app = app.clone();
    match app.get_webview_window(LABEL) {
        Some(window) => {
            let _ = app.run_on_main_thread(move || come_forward(&window));
        }
        // Not on the main thread: on Windows a window made inside an event's handler never comes up.
        None => {
            std::thread::spawn(move || create(&app));
        }
    }
}

fn come_forward(window: &WebviewWindow) {
    let done = window
        .show()
        .and_then(|()| window.unminimize())
        .and_then(|()| window.set_focus());
    if let Err(error) = done {
        tracing::warn!(%error, "the window didn't come forward");
    }
    look(window.app_handle());
}

/// Hides the window; the hub goes on.
pub fn hide(app: &AppHandle) {
    if let Some(window) = app.get_webview_window(LABEL) {
        let _ = window.hide();
        look(app);
    }
}

/// The page has painted, or at least loaded.
pub fn reveal(window: &WebviewWindow) {
    if !window.is_visible().unwrap_or(true) {
        let _ = window.show();
    }
    look(window.app_handle());
}

/// The number on the app's icon in the dock or panel, where the desktop shows one.
pub fn badge(app: &AppHandle, count: usize) {
    let Some(window) = app.get_webview_window(LABEL) else {
        return;
    };
    let count = i64::try_from(count).ok().filter(|count| *count > 0);
    if let Err(error) = window.set_badge_count(count) {
        tracing::debug!(%error, "this desktop shows no number on an app's icon");
    }
}

/// Looks whether somebody can see the window, and tells when that changed.
pub fn look(app: &AppHandle) {
    let Some(window) = app.get_webview_window(LABEL) else {
        return;
    };
    let visible = window.is_visible().unwrap_or(true) && !window.is_minimized().unwrap_or(false);
    app.state::<Visibility>()
        .0
        .send_if_modified(|known| std::mem::replace(known, visible) != visible);
}

/// Minimising takes the focus first and is only known a moment later, without an event of its own.
pub fn look_again_soon(app: &AppHandle) {
    const A_MOMENT: Duration = Duration::from_millis(400);
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(A_MOMENT).await;
        // Asking a window waits for the main thread, which may be waiting for the runtime: never on one of its workers.
        let here = app.clone();
        let _ = app.run_on_main_thread(move || look(&here));
    });
}

/// Makes the window, once.
pub fn create(app: &AppHandle) {
    if let Err(error) = build(app) {
        tracing::error!(%error, "the window couldn't be made");
    }
}

fn build(app: &AppHandle) -> tauri::Result<()> {
    let title = title(
        &app.state::<Start>().profile,
        &app.state::<Overview>().texts(),
    );
    let window = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::default())
        .title(title)
        .inner_size(SIZE.0, SIZE.1)
        .min_inner_size(SMALLEST.0, SMALLEST.1)
        .prevent_overflow()
        .visible(false)
        .devtools(cfg!(debug_assertions))
        .on_navigation(is_our_page)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_download(|_, _| false)
        .on_permission_request(|_, _| PermissionResponse::Deny)
        .on_page_load(|window, load| {
            if load.event() == PageLoadEvent::Finished {
                reveal(&window);
            }
        })
        .build()?;
    // The theme is only known once there is a window; nothing has been seen of it yet.
    let background = match window.theme() {
        Ok(Theme::Dark) => DARK,
        _ => LIGHT,
    };
    window.set_background_color(Some(background))?;
    let waiting = app.state::<Overview>().summary().waiting();
    if waiting > 0 {
        badge(app, waiting);
    }
    // WebKitGTK paints nothing for a hidden window, and would only begin to once the page has loaded.
    if cfg!(target_os = "linux") {
        reveal(&window);
    }
    Ok(())
}

/// The page never leads anywhere else: `tauri://localhost`, or `http://tauri.localhost` on Windows. What a frame holds
/// that the page itself fills (a mail, without scripts and without our origin) is no other place; a window can't go there.
fn is_our_page(url: &Url) -> bool {
    match url.scheme() {
        "tauri" => url.host_str() == Some("localhost"),
        "about" => url.path() == "srcdoc",
        "http" | "https" => cfg!(windows) && url.host_str() == Some("tauri.localhost"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_desktop_tells_the_sandbox_and_other_profiles_from_the_persons_own() {
        let english = Texts::english();
        let work = ProfileName::new("work").unwrap();
        assert_eq!(title(&ProfileName::personal(), &english), "Autopilot");
        assert_eq!(
            title(&ProfileName::sandbox(), &english),
            "Autopilot (Sandbox)"
        );
        assert_eq!(title(&work, &english), "Autopilot (work)");
    }

    #[test]
    fn the_window_stays_on_our_own_page() {
        assert!(is_our_page(&"about:srcdoc".parse().unwrap()));
        assert!(cfg!(windows) || is_our_page(&"tauri://localhost/index.html".parse().unwrap()));
        for elsewhere in [
            "https://accounts.google.com/",
            "https://localhost/",
            "tauri://evil/",
            "file:///etc/passwd",
            "data:text/html,x",
            "javascript:alert(1)",
            "about:blank",
        ] {
            assert!(!is_our_page(&elsewhere.parse().unwrap()), "{elsewhere}");
        }
    }
}
