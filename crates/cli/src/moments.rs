//! Moments in words: how long ago, how long until. Rounded down, one unit, as people say it.

use model::Timestamp;

/// "12 s ago", "3 min ago", "just now".
pub(crate) fn ago(now: Timestamp, then: Timestamp) -> String {
    match now.as_second().saturating_sub(then.as_second()) {
        // Clocks of two processes may differ by a moment; the future is not news.
        ..=1 => "just now".to_owned(),
        seconds => format!("{} ago", length(seconds)),
    }
}

/// "in 12 s", "now".
pub(crate) fn until(now: Timestamp, then: Timestamp) -> String {
    match then.as_second().saturating_sub(now.as_second()) {
        ..=0 => "now".to_owned(),
        seconds => format!("in {}", length(seconds)),
    }
}

fn length(seconds: i64) -> String {
    match seconds {
        ..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..86_400 => format!("{} h", seconds / 3_600),
        86_400..172_800 => "1 day".to_owned(),
        _ => format!("{} days", seconds / 86_400),
    }
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
            .map(|seconds| ago(at(1_000_000), at(1_000_000 - seconds)))
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
        assert_eq!(ago(at(100), at(105)), "just now");
        assert_eq!(until(at(105), at(100)), "now");
        assert_eq!(until(at(100), at(130)), "in 30 s");
    }
}
