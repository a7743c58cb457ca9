//! How fast a bot may send. Source: "Bots FAQ", "My bot is hitting limits". Telegram tolerates short bursts; this twin
//! takes the figures by their word.

use serde::{Deserialize, Serialize};

use super::Refused;
use super::chats::{Chat, Kind};
use crate::server::App;
use crate::windows::Limit;

/// Null or 0 = none.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Limits {
    pub per_chat_per_s: Option<u64>,
    pub per_group_per_min: Option<u64>,
    pub overall_per_s: Option<u64>,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            per_chat_per_s: Some(1),
            per_group_per_min: Some(20),
            overall_per_s: Some(30),
        }
    }
}

/// Counts one message, or tells how long to wait.
pub(crate) fn take(app: &App, limits: Limits, bot: i64, chat: &Chat) -> Result<(), Refused> {
    let mut windows = Vec::new();
    let mut add = |key: String, units: Option<u64>, window_ms| {
        if let Some(units) = units.filter(|units| *units > 0) {
            windows.push((key, Limit { units, window_ms }));
        }
    };
    add(format!("telegram {bot}"), limits.overall_per_s, 1000);
    add(
        format!("telegram {bot} {}", chat.id),
        limits.per_chat_per_s,
        1000,
    );
    if chat.kind != Kind::Private {
        add(
            format!("telegram {bot} {} minute", chat.id),
            limits.per_group_per_min,
            60_000,
        );
    }
    app.live
        .windows
        .take(&windows, 1, app.clock.now())
        .map_err(|wait| {
            // Whole seconds, never too few.
            Refused::too_fast(u64::try_from(wait).unwrap_or(0).div_ceil(1000).max(1))
        })
}
