//! Quota units a user and minute, as a sliding window. Off unless a test turns it on.

use axum::http::StatusCode;

use super::mailbox::Mail;
use crate::google_api::{Refusal, error};
use crate::server::App;
use crate::windows::Limit;

const MINUTE_MS: i64 = 60_000;

pub(crate) fn take(app: &App, account: &str, units: u64) -> Result<(), Refusal> {
    let Some(limit) = app.state.read::<Mail, _>(|mail| mail.units_per_minute) else {
        return Ok(());
    };
    let limit = Limit {
        units: limit,
        window_ms: MINUTE_MS,
    };
    let key = format!("gmail units {account}");
    app.live
        .windows
        .take(&[(key, limit)], units, app.clock.now())
        // Google gives no hint how long to wait.
        .map_err(|_| {
            error(
                StatusCode::TOO_MANY_REQUESTS,
                "rateLimitExceeded",
                "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute per user' of service \
                 'gmail.googleapis.com'.",
            )
        })
}
