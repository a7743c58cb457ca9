//! Usage: calls, errors, time and bytes a day, as whoever asks counts their days.

use model::{Error, ErrorCode, UsageQuery, UsageRow};

use crate::core::Core;

pub(super) const DAY_MS: i64 = 24 * 3600 * 1000;
const USUAL_DAYS: u32 = 30;
const MOST_DAYS: u32 = 400;
/// From UTC-12 to UTC+14, as the world has them.
const OFFSETS_MIN: std::ops::RangeInclusive<i32> = -12 * 60..=14 * 60;

/// The days that were asked for: which is the first, which the last, and where a day begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Span {
    pub(super) first_day: i64,
    pub(super) last_day: i64,
    pub(super) offset_ms: i64,
}

impl Span {
    /// When the first day began, in milliseconds since 1970.
    pub(super) const fn since(&self) -> i64 {
        self.first_day * DAY_MS - self.offset_ms
    }
}

/// Days since 1970.
pub(super) const fn day_of(at: i64, offset_ms: i64) -> i64 {
    (at + offset_ms).div_euclid(DAY_MS)
}

impl Core {
    pub(super) async fn usage(&self, query: UsageQuery) -> Result<Vec<UsageRow>, Error> {
        let span = self.span(query.days.unwrap_or(USUAL_DAYS), query.utc_offset_min)?;
        self.db(move |store| {
            store
                .ledger()
                .usage(query.connection, span.since(), span.offset_ms)
        })
        .await
    }

    pub(super) fn span(&self, days: u32, utc_offset_min: i32) -> Result<Span, Error> {
        let refuse = |field: &str, reason: &str| {
            Error::new(ErrorCode::InvalidInput)
                .with("field", field)
                .with("reason", self.words().plain(reason))
        };
        if !(1..=MOST_DAYS).contains(&days) {
            return Err(refuse("days", "reason_days"));
        }
        if !OFFSETS_MIN.contains(&utc_offset_min) {
            return Err(refuse("utc_offset_min", "reason_utc_offset"));
        }
        let offset_ms = i64::from(utc_offset_min) * 60_000;
        let last_day = day_of(self.clock.now().as_millisecond(), offset_ms);
        Ok(Span {
            first_day: last_day - i64::from(days) + 1,
            last_day,
            offset_ms,
        })
    }
}
