//! What survives the end of the process, however it ends.

use autopilot_tests::{
    ANNA, BOT, Consent, PATIENCE, World, eventually, keychain, sandbox::DEMO_BOT_TOKEN,
};
use model::Request;
use serde_json::json;

#[test]
fn after_kill_9_everything_is_still_connected_without_a_new_sign_in() {
    let world = World::sandbox("killed");
    let hub = world.hub();
    let connecting = world.connect(&["gmail", "--redirect", "loopback"]);
    let (end, _) = connecting.through_loopback(&Consent::of(ANNA));
    let id = end.connected()["id"].as_str().unwrap().to_owned();
    assert_eq!(
        world
            .run_with(&["connect", "telegram", "--token-stdin"], DEMO_BOT_TOKEN)
            .code,
        Some(0)
    );
    let item = format!("grant/{id}");
    assert!(
        keychain::lookup(world.profile(), &item).is_some(),
        "secret-tool sees it"
    );
    hub.kill9();
    world.peer().clear_log();

    let hub = world.hub();
    for (integration, account) in [("gmail", ANNA), ("telegram", BOT)] {
        let connection = world.connection(integration);
        assert_eq!(
            (
                connection["account"].as_str(),
                &connection["status"]["kind"]
            ),
            (Some(account), &json!("connected"))
        );
        assert_eq!(
            world.run(&["test", integration]).done()["error"],
            json!(null)
        );
    }
    assert_eq!(world.peer().token_requests("authorization_code"), 0);
    assert_eq!(world.connection("gmail")["id"], json!(id));
    hub.stop();

    // A polite end is no worse.
    let _hub = world.hub();
    assert_eq!(world.connections().len(), 2);
}

#[test]
fn what_is_connected_while_a_hub_is_still_starting_stays_connected() {
    let world = World::sandbox("starting");
    for _ in 0..5 {
        let _hub = world.hub();
        let connected = world
            .run_with(&["connect", "telegram", "--token-stdin"], DEMO_BOT_TOKEN)
            .done();
        let status = world.connection("telegram")["status"].clone();
        assert_eq!(status, connected["connection"]["status"]);
        assert_eq!(
            world.run(&["disconnect", "telegram", "--yes"]).code,
            Some(0)
        );
    }
}

#[test]
fn a_command_starts_the_hub_it_needs_and_finds_it_again() {
    let world = World::bare("started");
    let first = world.run(&["status", "--sandbox"]).done();
    assert_eq!(first, json!({"connections": []}));
    let pid = world.face().client().hub_pid();
    // From now on the profile knows by itself what it is.
    assert_eq!(world.run(&["status"]).done(), first);
    assert_eq!(world.face().client().hub_pid(), pid, "one hub serves both");
    let end = std::process::Command::new("kill")
        .arg(pid.to_string())
        .status()
        .unwrap();
    assert!(end.success());
    eventually(PATIENCE, "the hub ends and takes its socket along", || {
        world.socket().is_none().then_some(())
    });
}

#[test]
fn commands_that_start_together_end_up_with_one_hub() {
    let world = World::bare("together");
    let asked: Vec<_> = (0..4)
        .map(|_| {
            let world = world.clone();
            std::thread::spawn(move || world.run(&["status", "--sandbox"]))
        })
        .collect();
    for ran in asked {
        assert_eq!(ran.join().unwrap().done(), json!({"connections": []}));
    }
    let pid = world.face().client().hub_pid();
    assert_eq!(world.run(&["doctor"]).code, Some(0));
    assert_eq!(world.face().client().hub_pid(), pid);
    assert!(
        std::process::Command::new("kill")
            .arg(pid.to_string())
            .status()
            .unwrap()
            .success()
    );
}

