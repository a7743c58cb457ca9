//! What scripts rely on: shapes, codes, exit statuses, and what `--endpoints` may do.
//!
//! Not reachable yet: 5 (no verb asks what only the window may; `eleven_steps` shows the refusal on the socket).
//! 6 is shown in `actions_cli`. The whole table is tested in `cli`.

use autopilot_tests::{ANNA, Consent, World, sandbox::DEMO_BOT_TOKEN};
use serde_json::json;

use crate::sign_in::keys;

#[test]
fn status_has_the_documented_shape() {
    let world = World::sandbox("shape");
    let _hub = world.hub();
    assert_eq!(world.run(&["status"]).done(), json!({"connections": []}));
    assert_eq!(
        world
            .run_with(&["connect", "telegram", "--token-stdin"], DEMO_BOT_TOKEN)
            .code,
        Some(0)
    );
    let connecting = world.connect(&["gmail", "--redirect", "loopback"]);
    let _ = connecting
        .through_loopback(&Consent::of(ANNA))
        .0
        .connected();
    world.peer().revoke_bot("110201543");
    let _ = world.run(&["test", "telegram"]);

    let told = world.run(&["status"]).done();
    assert_eq!(keys(&told), ["connections"]);
    for connection in told["connections"].as_array().unwrap() {
        assert_eq!(
            keys(connection),
            [
                "account",
                "capabilities",
                "id",
                "integration",
                "name",
                "scopes",
                "status"
            ]
        );
        let status = &connection["status"];
        assert_eq!(
            keys(status),
            ["cause", "kind", "next_step", "proven_at", "sentence"]
        );
        let proven = status["proven_at"].as_str().unwrap();
        assert!(
            proven.ends_with('Z') && proven.parse::<jiff::Timestamp>().is_ok(),
            "RFC 3339, UTC: {proven}"
        );
        assert!(
            connection["id"]
                .as_str()
                .unwrap()
                .parse::<uuid::Uuid>()
                .is_ok()
        );
        assert!(status["sentence"].as_str().unwrap().ends_with('.'));
    }
    let gmail = world.connection("gmail");
    assert_eq!(
        (&gmail["status"]["kind"], &gmail["status"]["cause"]),
        (&json!("connected"), &json!(null))
    );
    let telegram = world.connection("telegram");
    assert_eq!(telegram["status"]["kind"], "needs_sign_in");
    assert_eq!(telegram["status"]["cause"], "token_rejected");
}

#[test]
fn every_reachable_exit_status_means_what_the_page_says() {
    let world = World::sandbox("exits");
    let _hub = world.hub();
    assert_eq!(world.run(&["status"]).code, Some(0));
    assert_eq!(
        world
            .run(&["test", "00000000-0000-7000-8000-000000000000"])
            .refused(),
        (1, "unknown_connection".into())
    );
    assert_eq!(world.run(&["no-such-verb"]).refused(), (2, "usage".into()));
    assert_eq!(
        world.run(&["connect", "fax"]).refused(),
        (2, "unknown_integration".into())
    );
    assert_eq!(
        world.run(&["connect", "telegram"]).refused(),
        (2, "usage".into())
    );
    assert_eq!(
        world
            .run(&["connect", "telegram", "--token", "1:a"])
            .refused(),
        (2, "usage".into())
    );
    assert_eq!(
        world
            .run_with(&["connect", "telegram", "--token-stdin"], "")
            .refused(),
        (2, "invalid_input".into())
    );
    assert_eq!(
        world.run(&["test", "telegram"]).refused(),
        (3, "not_connected".into())
    );
    world.peer().stop();
    let down = world.run_with(&["connect", "telegram", "--token-stdin"], DEMO_BOT_TOKEN);
    assert_eq!(down.refused(), (4, "service_down".into()));
    // 130: `refused_sign_ins::a_cancelled_sign_in_ends_at_once_and_leaves_nothing_pending`.
}

