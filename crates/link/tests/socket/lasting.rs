//! A way to the hub that outlives it: asked again after a takeover, shared by everyone, and never starting a hub only
//! to listen to it.

use std::{process::Command, time::Duration};

use futures_util::{StreamExt, future::join_all};
use link::Session;
use model::{ErrorCode, Event, Request};
use tokio::time::timeout;

use crate::door::{FakeHub, Home, SOON, get, sentence};

/// Where nothing can be started.
fn session(home: &Home) -> Session {
    Session::new(home.paths.clone(), "mcp", || {
        Ok(vec![Command::new("/nowhere/autopilot")])
    })
}

#[tokio::test]
async fn what_a_takeover_interrupts_is_asked_of_the_next_hub() {
    let home = Home::new();
    let hub = FakeHub::new();
    let first = home.serve(&hub);
    let way = session(&home);
    assert_eq!(sentence(way.ask(get("one")).await.unwrap()), "one");
    first.shutdown().await;
    let asking = tokio::spawn({
        let way = way.clone();
        async move { way.ask(get("two")).await }
    });
    tokio::time::sleep(Duration::from_millis(300)).await;
    let _second = home.serve(&hub);
    let answered = timeout(SOON, asking).await.unwrap().unwrap();
    assert_eq!(sentence(answered.unwrap()), "two");
}

#[tokio::test]
async fn many_that_lose_it_at_once_find_the_next_together() {
    let home = Home::new();
    let hub = FakeHub::new();
    let first = home.serve(&hub);
    let way = session(&home);
    way.connect().await.unwrap();
    first.shutdown().await;
    let _second = home.serve(&hub);
    let asked = (0..50).map(|_| way.ask(get("who")));
    for answered in timeout(SOON, join_all(asked)).await.unwrap() {
        assert!(sentence(answered.unwrap()).contains("agent"));
    }
}

#[tokio::test]
async fn events_end_with_the_hub_and_whoever_only_listens_waits_for_the_next() {
    let home = Home::new();
    let hub = FakeHub::new();
    let first = home.serve(&hub);
    let way = session(&home);
    let mut events = way.events().await.unwrap();
    first.shutdown().await;
    assert!(timeout(SOON, events.next()).await.unwrap().is_none());
    assert!(
        timeout(Duration::from_millis(500), way.wait_for_hub())
            .await
            .is_err(),
        "there is none, and none is started"
    );
    let _second = home.serve(&hub);
    timeout(SOON, way.wait_for_hub()).await.unwrap();
    let mut events = way.events().await.unwrap();
    hub.tell(Event::IntegrationsChanged);
    let heard = timeout(SOON, events.next()).await.unwrap();
    assert_eq!(heard, Some(Event::IntegrationsChanged));
}

#[tokio::test]
async fn a_change_that_may_have_been_taken_is_not_asked_twice() {
    let home = Home::new();
    let hub = FakeHub::new();
    let server = home.serve(&hub);
    let way = session(&home);
    way.connect().await.unwrap();
    drop(server);
    let asked = way.ask(Request::Disconnect {
        connection: "slow".into(),
        revoke: false,
    });
    let refused = timeout(SOON, asked).await.unwrap();
    // Gone before it could be asked, or nobody knows: never silently repeated.
    assert_eq!(refused.unwrap_err().code, ErrorCode::HubUnreachable);
}
