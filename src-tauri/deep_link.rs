//! Links of our scheme: tells the system that they are ours, and brings each one that arrives to the hub of its
//! profile, or the window to the place it names. Never prints or keeps one.
//!
//! On Linux and Windows a link is an argument of a new process ([`crate::arguments`], [`crate::errand`]), which only
//! comes here on a cold start or by way of single-instance. On macOS it is an event of the running process.

use std::process::Command;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use model::{AttemptId, Error, OpenTarget, Request, Response, Secret, SecretInput, SignInState};
use tauri::{AppHandle, Manager};
use tauri_plugin_deep_link::DeepLinkExt as _;

use crate::app::Start;
use crate::engine::Engine;
use crate::our_link::{OurLink, existing};
use crate::{errand, front, window};

/// A page that never paints keeps nobody from signing in by a link.
const PAINTED_WITHIN: Duration = Duration::from_secs(5);

/// Tells that whoever waits for the first picture has it.
pub struct Painted(Sender<()>);

impl Painted {
    pub fn tell(&self) {
        // Only the first time somebody waits for it.
        let _ = self.0.send(());
    }
}

/// Listens for links that reach the running process, and registers the scheme once the page has painted.
pub fn install(app: &AppHandle) {
    #[cfg(target_os = "macos")]
    listen(app);
    register(app);
}

/// The registration names the program alone: which profile a link is for is in the link, and what a profile was
/// created with is in its folder.
fn register(app: &AppHandle) {
    let (painted, first_picture) = channel();
    app.manage(Painted(painted));
    let app = app.clone();
    // Runs a dozen other programs on Linux, which the page would have to share the processor with; nobody needs it done
    // before the first sign-in.
    std::thread::spawn(move || {
        let _ = first_picture.recv_timeout(PAINTED_WITHIN);
        register_now(&app)
    });
}

/// Whether the system took it.
pub fn register_now(app: &AppHandle) -> bool {
    #[cfg(target_os = "linux")]
    if !crate::environment::has_program("xdg-mime") {
        tracing::warn!(
            "xdg-mime is missing, so links can't be registered; addresses have to be pasted"
        );
        return false;
    }
    if cfg!(target_os = "macos") {
        // The bundle says it there, for good.
        return true;
    }
    let registered = app.deep_link().register_all();
    if let Err(error) = &registered {
        tracing::warn!(%error, "links can't be registered; addresses have to be pasted");
    }
    registered.is_ok()
}

/// `get_current` holds a link that started us before this runs; later ones come as events.
#[cfg(target_os = "macos")]
fn listen(app: &AppHandle) {
    let handle = app.clone();
    app.deep_link()
        .on_open_url(move |event| deliver_all(&handle, &event.urls()));
    if let Ok(Some(urls)) = app.deep_link().get_current() {
        deliver_all(app, &urls);
    }
}

#[cfg(target_os = "macos")]
fn deliver_all(app: &AppHandle, urls: &[url::Url]) {
    for link in urls.iter().filter_map(|url| OurLink::read(url.as_str())) {
        deliver(app, link);
    }
}

/// Brings a link to the hub it is for, then shows what became of it.
pub fn deliver(app: &AppHandle, link: OurLink) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let own = app.state::<Start>().profile.clone();
        match link.profile() {
            Some(other) if *other != own && crate::profile_exists(other) => {
                if !errand::pass_on(other, &link).await {
                    start_for(link);
                }
            }
            _ => match link {
                OurLink::Redirect(link) => deliver_here(&app, link.url).await,
                OurLink::Place(link) => go(&app, link.target).await,
            },
        }
    });
}

/// Only ever shows: whoever made the link decides nothing.
async fn go(app: &AppHandle, target: OpenTarget) {
    let integrations = app.state::<Engine>().ask(Request::ListIntegrations).await;
    front::open(app, existing(target, &integrations));
}

async fn deliver_here(app: &AppHandle, url: SecretInput) {
    let engine = app.state::<Engine>();
    let refused = match engine.ask(Request::DeliverRedirect { url }).await {
        Ok(Response::SignIn(sign_in)) => {
            return front::open(app, OpenTarget::Attempt { id: sign_in.id });
        }
        Ok(_) => return window::show(app),
        Err(error) => error,
    };
    let sign_ins = engine.ask(Request::ListSignIns).await;
    let target = match ended_by(&refused, &sign_ins) {
        Some(id) => OpenTarget::Attempt { id },
        None => OpenTarget::LinkRefused { error: refused },
    };
    front::open(app, target);
}

/// The sign-in that a refused link has just ended, if it belonged to one: its own page says why.
pub fn ended_by(refused: &Error, sign_ins: &Result<Response, Error>) -> Option<AttemptId> {
    let Ok(Response::SignIns(sign_ins)) = sign_ins else {
        return None;
    };
    let ended = sign_ins
        .iter()
        .filter(|one| matches!(&one.state, SignInState::Failed { error } if error == refused));
    // Ids are ordered by time.
    ended.map(|one| one.id).max()
}

/// Starts a process of its own for a profile whose hub doesn't run.
fn start_for(link: OurLink) {
    let address = match link {
        OurLink::Redirect(link) => link.url.into_secret(),
        OurLink::Place(link) => Secret::new(link.address),
    };
    let started = tauri::utils::platform::current_exe()
        .and_then(|program| Command::new(program).arg(address.expose()).spawn());
    if let Err(error) = started {
        tracing::warn!(%error, "the profile a link is for couldn't be started");
    }
}

#[cfg(test)]
mod tests {
    use model::{ErrorCode, RedirectKind, SignInView, Timestamp};

    use super::*;

    fn failed(code: ErrorCode) -> SignInView {
        SignInView {
            id: AttemptId::generate(),
            integration: "gmail".into(),
            connection: None,
            url: String::new(),
            redirect: RedirectKind::DeepLink,
            expires_at: Timestamp::UNIX_EPOCH,
            state: SignInState::Failed { error: code.into() },
        }
    }

    #[test]
    fn a_refused_link_leads_to_the_sign_in_it_ended() {
        let former = failed(ErrorCode::SignInDenied);
        let denied = failed(ErrorCode::SignInDenied);
        assert!(former.id < denied.id);
        let other = failed(ErrorCode::SignInExpired);
        let all = Ok(Response::SignIns(vec![denied.clone(), former, other]));
        let latest = ended_by(&ErrorCode::SignInDenied.into(), &all);
        assert_eq!(latest, Some(denied.id));
    }

    #[test]
    fn a_link_of_no_sign_in_leads_nowhere() {
        let all = Ok(Response::SignIns(vec![failed(ErrorCode::SignInDenied)]));
        assert_eq!(ended_by(&ErrorCode::SignInUsed.into(), &all), None);
        let unanswered = Err(ErrorCode::Offline.into());
        assert_eq!(ended_by(&ErrorCode::SignInUsed.into(), &unanswered), None);
    }
}
