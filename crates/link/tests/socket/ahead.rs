//! A question asked before there was anybody to wait: the same answer as over the ordinary way, which stays open to
//! whatever that comes to.

use std::process::Command;

use futures_util::StreamExt;
use link::{Ahead, Session};
use model::{Event, Request};
use tokio::time::timeout;

use crate::door::{FakeHub, Home, SOON, get, sentence};

/// Where nothing can be started.
fn session(home: &Home, ahead: Option<Ahead>) -> Session {
    let nowhere = || Ok(vec![Command::new("/nowhere/autopilot")]);
    Session::new(home.paths.clone(), "mcp", nowhere).after(ahead)
}

fn ask(home: &Home, name: &str) -> Option<Ahead> {
    Ahead::ask(&home.paths, "mcp", get(name))
}

#[tokio::test]
async fn what_was_asked_ahead_is_heard_with_all_that_happens_after_it() {
    let (home, hub) = (Home::new(), FakeHub::new());
    let _server = home.serve(&hub);
    let ahead = ask(&home, "who");
    assert!(ahead.is_some());
    let way = session(&home, ahead);
    let (mut events, answer) = way.events_and(get("who")).await.unwrap();
    assert!(sentence(answer.unwrap()).contains("agent"));
    hub.tell(Event::IntegrationsChanged);
    let heard = timeout(SOON, events.next()).await.unwrap();
    assert!(matches!(heard, Some(Event::IntegrationsChanged)));
    // Further questions go over the same connection.
    assert_eq!(sentence(way.ask(get("more")).await.unwrap()), "more");
    let (_, again) = way.events_and(get("again")).await.unwrap();
    assert_eq!(sentence(again.unwrap()), "again");
}

#[tokio::test]
async fn a_hub_that_left_with_the_question_leaves_it_to_the_next() {
    let (home, hub) = (Home::new(), FakeHub::new());
    let first = home.serve(&hub);
    let ahead = ask(&home, "who");
    first.shutdown().await;
    let _second = home.serve(&hub);
    let way = session(&home, ahead);
    let both = timeout(SOON, way.events_and(get("who"))).await.unwrap();
    assert!(sentence(both.unwrap().1.unwrap()).contains("agent"));
}

#[tokio::test]
async fn another_question_than_the_one_asked_ahead_gets_its_own_answer() {
    let (home, hub) = (Home::new(), FakeHub::new());
    let _server = home.serve(&hub);
    let way = session(&home, ask(&home, "one"));
    let (_, answer) = way.events_and(get("two")).await.unwrap();
    assert_eq!(sentence(answer.unwrap()), "two");
}

#[tokio::test]
async fn nothing_is_asked_ahead_where_no_hub_runs_nor_what_would_change_something() {
    let (home, hub) = (Home::new(), FakeHub::new());
    assert!(ask(&home, "who").is_none());
    let _server = home.serve(&hub);
    let disconnect = Request::Disconnect {
        connection: "telegram".into(),
        revoke: true,
    };
    assert!(Ahead::ask(&home.paths, "mcp", disconnect).is_none());
}
