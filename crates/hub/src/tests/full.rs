//! Places that take nothing any more, or take long: the vault that refuses to write, the database somebody else holds.

use std::{fs, path::PathBuf, time::Duration};

use integrations::Rotation;
use model::{ErrorCode, Request};
use serde_json::json;

use super::world::World;
use crate::{broker::NoToken, calls::CallFailure};

const ANNA: &str = "anna@example.org";

/// Where the vault writes anew before the new takes the old one's place: a folder there is in its way.
fn in_the_way(world: &World) -> PathBuf {
    world.folder.path().join("vault.age.new")
}

#[tokio::test]
async fn a_renewed_grant_that_cannot_be_kept_yet_is_kept_later_and_never_asked_for_twice() {
    let world = World::new().await;
    world.core().broker.rotate_as(Rotation::Strict);
    world
        .control("oauth", json!({"rotation": "rotating"}))
        .await;
    let view = world.connect("gmail", ANNA).await;
    world.control("expire_access_tokens", json!({})).await;
    fs::create_dir(in_the_way(&world)).unwrap();
    for _ in 0..3 {
        let failure = world.core().probe(view.id).await.unwrap_err();
        let CallFailure::Token(NoToken::Vault(error)) = &failure else {
            panic!("{failure:?}");
        };
        assert_eq!(error.code, ErrorCode::VaultFailed);
        assert_eq!(world.renewals().await, 1);
    }
    fs::remove_dir(in_the_way(&world)).unwrap();
    assert!(world.core().probe(view.id).await.is_ok());
    assert_eq!(world.renewals().await, 1, "the successor was in hand");
    // It is the successor that was kept: the family would be dead by now otherwise.
    let world = world.crash_and_reopen().await;
    world.control("expire_access_tokens", json!({})).await;
    assert!(world.core().probe(view.id).await.is_ok());
}

#[tokio::test]
async fn a_database_somebody_else_holds_for_a_while_is_waited_for_and_holds_up_no_reading() {
    let world = World::new().await;
    world.connect("gmail", ANNA).await;
    let other = rusqlite::Connection::open(world.folder.path().join("autopilot.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let pause = Request::SetPaused {
        connection: "gmail".into(),
        paused: true,
    };
    // What is known is told while the change waits; then the other lets go.
    let looking = async {
        assert!(!world.connections().await[0].paused);
        other.execute_batch("ROLLBACK").unwrap();
    };
    let (paused, ()) = tokio::join!(world.ask(pause), looking);
    paused.unwrap();
    assert!(world.connections().await[0].paused);
}
