//! What tests turn: faults, clock, log, reset. Twins add their own under the same prefix.
//!
//! Needs no password, so a page in the user's browser must not reach it: bodies have to say that they are JSON (which
//! a browser asks about first) and an `Origin` is refused.

use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::faults::{Fault, Rule};
use crate::log::Entry;
use crate::server::App;
use crate::twins::TWINS;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/control/health", get(health))
        .route("/control/faults", post(add_fault).delete(clear_faults))
        .route("/control/faults/{id}", delete(remove_fault))
        .route("/control/clock", post(set_clock))
        .route("/control/log", get(read_log).delete(clear_log))
        .route("/control/reset", post(reset))
}

/// Refuses what a browser sends on behalf of some page.
pub(crate) async fn no_browsers(request: Request, next: Next) -> Response {
    if request.uri().path().starts_with("/control")
        && request.headers().contains_key(header::ORIGIN)
    {
        return (
            StatusCode::FORBIDDEN,
            "Pages may not control the sandbox.\n",
        )
            .into_response();
    }
    next.run(request).await
}

/// A mistake in a control request, told plainly: the reader is a person writing a test.
pub(crate) fn mistake(status: StatusCode, what: impl Into<String>) -> Response {
    (status, Json(json!({ "error": what.into() }))).into_response()
}

async fn health() -> Json<Value> {
    let services: Vec<_> = TWINS.iter().map(|twin| twin.name).collect();
    Json(json!({ "ok": true, "services": services }))
}

async fn add_fault(State(app): State<App>, Json(rule): Json<Rule>) -> Response {
    let service = rule.matches.service.as_str();
    if service != "*" && !TWINS.iter().any(|twin| twin.name == service) {
        return mistake(StatusCode::BAD_REQUEST, format!("no service {service}"));
    }
    if let Fault::Status { status, .. } | Fault::StatusAfter { status, .. } = rule.fault
        && !(200..600).contains(&status)
    {
        return mistake(StatusCode::BAD_REQUEST, "status must be 200 to 599");
    }
    Json(json!({ "id": app.faults.add(rule) })).into_response()
}

async fn remove_fault(State(app): State<App>, Path(id): Path<u64>) -> Response {
    if app.faults.remove(id) {
        done()
    } else {
        mistake(StatusCode::NOT_FOUND, "no such fault")
    }
}

async fn clear_faults(State(app): State<App>) -> Response {
    app.faults.clear();
    done()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Skew {
    skew_s: i64,
}

async fn set_clock(State(app): State<App>, Json(skew): Json<Skew>) -> Response {
    app.clock.set_skew(skew.skew_s);
    done()
}

async fn read_log(State(app): State<App>) -> Json<Vec<Entry>> {
    Json(app.log.entries())
}

async fn clear_log(State(app): State<App>) -> Response {
    app.log.clear();
    done()
}

async fn reset(State(app): State<App>) -> Response {
    app.faults.clear();
    app.clock.set_skew(0);
    app.log.clear();
    app.state.reset();
    app.blobs.clear();
    app.live.clear();
    done()
}

pub(crate) fn done() -> Response {
    Json(json!({ "ok": true })).into_response()
}
