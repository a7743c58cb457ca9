//! Health: how many seconds of each day a connection worked, didn't, or wasn't watched.
//!
//! Changes of its status and the hub's own coming and going are laid on one line of time and walked once.
//! After a crash nobody wrote when the hub went; the last line before its next start bounds it.

use model::{ConnectionId, Error, ErrorCode, HealthDay};
use store::{LedgerMark, day_name};

use super::figures::{DAY_MS, Span, day_of};
use crate::core::Core;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Class {
    Up,
    Unreachable,
    NeedsPerson,
    Paused,
    Unknown,
}

impl Class {
    fn of(status: &str) -> Self {
        match status {
            "connected" | "expiring" => Self::Up,
            "offline" | "service_down" | "rate_limited" => Self::Unreachable,
            "needs_sign_in" | "refused" | "vault_locked" | "no_keychain" | "not_configured" => {
                Self::NeedsPerson
            }
            "paused" => Self::Paused,
            _ => Self::Unknown,
        }
    }
}

/// What happens to the line of time at a moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Turn {
    Status(Class),
    GapBegins,
    GapEnds,
    Midnight,
}

impl Core {
    pub(super) async fn health(
        &self,
        connection: ConnectionId,
        days: u32,
        utc_offset_min: i32,
    ) -> Result<Vec<HealthDay>, Error> {
        let span = self.span(days, utc_offset_min)?;
        let since = span.since();
        let (statuses, marks) = self
            .db(move |store| {
                let ledger = store.ledger();
                Ok((ledger.statuses(connection, since)?, ledger.marks(since)?))
            })
            .await?;
        let row = self.roster.get(connection);
        if row.is_none() && statuses.is_empty() {
            return Err(Error::new(ErrorCode::UnknownConnection).with("connection", connection));
        }
        // Connected before there was a ledger: it existed, and nobody wrote how it was.
        let existed = row.map(|row| row.connected_at.as_millisecond());
        let now = self.clock.now().as_millisecond();
        Ok(health(span, now, existed, &statuses, &marks))
    }
}

fn health(
    span: Span,
    now: i64,
    existed: Option<i64>,
    statuses: &[(i64, String)],
    marks: &[LedgerMark],
) -> Vec<HealthDay> {
    let mut turns: Vec<(i64, Turn)> = statuses
        .iter()
        .map(|(at, status)| (*at, Turn::Status(Class::of(status))))
        .collect();
    let before = existed.filter(|at| statuses.first().is_none_or(|(first, _)| at < first));
    turns.extend(before.map(|at| (at, Turn::Status(Class::Unknown))));
    let midnights = span.first_day..=span.last_day;
    turns.extend(midnights.map(|day| (day * DAY_MS - span.offset_ms, Turn::Midnight)));
    for (begins, ends) in gaps(marks, now) {
        turns.push((begins, Turn::GapBegins));
        turns.push((ends, Turn::GapEnds));
    }
    turns.sort_by_key(|(at, _)| *at);
    turns.retain(|(at, _)| *at <= now);

    let count = usize::try_from(span.last_day - span.first_day + 1).unwrap_or(0);
    let mut days = vec![[0_i64; 5]; count];
    let mut class: Option<Class> = None;
    let mut open_gaps = 0_u32;
    for (n, (at, turn)) in turns.iter().enumerate() {
        match turn {
            Turn::Status(now_it_is) => class = Some(*now_it_is),
            Turn::GapBegins => open_gaps += 1,
            Turn::GapEnds => open_gaps = open_gaps.saturating_sub(1),
            Turn::Midnight => {}
        }
        let until = turns.get(n + 1).map_or(now, |(at, _)| *at);
        let Some(class) = class.map(|class| if open_gaps > 0 { Class::Unknown } else { class })
        else {
            continue;
        };
        let day = usize::try_from(day_of(*at, span.offset_ms) - span.first_day).ok();
        if let Some(day) = day.and_then(|day| days.get_mut(day)) {
            day[class as usize] += until - at;
        }
    }
    days.iter()
        .zip(span.first_day..)
        .map(|(ms, day)| {
            let of = |class: Class| u32::try_from(ms[class as usize] / 1000).unwrap_or(0);
            HealthDay {
                day: day_name(day),
                up_s: of(Class::Up),
                unreachable_s: of(Class::Unreachable),
                needs_person_s: of(Class::NeedsPerson),
                paused_s: of(Class::Paused),
                unknown_s: of(Class::Unknown),
            }
        })
        .collect()
}

