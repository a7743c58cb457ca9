//! Whose turn it is: a session has one writer, the request that arrived last.
//!
//! A request that takes its turn fences off every earlier one before it looks at what is stored. Bytes that an earlier
//! one still brings are dropped, so the offset that a question is told holds: nothing grows behind the back of the
//! client that asked. What counts is when a request arrived, not when it is acted on, since a fault may hold it back
//! in between, and a killed client's last chunk may lie in the buffers meanwhile.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::StatusCode;

use super::{Session, Sessions};
use crate::blobs::{Blob, Spool};
use crate::google_api::{Refusal, broken, error, not_found};
use crate::log::Arrival;
use crate::server::App;

/// The places of sessions, by their keys. After a restart their files are opened again.
#[derive(Default)]
pub(crate) struct Spools(Mutex<HashMap<String, Arc<Place>>>);

impl Spools {
    pub fn clear(&self) {
        let places = std::mem::take(&mut *lock(&self.0));
        places.values().for_each(|place| place.close());
    }

    pub(super) fn begin(&self, key: String, spool: Spool) {
        let place = Place::default();
        lock(&place.0).spool = Some(spool);
        lock(&self.0).insert(key, Arc::new(place));
    }

    /// For good: whoever still writes is fenced off.
    pub(super) fn end(&self, key: &str) {
        let place = lock(&self.0).remove(key);
        if let Some(place) = place {
            place.close();
        }
    }
}

#[derive(Default)]
struct Place(Mutex<Held>);

#[derive(Default)]
struct Held {
    /// The latest arrival that took its turn.
    latest: Arrival,
    spool: Option<Spool>,
}

impl Place {
    fn close(&self) {
        let mut held = lock(&self.0);
        held.latest = Arrival::LAST;
        held.spool = None;
    }
}

/// What a request may do until a later one takes its turn.
pub(super) struct Turn {
    place: Arc<Place>,
    arrival: Arrival,
}

impl Turn {
    /// From now on no earlier request stores anything. Returns the session as the earlier ones left it.
    pub fn take(app: &App, key: &str, arrival: Arrival) -> Result<(Turn, Session), Refusal> {
        let place = lock(&app.live.spools.0)
            .entry(key.to_owned())
            .or_default()
            .clone();
        let mut held = lock(&place.0);
        if arrival < held.latest {
            return Err(overtaken());
        }
        held.latest = arrival;
        // Read behind the fence: the earlier writer may have ended the session a moment ago.
        let session = app
            .state
            .read::<Sessions, _>(|sessions| sessions.open.get(key).cloned())
            .ok_or_else(|| not_found("Upload session not found."))?;
        match &mut held.spool {
            // What came after the last whole block goes with the connection that brought it.
            Some(spool) => spool.forget_pending(),
            None if session.done.is_some() => {}
            none => *none = Some(app.blobs.resume(&session.spool).map_err(broken)?),
        }
        drop(held);
        Ok((Turn { place, arrival }, session))
    }

    /// Nobody takes over while this is held; so not for longer than a piece takes.
    pub fn hold(&self) -> Result<Writing<'_>, Refusal> {
        let held = lock(&self.place.0);
        if held.latest != self.arrival || held.spool.is_none() {
            return Err(overtaken());
        }
        Ok(Writing(held))
    }
}

/// A session's bytes, in the hands of the one who may write.
pub(super) struct Writing<'a>(MutexGuard<'a, Held>);

impl Writing<'_> {
    pub fn stored(&self) -> u64 {
        self.0.spool.as_ref().map_or(0, Spool::stored)
    }

    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        self.spool()?.push(bytes).map_err(broken)
    }

    pub fn forget_pending(&mut self) {
        if let Some(spool) = &mut self.0.spool {
            spool.forget_pending();
        }
    }

    /// Closes the file. Should the end be refused, the next request opens it again.
    pub fn finish(&mut self) -> Result<Blob, Refusal> {
        let blob = self.spool()?.finish().map_err(broken);
        self.0.spool = None;
        blob
    }

    fn spool(&mut self) -> Result<&mut Spool, Refusal> {
        self.0.spool.as_mut().ok_or_else(overtaken)
    }
}

/// Google says nothing of two writers; 503 makes whoever hears it ask how much there is.
fn overtaken() -> Refusal {
    error(
        StatusCode::SERVICE_UNAVAILABLE,
        "backendError",
        "A later request for this upload took over.",
    )
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
