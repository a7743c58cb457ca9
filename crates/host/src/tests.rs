//! Hosts against each other, in one process and on a folder of their own: who gets the profile, and who lets go.

use std::path::Path;

use model::{ErrorCode, ProfileName, Request, Response, Texts};

use super::*;

fn options(root: &Path, headless: bool) -> HostOptions {
    // As both binaries do first thing; only the first call counts.
    let _ = rustls::crypto::ring::default_provider().install_default();
    HostOptions {
        profile: ProfileName::new("host-test").unwrap(),
        sandbox: true,
        endpoints_file: None,
        headless,
        data_root: Some(root.to_owned()),
        texts: Texts::english(),
    }
}

async fn is_headless(options: &HostOptions) -> bool {
    let paths = paths(&options.profile, options.data_root.clone()).unwrap();
    let client = link::Client::connect(&paths).await.unwrap();
    match client.ask(Request::Hub).await.unwrap() {
        Response::Hub(view) => view.headless,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_desktop_takes_over_from_a_headless_hub_and_keeps_its_sandbox_port() {
    let root = tempfile::tempdir().unwrap();
    let former = start(options(root.path(), true)).await.unwrap();
    let port = former.sandbox.as_ref().unwrap().base_url().port();
    let former = tokio::spawn(former.run_until(std::future::pending()));

    let desktop = start(options(root.path(), false)).await.unwrap();
    assert_eq!(former.await.unwrap(), Stopped::HandedOver);
    assert!(!is_headless(&options(root.path(), true)).await);
    assert_eq!(desktop.sandbox.as_ref().unwrap().base_url().port(), port);
    desktop.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_headless_hub_never_takes_a_profile_from_anybody() {
    let root = tempfile::tempdir().unwrap();
    for headless in [true, false] {
        let holder = start(options(root.path(), headless)).await.unwrap();
        let refused = start(options(root.path(), true))
            .await
            .err()
            .expect("a second hub opened");
        assert_eq!(refused.code, ErrorCode::AlreadyRunning);
        assert!(refused.args["profile"].contains("host-test"), "{refused:?}");
        holder.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_several_hosts_that_create_a_profile_at_once_exactly_one_gets_it() {
    let root = tempfile::tempdir().unwrap();
    let starts = (0..4).map(|_| tokio::spawn(start(options(root.path(), true))));
    let started: Vec<_> = futures_util::future::join_all(starts).await;
    let mut holders = Vec::new();
    for one in started {
        match one.unwrap() {
            Ok(hosted) => holders.push(hosted),
            Err(refused) => assert_eq!(refused.code, ErrorCode::AlreadyRunning, "{refused:?}"),
        }
    }
    assert_eq!(holders.len(), 1);
    for holder in holders {
        holder.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sandbox_profile_stays_one_without_being_told() {
    let root = tempfile::tempdir().unwrap();
    start(options(root.path(), true))
        .await
        .unwrap()
        .stop()
        .await;
    let untold = HostOptions {
        sandbox: false,
        ..options(root.path(), true)
    };
    let again = start(untold).await.unwrap();
    assert!(again.sandbox.is_some());
    again.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_host_leaves_its_port_and_its_profile_free() {
    let root = tempfile::tempdir().unwrap();
    for _ in 0..3 {
        start(options(root.path(), false))
            .await
            .unwrap()
            .stop()
            .await;
    }
}
