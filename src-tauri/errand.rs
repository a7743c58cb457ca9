//! What a start can do without a window: hand a link, or the wish to see the window, to the hub that already runs for
//! its profile, over the local socket, before anything graphical is loaded.

use std::time::Duration;

use link::{Client, ProfilePaths};
use model::{OpenTarget, ProfileName, Request, Response};
use tokio::time::timeout;

use crate::deep_link::ended_by;
use crate::our_link::{OurLink, existing};
use crate::redirect_link::RedirectLink;

/// A hub on this machine answers in milliseconds.
const ANSWER: Duration = Duration::from_secs(3);
/// A link's answer can mean calls to the provider.
const DELIVERY: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// A running hub took everything; this process can leave.
    Done,
    /// Nobody could be asked, or only a hub without a window: this process opens one.
    NeedsWindow,
    /// A window runs that has to hear of this from the process itself.
    TellWindow,
}

/// Runs the errand of a start for the profile at `paths`.
pub async fn run(paths: &ProfilePaths, link: Option<&OurLink>, hidden: bool) -> Outcome {
    let Ok(Ok(client)) = timeout(ANSWER, Client::connect(paths)).await else {
        return Outcome::NeedsWindow;
    };
    let windowed = has_window(&client).await;
    let target = match link {
        Some(OurLink::Place(_)) if !windowed => return Outcome::NeedsWindow,
        Some(OurLink::Place(link)) => place(&client, link.target.clone()).await,
        Some(OurLink::Redirect(link)) => match deliver(&client, link).await {
            Some(target) => target,
            // Our own window says why; it gets the link once more, by way of single-instance, and refuses it again.
            None if windowed => return Outcome::TellWindow,
            None => return Outcome::Done,
        },
        None if !windowed => return Outcome::NeedsWindow,
        None if hidden => return Outcome::Done,
        None => OpenTarget::Connections,
    };
    // A hub without a window has nothing to bring forward, and whoever began the sign-in there sees it end.
    let _ = timeout(ANSWER, client.ask(Request::Open { target })).await;
    Outcome::Done
}

async fn has_window(client: &Client) -> bool {
    let answer = timeout(ANSWER, client.ask(Request::Hub)).await;
    matches!(answer, Ok(Ok(Response::Hub(hub))) if !hub.headless)
}

/// The place a link names, as far as it exists.
async fn place(client: &Client, target: OpenTarget) -> OpenTarget {
    match timeout(ANSWER, client.ask(Request::ListIntegrations)).await {
        Ok(integrations) => existing(target, &integrations),
        Err(_) => target,
    }
}

/// Hands the link over and says where the window should go; `None` when the link belongs to no sign-in that could say
/// what happened.
async fn deliver(client: &Client, link: &RedirectLink) -> Option<OpenTarget> {
    let request = Request::DeliverRedirect {
        url: link.url.clone(),
    };
    match timeout(DELIVERY, client.ask(request)).await {
        Ok(Ok(Response::SignIn(sign_in))) => Some(OpenTarget::Attempt { id: sign_in.id }),
        // It has the link; how that ends is its own affair.
        Ok(Ok(_)) | Err(_) => Some(OpenTarget::Connections),
        Ok(Err(refused)) => {
            let sign_ins = timeout(ANSWER, client.ask(Request::ListSignIns))
                .await
                .ok()?;
            let id = ended_by(&refused, &sign_ins)?;
            Some(OpenTarget::Attempt { id })
        }
    }
}

/// Hands a link that reached this process to the hub of the profile it is for. `false` = no hub runs there.
pub async fn pass_on(profile: &ProfileName, link: &OurLink) -> bool {
    let Ok(paths) = ProfilePaths::for_profile(profile, None) else {
        return false;
    };
    run(&paths, Some(link), false).await == Outcome::Done
}
