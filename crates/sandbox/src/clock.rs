//! The time as the twins see it: the real clock plus a skew that a test sets.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;

/// Milliseconds since the Unix epoch, by the twins' clock.
pub(crate) type Millis = i64;

#[derive(Default)]
pub(crate) struct Clock {
    skew_ms: AtomicI64,
}

impl Clock {
    pub fn now(&self) -> Millis {
        Timestamp::now()
            .as_millisecond()
            .saturating_add(self.skew_ms.load(Ordering::Relaxed))
    }

    pub fn set_skew(&self, seconds: i64) {
        self.skew_ms
            .store(seconds.saturating_mul(1000), Ordering::Relaxed);
    }

    /// The `Date` header: RFC 9110 §5.6.7, IMF-fixdate.
    pub fn http_date(&self) -> String {
        let now = Timestamp::from_millisecond(self.now()).unwrap_or_else(|_| Timestamp::now());
        now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
    }
}
