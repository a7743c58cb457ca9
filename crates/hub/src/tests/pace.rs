//! A burst of any size takes what the limits demand and not a refusal more. The service here counts as strictly as the
//! real ones are said to; the clock is tokio's, paused.

use std::{collections::HashMap, time::Duration};

use futures_util::{StreamExt as _, stream::FuturesUnordered};
use integrations::{ChatTarget, Pacer as _};
use tokio::time::Instant;

use super::*;

fn facts(id: &str) -> &'static Facts {
    integrations::find(&id.into()).unwrap().facts()
}

fn pace(id: &str) -> Arc<Pace> {
    Paces::default().of(ConnectionId::generate(), facts(id), None)
}

/// Takes what arrives and refuses what is too much within any window, as a 429 would.
#[derive(Default)]
struct Strict {
    arrived: HashMap<String, Vec<(Instant, u32)>>,
    refused: usize,
}

impl Strict {
    fn arrive(&mut self, key: &str, units: u32, limit: u32, span: Duration) {
        let now = Instant::now();
        let all = self.arrived.entry(key.to_owned()).or_default();
        let used: u32 = all
            .iter()
            .rev()
            .take_while(|(when, _)| now.duration_since(*when) < span)
            .map(|(_, units)| units)
            .sum();
        if used + units > limit {
            self.refused += 1;
        }
        all.push((now, units));
    }
}

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

async fn messages(count: usize, chats: usize) -> (Duration, usize) {
    let pace = pace("telegram");
    let service = Mutex::new(Strict::default());
    let started = Instant::now();
    let mut all: FuturesUnordered<_> = (0..count)
        .map(|number| {
            let (pace, service) = (&pace, &service);
            async move {
                let to = ChatTarget {
                    id: (number % chats).to_string(),
                    kind: "person",
                };
                pace.take(1, Some(&to)).await;
                let mut service = service.lock().unwrap();
                service.arrive("all", 1, 30, SECOND);
                service.arrive(&to.id, 1, 1, SECOND);
            }
        })
        .collect();
    while all.next().await.is_some() {}
    drop(all);
    (started.elapsed(), service.into_inner().unwrap().refused)
}

