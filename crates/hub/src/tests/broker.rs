//! Fresh tokens: one flight, honest verdicts, and nothing lost on the way.

use std::sync::Arc;

use integrations::Rotation;
use model::{Cause, ConnectionId, Status};
use serde_json::json;

use super::world::World;
use crate::{broker::NoToken, calls::CallFailure};

const ANNA: &str = "anna@example.org";

async fn cause_after_probe(world: &World, id: ConnectionId) -> Option<Cause> {
    match world.core().probe(id).await {
        Err(CallFailure::Token(NoToken::NeedsSignIn(cause))) => Some(cause),
        Err(_) | Ok(_) => None,
    }
}

#[tokio::test]
async fn a_hundred_callers_of_an_expired_grant_renew_it_once() {
    let world = World::new().await;
    world
        .control("oauth", json!({"rotation": "rotating"}))
        .await;
    let view = world.connect("gmail", ANNA).await;
    world.control("expire_access_tokens", json!({})).await;
    let callers = (0..100).map(|_| {
        let core = Arc::clone(world.core());
        tokio::spawn(async move { core.probe(view.id).await.is_ok() })
    });
    for caller in callers.collect::<Vec<_>>() {
        assert!(caller.await.unwrap());
    }
    assert_eq!(world.renewals().await, 1);
}

#[tokio::test]
async fn a_caller_that_goes_away_does_not_cut_a_renewal_off() {
    let world = World::new().await;
    world
        .control("oauth", json!({"rotation": "rotating"}))
        .await;
    let view = world.connect("gmail", ANNA).await;
    world.control("expire_access_tokens", json!({})).await;
    world
        .fault(
            "google_oauth",
            "/token",
            json!({"kind": "delay", "ms": 300}),
        )
        .await;
    let core = Arc::clone(world.core());
    let caller = tokio::spawn(async move { core.probe(view.id).await.is_ok() });
    while world.renewals().await == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    caller.abort();
    world.no_faults().await;
    assert!(world.core().probe(view.id).await.is_ok());
    assert_eq!(world.renewals().await, 1);
}

#[tokio::test]
async fn only_invalid_grant_ends_a_grant() {
    let world = World::new().await;
    let view = world.connect("gmail", ANNA).await;
    let no_verdicts = [
        json!({"kind": "status", "status": 500}),
        json!({"kind": "status", "status": 503, "body": {"error": "invalid_grant"}}),
        json!({"kind": "status", "status": 403}),
        json!({"kind": "status", "status": 429}),
        json!({"kind": "html"}),
        json!({"kind": "garbage"}),
        json!({"kind": "drop_before"}),
        json!({"kind": "status", "status": 400, "body": {"error": "server_error"}}),
    ];
    for fault in no_verdicts {
        world.control("expire_access_tokens", json!({})).await;
        world.fault("google_oauth", "/token", fault.clone()).await;
        assert!(world.core().probe(view.id).await.is_err(), "{fault}");
        assert_eq!(cause_after_probe(&world, view.id).await, None, "{fault}");
        world.no_faults().await;
        assert!(
            world.core().probe(view.id).await.is_ok(),
            "lost after {fault}"
        );
    }
    world.control("revoke", json!({"account": ANNA})).await;
    assert_eq!(
        cause_after_probe(&world, view.id).await,
        Some(Cause::GrantRevoked)
    );
}

#[tokio::test]
async fn a_lost_reply_never_loses_the_account_where_the_provider_allows_a_repeat() {
    let world = World::new().await;
    let view = world.connect("gmail", ANNA).await;
    world.control("expire_access_tokens", json!({})).await;
    world
        .fault("google_oauth", "/token", json!({"kind": "drop_after"}))
        .await;
    assert!(world.core().probe(view.id).await.is_err());
    world.no_faults().await;
    assert!(world.core().probe(view.id).await.is_ok());
}

#[tokio::test]
async fn a_strict_refresh_token_that_was_sent_is_never_sent_again() {
    let world = World::new().await;
    world.core().broker.rotate_as(Rotation::Strict);
    world
        .control("oauth", json!({"rotation": "rotating"}))
        .await;
    let view = world.connect("gmail", ANNA).await;
    world.control("expire_access_tokens", json!({})).await;
    world
        .fault("google_oauth", "/token", json!({"kind": "drop_after"}))
        .await;
    assert_eq!(
        cause_after_probe(&world, view.id).await,
        Some(Cause::InterruptedRotation)
    );
    world.no_faults().await;
    let sent = world.renewals().await;
    assert_eq!(
        cause_after_probe(&world, view.id).await,
        Some(Cause::InterruptedRotation)
    );
    let world = world.crash_and_reopen().await;
    world.core().broker.rotate_as(Rotation::Strict);
    assert_eq!(
        cause_after_probe(&world, view.id).await,
        Some(Cause::InterruptedRotation)
    );
    assert_eq!(world.renewals().await, sent, "the journal outlives a crash");
    // Signing in again is the way out.
    let again = world.connect("gmail", ANNA).await;
    assert_eq!(again.id, view.id);
    assert!(world.core().probe(view.id).await.is_ok());
}

#[tokio::test]
async fn a_strict_refresh_token_that_was_never_sent_is_not_given_up() {
    let world = World::new().await;
    world.core().broker.rotate_as(Rotation::Strict);
    let view = world.connect("gmail", ANNA).await;
    world.control("expire_access_tokens", json!({})).await;
    world
        .fault(
            "google_oauth",
            "/token",
            json!({"kind": "status", "status": 503}),
        )
        .await;
    assert!(world.core().probe(view.id).await.is_err());
    world.no_faults().await;
    assert!(world.core().probe(view.id).await.is_ok());
}

#[tokio::test]
async fn renewing_ahead_that_fails_leaves_the_good_token_in_use() {
    let world = World::new().await;
    world
        .control("oauth", json!({"access_token_life_s": 1000}))
        .await;
    let view = world.connect("gmail", ANNA).await;
    assert!(world.core().probe(view.id).await.is_ok());
    world.core().clock.advance(900);
    world
        .fault(
            "google_oauth",
            "/token",
            json!({"kind": "status", "status": 500}),
        )
        .await;
    assert!(world.core().probe(view.id).await.is_ok(), "100 s are left");
    assert_eq!(world.renewals().await, 1);
}

#[tokio::test]
async fn a_token_is_renewed_ahead_of_its_end() {
    let world = World::new().await;
    world
        .control("oauth", json!({"access_token_life_s": 3600}))
        .await;
    let view = world.connect("gmail", ANNA).await;
    assert!(world.core().probe(view.id).await.is_ok());
    assert_eq!(world.renewals().await, 0);
    world.core().clock.advance(3600 - 240);
    assert!(world.core().probe(view.id).await.is_ok());
    assert_eq!(world.renewals().await, 1);
}

#[tokio::test]
async fn a_missing_keychain_item_is_named() {
    let world = World::new().await;
    let view = world.connect("gmail", ANNA).await;
    world
        .core()
        .vault
        .delete(&vault::Item::Grant(view.id))
        .await
        .unwrap();
    world.core().broker.hold(view.id).await.forget();
    assert_eq!(
        cause_after_probe(&world, view.id).await,
        Some(Cause::GrantMissing)
    );
    let row = world.core().roster.get(view.id).unwrap();
    assert!(
        matches!(row.status, Status::Connected { .. }),
        "a probe alone changes no status"
    );
}
