//! Requests, answers and events over a healthy connection.

use std::os::unix::fs::PermissionsExt;

use futures_util::{StreamExt, future::join_all};
use link::{Client, LinkError};
use model::{ErrorCode, Event, Request, Response, SecretInput, VaultState};
use tokio::time::timeout;

use crate::door::{FakeHub, Home, SOON, get, sentence};

#[tokio::test]
async fn a_hundred_requests_at_once_each_get_their_own_answer() {
    let (home, hub) = (Home::new(), FakeHub::new());
    let _server = home.serve(&hub);
    let client = home.connect().await;
    let asks = (0..100).map(|n| {
        let client = client.clone();
        async move { sentence(client.ask(get(&n.to_string())).await.unwrap()) }
    });
    let answers = timeout(SOON, join_all(asks)).await.unwrap();
    let expected: Vec<_> = (0..100).map(|n| n.to_string()).collect();
    assert_eq!(answers, expected);
}

#[tokio::test]
async fn a_slow_request_holds_up_no_other() {
    let (home, hub) = (Home::new(), FakeHub::new());
    let _server = home.serve(&hub);
    let client = home.connect().await;
    let slow = tokio::spawn({
        let client = client.clone();
        async move { client.ask(get("slow")).await }
    });
    hub.begun.acquire().await.unwrap().forget();
    let quick = timeout(SOON, client.ask(get("quick"))).await.unwrap();
    assert_eq!(sentence(quick.unwrap()), "quick");
    hub.go.add_permits(1);
    assert_eq!(slow.await.unwrap(), Ok(Response::Done));
}

#[tokio::test]
async fn more_requests_than_are_carried_out_at_once_wait_their_turn() {
    let (home, hub) = (Home::new(), FakeHub::new());
    let _server = home.serve(&hub);
    let client = home.connect().await;
    let asks: Vec<_> = (0..200)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.ask(get("slow")).await })
        })
        .collect();
    hub.begun.acquire_many(64).await.unwrap().forget();
    assert_eq!(hub.begun.available_permits(), 0);
    hub.go.add_permits(200);
    for ask in asks {
        assert_eq!(
            timeout(SOON, ask).await.unwrap().unwrap(),
            Ok(Response::Done)
        );
    }
}

#[tokio::test]
async fn an_error_of_the_hub_arrives_as_it_was() {
    let (home, hub) = (Home::new(), FakeHub::new());
    let _server = home.serve(&hub);
    let error = home.connect().await.ask(get("none")).await.unwrap_err();
    assert_eq!(error, ErrorCode::UnknownConnection.into());
}

#[tokio::test]
async fn a_defect_behind_the_door_is_one_failed_request() {
    let (home, hub) = (Home::new(), FakeHub::new());
    let _server = home.serve(&hub);
    let client = home.connect().await;
    let error = client.ask(get("defect")).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::Internal);
    assert_eq!(sentence(client.ask(get("on")).await.unwrap()), "on");
}

#[tokio::test]
async fn an_answer_that_fits_no_line_is_an_error_and_the_next_one_arrives() {
    let (home, hub) = (Home::new(), FakeHub::new());
    let _server = home.serve(&hub);
    let client = home.connect().await;
    let error = client.ask(get("huge")).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::Internal);
    let long = sentence(client.ask(get("long")).await.unwrap());
    assert_eq!(long.len(), link::MAX_FRAME / 2);
}

#[tokio::test]
async fn a_request_that_fits_no_line_is_refused_here_and_the_next_one_arrives() {
    let (home, hub) = (Home::new(), FakeHub::new());
    let _server = home.serve(&hub);
    let client = home.connect().await;
    let url = SecretInput::new("x".repeat(link::MAX_FRAME));
    let error = client.ask(Request::DeliverRedirect { url }).await;
    assert_eq!(error.unwrap_err().code, ErrorCode::InvalidInput);
    assert_eq!(sentence(client.ask(get("on")).await.unwrap()), "on");
}

#[tokio::test]
async fn the_hub_learns_which_program_asks_from_the_system() {
    let (home, hub) = (Home::new(), FakeHub::new());
    let _server = home.serve(&hub);
    let who = sentence(home.connect().await.ask(get("who")).await.unwrap());
    let own = std::env::current_exe().unwrap();
    if cfg!(target_os = "linux") {
        assert!(who.contains(own.to_str().unwrap()), "{who}");
    }
    let agent = Client::connect_as(&home.paths, "mcp").await.unwrap();
    let who = sentence(agent.ask(get("who")).await.unwrap());
    assert!(who.contains("agent"), "{who}");
}

#[tokio::test]
async fn every_listener_hears_every_event_in_order() {
    let (home, hub) = (Home::new(), FakeHub::new());
    let _server = home.serve(&hub);
    let (one, two) = (home.connect().await, home.connect().await);
    let heard = [
        one.events().await.unwrap(),
        one.events().await.unwrap(),
        two.events().await.unwrap(),
    ];
    let told: Vec<_> = (0..100)
        .map(|n| match n % 2 {
            0 => Event::IntegrationsChanged,
            _ => Event::Vault {
                vault: VaultState::NoKeychain,
            },
        })
        .collect();
    for event in &told {
        hub.tell(event.clone());
    }
    for stream in heard {
        let events: Vec<_> = timeout(SOON, stream.take(told.len()).collect())
            .await
            .unwrap();
        assert_eq!(events, told);
    }
}

#[tokio::test]
async fn whoever_did_not_subscribe_hears_nothing() {
    let (home, hub) = (Home::new(), FakeHub::new());
    let _server = home.serve(&hub);
    let (listener, other) = (home.connect().await, home.connect().await);
    let mut heard = listener.events().await.unwrap();
    hub.tell(Event::IntegrationsChanged);
    assert!(timeout(SOON, heard.next()).await.unwrap().is_some());
    assert_eq!(sentence(other.ask(get("on")).await.unwrap()), "on");
}

#[tokio::test]
async fn a_socket_left_behind_is_replaced_and_private() {
    let (home, hub) = (Home::new(), FakeHub::new());
    home.paths.create_data_dir().unwrap();
    drop(std::os::unix::net::UnixListener::bind(&home.paths.socket).unwrap());
    assert_eq!(
        Client::connect(&home.paths).await.unwrap_err(),
        LinkError::NotRunning
    );
    let _server = home.serve(&hub);
    home.connect().await;
    let mode = std::fs::metadata(&home.paths.socket)
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn a_file_that_is_no_socket_is_not_removed() {
    let (home, hub) = (Home::new(), FakeHub::new());
    home.paths.create_data_dir().unwrap();
    std::fs::write(&home.paths.socket, b"somebody's work").unwrap();
    assert!(matches!(
        link::Server::bind(&home.paths, hub),
        Err(link::ServeError::InTheWay { .. })
    ));
    assert!(home.paths.socket.exists());
}

#[tokio::test]
async fn where_nothing_listens_no_hub_runs() {
    let home = Home::new();
    assert_eq!(
        Client::connect(&home.paths).await.unwrap_err(),
        LinkError::NotRunning
    );
}
