//! Status and notices: once down, once back, one word for many.

use futures_util::{FutureExt as _, StreamExt as _};
use model::{
    Cause, Door as _, Event, Notice, NoticeKind, OpenTarget, Request, Response, Status, Texts,
    door::EventStream,
};
use serde_json::{Value, json};

use super::world::{World, notices};
use crate::monitor::Probe;

const ANNA: &str = "anna@example.org";
const BEN: &str = "ben@example.org";

/// The next one, also where a round of the hub's own ends later than the one that was called for.
async fn next_notice(world: &World, events: &mut EventStream) -> Notice {
    let look = || match events.next().now_or_never() {
        Some(Some(Event::Notice { notice })) => Some(notice),
        _ => None,
    };
    world.until("a notice", look).await
}

/// Reached, and answered with a no that only a person can mend.
fn refusal() -> Value {
    let disabled = json!({"error": {"code": 403, "details": [{"reason": "SERVICE_DISABLED"}]}});
    json!({"kind": "status", "status": 403, "body": disabled})
}

#[tokio::test]
async fn down_is_told_once_and_back_is_told_once() {
    let world = World::new().await;
    world.connect("gmail", ANNA).await;
    let mut events = world.hub.events(model::Caller::Window);
    world.fault("*", "", json!({"kind": "drop_before"})).await;
    world.core().round(Probe::All).await;
    world.core().round(Probe::All).await;
    let told = notices(&mut events).await;
    assert_eq!(
        told.iter().map(|notice| notice.kind).collect::<Vec<_>>(),
        [NoticeKind::Down]
    );
    assert!(matches!(
        world.connections().await[0].status,
        Status::ServiceDown { .. }
    ));
    world.no_faults().await;
    world.core().round(Probe::All).await;
    world.core().round(Probe::All).await;
    let told = notices(&mut events).await;
    assert_eq!(
        told.iter().map(|notice| notice.kind).collect::<Vec<_>>(),
        [NoticeKind::Back]
    );
}

#[tokio::test]
async fn one_failed_probe_is_confirmed_before_it_counts() {
    let world = World::new().await;
    world.connect("gmail", ANNA).await;
    let mut events = world.hub.events(model::Caller::Window);
    let matched = json!({"service": "gmail"});
    world
        .control(
            "faults",
            json!({"match": matched, "fault": {"kind": "drop_before"}, "times": 1}),
        )
        .await;
    world.core().round(Probe::All).await;
    assert!(notices(&mut events).await.is_empty());
    assert!(world.connections().await[0].status.is_up());
}

#[tokio::test]
async fn many_that_go_down_together_are_one_notice() {
    let world = World::new().await;
    for account in [ANNA, BEN] {
        world.connect("gmail", account).await;
        world.connect("google_drive", account).await;
    }
    world.connect_bot().await.unwrap();
    let mut events = world.hub.events(model::Caller::Window);
    world
        .fault("*", "", json!({"kind": "status", "status": 503}))
        .await;
    world.core().round(Probe::All).await;
    let told = notices(&mut events).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].title.contains('5'), "{}", told[0].title);
}

#[tokio::test]
async fn a_revoked_grant_needs_the_person_and_the_notice_leads_to_the_sign_in() {
    let world = World::new().await;
    let view = world.connect("gmail", ANNA).await;
    let mut events = world.hub.events(model::Caller::Window);
    world.control("revoke", json!({"account": ANNA})).await;
    world.core().round(Probe::All).await;
    let status = world.connections().await.remove(0).status;
    assert!(
        matches!(
            status,
            Status::NeedsSignIn {
                cause: Cause::GrantRevoked,
                ..
            }
        ),
        "{status:?}"
    );
    let told = notices(&mut events).await;
    assert_eq!(told.len(), 1);
    let target = told[0].action.as_ref().unwrap().target.clone();
    assert_eq!(
        target,
        OpenTarget::SignIn {
            integration: "gmail".into(),
            connection: Some(view.id)
        }
    );
    // A dead grant is never probed.
    let before = world.log().await.len();
    world.core().round(Probe::All).await;
    assert_eq!(world.log().await.len(), before);
}

