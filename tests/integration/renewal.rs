//! Renewing: what is a verdict on the grant, what isn't, and that no account is lost on the way.

use autopilot_tests::{ANNA, Consent, PATIENCE, World, eventually, keychain};
use serde_json::{Value, json};

fn connected(world: &World, integration: &str) -> String {
    let connecting = world.connect(&[integration, "--redirect", "loopback"]);
    let (end, _) = connecting.through_loopback(&Consent::of(ANNA));
    end.connected()["id"].as_str().unwrap().to_owned()
}

fn refresh_token(world: &World, id: &str) -> Value {
    keychain::grant(world.profile(), id).unwrap()["credential"]["oauth"]["refresh_token"].clone()
}

fn test_code(world: &World, integration: &str) -> (Option<i32>, Value) {
    let ran = world.run(&["test", integration]);
    (ran.code, ran.json()["error"]["code"].clone())
}

#[test]
fn an_access_token_that_ran_out_is_renewed_without_anybody_noticing() {
    let world = World::sandbox("renewed");
    let _hub = world.hub();
    let id = connected(&world, "gmail");
    let before = refresh_token(&world, &id);
    world.peer().expire_access_tokens();
    assert_eq!(test_code(&world, "gmail"), (Some(0), Value::Null));
    assert_eq!(world.peer().token_requests("refresh_token"), 1);
    assert_eq!(
        refresh_token(&world, &id),
        before,
        "none was given, so the old one stays (RFC 6749 §6)"
    );
}

#[test]
fn a_rotated_refresh_token_is_kept_before_it_is_needed() {
    let world = World::sandbox("rotated");
    world.peer().oauth(&json!({"rotation": "rotating"}));
    let hub = world.hub();
    let id = connected(&world, "gmail");
    let mut seen = vec![refresh_token(&world, &id)];
    for _ in 0..2 {
        world.peer().expire_access_tokens();
        assert_eq!(test_code(&world, "gmail"), (Some(0), Value::Null));
        let token = refresh_token(&world, &id);
        assert!(!seen.contains(&token), "each is new");
        seen.push(token);
    }
    hub.kill9();
    world.peer().expire_access_tokens();
    let _hub = world.hub();
    assert_eq!(
        test_code(&world, "gmail"),
        (Some(0), Value::Null),
        "the one in the keychain is the one that counts"
    );
}

#[test]
fn a_lost_reply_during_renewal_never_loses_an_account_that_allows_a_repeat() {
    let world = World::sandbox("lost");
    let _hub = world.hub();
    connected(&world, "gmail");
    world.peer().expire_access_tokens();
    // The provider renews, and the answer never arrives.
    world.peer().fault(
        "google_oauth",
        Some("/token"),
        &json!({"kind": "drop_after"}),
        Some(1),
    );
    let (exit, code) = test_code(&world, "gmail");
    assert!(
        (exit, &code) == (Some(4), &json!("service_down")) || exit == Some(0),
        "{code}"
    );
    assert_eq!(test_code(&world, "gmail"), (Some(0), Value::Null));
    assert_eq!(world.connection("gmail")["status"]["kind"], "connected");
    assert!(
        world
            .peer()
            .log()
            .iter()
            .any(|entry| entry["fault"] == "drop_after"),
        "it did happen"
    );
}

#[test]
fn trouble_at_the_token_endpoint_is_no_verdict_on_the_grant() {
    let faults = [
        (json!({"kind": "status", "status": 503}), "service_down"),
        (
            json!({"kind": "status", "status": 500, "body": {"error": "invalid_grant"}}),
            "service_down",
        ),
        (json!({"kind": "html"}), "not_understood"),
        (json!({"kind": "garbage"}), "not_understood"),
        (json!({"kind": "status", "status": 403}), "not_understood"),
        (json!({"kind": "drop_before"}), "service_down"),
        (
            json!({"kind": "status", "status": 400, "body": "<h1>Bad Request</h1>"}),
            "not_understood",
        ),
    ];
    let world = World::sandbox("no-verdict");
    let _hub = world.hub();
    let id = connected(&world, "gmail");
    let grant = keychain::grant(world.profile(), &id);
    world.peer().expire_access_tokens();
    for (fault, expected) in &faults {
        world
            .peer()
            .fault("google_oauth", Some("/token"), fault, None);
        assert_eq!(
            test_code(&world, "gmail"),
            (Some(4), json!(expected)),
            "{fault}"
        );
        world.peer().heal();
    }
    // Seen to last, it is the service that is down, and not the sign-in that is gone.
    world
        .peer()
        .fault("google_oauth", Some("/token"), &faults[0].0, None);
    eventually(PATIENCE, "the status says that the service is down", || {
        let _ = world.run(&["test", "gmail"]);
        let status = world.connection("gmail")["status"].clone();
        assert_ne!(status["kind"], "needs_sign_in", "{status}");
        (status["kind"] == "service_down").then_some(())
    });
    assert_eq!(
        keychain::grant(world.profile(), &id),
        grant,
        "nothing was overwritten because something failed"
    );

    world.peer().heal();
    assert_eq!(test_code(&world, "gmail"), (Some(0), Value::Null));
    assert_eq!(world.connection("gmail")["status"]["kind"], "connected");
}

