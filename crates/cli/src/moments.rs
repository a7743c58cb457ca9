//! Moments in words: how long ago, how long until. Rounded down, one unit, as people say it.

use model::{Texts, Timestamp};

use crate::words::{counted, words};

/// Messages by their unit, the smallest first.
type Units = [&'static str; 4];

const AGO: Units = [
    "cli_moment_seconds_ago",
    "cli_moment_minutes_ago",
    "cli_moment_hours_ago",
    "cli_moment_days_ago",
];
const UNTIL: Units = [
    "cli_moment_in_seconds",
    "cli_moment_in_minutes",
    "cli_moment_in_hours",
    "cli_moment_in_days",
];

/// "12 s ago", "3 min ago", "just now".
pub(crate) fn ago(texts: &Texts, now: Timestamp, then: Timestamp) -> String {
    match now.as_second().saturating_sub(then.as_second()) {
        // Clocks of two processes may differ by a moment; the future is not news.
        ..=1 => words(texts, "cli_moment_just_now", &[]),
        seconds => length(texts, AGO, seconds),
    }
}

/// "in 12 s", "now".
pub(crate) fn until(texts: &Texts, now: Timestamp, then: Timestamp) -> String {
    match then.as_second().saturating_sub(now.as_second()) {
        ..=0 => words(texts, "cli_moment_now", &[]),
        seconds => length(texts, UNTIL, seconds),
    }
}

fn length(texts: &Texts, [seconds, minutes, hours, days]: Units, long: i64) -> String {
    let (key, unit) = match long {
        ..60 => (seconds, 1),
        60..3_600 => (minutes, 60),
        3_600..86_400 => (hours, 3_600),
        _ => (days, 86_400),
    };
    counted(texts, key, long / unit, &[])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_moment_is_said_in_its_largest_unit() {
        let said: Vec<String> = [0, 12, 60, 3_599, 7_200, 90_000, 200_000]
            .map(|seconds| ago(&Texts::english(), at(1_000_000), at(1_000_000 - seconds)))
            .into();
        assert_eq!(
            said,
            [
                "just now",
                "12 s ago",
                "1 min ago",
                "59 min ago",
                "2 h ago",
                "1 day ago",
                "2 days ago"
            ]
        );
    }

    #[test]
    fn a_clock_that_runs_ahead_is_not_told_as_the_future() {
        let texts = Texts::english();
        assert_eq!(ago(&texts, at(100), at(105)), "just now");
        assert_eq!(until(&texts, at(105), at(100)), "now");
        assert_eq!(until(&texts, at(100), at(130)), "in 30 s");
    }
}
