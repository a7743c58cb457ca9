//! A week in seconds: the hub's clocks are moved from one round to the next, which renews hundreds of times. What it holds
//! at the end is what it held after the first day. (Timers of the runtime can't be moved along: the calls are real ones.)

use model::{RedirectKind, Status};

use super::world::World;
use crate::monitor::Probe;

const ANNA: &str = "anna@example.org";
/// As rarely as an unwatched connection is ever looked at.
const STEP_S: i64 = 30 * 60;
const STEPS_A_DAY: usize = 48;
/// Connections kept open to a service, requests that just ended.
const COMING_AND_GOING: usize = 24;

/// What a day left behind.
#[derive(Debug)]
struct Left {
    tasks: usize,
    sign_ins: usize,
    /// Rows of sign-ins, of renewals under way, and of revocations.
    rows: usize,
    lines: i64,
}

impl Left {
    async fn by(world: &World) -> Self {
        let (rows, lines) = world
            .core()
            .db(|store| {
                let rows = store.attempts().pending()?.len() + store.revocations().all()?.len();
                let lines = store.ledger().ends()?.last.unwrap_or(0);
                Ok((rows, lines))
            })
            .await
            .unwrap();
        Self {
            tasks: tokio::runtime::Handle::current()
                .metrics()
                .num_alive_tasks(),
            sign_ins: world.core().attempts.all().len(),
            rows,
            lines,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_week_leaves_behind_no_more_than_a_day() {
    let world = World::new().await;
    world.connect("gmail", ANNA).await;
    world.connect("google_drive", ANNA).await;
    world.connect_bot().await.unwrap();
    let before = world.renewals().await;

    let mut days = Vec::new();
    for _ in 0..7 {
        // Begun, and never ended.
        world.begin("gmail", RedirectKind::DeepLink).await;
        for _ in 0..STEPS_A_DAY {
            world.core().clock.advance(STEP_S);
            world.core().round(Probe::Due).await;
        }
        days.push(Left::by(&world).await);
    }

    let (first, last) = (&days[0], &days[6]);
    assert!(
        last.tasks <= first.tasks + COMING_AND_GOING,
        "tasks: {days:#?}"
    );
    assert!(
        last.sign_ins <= first.sign_ins.max(1),
        "sign-ins: {days:#?}"
    );
    assert!(last.rows <= first.rows.max(1), "rows: {days:#?}");
    // A line an hour and connection, and one for each time it looked as if the machine had slept.
    let a_day = i64::try_from(3 * 24 + STEPS_A_DAY).unwrap() + 24;
    assert!(
        last.lines - days[5].lines <= a_day,
        "lines of the ledger: {days:#?}"
    );
    let renewed = world.renewals().await - before;
    assert!(
        (2 * 7 * 20..=2 * 7 * 50).contains(&renewed),
        "two grants were renewed {renewed} times"
    );
    let now = world.core().clock.now();
    for one in world.connections().await {
        assert!(matches!(one.status, Status::Connected { .. }), "{one:?}");
        let proven = now.duration_since(one.proven_at.unwrap());
        assert!(proven.as_secs() <= STEP_S, "{one:?}");
    }
}
