//! A hub without a window follows a file, and asks nobody.

use model::{Caller, Effect, ErrorCode, Request};

use super::{
    policy::{agent, mail_to},
    world::World,
};
use crate::OpenError;

fn write(world: &World, text: &str, mode: u32) {
    let path = world.folder.path().join("policy.toml");
    std::fs::write(&path, text).unwrap();
    permit(&path, mode);
}

#[cfg(unix)]
fn permit(path: &std::path::Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// There, a file has no mode: what lies in a person's folder is the person's.
#[cfg(not(unix))]
fn permit(_path: &std::path::Path, _mode: u32) {}

const FILE: &str = r#"
[[caller]]
kind = "agent"
executable = "/opt/agent/bin/agent"

[[caller.rule]]
connection = "gmail"
capability = "mail.send"
effect = "allow"
recipients = ["@example.org"]

[[caller]]
kind = "program"
executable = "/usr/bin/asks"
writes = "ask"
"#;

#[tokio::test]
async fn without_a_window_what_would_be_asked_fails_at_once() {
    let world = World::new().await;
    let mail = world.connect("gmail", "anna@example.org").await;
    let error = world
        .act_by(&agent(), &mail, mail_to("ben@example.org"))
        .await
        .unwrap_err();
    assert_eq!(error.code, ErrorCode::ApprovalUnavailable);
    assert!(error.args["file"].ends_with("policy.toml"));
    assert_eq!(world.sent().await, 0);
}

#[tokio::test]
async fn the_file_lets_in_whom_it_names_and_allows_what_it_lists() {
    let mut world = World::new().await;
    let mail = world.connect("gmail", "anna@example.org").await;
    world.crash();
    write(&world, FILE, 0o600);
    world.reopen().await.unwrap();
    let fine = world
        .act_by(&agent(), &mail, mail_to("ben@example.org"))
        .await
        .unwrap();
    assert_eq!(world.over(fine.id).await.kind(), "sent");
    let other = world
        .act_by(&agent(), &mail, mail_to("x@evil.example"))
        .await
        .unwrap_err();
    assert_eq!(other.code, ErrorCode::DeniedByPolicy);
    let asks = Caller::Program {
        executable: "/usr/bin/asks".to_owned(),
    };
    let asked = world
        .act_by(&asks, &mail, mail_to("ben@example.org"))
        .await
        .unwrap_err();
    assert_eq!(asked.code, ErrorCode::ApprovalUnavailable);
}

#[tokio::test]
async fn a_persons_no_outlives_the_file() {
    let mut world = World::new().await;
    let mail = world.connect("gmail", "anna@example.org").await;
    let out = Request::AdmitCaller {
        caller: agent(),
        admit: false,
        writes: Effect::Ask,
    };
    world.ask(out).await.unwrap();
    world.crash();
    write(&world, FILE, 0o600);
    world.reopen().await.unwrap();
    let error = world
        .act_by(&agent(), &mail, mail_to("ben@example.org"))
        .await
        .unwrap_err();
    assert_eq!(error.code, ErrorCode::ApprovalUnavailable);
}

#[tokio::test]
async fn a_hub_whose_rules_cannot_be_trusted_does_not_start() {
    let mut world = World::new().await;
    world.crash();
    let others_may_read = cfg!(unix).then_some((FILE, 0o640));
    for (text, mode) in [("[[caller]]\nkind = 3", 0o600)]
        .into_iter()
        .chain(others_may_read)
    {
        write(&world, text, mode);
        assert!(matches!(world.reopen().await, Err(OpenError::Policy(_))));
    }
    write(&world, FILE, 0o600);
    world.reopen().await.unwrap();
}
