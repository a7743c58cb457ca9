//! Links of our scheme: tells the system that they are ours, and brings each one that arrives to the hub of its
//! profile. Never prints or keeps one.
//!
//! On Linux and Windows a link is an argument of a new process ([`crate::arguments`], [`crate::errand`]), which only
//! comes here on a cold start or by way of single-instance. On macOS it is an event of the running process.

use std::process::Command;

use model::{OpenTarget, Request, Response, SecretInput};
use tauri::{AppHandle, Manager};
use tauri_plugin_deep_link::DeepLinkExt as _;

use crate::app::Start;
use crate::engine::Engine;
use crate::redirect_link::RedirectLink;
use crate::{errand, front, notify};

/// Registers the scheme and listens for links that reach the running process.
pub fn install(app: &AppHandle) {
    #[cfg(target_os = "macos")]
    listen(app);
    register(app);
}

/// The registration names the program alone: which profile a link is for is in the link, and what a profile was
/// created with is in its folder.
fn register(app: &AppHandle) {
    #[cfg(target_os = "linux")]
    if !crate::environment::has_program("xdg-mime") {
        tracing::warn!("xdg-mime is missing, so links can't be registered; addresses have to be pasted");
        return;
    }
    if cfg!(target_os = "macos") {
        // The bundle says it there, for good.
        return;
    }
    let app = app.clone();
    // Runs other programs on Linux; nobody needs it done before the first sign-in.
    std::thread::spawn(move || {
        if let Err(error) = app.deep_link().register_all() {
            tracing::warn!(%error, "links can't be registered; addresses have to be pasted");
        }
    });
}

/// `get_current` holds a link that started us before this runs; later ones come as events.
#[cfg(target_os = "macos")]
fn listen(app: &AppHandle) {
    let handle = app.clone();
    app.deep_link().on_open_url(move |event| deliver_all(&handle, &event.urls()));
    if let Ok(Some(urls)) = app.deep_link().get_current() {
        deliver_all(app, &urls);
    }
}

#[cfg(target_os = "macos")]
fn deliver_all(app: &AppHandle, urls: &[url::Url]) {
    for link in urls.iter().filter_map(|url| RedirectLink::read(url.as_str())) {
        deliver(app, link);
    }
}

/// Brings a link to the hub it is for, then shows what became of it.
pub fn deliver(app: &AppHandle, link: RedirectLink) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let own = app.state::<Start>().profile.clone();
        match &link.profile {
            Some(other) if *other != own && crate::profile_exists(other) => {
                if !errand::pass_on(other, &link).await {
                    start_for(link.url);
                }
            }
            _ => deliver_here(&app, link.url).await,
        }
    });
}

async fn deliver_here(app: &AppHandle, url: SecretInput) {
    match app.state::<Engine>().ask(Request::DeliverRedirect { url }).await {
        Ok(Response::SignIn(sign_in)) => front::open(app, OpenTarget::Attempt { id: sign_in.id }),
        Ok(_) => front::open(app, OpenTarget::Connections),
        Err(error) => {
            tracing::info!(code = error.code.name(), "a link was refused");
            notify::error(app, &error);
            front::open(app, OpenTarget::Connections);
        }
    }
}

/// Starts a process of its own for a profile whose hub doesn't run.
fn start_for(url: SecretInput) {
    let started = tauri::utils::platform::current_exe()
        .and_then(|program| Command::new(program).arg(url.into_secret().expose()).spawn());
    if let Err(error) = started {
        tracing::warn!(%error, "the profile a link is for couldn't be started");
    }
}