#[tokio::test]
async fn a_service_that_refuses_is_reached_and_needs_the_person() {
    let world = World::new().await;
    let anna = world.connect("gmail", ANNA).await;
    let mut events = world.hub.events(model::Caller::Window);
    world.fault("gmail", "", refusal()).await;
    world.core().round(Probe::All).await;
    let told = next_notice(&world, &mut events).await;
    assert_eq!(told.kind, NoticeKind::Down, "it is wanted as trouble is");
    assert_eq!(told.title, "Gmail needs you");
    let status = world.connections().await.remove(0).status;
    let (sentence, next) = Texts::english().status(&status, "Gmail", ANNA);
    assert_eq!(told.body, format!("{sentence} {next}"));
    let leads_to = told.action.unwrap().target;
    assert_eq!(leads_to, OpenTarget::Connection { id: anna.id });
}

#[tokio::test]
async fn many_that_are_refused_together_are_one_notice_and_none_is_called_unreachable() {
    let world = World::new().await;
    for account in [ANNA, BEN] {
        world.connect("gmail", account).await;
    }
    let mut events = world.hub.events(model::Caller::Window);
    world.fault("gmail", "", refusal()).await;
    world.core().round(Probe::All).await;
    let told = next_notice(&world, &mut events).await;
    assert_eq!(told.title, "2 connections need you");
    assert!(told.body.contains(ANNA) && told.body.contains(BEN));
}

#[tokio::test]
async fn what_only_a_person_can_mend_is_told_by_its_own_name() {
    let world = World::new().await;
    let view = world.connect("gmail", ANNA).await;
    let row = world.core().roster.get(view.id).unwrap();
    let english = Texts::english();
    for (status, title, leads_to) in [
        (
            Status::VaultLocked,
            english.plain("notice_vault_title"),
            OpenTarget::Vault,
        ),
        (
            Status::NoKeychain,
            "This system offers no keychain".to_owned(),
            OpenTarget::Vault,
        ),
        (
            Status::NotConfigured,
            "Gmail needs you".to_owned(),
            OpenTarget::Connection { id: view.id },
        ),
    ] {
        let mut events = world.hub.events(model::Caller::Window);
        let after = model::ConnectionView {
            status: status.clone(),
            ..view.clone()
        };
        let core = world.core();
        core.notices.round_begins();
        core.notices.note(core, &row, &status, &after);
        core.notices.round_ends(core);
        let told = next_notice(&world, &mut events).await;
        assert_eq!(told.title, title);
        assert_eq!(told.action.unwrap().target, leads_to);
    }
}

#[tokio::test]
async fn a_sign_in_that_ends_every_week_is_announced_a_day_ahead() {
    const DAY: i64 = 24 * 3600;
    let world = World::new().await;
    world.connect("gmail", ANNA).await;
    world.core().clock.advance(7 * DAY + 600);
    world.control("revoke", json!({"account": ANNA})).await;
    world.core().round(Probe::All).await;
    let ended = world.connections().await.remove(0).status;
    let Status::NeedsSignIn { cause, .. } = ended else {
        panic!("{ended:?}");
    };
    assert_eq!(
        cause,
        Cause::TrialEnded,
        "it is known from the first time on"
    );

    world.connect("gmail", ANNA).await;
    let signed_in = world.core().clock.now();
    world.core().clock.advance(5 * DAY);
    world.core().round(Probe::All).await;
    let far = world.connections().await.remove(0).status;
    assert!(matches!(far, Status::Connected { .. }), "{far:?}");
    world.core().clock.advance(DAY + 3600);
    world.core().round(Probe::All).await;
    match world.connections().await.remove(0).status {
        Status::Expiring { at, why } => {
            assert_eq!(why, model::ExpiringWhy::Rhythm);
            let life = at.duration_since(signed_in).as_secs();
            assert!((7 * DAY - 60..=7 * DAY).contains(&life), "{life}");
        }
        other => panic!("{other:?}"),
    }
    // It outlived what was foreseen: no more word of it.
    world.core().clock.advance(DAY);
    world.core().round(Probe::All).await;
    let outlived = world.connections().await.remove(0).status;
    assert!(matches!(outlived, Status::Connected { .. }), "{outlived:?}");
}