#[test]
fn a_sign_in_under_way_survives_a_hub_that_hands_over() {
    let world = World::sandbox("handed");
    let mut hub = world.hub();
    let mut connecting = world.connect(&["gmail", "--redirect", "deep-link"]);
    let redirect = connecting.consent(&Consent::of(ANNA));
    world.face().ask(Request::HandOver).unwrap();
    eventually(PATIENCE, "the old hub lets go", || {
        (!hub.runs()).then_some(())
    });
    let _hub = world.hub();
    connecting.paste(&redirect);
    assert_eq!(connecting.end().connected()["account"], ANNA);
    assert_eq!(world.run(&["test", "gmail"]).code, Some(0));
}

#[test]
fn a_second_hub_for_the_same_profile_is_refused_and_the_first_goes_on() {
    let world = World::sandbox("second");
    let mut hub = world.hub();
    let refused = world.run(&["hub"]);
    assert_ne!(refused.code, Some(0), "{refused:?}");
    let _ = refused.refused();
    assert!(hub.runs());
    assert_eq!(world.run(&["status"]).code, Some(0));
}

#[test]
fn a_keychain_item_somebody_else_deleted_is_named_and_nothing_else_breaks() {
    let world = World::sandbox("deleted");
    let hub = world.hub();
    let connecting = world.connect(&["gmail", "--redirect", "loopback"]);
    let (end, _) = connecting.through_loopback(&Consent::of(ANNA));
    let id = end.connected()["id"].clone();
    assert_eq!(
        world
            .run_with(&["connect", "telegram", "--token-stdin"], DEMO_BOT_TOKEN)
            .code,
        Some(0)
    );
    hub.stop();
    keychain::delete(world.profile(), &format!("grant/{}", id.as_str().unwrap()));

    let _hub = world.hub();
    let tested = world.run(&["test", "gmail"]);
    assert_eq!(
        (tested.code, &tested.json()["error"]["code"]),
        (Some(3), &json!("sign_in_needed"))
    );
    let status = &world.connection("gmail")["status"];
    assert_eq!(
        (&status["kind"], &status["cause"]),
        (&json!("needs_sign_in"), &json!("grant_missing"))
    );
    assert_eq!(world.run(&["test", "telegram"]).code, Some(0));

    // Signing in again mends it in place.
    let connecting = world.connect(&["gmail", "--redirect", "loopback", "--connection", ANNA]);
    let (end, _) = connecting.through_loopback(&Consent::of(ANNA));
    assert_eq!(end.connected()["id"], id);
    assert_eq!(world.run(&["test", "gmail"]).code, Some(0));
}

#[test]
fn a_keychain_item_somebody_overwrote_is_named_left_alone_and_mended_by_signing_in() {
    let world = World::sandbox("garbage");
    let hub = world.hub();
    let connecting = world.connect(&["gmail", "--redirect", "loopback"]);
    let (end, _) = connecting.through_loopback(&Consent::of(ANNA));
    let id = end.connected()["id"].clone();
    let _ = world
        .run_with(&["connect", "telegram", "--token-stdin"], DEMO_BOT_TOKEN)
        .done();
    hub.stop();
    let item = format!("grant/{}", id.as_str().unwrap());
    let garbage = "not what we wrote\u{1b}[31m";
    keychain::overwrite(world.profile(), &item, garbage);

    let _hub = world.hub();
    let tested = world.run(&["test", "gmail"]);
    assert_eq!(tested.refused(), (3, "sign_in_needed".to_owned()));
    let status = &world.connection("gmail")["status"];
    assert_eq!(
        (&status["kind"], &status["cause"]),
        (&json!("needs_sign_in"), &json!("grant_unreadable"))
    );
    assert_eq!(world.run(&["test", "telegram"]).code, Some(0));
    // Whose it is isn't ours to say: it stays until there is a grant to put in its place.
    let there = keychain::lookup(world.profile(), &item);
    assert_eq!(there.as_deref(), Some(garbage));

    let connecting = world.connect(&["gmail", "--redirect", "loopback", "--connection", ANNA]);
    let (end, _) = connecting.through_loopback(&Consent::of(ANNA));
    assert_eq!(end.connected()["id"], id);
    assert_eq!(world.run(&["test", "gmail"]).code, Some(0));
}
