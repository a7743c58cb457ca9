//! Signing in over the hub's own socket, so that it can be killed at each step of it.

use std::time::Duration;

use autopilot_tests::{Consent, Face, World};
use model::{
    ConnectionId, ConnectionView, Error, ErrorCode, RedirectKind, Request, Response, SecretInput,
    SignInState,
};

/// How far a sign-in came.
#[derive(Debug)]
pub enum Came {
    /// The hub said so.
    Connected(Box<ConnectionView>),
    /// The hub said no.
    Refused(Error),
    /// The hub was gone. With the address the browser ended on, if it came to that.
    Cut(Option<String>),
}

/// From the first click to the end, or until the hub is gone.
pub fn sign_in(world: &World, face: &Face, account: &str, again: Option<ConnectionId>) -> Came {
    sign_in_to("gmail", world, face, account, again)
}

pub fn sign_in_to(
    integration: &str,
    world: &World,
    face: &Face,
    account: &str,
    again: Option<ConnectionId>,
) -> Came {
    let begun = face.ask(Request::BeginSignIn {
        integration: integration.into(),
        connection: again,
        scopes: None,
        redirect: Some(RedirectKind::DeepLink),
    });
    let begun = match begun {
        Ok(Response::SignIn(view)) => view,
        Err(error) if error.code != ErrorCode::HubUnreachable => return Came::Refused(error),
        _ => return Came::Cut(None),
    };
    let address = world.peer().consent(&begun.url, &Consent::of(account));
    deliver(face, address)
}

/// Hands over the address the browser ended on.
pub fn deliver(face: &Face, address: String) -> Came {
    let url = SecretInput::new(&address);
    let id = match face.ask(Request::DeliverRedirect { url }) {
        Ok(Response::SignIn(view)) => view.id,
        Err(error) if error.code != ErrorCode::HubUnreachable => return Came::Refused(error),
        _ => return Came::Cut(Some(address)),
    };
    loop {
        let Ok(Response::SignIns(all)) = face.ask(Request::ListSignIns) else {
            return Came::Cut(Some(address));
        };
        match all
            .into_iter()
            .find(|view| view.id == id)
            .map(|it| it.state)
        {
            Some(SignInState::Connected { connection, .. }) => return Came::Connected(connection),
            Some(SignInState::Failed { error }) => return Came::Refused(error),
            _ => std::thread::sleep(Duration::from_millis(5)),
        }
    }
}
