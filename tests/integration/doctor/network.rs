//! What can be wrong between this computer and the services.

use std::{fs, net::TcpListener};

use autopilot_tests::World;
use serde_json::json;

use super::Found;

const HERE: [&str; 4] = ["vault", "database", "disk", "loopback"];

#[test]
fn a_clock_that_is_a_day_off_is_named_with_how_far() {
    let world = World::sandbox("skewed");
    let _hub = world.hub();
    // The services' clock moves back, so ours is ahead.
    world.peer().post("clock", &json!({"skew_s": -86_400}));
    let found = Found::in_world(&world);
    let clock = found.names("clock", "bad", "clock_ahead");
    let seconds = clock["cause"]["seconds"].as_u64().unwrap();
    assert!((86_395..=86_405).contains(&seconds), "{clock}");
    assert!(
        clock["sentence"].as_str().unwrap().contains("24 hours"),
        "{clock}"
    );
    assert_eq!(found.code, Some(1));
    found.finds_good(&HERE);
    found.finds_good(&["service_gmail", "portal"]);

    world.peer().post("clock", &json!({"skew_s": 90_000}));
    Found::in_world(&world).names("clock", "bad", "clock_behind");
    world.peer().post("clock", &json!({"skew_s": 2}));
    Found::in_world(&world).finds_good(&["clock"]);
}

#[test]
fn a_name_server_that_knows_nobody_is_named() {
    let world = World::bare("dns");
    let toml = "[gmail]\napi = \"https://gmail.invalid\"\ntoken = \"https://oauth.invalid/token\"\n\
                [google_drive]\napi = \"https://drive.invalid\"\ntoken = \"https://oauth.invalid/token\"\n\
                [telegram]\napi = \"https://telegram.invalid\"\n";
    let file = world.write("endpoints.toml", toml);
    let world = world.with_endpoints(Some(file));
    // Real services may be behind these names, as far as the hub knows.
    world.let_me_in("program", "");
    let _hub = world.hub();
    let found = Found::in_world(&world);
    found.names("dns", "bad", "no_names_found");
    let gmail = found.names("service_gmail", "bad", "service_unreachable");
    assert_eq!(gmail["cause"]["host"], "gmail.invalid");
    // Nobody answered, so these can't be told, and aren't.
    found.names("clock", "unknown", "clock_unknown");
    found.names("portal", "unknown", "portal_unknown");
    found.finds_good(&HERE);
    assert_eq!(found.code, Some(4));
}

#[test]
fn a_proxy_that_refuses_is_named_without_its_password() {
    // Bound and given back: nobody listens there.
    let port = TcpListener::bind(("127.0.0.1", 0))
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let world = World::sandbox("proxied").with(
        "http_proxy",
        format!("http://anna:canary-of-a-proxy@127.0.0.1:{port}"),
    );
    let _hub = world.hub();
    let ran = world.run(&["doctor"]);
    let found = Found::of(&ran);
    let proxy = found.names("proxy", "bad", "proxy_refuses");
    assert_eq!(proxy["cause"]["proxy"], format!("127.0.0.1:{port}"));
    found.names("service_telegram", "bad", "service_unreachable");
    found.finds_good(&HERE);
    assert!(!ran.stdout.contains("canary-of-a-proxy"));
}

#[test]
fn a_page_where_services_should_answer_is_a_network_that_wants_a_sign_in() {
    let world = World::sandbox("portal");
    let _hub = world.hub();
    world
        .peer()
        .fault("*", None, &json!({"kind": "html"}), None);
    let found = Found::in_world(&world);
    let portal = found.names("portal", "bad", "portal");
    assert_eq!(portal["cause"]["hosts"], json!(["127.0.0.1"]));
    found.names("service_gmail", "bad", "service_replaced");
    // Its clock is not the services'.
    found.names("clock", "unknown", "clock_unknown");
    found.finds_good(&HERE);
    world.peer().heal();
    Found::in_world(&world).finds_good(&["portal", "service_gmail", "clock"]);
}

#[test]
fn a_service_that_is_down_is_not_a_broken_network() {
    let world = World::sandbox("down");
    let _hub = world.hub();
    let down = json!({"kind": "status", "status": 503});
    world.peer().fault("telegram", None, &down, None);
    let found = Found::in_world(&world);
    found.names("service_telegram", "doubtful", "service_troubled");
    found.finds_good(&[
        "portal",
        "clock",
        "proxy",
        "service_gmail",
        "service_google_drive",
    ]);
    assert_eq!(found.code, Some(0));
}

#[test]
fn one_slow_service_holds_no_other_finding_up() {
    let world = World::sandbox("slow");
    let _hub = world.hub();
    // Longer than anybody waits.
    world.peer().fault(
        "telegram",
        None,
        &json!({"kind": "delay", "ms": 60_000}),
        None,
    );
    let found = Found::in_world(&world);
    found.names("service_telegram", "bad", "service_unreachable");
    found.finds_good(&["clock", "service_gmail"]);
}

#[test]
fn looking_asks_the_services_for_nothing_of_anybody() {
    let world = World::sandbox("unkeyed");
    let _hub = world.hub();
    world.peer().clear_log();
    Found::in_world(&world).finds_good(&[
        "service_gmail",
        "service_google_drive",
        "service_telegram",
    ]);
    let log = world.peer().log();
    assert!(!log.is_empty());
    for line in &log {
        let status = line["status"].as_u64().unwrap();
        assert!(
            (400..500).contains(&status),
            "without a key nothing is given: {line}"
        );
    }
    // And it leaves nothing in the folder.
    let left: Vec<_> = fs::read_dir(world.data_dir())
        .unwrap()
        .map(|one| one.unwrap().file_name())
        .collect();
    assert!(!left.iter().any(|name| name == "doctor.tmp"), "{left:?}");
}