#[tokio::test]
async fn a_bot_whose_token_was_replaced_needs_its_key() {
    let world = World::new().await;
    world.connect_bot().await.unwrap();
    world
        .control("bots/revoke", json!({"bot_id": 110_201_543}))
        .await;
    world.core().round(Probe::All).await;
    let status = world.connections().await.remove(0).status;
    assert!(
        matches!(
            status,
            Status::NeedsSignIn {
                cause: Cause::TokenRejected,
                ..
            }
        ),
        "{status:?}"
    );
}

#[tokio::test]
async fn unwatched_connections_are_probed_every_five_minutes_and_watched_ones_each_tick() {
    let world = World::new().await;
    world.connect("gmail", ANNA).await;
    let probes = async || {
        let log = world.log().await;
        log.iter().filter(|line| line["service"] == "gmail").count()
    };
    let before = probes().await;
    world.core().clock.advance(60);
    world.core().round(Probe::Due).await;
    assert_eq!(probes().await, before);
    world.core().clock.advance(300);
    world.core().round(Probe::Due).await;
    assert_eq!(probes().await, before + 1);
    world
        .core()
        .visible
        .store(true, std::sync::atomic::Ordering::Relaxed);
    world.core().round(Probe::Due).await;
    assert_eq!(probes().await, before + 2);
}

#[tokio::test]
async fn a_rate_limit_is_obeyed() {
    let world = World::new().await;
    world.connect_bot().await.unwrap();
    world
        .fault(
            "telegram",
            "",
            json!({"kind": "status", "status": 429, "retry_after_s": 120}),
        )
        .await;
    world.core().round(Probe::All).await;
    assert!(matches!(
        world.connections().await[0].status,
        Status::RateLimited { .. }
    ));
    let before = world.log().await.len();
    world.core().round(Probe::All).await;
    assert_eq!(
        world.log().await.len(),
        before,
        "asked again before it was time"
    );
    world.no_faults().await;
    world.core().clock.advance(121);
    world.core().round(Probe::All).await;
    assert!(world.connections().await[0].status.is_up());
}

#[tokio::test]
async fn a_paused_connection_is_left_alone() {
    let world = World::new().await;
    world.connect_bot().await.unwrap();
    world
        .ask(Request::SetPaused {
            connection: "telegram".into(),
            paused: true,
        })
        .await
        .unwrap();
    let before = world.log().await.len();
    world.core().round(Probe::All).await;
    assert_eq!(world.log().await.len(), before);
    assert_eq!(world.connections().await[0].status, Status::Paused);
}

#[tokio::test]
async fn waking_up_looks_without_waiting_for_the_tick() {
    let world = World::new().await;
    let view = world.connect("gmail", ANNA).await;
    // Long asleep: due, and the next tick most of half a minute away.
    world.core().clock.advance(3600);
    let slept_until = world.core().clock.now();
    world.hub.wake();
    world
        .until("a probe", || {
            let row = world.core().roster.get(view.id)?;
            row.proven_at.filter(|at| *at >= slept_until)
        })
        .await;
}

#[tokio::test]
async fn a_database_set_aside_is_said_and_the_hub_goes_on() {
    let world = World::new().await;
    world.connect_bot().await.unwrap();
    let database = world.folder.path().join("autopilot.db");
    world.hub.close().await;
    std::fs::write(
        &database,
        b"this is no database at all, but long enough to look like one",
    )
    .unwrap();
    let world = world.crash_and_reopen().await;
    let Ok(Response::Hub(hub)) = world.ask(Request::Hub).await else {
        panic!("no answer")
    };
    assert!(
        hub.remarks[0].contains("autopilot.db.damaged"),
        "{:?}",
        hub.remarks
    );
    assert!(world.connections().await.is_empty());
    world.connect_bot().await.unwrap();
}