#[test]
fn without_a_keychain_nothing_is_kept_and_the_exit_status_is_7() {
    let world = World::sandbox("no-keychain")
        .with("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus");
    let _hub = world.hub();
    let refused = world.run_with(&["connect", "telegram", "--token-stdin"], DEMO_BOT_TOKEN);
    assert_eq!(refused.refused(), (7, "no_keychain".into()));
    assert_eq!(world.connections().len(), 0);
    let doctor = world.run(&["doctor"]);
    let told = doctor.lines().remove(0);
    let vault = told["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["check"] == "vault")
        .unwrap()
        .clone();
    assert_eq!(vault["verdict"], "bad", "{vault}");
    assert!(vault["remedy"].is_string(), "{vault}");
}

#[test]
fn the_doctor_finds_a_healthy_profile_healthy() {
    let world = World::sandbox("healthy");
    let _hub = world.hub();
    let told = world.run(&["doctor"]).done();
    assert_eq!(told["hub"]["profile"], world.profile());
    assert_eq!(told["hub"]["headless"], json!(true));
    assert_eq!(told["hub"]["vault"]["kind"], "unlocked");
    for finding in told["findings"].as_array().unwrap() {
        assert_eq!(finding["verdict"], "good", "{finding}");
    }
}

#[test]
fn endpoints_are_accepted_once_and_never_changed() {
    let world = World::sandbox("fixed");
    let hub = world.hub();
    assert_eq!(
        world.run(&["status"]).code,
        Some(0),
        "the same endpoints may be named again"
    );
    assert_eq!(
        world.clone().with_endpoints(None).run(&["status"]).code,
        Some(0),
        "and need not be"
    );

    let elsewhere = world.write(
        "elsewhere.toml",
        "[gmail]\ntoken = \"http://127.0.0.1:9/token\"\n",
    );
    let moved = world.clone().with_endpoints(Some(elsewhere));
    assert_eq!(
        moved.run(&["status"]).refused(),
        (2, "endpoints_fixed".into())
    );
    hub.stop();
    assert_eq!(moved.run(&["hub"]).refused(), (2, "endpoints_fixed".into()));
    let sandboxed = world.clone().with_endpoints(None);
    assert_eq!(
        sandboxed.run(&["hub", "--sandbox"]).refused(),
        (2, "endpoints_fixed".into())
    );
}

#[test]
fn a_profile_of_real_accounts_takes_no_endpoints_ever() {
    let world = World::sandbox("real");
    let real = world.beside("a").with_endpoints(None);
    real.hub().stop();
    let lured = real
        .clone()
        .with_endpoints(world.endpoints().map(Into::into));
    assert_eq!(lured.run(&["hub"]).refused(), (2, "endpoints_fixed".into()));
    assert_eq!(
        lured.run(&["status"]).refused(),
        (2, "endpoints_fixed".into())
    );
    assert_eq!(
        real.run(&["hub", "--sandbox"]).refused(),
        (2, "endpoints_fixed".into())
    );
}

#[test]
fn endpoints_that_could_leak_a_grant_are_refused_before_a_profile_is_made() {
    let world = World::bare("leaky");
    for (text, why) in [
        (
            "[gmail]\ntoken = \"http://example.org/token\"",
            "not private",
        ),
        (
            "[gmail]\ntoken = \"http://localhost:1/token\"",
            "a name can lead anywhere",
        ),
        (
            "[gmail]\ntoken = \"https://user:word@example.org/\"",
            "a sign-in in the address",
        ),
        ("[gmail]\nspy = \"https://example.org/\"", "no such role"),
        ("[fax]\ntoken = \"https://example.org/\"", "no such service"),
        ("[gmail\n", "not TOML"),
    ] {
        let file = world.write("bad.toml", text);
        let refused = world.clone().with_endpoints(Some(file)).run(&["hub"]);
        assert_eq!(refused.refused(), (2, "invalid_input".into()), "{why}");
        assert!(!world.database().exists(), "{why}: no profile was made");
    }
    let missing = world
        .clone()
        .with_endpoints(Some("/nonexistent.toml".into()))
        .run(&["hub"]);
    assert_eq!(missing.refused(), (2, "invalid_input".into()));
}

#[test]
fn words_for_people_go_where_people_look() {
    let world = World::sandbox("words");
    let _hub = world.hub();
    let empty = world.say(&["status"]);
    assert_eq!(empty.code, Some(0));
    assert!(
        empty.stdout.contains("Nothing is connected yet."),
        "{empty:?}"
    );
    let refused = world.say(&["test", "telegram"]);
    assert_eq!(refused.code, Some(3));
    assert!(
        refused.stdout.is_empty() && refused.stderr.contains("Telegram isn't connected."),
        "{refused:?}"
    );
    assert!(
        !refused.stderr.contains('\u{1b}'),
        "no colours where nobody sees them"
    );
}

#[test]
fn the_terminal_speaks_the_systems_language_and_what_programs_read_stays_english() {
    let world = World::sandbox("german");
    let _hub = world.hub();
    let german = |arguments: &[&str]| world.say_in("de_AT.UTF-8", arguments);
    let empty = german(&["status"]);
    assert_eq!(
        (empty.code, empty.stdout.as_str()),
        (Some(0), "Noch ist nichts verbunden.\n"),
        "{empty:?}"
    );
    let refused = german(&["test", "telegram"]);
    assert_eq!(refused.code, Some(3));
    assert!(
        refused.stderr.contains("Telegram ist nicht verbunden."),
        "{refused:?}"
    );
    let read = german(&["test", "telegram", "--json"]);
    assert!(
        read.stdout.contains("Telegram isn't connected."),
        "{read:?}"
    );
}

#[test]
fn the_sandbox_verb_serves_what_its_endpoints_say() {
    use std::io::{BufRead, BufReader};
    let world = World::bare("twins");
    let mut child = world
        .command("autopilot")
        .args(["sandbox", "--json"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let told: serde_json::Value = serde_json::from_str(&line).unwrap();
    let base = told["base_url"].as_str().unwrap().trim_end_matches('/');
    let health = autopilot_tests::http()
        .get(format!("{base}/control/health"))
        .send()
        .unwrap();
    assert!(health.status().is_success());
    let endpoints: toml::Table = told["endpoints_toml"].as_str().unwrap().parse().unwrap();
    assert_eq!(
        endpoints.keys().collect::<Vec<_>>(),
        ["gmail", "google_drive", "telegram"]
    );
    child.kill().unwrap();
    child.wait().unwrap();
}
