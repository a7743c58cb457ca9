//! Whether the person is told by the system now, once quiet hours are over, or not at all.
//!
//! What was held back is not a list of old news: it is looked at again when the quiet hours end, and told only as far as
//! it is still so.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use model::{ActionState, ConnectionId, Event, Notice, NoticeKind, Notify, QuietHours};

use super::notices::{News, Words, say_of, still};
use crate::core::Core;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum When {
    Now,
    Later,
    Never,
}

/// What waits for the end of the quiet hours.
#[derive(Debug, Default)]
pub(super) struct Held {
    pub(super) connections: BTreeSet<ConnectionId>,
    pub(super) not_sent: BTreeSet<ConnectionId>,
    approvals: bool,
    /// Said as they were: nothing about them changes any more.
    others: Vec<Notice>,
}

fn is_wanted(notify: &Notify, kind: NoticeKind) -> bool {
    match kind {
        NoticeKind::Down | NoticeKind::NeedsSignIn | NoticeKind::Vault => notify.trouble,
        NoticeKind::Back => notify.back,
        NoticeKind::Expiring => notify.expiring,
        NoticeKind::Approval => notify.approvals,
        NoticeKind::Action | NoticeKind::Revocation => notify.outcomes,
        NoticeKind::SignedIn => true,
    }
}

/// At this minute of the local day?
fn is_quiet(quiet: &QuietHours, minute: u16) -> bool {
    let QuietHours {
        on,
        from_min: from,
        to_min: to,
        ..
    } = *quiet;
    on && if from <= to {
        (from..to).contains(&minute)
    } else {
        minute >= from || minute < to
    }
}

impl Core {
    pub(super) fn is_quiet_now(&self) -> bool {
        // Asked of the system each time: it follows a journey and the change to summer time.
        let local = self.clock.now().to_zoned(TimeZone::system());
        let minute = i32::from(local.hour()) * 60 + i32::from(local.minute());
        is_quiet(
            &self.settings.get().quiet,
            u16::try_from(minute).unwrap_or(0),
        )
    }

    pub(super) fn when_to_say(&self, kind: NoticeKind) -> When {
        let settings = self.settings.get();
        if !is_wanted(&settings.notify, kind) {
            return When::Never;
        }
        // The answer to what the person did a moment ago wakes nobody.
        let passes = kind == NoticeKind::SignedIn
            || (kind == NoticeKind::Approval && settings.quiet.approvals_pass);
        match self.is_quiet_now() && !passes {
            true => When::Later,
            false => When::Now,
        }
    }

    /// For notices that are about no state of a connection.
    pub(crate) fn tell(&self, notice: Notice) {
        match self.when_to_say(notice.kind) {
            When::Never => {}
            When::Now => self.emit(Event::Notice { notice }),
            When::Later => {
                let mut held = self.notices.held();
                match notice.kind {
                    NoticeKind::Approval => held.approvals = true,
                    _ => held.others.push(notice),
                }
            }
        }
    }

    /// With each round: the quiet hours may be over.
    pub(super) async fn say_what_was_held(&self) {
        if self.is_quiet_now() {
            return;
        }
        let held = std::mem::take(&mut *self.notices.held());
        let mut news: BTreeMap<ConnectionId, _> = BTreeMap::new();
        for id in &held.connections {
            if let Some(row) = self.roster.get(*id)
                && !row.paused
                && let Some(what) = still(&row.status)
            {
                news.insert(*id, (what, self.view(&row)));
            }
        }
        super::notices::say(self, news);
        let views: Vec<_> = held
            .not_sent
            .iter()
            .filter_map(|id| self.roster.get(*id))
            .map(|row| self.view(&row))
            .collect();
        say_of(self, News::NotSent, &views.iter().collect::<Vec<_>>());
        for notice in held.others {
            self.tell(notice);
        }
        if held.approvals {
            self.tell_of_what_waits().await;
        }
    }

    async fn tell_of_what_waits(&self) {
        let open = self.db(|store| store.outbox().open()).await;
        let writes = open.unwrap_or_default();
        let writes = writes
            .iter()
            .filter(|row| matches!(row.state, ActionState::AwaitingApproval { .. }))
            .count();
        let callers = self.policy.waiting();
        if writes + callers > 0 {
            let words = Words(self.words());
            self.tell(words.waiting(writes, callers));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(from_min: u16, to_min: u16) -> QuietHours {
        QuietHours {
            on: true,
            from_min,
            to_min,
            approvals_pass: false,
        }
    }

    #[test]
    fn quiet_hours_begin_at_the_first_minute_and_end_before_the_last() {
        let night = hours(22 * 60, 7 * 60);
        for (minute, quiet) in [
            (22 * 60, true),
            (23 * 60 + 59, true),
            (0, true),
            (7 * 60 - 1, true),
            (7 * 60, false),
            (12 * 60, false),
            (22 * 60 - 1, false),
        ] {
            assert_eq!(is_quiet(&night, minute), quiet, "{minute}");
        }
        let noon = hours(12 * 60, 13 * 60);
        assert!(is_quiet(&noon, 12 * 60) && !is_quiet(&noon, 13 * 60) && !is_quiet(&noon, 0));
        let off = QuietHours { on: false, ..night };
        assert!(!is_quiet(&off, 0));
    }
}