#[test]
fn a_token_endpoint_nobody_listens_at_is_no_verdict_either() {
    let world = World::sandbox("stopped");
    let _hub = world.hub();
    connected(&world, "gmail");
    world.peer().stop();
    assert_eq!(test_code(&world, "gmail"), (Some(4), json!("service_down")));
    eventually(PATIENCE, "the status says that the service is down", || {
        let told = world.run(&["status", "--check"]).done();
        let status = &told["connections"][0]["status"];
        assert_ne!(status["kind"], "needs_sign_in", "{status}");
        (status["kind"] == "service_down").then_some(())
    });
    world.peer().start_again();
    assert_eq!(test_code(&world, "gmail"), (Some(0), Value::Null));
}

#[test]
fn a_token_endpoint_that_never_answers_is_no_verdict_either() {
    let world = World::sandbox("silent");
    let _hub = world.hub();
    connected(&world, "gmail");
    world.peer().expire_access_tokens();
    // Longer than a call may take.
    world.peer().fault(
        "google_oauth",
        Some("/token"),
        &json!({"kind": "delay", "ms": 60_000}),
        Some(1),
    );
    assert_eq!(test_code(&world, "gmail"), (Some(4), json!("service_down")));
    assert_ne!(world.connection("gmail")["status"]["kind"], "needs_sign_in");
    assert_eq!(test_code(&world, "gmail"), (Some(0), Value::Null));
}

#[test]
fn a_provider_whose_clock_is_a_day_off_costs_nothing() {
    for skew in [86_400, -86_400] {
        let world = World::sandbox("skew");
        let _hub = world.hub();
        connected(&world, "gmail");
        world.peer().post("clock", &json!({"skew_s": skew}));
        assert_eq!(
            test_code(&world, "gmail"),
            (Some(0), Value::Null),
            "{skew} s"
        );
        assert_eq!(world.connection("gmail")["status"]["kind"], "connected");
    }
}

#[test]
fn a_grant_revoked_at_google_needs_a_sign_in_for_everything_of_that_account() {
    let world = World::sandbox("revoked");
    let _hub = world.hub();
    let gmail = connected(&world, "gmail");
    connected(&world, "google_drive");
    world.peer().revoke(ANNA);
    for integration in ["gmail", "google_drive"] {
        assert_eq!(
            test_code(&world, integration),
            (Some(3), json!("sign_in_needed")),
            "{integration}"
        );
        let status = &world.connection(integration)["status"];
        assert_eq!(
            (&status["kind"], &status["cause"]),
            (&json!("needs_sign_in"), &json!("grant_revoked"))
        );
        assert!(
            status["next_step"].as_str().unwrap().contains(ANNA),
            "{status}"
        );
    }

    // A dead grant is left alone: nothing is sent to Google for it, however often somebody looks.
    let asked = world.peer().token_requests("refresh_token");
    let _ = world.run(&["status", "--check"]).done();
    assert_eq!(world.peer().token_requests("refresh_token"), asked);

    let connecting = world.connect(&["gmail", "--redirect", "loopback", "--connection", &gmail]);
    let (end, _) = connecting.through_loopback(&Consent::of(ANNA));
    assert_eq!(
        end.connected()["id"],
        json!(gmail),
        "the same connection, mended"
    );
    assert_eq!(world.connection("gmail")["status"]["kind"], "connected");
}

#[test]
fn an_api_that_is_down_says_so_and_comes_back() {
    let world = World::sandbox("api-down");
    let _hub = world.hub();
    connected(&world, "gmail");
    connected(&world, "google_drive");
    for (fault, code, exit) in [
        (json!({"kind": "status", "status": 503}), "service_down", 4),
        (
            json!({"kind": "status", "status": 429, "retry_after_s": 2}),
            "rate_limited",
            4,
        ),
        (json!({"kind": "html"}), "not_understood", 4),
    ] {
        world.peer().fault("gmail", None, &fault, None);
        let ran = world.run(&["test", "gmail"]);
        let error = ran.json()["error"].clone();
        assert_eq!(
            (ran.code, &error["code"]),
            (Some(exit), &json!(code)),
            "{fault}"
        );
        assert_eq!(
            error["retry_after_s"].is_u64(),
            code == "rate_limited",
            "{error}"
        );
        assert_eq!(
            world.run(&["test", "google_drive"]).code,
            Some(0),
            "the other service is none the worse"
        );
        world.peer().heal();
        eventually(PATIENCE, "it works again", || {
            (world.run(&["test", "gmail"]).code == Some(0)).then_some(())
        });
    }
}
