//! Ending a connection: told to the provider now or later, and never half done.

use model::{ErrorCode, Request};
use serde_json::{Value, json};
use store::RevocationPhase;
use vault::{Grant, Item};

use super::world::World;

const ANNA: &str = "anna@example.org";

async fn live_grants(world: &World) -> usize {
    let url = world.sandbox.base_url().join("control/grants").unwrap();
    let grants: Vec<Value> = reqwest::get(url).await.unwrap().json().await.unwrap();
    grants
        .iter()
        .filter(|grant| grant["revoked"] == false)
        .count()
}

async fn all_revoked(world: &World) {
    for _ in 0..1000 {
        if live_grants(world).await == 0 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("the provider was never told");
}

fn disconnect(revoke: bool) -> Request {
    Request::Disconnect {
        connection: "gmail".into(),
        revoke,
    }
}

#[tokio::test]
async fn disconnecting_tells_the_provider_and_leaves_nothing_behind() {
    let world = World::new().await;
    let view = world.connect("gmail", ANNA).await;
    world.ask(disconnect(true)).await.unwrap();
    assert!(world.connections().await.is_empty());
    all_revoked(&world).await;
    world
        .until("the row to go", || {
            world
                .core()
                .store
                .revocations()
                .all()
                .unwrap()
                .is_empty()
                .then_some(())
        })
        .await;
    for item in [Item::Grant(view.id), Item::Revocation(view.id)] {
        assert!(
            world
                .core()
                .vault
                .read::<Grant>(&item)
                .await
                .unwrap()
                .is_none()
        );
    }
    let gone = world
        .ask(Request::Test {
            connection: "gmail".into(),
        })
        .await
        .unwrap_err();
    assert_eq!(gone.code, ErrorCode::NotConnected);
}

#[tokio::test]
async fn removing_here_only_tells_nobody() {
    let world = World::new().await;
    world.connect("gmail", ANNA).await;
    world.ask(disconnect(false)).await.unwrap();
    assert!(world.connections().await.is_empty());
    assert!(world.core().store.revocations().all().unwrap().is_empty());
    assert_eq!(live_grants(&world).await, 1);
}

#[tokio::test]
async fn disconnecting_while_the_provider_is_away_revokes_later() {
    let world = World::new().await;
    let view = world.connect("gmail", ANNA).await;
    world
        .fault(
            "google_oauth",
            "/revoke",
            json!({"kind": "status", "status": 503}),
        )
        .await;
    world.ask(disconnect(true)).await.unwrap();
    assert!(world.connections().await.is_empty());
    world
        .until("the first try", || {
            world
                .core()
                .store
                .revocations()
                .all()
                .unwrap()
                .first()
                .filter(|row| row.tries > 0)
                .cloned()
        })
        .await;
    assert!(
        world
            .core()
            .vault
            .read::<Grant>(&Item::Revocation(view.id))
            .await
            .unwrap()
            .is_some()
    );
    world.no_faults().await;
    world.core().clock.advance(61);
    world.core().revoke_due().await;
    all_revoked(&world).await;
}

#[tokio::test]
async fn a_disconnect_that_a_crash_interrupted_is_finished_at_start() {
    let world = World::new().await;
    let view = world.connect("gmail", ANNA).await;
    let row = world.core().roster.get(view.id).unwrap();
    let intent = world.core().intent(&row, RevocationPhase::Moving);
    world.core().store.revocations().insert(&intent).unwrap();
    let world = world.crash_and_reopen().await;
    all_revoked(&world).await;
    assert!(world.connections().await.is_empty());
}

#[tokio::test]
async fn a_removal_that_a_crash_interrupted_leaves_no_sign_in_behind_and_tells_nobody() {
    let world = World::new().await;
    let view = world.connect("gmail", ANNA).await;
    let row = world.core().roster.get(view.id).unwrap();
    let intent = world.core().intent(&row, RevocationPhase::Pending);
    let store = &world.core().store;
    store.revocations().insert(&intent).unwrap();
    store.connections().remove(view.id).unwrap();
    let world = world.crash_and_reopen().await;
    // What the start does beside the first requests; after it is over, whoever was quicker.
    world.core().resume_moves().await.unwrap();
    world.core().revoke_due().await;
    let item = Item::Grant(view.id);
    let left = world.core().vault.read::<Grant>(&item).await;
    assert!(left.unwrap().is_none());
    assert!(world.core().store.revocations().all().unwrap().is_empty());
    assert_eq!(live_grants(&world).await, 1);
}

#[tokio::test]
async fn what_else_dies_is_said_first() {
    let world = World::new().await;
    world.connect("gmail", ANNA).await;
    let drive = world.connect("google_drive", ANNA).await;
    let preview = world.core().preview_disconnect(&"gmail".into()).unwrap();
    assert_eq!(
        preview
            .also_ends
            .iter()
            .map(|view| view.id)
            .collect::<Vec<_>>(),
        [drive.id]
    );
    assert!(!preview.consequences.is_empty());
}
