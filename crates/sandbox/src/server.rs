//! The listener, and the way of one request: host check, log, faults, twin, `Date`.
//!
//! The accept loop is our own because a fault has to close a connection without an answer, which hyper does when a
//! service fails and which nothing inside axum can ask for.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use url::Url;

use crate::blobs::Blobs;
use crate::body::{self, NotWhole, Tap};
use crate::clock::Clock;
use crate::control;
use crate::faults::{Decided, Fault, Faults, Struck};
use crate::form::{FORM, Form, media_type};
use crate::google_uploads::Spools;
use crate::log::Log;
use crate::state::State;
use crate::telegram::Pollers;
use crate::twins::{TWINS, Twin, twin_of};
use crate::windows::Windows;

/// Bodies are read whole, so that a drop after acting never races the upload; only resumable uploads, which know no
/// limit, go through as they come. Telegram takes 50 MB.
const LARGEST_BODY: usize = 64 << 20;

/// Everything a handler may touch; one cloneable handle.
#[derive(Clone)]
pub(crate) struct App(Arc<Parts>);

pub(crate) struct Parts {
    pub base: Url,
    pub state: State,
    pub clock: Clock,
    pub faults: Faults,
    pub log: Log,
    pub blobs: Blobs,
    pub live: Live,
}

impl App {
    pub fn new(base: Url, state: State, blobs: Blobs) -> App {
        App(Arc::new(Parts {
            base,
            state,
            clock: Clock::default(),
            faults: Faults::default(),
            log: Log::default(),
            blobs,
            live: Live::default(),
        }))
    }
}

/// What goes on right now and no restart survives.
#[derive(Default)]
pub(crate) struct Live {
    /// Requests of the last minute, against the services' limits.
    pub windows: Windows,
    /// Resumable uploads under way, with their open files.
    pub spools: Spools,
    pub pollers: Pollers,
}

impl Live {
    pub fn clear(&self) {
        self.windows.clear();
        self.spools.clear();
        self.pollers.clear();
    }
}