/// When the hub didn't run, or slept: from, to. Empty ones are left out.
fn gaps(marks: &[LedgerMark], now: i64) -> Vec<(i64, i64)> {
    let mut gaps = Vec::new();
    let mut closed_at = None;
    for mark in marks {
        match mark.result.as_str() {
            "closed" => closed_at = Some(mark.at),
            "opened" => {
                let gone = closed_at.take().or(mark.before).unwrap_or(mark.at);
                gaps.push((gone, mark.at));
            }
            "woke" => gaps.push((mark.at - mark.millis, mark.at)),
            _ => {}
        }
    }
    gaps.extend(closed_at.map(|at| (at, now)));
    gaps.retain(|(begins, ends)| begins < ends);
    gaps
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOUR: i64 = 3_600_000;
    const DAY: i64 = 20_000;

    fn span(days: i64) -> Span {
        Span {
            first_day: DAY - days + 1,
            last_day: DAY,
            offset_ms: 0,
        }
    }

    fn at(day: i64, hour: i64) -> i64 {
        day * DAY_MS + hour * HOUR
    }

    fn statuses(of: &[(i64, &str)]) -> Vec<(i64, String)> {
        of.iter()
            .map(|(at, name)| (*at, (*name).to_owned()))
            .collect()
    }

    fn mark(at: i64, result: &str, before: Option<i64>) -> LedgerMark {
        LedgerMark {
            at,
            result: result.to_owned(),
            millis: 0,
            before,
        }
    }

    fn hours(day: &HealthDay) -> [u32; 5] {
        [
            day.up_s,
            day.unreachable_s,
            day.needs_person_s,
            day.paused_s,
            day.unknown_s,
        ]
        .map(|seconds| seconds / 3600)
    }

    #[test]
    fn each_class_gets_its_hours_and_a_status_lasts_over_midnight() {
        let told = statuses(&[
            (at(DAY - 1, 6), "connected"),
            (at(DAY - 1, 20), "service_down"),
            (at(DAY, 2), "needs_sign_in"),
            (at(DAY, 5), "paused"),
        ]);
        let days = health(span(2), at(DAY, 12), None, &told, &[]);
        assert_eq!(hours(&days[0]), [14, 4, 0, 0, 0]);
        assert_eq!(hours(&days[1]), [0, 2, 3, 7, 0]);
        assert_eq!(days[1].day, "2024-10-04");
    }

    #[test]
    fn what_was_before_the_first_day_goes_on_in_it() {
        let told = statuses(&[(at(DAY - 9, 0), "connected")]);
        let days = health(span(2), at(DAY, 1), None, &told, &[]);
        assert_eq!(hours(&days[0]), [24, 0, 0, 0, 0]);
        assert_eq!(hours(&days[1]), [1, 0, 0, 0, 0]);
    }

    #[test]
    fn while_the_hub_did_not_run_nothing_is_known() {
        let told = statuses(&[(at(DAY, 0), "connected")]);
        let marks = [
            mark(at(DAY, 0), "opened", None),
            mark(at(DAY, 4), "closed", Some(at(DAY, 3))),
            mark(at(DAY, 9), "opened", Some(at(DAY, 4))),
            // Killed some time after ten.
            mark(at(DAY, 15), "opened", Some(at(DAY, 10))),
        ];
        let days = health(span(1), at(DAY, 16), None, &told, &marks);
        assert_eq!(hours(&days[0]), [6, 0, 0, 0, 10]);
    }

    #[test]
    fn sleep_is_not_watched() {
        let told = statuses(&[(at(DAY, 0), "connected")]);
        let mut woke = mark(at(DAY, 8), "woke", None);
        woke.millis = 6 * HOUR;
        let days = health(span(1), at(DAY, 10), None, &told, &[woke]);
        assert_eq!(hours(&days[0]), [4, 0, 0, 0, 6]);
    }

    #[test]
    fn a_connection_older_than_the_ledger_existed_unknown() {
        let told = statuses(&[(at(DAY, 6), "connected")]);
        let days = health(span(2), at(DAY, 10), Some(at(DAY - 1, 12)), &told, &[]);
        assert_eq!(hours(&days[0]), [0, 0, 0, 0, 12]);
        assert_eq!(hours(&days[1]), [4, 0, 0, 0, 6]);
    }

    #[test]
    fn the_offset_decides_where_a_day_begins() {
        let told = statuses(&[(at(DAY, 20), "connected")]);
        let east = Span {
            first_day: DAY,
            last_day: DAY + 1,
            offset_ms: 3 * HOUR,
        };
        let days = health(east, at(DAY, 23), None, &told, &[]);
        assert_eq!((hours(&days[0])[0], hours(&days[1])[0]), (1, 2));
    }

    proptest! {
        #[test]
        fn no_day_has_more_seconds_than_were_there(
            changes in proptest::collection::vec((0i64..4 * 24, 0usize..7), 0..20),
            comings in proptest::collection::vec((0i64..4 * 24, 0usize..3, 0i64..30), 0..20),
            now in 1i64..4 * 24,
        ) {
            let names = ["connected", "offline", "paused", "unproven", "refused", "vault_locked", "?"];
            let first = DAY - 3;
            let mut told: Vec<(i64, String)> = changes
                .iter()
                .map(|(hour, name)| (at(first, *hour), names[*name].to_owned()))
                .collect();
            told.sort_by_key(|(at, _)| *at);
            let mut marks: Vec<LedgerMark> = comings
                .iter()
                .map(|(hour, what, length)| LedgerMark {
                    millis: length * HOUR,
                    ..mark(at(first, *hour), ["opened", "closed", "woke"][*what], Some(at(first, hour - length)))
                })
                .collect();
            marks.sort_by_key(|mark| mark.at);
            let now = at(first, now);
            let began = told.first().map_or(now, |(at, _)| *at);
            let days = health(span(4), now, None, &told, &marks);
            for (n, day) in days.iter().enumerate() {
                let starts = at(first + i64::try_from(n).unwrap(), 0);
                let watched = (now.min(starts + DAY_MS) - began.max(starts)).max(0) / 1000;
                let sum = day.up_s + day.unreachable_s + day.needs_person_s + day.paused_s + day.unknown_s;
                prop_assert_eq!(i64::from(sum), watched);
            }
        }
    }
}
