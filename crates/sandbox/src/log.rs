//! Every request a twin saw, for tests to count. Holds no query, no body and no token.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::{Serialize, Serializer};

/// Enough for a long test run; the oldest entries go first.
const KEPT: usize = 20_000;

/// Which request it is: whichever came later is greater. Handlers find it among the request's extensions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Arrival(u64);

impl Arrival {
    /// After every request there will ever be.
    pub const LAST: Arrival = Arrival(u64::MAX);
}

#[derive(Clone, Serialize)]
pub(crate) struct Entry {
    pub seq: u64,
    /// By the real clock, whatever the skew.
    pub at: Timestamp,
    pub service: &'static str,
    pub method: String,
    pub path: String,
    /// Bytes of its body that came so far.
    #[serde(serialize_with = "number")]
    pub bytes_in: Arc<AtomicU64>,
    /// Absent while the request is under way, and for good when its connection was dropped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grant_type: Option<String>,
    /// The kind of the fault that decided the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<&'static str>,
}

#[derive(Default)]
pub(crate) struct Log(Mutex<Lines>);

#[derive(Default)]
struct Lines {
    last: u64,
    entries: VecDeque<Entry>,
}

impl Log {
    /// Notes a request as it arrives; the answer is added by [`Log::answered`].
    pub fn arrived(
        &self,
        service: &'static str,
        method: &str,
        path: String,
        bytes_in: Arc<AtomicU64>,
        grant_type: Option<String>,
    ) -> Arrival {
        let mut lines = self.lock();
        lines.last += 1;
        let seq = lines.last;
        if lines.entries.len() == KEPT {
            lines.entries.pop_front();
        }
        lines.entries.push_back(Entry {
            seq,
            at: Timestamp::now(),
            service,
            method: method.into(),
            path,
            bytes_in,
            status: None,
            grant_type,
            fault: None,
        });
        Arrival(seq)
    }

    pub fn answered(
        &self,
        Arrival(seq): Arrival,
        status: Option<u16>,
        fault: Option<&'static str>,
    ) {
        if let Some(entry) = self
            .lock()
            .entries
            .iter_mut()
            .rev()
            .find(|entry| entry.seq == seq)
        {
            entry.status = status;
            entry.fault = fault;
        }
    }

    pub fn entries(&self) -> Vec<Entry> {
        self.lock().entries.iter().cloned().collect()
    }

    pub fn clear(&self) {
        self.lock().entries.clear();
    }

    fn lock(&self) -> MutexGuard<'_, Lines> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn number<S: Serializer>(bytes: &Arc<AtomicU64>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(bytes.load(Ordering::Relaxed))
}
