//! What has happened is kept, also where the database can't take it at once.

use std::time::Duration;

use model::{ActionId, ActionState, Request};
use serde_json::json;

use super::{outbox::mail, world::World};

#[tokio::test]
async fn what_came_of_a_write_is_kept_once_the_database_can_take_it() {
    let world = World::new().await;
    let anna = world.connect("gmail", "anna@example.org").await;
    let slow = json!({"kind": "delay_after", "ms": 1000});
    world.fault_once("gmail", "/messages/send", slow).await;
    let id = ActionId::generate();
    world.act_as(id, &anna, mail("kept late"), Some(0)).await;
    while state(&world, id).await != "sending" {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // Another program's backup, for longer than a statement waits for it.
    let other = rusqlite::Connection::open(world.folder.path().join("autopilot.db")).unwrap();
    other
        .execute_batch("PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE")
        .unwrap();
    tokio::time::sleep(Duration::from_secs(7)).await;
    assert_eq!(state(&world, id).await, "sending");
    other.execute_batch("ROLLBACK").unwrap();
    let over = world.over(id).await;
    assert!(matches!(over, ActionState::Sent { .. }), "{over:?}");
    assert_eq!(world.mails().await, ["kept late"]);
}

async fn state(world: &World, id: ActionId) -> &'static str {
    let view = world.action_of(Request::GetAction { id }).await.unwrap();
    view.state.kind()
}