impl std::ops::Deref for App {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// The connection ends without an answer.
#[derive(Debug, thiserror::Error)]
#[error("a fault dropped this connection")]
struct Dropped;

/// Serves until it is aborted; the connections end with it.
pub(crate) async fn run(listener: TcpListener, app: App) {
    let router = router(&app);
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        match listener.accept().await {
            Ok((stream, _)) => {
                connections.spawn(serve(stream, app.clone(), router.clone()));
            }
            // Out of file descriptors, or the peer gave up: neither ends the listener.
            Err(error) => {
                tracing::warn!(%error, "the sandbox could not accept a connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

fn router(app: &App) -> Router {
    let mut router = control::routes();
    for twin in TWINS {
        router = router
            .merge((twin.routes)())
            .nest("/control", (twin.control)());
    }
    router
        .fallback(unknown)
        .method_not_allowed_fallback(unknown)
        .layer(axum::middleware::from_fn(control::no_browsers))
        // The whole body was read under our own limit already.
        .layer(axum::extract::DefaultBodyLimit::disable())
        .with_state(app.clone())
}

/// No such path, or not with this method: the providers answer both alike.
async fn unknown(uri: Uri) -> Response {
    match twin_of(uri.path()) {
        Some(twin) => (twin.refusal)(StatusCode::NOT_FOUND, None),
        None => (StatusCode::NOT_FOUND, "The sandbox has nothing here.\n").into_response(),
    }
}

async fn serve(stream: TcpStream, app: App, router: Router) {
    // Otherwise small answers wait for the peer's delayed acknowledgement.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| answer(&app, &router, request));
    // An error here is the peer's going away or a drop we wanted.
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn answer(
    app: &App,
    router: &Router,
    request: Request<Incoming>,
) -> Result<Response, Dropped> {
    if !is_loopback(request.uri(), request.headers()) {
        // DNS rebinding: a page on the web must not reach us under its own name.
        return Ok((
            StatusCode::MISDIRECTED_REQUEST,
            "This is a sandbox on loopback.\n",
        )
            .into_response());
    }
    let Some(twin) = twin_of(request.uri().path()) else {
        return Ok(dated(app, pass(router, request.map(Body::new)).await));
    };
    let (mut parts, body) = request.into_parts();
    let struck = Struck {
        service: twin.name,
        method: parts.method.as_str().to_owned(),
        path: (twin.redact)(parts.uri.path()),
    };
    let verdict = app.faults.strike(&struck);
    let cut = match &verdict.fault {
        Some(Fault::DropInBody { bytes }) => Some(*bytes),
        _ => None,
    };
    let tap = Tap::new(Body::new(body));
    let mut body = tap.body(cut);
    let mut grant = None;
    let mut broken = false;
    // A small body is read before its request is logged, since the log tells the grant type.
    if !(twin.streams)(&parts) {
        body = match body::whole(body, LARGEST_BODY).await {
            Ok(whole) => {
                grant = grant_type(&parts.headers, &whole);
                Body::from(whole)
            }
            Err(NotWhole::TooLarge) => {
                tap.drain().await;
                return Ok((twin.refusal)(StatusCode::PAYLOAD_TOO_LARGE, None));
            }
            Err(NotWhole::Broken) => {
                broken = true;
                Body::empty()
            }
        };
    }
    let arrival = app.log.arrived(
        twin.name,
        parts.method.as_str(),
        struck.path.clone(),
        tap.came(),
        grant,
    );
    tokio::time::sleep(verdict.delay).await;
    parts.extensions.insert(struck);
    parts.extensions.insert(arrival);
    let request = Request::from_parts(parts, body);
    let mut fault = verdict.fault.as_ref().map(Fault::kind);
    let response = match &verdict.fault {
        // Half a request reaches nobody.
        _ if broken => None,
        Some(Fault::DropBefore) => None,
        Some(Fault::DropAfter | Fault::DropInBody { .. }) => {
            pass(router, request).await;
            None
        }
        Some(after @ Fault::StatusAfter { .. }) => {
            pass(router, request).await;
            instead(twin, after)
        }
        Some(Fault::DelayAfter { ms }) => {
            let done = pass(router, request).await;
            tokio::time::sleep(Duration::from_millis(*ms)).await;
            Some(done)
        }
        Some(Fault::DropInAnswer { bytes }) => Some(body::cut(pass(router, request).await, *bytes)),
        Some(Fault::SlowLoris { interval_ms }) => Some(body::trickle(
            pass(router, request).await,
            Duration::from_millis(*interval_ms),
        )),
        Some(fault) => instead(twin, fault),
        None => Some(pass(router, request).await),
    };
    // Who answers before the whole body came would meet a reset instead of the answer.
    if cut.is_none() {
        tap.drain().await;
    }
    if let Some(Decided(kind)) = response.as_ref().and_then(|one| one.extensions().get()) {
        fault = Some(kind);
    }
    app.log.answered(
        arrival,
        response.as_ref().map(|response| response.status().as_u16()),
        fault.or_else(|| (verdict.delay > Duration::ZERO).then_some("delay")),
    );
    response.map(|response| dated(app, response)).ok_or(Dropped)
}

pub(crate) async fn pass(router: &Router, request: Request<Body>) -> Response {
    let answered: Result<Response, Infallible> =
        TowerToHyperService::new(router.clone()).call(request).await;
    match answered {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// The answer of a fault that replaces the service's.
pub(crate) fn instead(twin: &Twin, fault: &Fault) -> Option<Response> {
    match fault {
        Fault::Status {
            status,
            retry_after_s,
            body,
        }
        | Fault::StatusAfter {
            status,
            retry_after_s,
            body,
        } => {
            let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let mut response = match body {
                None => (twin.refusal)(status, *retry_after_s),
                Some(serde_json::Value::String(text)) => (status, text.clone()).into_response(),
                Some(json) => (status, axum::Json(json)).into_response(),
            };
            if let Some(seconds) = retry_after_s {
                response
                    .headers_mut()
                    .insert(header::RETRY_AFTER, HeaderValue::from(*seconds));
            }
            Some(response)
        }
        Fault::Html => {
            Some(axum::response::Html(include_str!("captive_portal.html")).into_response())
        }
        Fault::Garbage => Some(
            (
                [(header::CONTENT_TYPE, "application/json; charset=UTF-8")],
                "{\"ok\":tru\u{0}\u{fffd}]",
            )
                .into_response(),
        ),
        _ => None,
    }
}

fn dated(app: &App, mut response: Response) -> Response {
    if let Ok(date) = HeaderValue::from_str(&app.clock.http_date()) {
        response.headers_mut().insert(header::DATE, date);
    }
    response
}

fn grant_type(headers: &HeaderMap, body: &Bytes) -> Option<String> {
    (media_type(headers).as_deref() == Some(FORM))
        .then(|| Form::parse(body).get("grant_type").map(str::to_owned))?
}

/// Whether every name the request gives us is loopback.
fn is_loopback(uri: &Uri, headers: &HeaderMap) -> bool {
    let named = |host: &str| {
        let name = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => host,
        };
        ["127.0.0.1", "localhost", "[::1]"]
            .iter()
            .any(|ours| name.eq_ignore_ascii_case(ours))
    };
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = hosts.next().and_then(|host| host.to_str().ok());
    host.is_some_and(named)
        && hosts.next().is_none()
        && uri
            .authority()
            .is_none_or(|authority| named(authority.as_str()))
}
