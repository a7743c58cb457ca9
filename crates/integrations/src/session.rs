//! What one call needs, lent by the hub and never kept: a token, a client, where it belongs, and how fast it may go.

use std::{
    fmt,
    num::NonZeroUsize,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use lru::LruCache;
use model::{EmailSummary, Secret};
use reqwest::RequestBuilder;

use crate::{CallError, Endpoints, Facts, call, call::Answer, doing::ChatTarget};

/// What one call needs. Lent by the hub, and never kept.
#[derive(Clone)]
pub struct Session {
    /// Follows no redirect and has its timeouts set.
    pub http: reqwest::Client,
    /// The access token, or the key from the form.
    pub token: Secret,
    /// Where the grant belongs; the token goes nowhere else.
    pub endpoints: Endpoints,
    /// The scopes really granted.
    pub granted: Vec<String>,
    /// Keeps the service's limits ahead of time; shared by all calls of the connection.
    pub pacer: Arc<dyn Pacer>,
    /// What this call costs, counted as it goes.
    pub meter: Arc<Meter>,
    /// Headers that were fetched before.
    pub headers: Arc<HeaderShelf>,
}

impl Session {
    /// For a single call that no limit is kept for: a first probe, a test, a measurement.
    #[must_use]
    pub fn unpaced(
        http: reqwest::Client,
        token: Secret,
        endpoints: Endpoints,
        granted: Vec<String>,
    ) -> Self {
        Self {
            http,
            token,
            endpoints,
            granted,
            pacer: Arc::new(Unpaced),
            meter: Arc::default(),
            headers: Arc::default(),
        }
    }

    /// Waits until the service's limits leave room for `times` calls that cost what the facts say of `call`.
    pub(crate) async fn pace(
        &self,
        facts: &Facts,
        call: &str,
        times: u32,
        to: Option<&ChatTarget>,
    ) {
        let units = facts.costs.get(call).copied().unwrap_or(1);
        self.pacer.take(units.saturating_mul(times), to).await;
    }

    /// Sends, and reads the whole answer up to the usual limit.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Result<Answer, CallError> {
        call::send(&self.meter, request).await
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("token", &self.token)
            .field("endpoints", &self.endpoints)
            .field("granted", &self.granted)
            .finish_non_exhaustive()
    }
}

/// Limits, kept by the hub.
#[async_trait]
pub trait Pacer: Send + Sync {
    /// Returns once `units` may be spent; first come, first served.
    async fn take(&self, units: u32, to: Option<&ChatTarget>);
}

/// For tests and measurements: no limits.
#[derive(Debug)]
pub struct Unpaced;

#[async_trait]
impl Pacer for Unpaced {
    async fn take(&self, _units: u32, _to: Option<&ChatTarget>) {}
}

/// Requests and bytes of one use of a capability.
#[derive(Debug, Default)]
pub struct Meter {
    requests: AtomicU64,
    sent: AtomicU64,
    received: AtomicU64,
}

impl Meter {
    pub(crate) fn request(&self, bytes: u64) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.sent.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Bytes of a body that is streamed, as they go.
    pub(crate) fn sent(&self, bytes: usize) {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.sent.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn received(&self, bytes: usize) {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.received.fetch_add(bytes, Ordering::Relaxed);
    }

    #[must_use]
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Bytes of bodies, without headers.
    #[must_use]
    pub fn bytes_out(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    #[must_use]
    pub fn bytes_in(&self) -> u64 {
        self.received.load(Ordering::Relaxed)
    }
}

/// Mail headers don't change, so those fetched once are kept in memory (never on disk) while the hub runs.
#[derive(Debug)]
pub struct HeaderShelf(Mutex<LruCache<String, EmailSummary>>);

impl HeaderShelf {
    /// Ten pages of the longest list.
    const ROOM: NonZeroUsize = match NonZeroUsize::new(5000) {
        Some(room) => room,
        None => NonZeroUsize::MIN,
    };

    pub(crate) fn get(&self, id: &str) -> Option<EmailSummary> {
        self.lock().get(id).cloned()
    }

    pub(crate) fn put(&self, email: EmailSummary) {
        self.lock().put(email.id.clone(), email);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, LruCache<String, EmailSummary>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for HeaderShelf {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(Self::ROOM)))
    }
}
