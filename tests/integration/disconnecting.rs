//! The end of a connection: here at once, at the provider as soon as it can be told.

use std::time::Duration;

use autopilot_tests::{ANNA, BOT, Consent, World, eventually, keychain, sandbox::DEMO_BOT_TOKEN};
use model::Request;
use serde_json::{Value, json};

/// A revocation is tried again after 30 s, then after 60.
const RETRIED_WITHIN: Duration = Duration::from_secs(150);

fn connect(world: &World, integration: &str) -> String {
    let connecting = world.connect(&[integration, "--redirect", "loopback"]);
    let (end, _) = connecting.through_loopback(&Consent::of(ANNA));
    end.connected()["id"].as_str().unwrap().to_owned()
}

/// Waits until no grant and no waiting revocation of this profile is in the keychain.
fn nothing_kept(world: &World, within: Duration) {
    let face = world.face();
    eventually(within, "the revocation is done", || {
        // A round does what is due; without one it comes with the next tick.
        let _ = face.ask(Request::Refresh);
        keychain::names(world.profile()).is_empty().then_some(())
    });
}

#[test]
fn disconnecting_ends_the_access_here_and_at_the_provider() {
    let world = World::sandbox("ended");
    let _hub = world.hub();
    let id = connect(&world, "gmail");
    assert!(keychain::lookup(world.profile(), &format!("grant/{id}")).is_some());
    assert_eq!(world.peer().live_grants(), 1);

    let ended = world.run(&["disconnect", "gmail", "--yes"]).done();
    assert_eq!(ended["revoke"], json!(true));
    assert_eq!(ended["disconnected"]["id"], json!(id));
    assert_eq!(world.connections(), Vec::<Value>::new());
    nothing_kept(&world, autopilot_tests::PATIENCE);
    let grants = world.peer().grants();
    assert!(
        !grants.is_empty() && grants.iter().all(|grant| grant["revoked"] == json!(true)),
        "{grants:?}"
    );
}

#[test]
fn what_else_would_die_is_said_first_and_then_seen() {
    let world = World::sandbox("also");
    let _hub = world.hub();
    connect(&world, "gmail");
    let drive = connect(&world, "google_drive");

    let preview = world.run(&["disconnect", "gmail", "--preview"]).done()["preview"].clone();
    assert_eq!(preview["also_ends"][0]["id"], json!(drive), "{preview}");
    assert!(
        preview["consequences"]
            .as_array()
            .is_some_and(|all| !all.is_empty()),
        "{preview}"
    );
    assert_eq!(world.connections().len(), 2, "looking ends nothing");

    // Nobody can be asked here, so it takes --yes.
    assert_eq!(
        world.run(&["disconnect", "gmail"]).refused(),
        (2, "usage".to_owned())
    );
    assert_eq!(world.connections().len(), 2);

    assert_eq!(world.run(&["disconnect", "gmail", "--yes"]).code, Some(0));
    // Google ended it along with the other; the card must not go on saying "connected".
    eventually(RETRIED_WITHIN, "Drive needs a new sign-in", || {
        let tested = world.run(&["test", "google_drive"]);
        (tested.json()["error"]["code"] == "sign_in_needed").then_some(())
    });
    assert_eq!(
        world.connection("google_drive")["status"]["cause"],
        "grant_revoked"
    );
}

#[test]
fn removing_here_only_leaves_the_access_at_the_provider() {
    let world = World::sandbox("here");
    let _hub = world.hub();
    connect(&world, "gmail");
    connect(&world, "google_drive");
    let ended = world
        .run(&["disconnect", "gmail", "--keep-remote", "--yes"])
        .done();
    assert_eq!(ended["revoke"], json!(false));
    assert_eq!(world.connections().len(), 1);
    assert_eq!(keychain::names(world.profile()).len(), 1);
    assert_eq!(world.peer().requests("google_oauth", "/revoke"), 0);
    assert_eq!(world.run(&["test", "google_drive"]).code, Some(0));
}

#[test]
fn a_bots_token_is_forgotten_here_because_only_its_owner_can_end_it() {
    let world = World::sandbox("bot-ended");
    let _hub = world.hub();
    assert_eq!(
        world
            .run_with(&["connect", "telegram", "--token-stdin"], DEMO_BOT_TOKEN)
            .code,
        Some(0)
    );
    let preview = world.run(&["disconnect", BOT, "--preview"]).done()["preview"].clone();
    assert_eq!(preview["revocable"], json!(false));
    assert_eq!(world.run(&["disconnect", BOT, "--yes"]).code, Some(0));
    assert_eq!(keychain::names(world.profile()), Vec::<String>::new());
}

#[test]
fn disconnecting_while_the_provider_is_away_ends_the_access_once_it_is_back() {
    let world = World::sandbox("away");
    let hub = world.hub();
    let id = connect(&world, "gmail");
    world.peer().stop();

    assert_eq!(
        world.run(&["disconnect", "gmail", "--yes"]).code,
        Some(0),
        "here it ends at once"
    );
    assert_eq!(world.connections(), Vec::<Value>::new());
    // The grant waits apart, and survives even this.
    let waiting = [format!("revocation/{id}")];
    assert_eq!(keychain::names(world.profile()), waiting);
    hub.kill9();
    let _hub = world.hub();
    assert_eq!(world.connections(), Vec::<Value>::new());
    assert_eq!(keychain::names(world.profile()), waiting);

    world.peer().start_again();
    assert_eq!(
        world.peer().live_grants(),
        1,
        "the provider hasn't heard of it yet"
    );
    nothing_kept(&world, RETRIED_WITHIN);
    assert_eq!(world.peer().live_grants(), 0);
}

#[test]
fn a_revocation_whose_answer_was_lost_is_not_given_up() {
    let world = World::sandbox("lost-revoke");
    let _hub = world.hub();
    connect(&world, "gmail");
    world.peer().fault(
        "google_oauth",
        Some("/revoke"),
        &json!({"kind": "drop_after"}),
        Some(1),
    );
    assert_eq!(world.run(&["disconnect", "gmail", "--yes"]).code, Some(0));
    nothing_kept(&world, RETRIED_WITHIN);
    assert_eq!(world.peer().live_grants(), 0);
}
