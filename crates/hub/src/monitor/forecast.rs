//! When a sign-in will end, as far as that can be known: what the provider stated, and the rhythm in which earlier
//! ones of the same connection ended. Google ends those of an app in testing after seven days and says so nowhere;
//! the ledger remembers. Only ever announces: a forecast changes nothing about the grant.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use integrations::Auth;
use jiff::SignedDuration;
use model::{ConnectionId, ExpiringWhy, IntegrationId, Status, Timestamp};
use vault::{Credential, Grant};

use crate::core::{Core, integration};

/// An end within this is announced.
const ANNOUNCE: SignedDuration = SignedDuration::from_hours(24);
/// What ends sooner is no rhythm a person could live by, and no forecast could be a day ahead of it.
const SHORTEST: SignedDuration = SignedDuration::from_hours(48);
/// How far apart two lives may be and still be called the same: an end is noticed only at the next renewal or probe.
const TOLERANCE: SignedDuration = SignedDuration::from_hours(12);
/// How far back the ledger is asked.
const MEMORY: SignedDuration = SignedDuration::from_hours(24 * 120);

/// Rhythms worked out before; each holds for the sign-in it was asked for.
#[derive(Debug, Default)]
pub(crate) struct Rhythms(Mutex<HashMap<ConnectionId, (Timestamp, Option<SignedDuration>)>>);

impl Core {
    /// Is the end of this grant known, and near?
    pub(super) async fn forecast(
        self: &Arc<Self>,
        id: ConnectionId,
        grant: &Grant,
    ) -> Option<Status> {
        let Credential::Oauth(oauth) = &grant.credential else {
            return None;
        };
        let (at, why) = match (&oauth.refresh_token, oauth.refresh_expires_at) {
            (Some(_), Some(at)) => (at, ExpiringWhy::TimeLimited),
            (None, _) => (oauth.access_expires_at?, ExpiringWhy::NotRenewable),
            (Some(_), None) => {
                let life = self.rhythm(id, grant).await?;
                let at = grant.connected_at.checked_add(life).ok()?;
                // It outlived what was foreseen: the rhythm is over.
                if at <= self.clock.now() {
                    return None;
                }
                (at, ExpiringWhy::Rhythm)
            }
        };
        (at.duration_since(self.clock.now()) < ANNOUNCE).then_some(Status::Expiring { at, why })
    }

    /// How long this connection's sign-ins last, if they have a rhythm.
    async fn rhythm(self: &Arc<Self>, id: ConnectionId, grant: &Grant) -> Option<SignedDuration> {
        let since = grant.connected_at;
        if let Some((of, known)) = self.rhythms.lock().get(&id)
            && *of == since
        {
            return *known;
        }
        let from = since.checked_sub(MEMORY).unwrap_or(since).as_millisecond();
        let lives = self.sign_in_lives(id, from).await.ok()?;
        let rhythm = of_lives(&lives, trial_of(&grant.integration));
        self.rhythms.lock().insert(id, (since, rhythm));
        rhythm
    }
}

impl Rhythms {
    fn lock(
        &self,
    ) -> std::sync::MutexGuard<'_, HashMap<ConnectionId, (Timestamp, Option<SignedDuration>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long the provider lets sign-ins of apps in testing live, where it is known for that.
pub(crate) fn trial_of(service: &IntegrationId) -> Option<SignedDuration> {
    let Auth::Oauth(oauth) = &integration(service).ok()?.facts().auth else {
        return None;
    };
    let days = oauth.trial_days?;
    Some(SignedDuration::from_hours(i64::from(days) * 24))
}

pub(crate) fn alike(one: SignedDuration, other: SignedDuration) -> bool {
    (one - other).abs() <= TOLERANCE
}

/// `lives`: milliseconds from a sign-in to the end of what it brought, oldest first. Two alike in a row are a rhythm;
/// one is enough where it is the one the provider is known for.
fn of_lives(lives: &[i64], trial: Option<SignedDuration>) -> Option<SignedDuration> {
    let life = |at: usize| {
        let back = lives.len().checked_sub(at)?;
        lives.get(back).copied().map(SignedDuration::from_millis)
    };
    let last = life(1)?;
    if let Some(trial) = trial.filter(|trial| alike(last, *trial)) {
        return Some(trial);
    }
    let before = life(2)?;
    (alike(last, before) && last.min(before) >= SHORTEST).then(|| last.min(before))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;
    const DAY: i64 = 24 * HOUR;
    const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

    #[test]
    fn two_lives_alike_are_a_rhythm_and_the_shorter_one_counts() {
        let rhythm = of_lives(&[40 * DAY, 12 * DAY + 3 * HOUR, 12 * DAY], None);
        assert_eq!(rhythm, Some(SignedDuration::from_hours(12 * 24)));
    }

    #[test]
    fn one_life_is_a_rhythm_only_where_the_provider_is_known_for_it() {
        assert_eq!(of_lives(&[7 * DAY + HOUR], Some(WEEK)), Some(WEEK));
        assert_eq!(of_lives(&[7 * DAY + HOUR], None), None);
        assert_eq!(of_lives(&[5 * DAY], Some(WEEK)), None);
    }

    #[test]
    fn ends_that_came_as_they_came_are_none() {
        assert_eq!(of_lives(&[], Some(WEEK)), None);
        assert_eq!(of_lives(&[3 * DAY, 30 * DAY], None), None);
        assert_eq!(of_lives(&[HOUR, HOUR], None), None);
        // A week once, long ago: what came after it counts.
        assert_eq!(of_lives(&[7 * DAY, 90 * DAY], Some(WEEK)), None);
    }
}
