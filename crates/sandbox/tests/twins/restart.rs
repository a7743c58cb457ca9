//! What outlives the process: grants and the port, never a token in the clear.

use std::path::Path;

use autopilot_sandbox::{Options, Sandbox, StartError};
use reqwest::StatusCode;
use serde_json::json;

use crate::bench::{READONLY, bench_with};

fn kept_in(file: &Path) -> Options {
    Options {
        state_file: Some(file.to_owned()),
        ..Options::default()
    }
}

#[tokio::test]
async fn grants_settings_and_port_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sandbox.json");
    let before = bench_with(kept_in(&file)).await;
    before
        .control("oauth", json!({ "rotation": "rotating" }))
        .await;
    before
        .control("bots/revoke", json!({ "bot_id": 110201543 }))
        .await;
    let (access, refresh) = before.grant(READONLY).await;
    let address = before.sandbox.base_url();
    before.sandbox.stop().await;

    let after = bench_with(kept_in(&file)).await;
    assert_eq!(after.sandbox.base_url(), address);
    assert_eq!(after.profile(&access).await, StatusCode::OK);
    let (status, body) = after.refresh(&refresh, &[]).await;
    assert_eq!(status, StatusCode::OK);
    assert!(body["refresh_token"].is_string());
    let grants = after.get_control("grants").await;
    assert_eq!(grants.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_file_holds_no_token_and_is_for_its_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sandbox.json");
    let bench = bench_with(kept_in(&file)).await;
    let code = bench.code(READONLY).await;
    let (access, refresh) = bench.grant(READONLY).await;
    let saved = std::fs::read_to_string(&file).unwrap();
    for token in [&code, &access, &refresh] {
        let random = token.split('-').next_back().unwrap();
        assert!(!saved.contains(random));
    }
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(
            &std::fs::metadata(&file).unwrap().permissions(),
        );
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sandbox.json");
    std::fs::write(&file, "not json").unwrap();
    assert!(matches!(
        Sandbox::start(kept_in(&file)).await,
        Err(StartError::State { .. })
    ));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "not json");
}

#[tokio::test]
async fn a_port_in_use_is_said_and_a_stopped_sandbox_frees_its_own() {
    let first = Sandbox::start(Options::default()).await.unwrap();
    let port = first.base_url().port().unwrap();
    let again = || {
        Sandbox::start(Options {
            port,
            ..Options::default()
        })
    };
    assert!(matches!(again().await, Err(StartError::Listen { .. })));
    first.stop().await;
    assert!(again().await.is_ok());
}

#[tokio::test]
async fn the_endpoint_table_names_every_role_of_every_service() {
    let sandbox = Sandbox::start(Options::default()).await.unwrap();
    let table: toml::Table = sandbox.endpoints_toml().parse().unwrap();
    let base = sandbox.base_url();
    let base = base.as_str().trim_end_matches('/');
    for service in ["gmail", "google_drive"] {
        for role in ["authorize", "token", "revoke", "userinfo", "api", "upload"] {
            assert!(
                table[service][role].as_str().unwrap().starts_with(base),
                "{service} {role}"
            );
        }
    }
    assert_eq!(
        table["telegram"]["api"].as_str().unwrap(),
        format!("{base}/telegram")
    );
    assert_eq!(table.len(), 3);
}
