//! The loopback receiver (RFC 8252 §7.3): one listener an attempt, on an IP literal, any port.
//!
//! Answers only a GET of `/` whose Host is the listener's own address, so that no web page can reach it by
//! a name of its own (DNS rebinding), and hands the address to the one receiver, which checks the state.
//! It never redirects anywhere but to a sign-in it started itself.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{Path, Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use model::{
    AttemptId, ErrorCode, Event, OpenTarget, RedirectKind, Secret, SignInState, SignInView,
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{begin::Wanted, landing};
use crate::core::Core;

/// How long the landing page may wait for the exchange.
const OUTCOME_WITHIN: Duration = Duration::from_secs(60);
/// How long "choose again" on the landing page works.
const AFTERWARDS: Duration = Duration::from_secs(120);

struct Receiver {
    core: Arc<Core>,
    attempt: AttemptId,
    /// `127.0.0.1:PORT`, the only Host we answer to.
    authority: String,
    /// Makes "choose again" a link only our own page knows.
    again: String,
}

pub(super) fn listen(
    core: Arc<Core>,
    listener: TcpListener,
    attempt: AttemptId,
    over: CancellationToken,
) {
    let Ok(address) = listener.local_addr() else {
        return;
    };
    let closing = core.closing.clone();
    let receiver = Arc::new(Receiver {
        core,
        attempt,
        authority: address.to_string(),
        again: uuid::Uuid::new_v4().simple().to_string(),
    });
    let router = router(receiver);
    tokio::spawn(async move {
        let end = async move {
            tokio::select! {
                () = async { over.cancelled().await; tokio::time::sleep(AFTERWARDS).await } => {}
                () = closing.cancelled() => {}
            }
        };
        if let Err(error) = axum::serve(listener, router)
            .with_graceful_shutdown(end)
            .await
        {
            tracing::warn!(%error, "the loopback receiver stopped");
        }
    });
}

fn router(receiver: Arc<Receiver>) -> Router {
    Router::new()
        .route("/", get(land))
        .route("/again/{nonce}", get(again))
        .layer(middleware::from_fn_with_state(
            Arc::clone(&receiver),
            only_ours,
        ))
        .with_state(receiver)
}

/// The receiver as it stands behind its port, for whoever brings requests another way.
#[cfg(any(test, fuzzing))]
pub(super) fn behind_the_port(core: Arc<Core>, attempt: AttemptId, authority: &str) -> Router {
    router(Arc::new(Receiver {
        core,
        attempt,
        authority: authority.to_owned(),
        again: uuid::Uuid::new_v4().simple().to_string(),
    }))
}

/// Host and method are checked before anything is read.
async fn only_ours(
    State(receiver): State<Arc<Receiver>>,
    request: Request,
    next: Next,
) -> Response {
    let host = request
        .headers()
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    if host != Some(receiver.authority.as_str()) {
        return StatusCode::MISDIRECTED_REQUEST.into_response();
    }
    if request.method() != Method::GET {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::CONTENT_SECURITY_POLICY, landing::POLICY),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

async fn land(State(receiver): State<Arc<Receiver>>, request: Request) -> Response {
    let Some(query) = request.uri().query() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let address = Secret::new(format!("http://{}/?{query}", receiver.authority));
    let core = &receiver.core;
    // Listen before delivering, so that the outcome can't slip through between.
    let mut events = core.events.subscribe();
    let page = match core.deliver(address).await {
        Err(error) => landing::failed(&core.words(), &error),
        Ok(view) => {
            let outcome = wait_for(core, &mut events, view.id).await;
            core.emit(Event::Open {
                target: OpenTarget::Attempt { id: view.id },
            });
            match outcome {
                Some(SignInState::Connected {
                    connection,
                    missing,
                }) => landing::connected(
                    &core.words(),
                    &connection,
                    &missing,
                    &format!("/again/{}", receiver.again),
                ),
                Some(SignInState::Failed { error }) => landing::failed(&core.words(), &error),
                _ => landing::failed(&core.words(), &ErrorCode::Internal.into()),
            }
        }
    };
    page.into_response()
}

/// The attempt's end, whether it is there already or yet to come.
async fn wait_for(
    core: &Core,
    events: &mut tokio::sync::broadcast::Receiver<Event>,
    id: AttemptId,
) -> Option<SignInState> {
    let ended = |view: SignInView| Some(view.state).filter(SignInState::is_over);
    let wait = async {
        loop {
            if let Some(state) = core.attempts.get(id).and_then(ended) {
                return Some(state);
            }
            if matches!(
                events.recv().await,
                Err(tokio::sync::broadcast::error::RecvError::Closed)
            ) {
                return None;
            }
        }
    };
    tokio::time::timeout(OUTCOME_WITHIN, wait)
        .await
        .ok()
        .flatten()
}

/// Starts over from the landing page, for who left a permission unticked.
async fn again(State(receiver): State<Arc<Receiver>>, Path(nonce): Path<String>) -> Response {
    use subtle::ConstantTimeEq as _;
    if !bool::from(nonce.as_bytes().ct_eq(receiver.again.as_bytes())) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let core = &receiver.core;
    let Some(view) = core.attempts.get(receiver.attempt) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let SignInState::Connected { connection, .. } = view.state else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let wanted = Wanted {
        integration: view.integration,
        connection: Some(connection.id),
        scopes: None,
        redirect: Some(RedirectKind::Loopback),
        pick: false,
    };
    match core.begin_sign_in(wanted).await {
        Ok(next) => Redirect::to(&next.url).into_response(),
        Err(error) => landing::failed(&core.words(), &error).into_response(),
    }
}
