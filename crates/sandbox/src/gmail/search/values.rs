//! The sizes, days and spans of time in a search.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::clock::Millis;

pub const DAY_MS: Millis = 24 * 60 * 60 * 1000;

pub fn bytes(value: &str) -> Option<u64> {
    let lower = value.to_ascii_lowercase();
    let (number, unit) = match lower.trim_end_matches('b') {
        number if number.ends_with('k') => (number.trim_end_matches('k'), 1024),
        number if number.ends_with('m') => (number.trim_end_matches('m'), 1024 * 1024),
        number => (number, 1),
    };
    number.parse::<u64>().ok()?.checked_mul(unit)
}

/// Seconds since the epoch, or a date, which begins at midnight in California.
pub fn moment(value: &str) -> Option<Millis> {
    if let Ok(seconds) = value.parse::<i64>() {
        return seconds.checked_mul(1000);
    }
    let date: Date = value
        .replace('/', "-")
        .split('-')
        .collect::<Vec<_>>()
        .try_into()
        .ok()
        .and_then(civil)?;
    let midnight = date.at(0, 0, 0, 0);
    let pacific = midnight.in_tz("America/Los_Angeles");
    // Without a time zone database winter time has to do.
    let at: Timestamp = match pacific {
        Ok(zoned) => zoned.timestamp(),
        Err(_) => midnight.in_tz("UTC").ok()?.timestamp() + jiff::SignedDuration::from_hours(8),
    };
    Some(at.as_millisecond())
}

fn civil(parts: [&str; 3]) -> Option<Date> {
    let [year, month, day] = parts;
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// `7d`, `2m`, `1y`
pub fn span(value: &str) -> Option<Millis> {
    let unit = value.chars().next_back()?;
    let days = match unit {
        'h' => return Some(value[..value.len() - 1].parse::<Millis>().ok()? * DAY_MS / 24),
        'd' => 1,
        'w' => 7,
        'm' => 30,
        'y' => 365,
        _ => return None,
    };
    value[..value.len() - 1]
        .parse::<Millis>()
        .ok()?
        .checked_mul(days * DAY_MS)
}