fn within_two_percent(took: Duration, least: Duration) {
    assert!(
        took >= least && took <= least.mul_f64(1.02),
        "{took:?} instead of {least:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_thousand_messages_to_a_thousand_people_take_the_least_time_and_no_refusal() {
    let (took, refused) = messages(1000, 1000).await;
    assert_eq!(refused, 0);
    // Thirty at once, then thirty more each second.
    within_two_percent(took, Duration::from_secs(33));
}

#[tokio::test(start_paused = true)]
async fn a_thousand_messages_to_ten_people_take_the_least_time_and_no_refusal() {
    let (took, refused) = messages(1000, 10).await;
    assert_eq!(refused, 0);
    within_two_percent(took, Duration::from_secs(99));
}

#[tokio::test(start_paused = true)]
async fn a_busy_chat_never_holds_up_another() {
    let pace = pace("telegram");
    let chat = |id: &str| ChatTarget {
        id: id.to_owned(),
        kind: "person",
    };
    let (busy, other) = (chat("busy"), chat("other"));
    let started = Instant::now();
    let burst = async {
        for _ in 0..20 {
            pace.take(1, Some(&busy)).await;
        }
    };
    let one = async {
        tokio::time::sleep(Duration::from_millis(10)).await;
        pace.take(1, Some(&other)).await;
        started.elapsed()
    };
    let ((), waited) = tokio::join!(burst, one);
    assert!(waited < Duration::from_millis(20), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn a_burst_of_mails_takes_the_least_time_of_gmails_quota_and_no_refusal() {
    let pace = pace("gmail");
    let mut service = Strict::default();
    let started = Instant::now();
    // 100 units each, 6,000 a minute: sixty at once.
    for _ in 0..1000 {
        pace.take(100, None).await;
        service.arrive("all", 100, 6000, MINUTE);
    }
    assert_eq!(service.refused, 0);
    within_two_percent(started.elapsed(), 16 * MINUTE);
}

#[tokio::test(start_paused = true)]
async fn a_bigger_quota_counts_at_once_and_what_was_spent_stays_spent() {
    let paces = Paces::default();
    let id = ConnectionId::generate();
    let pace = paces.of(id, facts("gmail"), None);
    pace.take(6000, None).await;
    paces.set_quotas(&BTreeMap::from([("gmail".into(), 15_000)]));
    let started = Instant::now();
    pace.take(9000, None).await;
    assert_eq!(started.elapsed(), Duration::ZERO);
    pace.take(1, None).await;
    assert!(started.elapsed() >= MINUTE, "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn connections_of_one_registration_share_its_limit() {
    let paces = Paces::default();
    let registration = || Some(("google".to_owned(), "client".to_owned()));
    let mut facts = facts("gmail").clone();
    facts
        .rate_limits
        .retain(|limit| limit.shared == Shared::Registration);
    let one = paces.of(ConnectionId::generate(), &facts, registration());
    let other = paces.of(ConnectionId::generate(), &facts, registration());
    let started = Instant::now();
    one.take(1_000_000, None).await;
    other.take(200_000, None).await;
    assert_eq!(started.elapsed(), Duration::ZERO);
    other.take(1, None).await;
    assert!(started.elapsed() >= MINUTE);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_waits_for_its_own_limit_holds_up_no_other_of_the_registration() {
    let paces = Paces::default();
    let registration = || Some(("google".to_owned(), "client".to_owned()));
    let of = |id: &str| paces.of(ConnectionId::generate(), facts(id), registration());
    let (busy, other, files) = (of("gmail"), of("gmail"), of("google_drive"));
    let started = Instant::now();
    let burst = async {
        let all: FuturesUnordered<_> = (0..300).map(|_| busy.take(100, None)).collect();
        all.count().await;
        started.elapsed()
    };
    let rest = async {
        tokio::time::sleep(Duration::from_millis(10)).await;
        other.take(100, None).await;
        files.take(100, None).await;
        started.elapsed()
    };
    let (took, waited) = tokio::join!(burst, rest);
    within_two_percent(took, 4 * MINUTE);
    assert!(waited < Duration::from_millis(20), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn whoever_goes_between_reservations_leaves_them_their_room() {
    let paces = Paces::default();
    let registration = || Some(("google".to_owned(), "client".to_owned()));
    let mut facts = facts("gmail").clone();
    for limit in &mut facts.rate_limits {
        limit.units = match limit.shared {
            Shared::Registration => 700,
            _ => 400,
        };
    }
    let of = || paces.of(ConnectionId::generate(), &facts, registration());
    let all = [of(), of(), of()];
    let service = Mutex::new(Strict::default());
    let started = Instant::now();
    // Units that don't divide the limits, from connections that begin at different times.
    let calls = all.iter().enumerate().flat_map(|(number, pace)| {
        let service = &service;
        (0..20_u64).map(move |turn| async move {
            let number = u64::try_from(number).unwrap();
            tokio::time::sleep(SECOND * u32::try_from(number * 7 + turn % 3).unwrap()).await;
            let units = u32::try_from(30 + (turn * 13 + number * 29) % 90).unwrap();
            pace.take(units, None).await;
            let mut service = service.lock().unwrap();
            service.arrive("registration", units, 700, MINUTE);
            service.arrive(&number.to_string(), units, 400, MINUTE);
        })
    });
    calls.collect::<FuturesUnordered<_>>().count().await;
    let service = service.into_inner().unwrap();
    assert_eq!(service.refused, 0);
    let units: u32 = service.arrived["registration"]
        .iter()
        .map(|one| one.1)
        .sum();
    let least = MINUTE * (units / 700);
    // Where calls don't fill a minute, some of it is lost.
    let took = started.elapsed();
    assert!(
        took >= least && took < least.mul_f64(1.5),
        "{took:?} for {units}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_pause_the_service_asks_for_holds_everyone() {
    let pace = pace("telegram");
    pace.pause(Duration::from_secs(17));
    let started = Instant::now();
    pace.take(1, None).await;
    assert!(started.elapsed() >= Duration::from_secs(17));
}
