//! A hub that lets go of its profile, politely or not, and faces that leave.

use futures_util::StreamExt;
use link::{Client, LinkError};
use model::{ErrorCode, Response};
use tokio::time::timeout;

use crate::door::{FakeHub, Home, SOON, get};

#[tokio::test]
async fn what_is_under_way_still_gets_its_answer() {
    let (home, hub) = (Home::new(), FakeHub::new());
    let server = home.serve(&hub);
    let client = home.connect().await;
    let ask = tokio::spawn({
        let client = client.clone();
        async move { client.ask(get("slow")).await }
    });
    hub.begun.acquire().await.unwrap().forget();
    let leaving = tokio::spawn(server.shutdown());
    // Nobody new gets in.
    while home.paths.socket.exists() {
        tokio::task::yield_now().await;
    }
    assert_eq!(
        Client::connect(&home.paths).await.unwrap_err(),
        LinkError::NotRunning
    );
    hub.go.add_permits(1);
    assert_eq!(ask.await.unwrap(), Ok(Response::Done));
    timeout(SOON, leaving).await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_is_cut_off_is_not_said_to_be_repeatable() {
    let (home, hub) = (Home::new(), FakeHub::new());
    let server = home.serve(&hub);
    let client = home.connect().await;
    let ask = tokio::spawn(async move { client.ask(get("slow")).await });
    hub.begun.acquire().await.unwrap().forget();
    // Never let go: the five seconds pass on the paused clock.
    server.shutdown().await;
    let error = ask.await.unwrap().unwrap_err();
    assert_eq!(error.code, ErrorCode::HubUnreachable);
}

#[tokio::test]
async fn what_was_not_begun_can_be_asked_again() {
    let (home, hub) = (Home::new(), FakeHub::new());
    let server = home.serve(&hub);
    let client = home.connect().await;
    // All places are taken, so the last request is never read.
    let mut asks: Vec<_> = (0..65)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.ask(get("slow")).await })
        })
        .collect();
    hub.begun.acquire_many(64).await.unwrap().forget();
    let leaving = tokio::spawn(server.shutdown());
    while home.paths.socket.exists() {
        tokio::task::yield_now().await;
    }
    hub.go.add_permits(64);
    let mut handed_over = 0;
    for ask in asks.drain(..) {
        match timeout(SOON, ask).await.unwrap().unwrap() {
            Ok(_) => {}
            Err(error) => {
                assert_eq!(error.code, ErrorCode::HandingOver);
                handed_over += 1;
            }
        }
    }
    assert_eq!(handed_over, 1);
    leaving.await.unwrap();
    // From now on it says so at once.
    let error = client.ask(get("late")).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::HandingOver);
}

#[tokio::test]
async fn a_hub_that_dies_is_said_to_be_gone_and_its_events_end() {
    let (home, hub) = (Home::new(), FakeHub::new());
    let server = home.serve(&hub);
    let client = home.connect().await;
    let mut events = client.events().await.unwrap();
    let ask = tokio::spawn({
        let client = client.clone();
        async move { client.ask(get("slow")).await }
    });
    hub.begun.acquire().await.unwrap().forget();
    drop(server);
    let error = timeout(SOON, ask).await.unwrap().unwrap().unwrap_err();
    assert_eq!(error.code, ErrorCode::HubUnreachable);
    assert!(timeout(SOON, events.next()).await.unwrap().is_none());
}

#[tokio::test]
async fn the_next_hub_takes_the_same_place() {
    let (home, hub) = (Home::new(), FakeHub::new());
    home.serve(&hub).shutdown().await;
    let _next = home.serve(&hub);
    let answer = home.connect().await.ask(get("on")).await;
    assert!(answer.is_ok());
}

#[tokio::test]
async fn a_face_that_leaves_stops_waiting_for_its_requests() {
    let (home, hub) = (Home::new(), FakeHub::new());
    let server = home.serve(&hub);
    let client = home.connect().await;
    let ask = tokio::spawn(async move { client.ask(get("slow")).await });
    hub.begun.acquire().await.unwrap().forget();
    ask.abort();
    let _ = ask.await;
    // Its flight is not waited for, though it never ends.
    timeout(SOON, server.shutdown()).await.unwrap();
    assert_eq!(hub.go.available_permits(), 0);
}
