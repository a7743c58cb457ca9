//! A hub that is started because none runs. This test program starts itself as that hub.

use std::{path::PathBuf, process::Command};

use futures_util::future::join_all;
use link::{Server, connect_or_start};
use model::{ErrorCode, Response};
use tokio::time::timeout;

use crate::door::{FakeHub, Home, SOON, get, paths_in, sentence};

/// Tells the child which folder to be the hub of. Absent = a plain test run.
const CHILD_SERVES: &str = "AUTOPILOT_LINK_TEST_SERVES";
const CHILD_DIES_SAYING: &str = "AUTOPILOT_LINK_TEST_DIES_SAYING";

fn this_test(name: &str, variable: &str, value: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", name, "--ignored", "--nocapture"])
        .env(variable, value);
    command
}

fn hub_of(home: &Home) -> Command {
    let root = home.paths.data_dir.ancestors().nth(2).unwrap();
    this_test("starting::child_that_is_the_hub", CHILD_SERVES, root)
}

/// Serves until a request asks it to end.
#[tokio::test]
#[ignore = "the child of the tests here; does nothing by itself"]
#[allow(
    clippy::disallowed_methods,
    reason = "how the test speaks to its own child"
)]
async fn child_that_is_the_hub() {
    let Some(root) = std::env::var_os(CHILD_SERVES) else {
        return;
    };
    let paths = paths_in(PathBuf::from(root));
    paths.create_data_dir().unwrap();
    // As the real one: whoever doesn't get the lock is not the hub.
    let lock = std::fs::File::create(&paths.lock).unwrap();
    if lock.try_lock().is_err() {
        return;
    }
    let hub = FakeHub::new();
    let server = Server::bind(&paths, hub.clone()).unwrap();
    // `slow` is this hub's word for leaving. Nobody asking for long means that the test died.
    let asked = timeout(4 * SOON, hub.begun.acquire()).await;
    hub.go.add_permits(1);
    server.shutdown().await;
    assert!(asked.is_ok());
}

#[tokio::test]
#[ignore = "the child of the tests here; does nothing by itself"]
#[allow(
    clippy::disallowed_methods,
    reason = "how the test speaks to its own child"
)]
async fn child_that_dies() {
    if let Some(words) = std::env::var_os(CHILD_DIES_SAYING) {
        eprintln!("\u{1b}[31m{}", words.to_string_lossy());
        std::process::exit(3);
    }
}

#[tokio::test]
async fn a_hub_is_started_where_none_runs_and_found_by_the_next() {
    let home = Home::new();
    let client = connect_or_start(&home.paths, hub_of(&home)).await.unwrap();
    assert_ne!(client.hub_pid(), std::process::id());
    assert_eq!(sentence(client.ask(get("on")).await.unwrap()), "on");
    let again = connect_or_start(&home.paths, Command::new("/nowhere"))
        .await
        .unwrap();
    assert_eq!(again.hub_pid(), client.hub_pid());
    assert_eq!(again.ask(get("slow")).await, Ok(Response::Done));
}

#[tokio::test]
async fn many_starts_at_once_end_at_one_hub() {
    let home = Home::new();
    let starts = (0..4).map(|_| connect_or_start(&home.paths, hub_of(&home)));
    let clients: Vec<_> = timeout(2 * SOON, join_all(starts))
        .await
        .unwrap()
        .into_iter()
        .map(Result::unwrap)
        .collect();
    for client in &clients {
        assert_eq!(client.hub_pid(), clients[0].hub_pid());
    }
    assert_eq!(clients[0].ask(get("slow")).await, Ok(Response::Done));
}

#[tokio::test]
async fn a_hub_that_dies_at_once_leaves_its_last_words() {
    let home = Home::new();
    let words = "No display, and no keychain either.";
    let command = this_test("starting::child_that_dies", CHILD_DIES_SAYING, words);
    let error = timeout(SOON, connect_or_start(&home.paths, command))
        .await
        .unwrap()
        .unwrap_err();
    assert_eq!(error.code, ErrorCode::HubUnreachable);
    let detail = error.detail.unwrap();
    assert!(detail.contains(words), "{detail}");
    assert!(!detail.contains('\u{1b}'), "{detail}");
}

#[tokio::test]
async fn a_program_that_is_not_there_is_said() {
    let home = Home::new();
    let error = connect_or_start(&home.paths, Command::new("/nowhere/autopilot"))
        .await
        .unwrap_err();
    assert_eq!(error.code, ErrorCode::HubUnreachable);
}
