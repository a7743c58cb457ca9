//! Signing in through the browser, by each of its ways back, and what was left unticked.

use autopilot_tests::{ANNA, BEN, Consent, World, keychain, land};
use model::{RedirectKind, Request, Response, SignInView};
use serde_json::json;

use crate::refused_sign_ins::SEND;

const READ: &str = "https://www.googleapis.com/auth/gmail.readonly";

#[test]
fn the_terminal_connects_gmail_by_loopback_and_tells_it_line_by_line() {
    let world = World::sandbox("loopback");
    let _hub = world.hub();
    let connecting = world.connect(&["gmail", "--redirect", "loopback"]);
    let (end, page) = connecting.through_loopback(&Consent::of(ANNA));

    assert_eq!(end.events.len(), 2, "{end:?}");
    let [open, connected] = &end.events[..] else {
        panic!("{end:?}")
    };
    assert_eq!(keys(open), ["event", "url"]);
    assert_eq!(keys(connected), ["connection", "event", "missing"]);
    assert_eq!(connected["missing"], json!([]));
    let connection = end.connected();
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
    assert_eq!(connection["integration"], "gmail");
    assert_eq!(connection["account"], ANNA);
    assert_eq!(connection["status"]["kind"], "connected");
    assert_eq!(
        connection["capabilities"],
        json!(["mail.send", "mail.read"])
    );

    // The browser's page says it too, and names the account.
    assert!(
        page.contains("You&#39;re connected") && page.contains(ANNA),
        "{page}"
    );
    // And it is so: one real call, one grant at the provider, one item in the keychain.
    assert_eq!(world.run(&["test", "gmail"]).done()["error"], json!(null));
    assert_eq!(world.peer().live_grants(), 1);
    let id = connection["id"].as_str().unwrap();
    assert_eq!(keychain::names(world.profile()), [format!("grant/{id}")]);
}

#[test]
fn a_deep_link_pasted_as_an_address_connects() {
    let world = World::sandbox("pasted");
    let _hub = world.hub();
    let connecting = world.connect(&["google_drive", "--redirect", "deep-link"]);
    let end = connecting.through_paste(&Consent::of(BEN));
    assert_eq!(end.connected()["account"], BEN);
    assert_eq!(
        end.connected()["capabilities"],
        json!(["files.list", "files.upload", "files.download"])
    );
}

#[test]
fn a_loopback_address_the_browser_could_not_reach_can_be_pasted() {
    let world = World::sandbox("pasted-loop");
    let _hub = world.hub();
    let connecting = world.connect(&["gmail", "--redirect", "loopback"]);
    assert_eq!(
        connecting.through_paste(&Consent::of(ANNA)).connected()["account"],
        ANNA
    );
}

#[test]
fn a_link_that_arrives_after_a_crash_still_connects() {
    let world = World::sandbox("cold");
    let hub = world.hub();
    let begun = begin(&world, "gmail", RedirectKind::DeepLink);
    let redirect = world.peer().consent(&begun.url, &Consent::of(ANNA));
    hub.kill9();

    let _hub = world.hub();
    let face = world.face();
    face.ask(Request::DeliverRedirect {
        url: model::SecretInput::new(redirect),
    })
    .unwrap();
    autopilot_tests::eventually(autopilot_tests::PATIENCE, "the sign-in ends", || {
        let Ok(Response::SignIns(all)) = face.ask(Request::ListSignIns) else {
            panic!("no list")
        };
        all.iter()
            .find(|one| one.id == begun.id)
            .filter(|one| one.state.is_over())
            .map(drop)
    });
    assert_eq!(world.connection("gmail")["account"], ANNA);
}

#[test]
fn an_unticked_permission_is_told_and_not_used() {
    let world = World::sandbox("unticked");
    let _hub = world.hub();
    let connecting = world.connect(&["gmail", "--redirect", "loopback"]);
    let (end, page) = connecting.through_loopback(&Consent::ticking(ANNA, &[READ]));
    let connection = end.connected();
    assert_eq!(connection["capabilities"], json!(["mail.read"]));
    let missing = end.events[1]["missing"].as_array().unwrap();
    assert_eq!(missing.len(), 1, "{end:?}");
    let word = missing[0].as_str().unwrap();
    assert!(!word.contains("googleapis"), "in plain words: {word}");
    assert!(page.contains("not everything was ticked"), "{page}");

    let status = world.connection("gmail");
    let scopes = status["scopes"].as_array().unwrap();
    assert!(
        scopes.contains(&json!(READ)) && !scopes.contains(&json!(SEND)),
        "{status}"
    );
    assert_eq!(status["status"]["kind"], "connected");
}

#[test]
fn the_landing_page_lets_one_choose_the_unticked_permission_again() {
    let world = World::sandbox("again");
    let _hub = world.hub();
    let connecting = world.connect(&["gmail", "--redirect", "loopback"]);
    let redirect = {
        let mut connecting = connecting;
        let redirect = connecting.consent(&Consent::ticking(ANNA, &[SEND]));
        let page = land(&redirect);
        let end = connecting.end();
        assert_eq!(end.connected()["capabilities"], json!(["mail.send"]));
        let (_, rest) = page
            .split_once("href=\"/again/")
            .expect("the page offers it");
        let (nonce, _) = rest.split_once('"').unwrap();
        let origin = url::Url::parse(&redirect)
            .unwrap()
            .origin()
            .ascii_serialization();
        format!("{origin}/again/{nonce}")
    };
    let sent_on = autopilot_tests::http().get(&redirect).send().unwrap();
    let authorize = sent_on.headers()["location"].to_str().unwrap().to_owned();
    assert!(authorize.starts_with(world.peer().base()), "{authorize}");
    let page = land(&world.peer().consent(&authorize, &Consent::of(ANNA)));
    assert!(page.contains("You&#39;re connected"), "{page}");
    assert_eq!(
        world.connection("gmail")["capabilities"],
        json!(["mail.send", "mail.read"])
    );
}

#[test]
fn only_the_permissions_that_were_wanted_are_asked_for() {
    let world = World::sandbox("wanted");
    let _hub = world.hub();
    let mut connecting = world.connect(&["gmail", "--redirect", "loopback", "--scopes", "send"]);
    let url = connecting.url();
    assert!(
        url.contains("gmail.send") && !url.contains("gmail.readonly"),
        "{url}"
    );
    let (end, _) = connecting.through_loopback(&Consent::of(ANNA));
    // May only send: whose mailbox it is was asked where that is allowed.
    assert_eq!(end.connected()["account"], ANNA);
    assert_eq!(world.run(&["test", "gmail"]).done()["error"], json!(null));
}

#[test]
fn the_same_account_signed_in_twice_is_one_connection() {
    let world = World::sandbox("twice");
    let _hub = world.hub();
    let mut ids = Vec::new();
    for _ in 0..2 {
        let connecting = world.connect(&["gmail", "--redirect", "loopback"]);
        let (end, _) = connecting.through_loopback(&Consent::of(ANNA));
        ids.push(end.connected()["id"].clone());
    }
    assert_eq!(ids[0], ids[1]);
    assert_eq!(world.connections().len(), 1);
    let connecting = world.connect(&["gmail", "--redirect", "loopback"]);
    let (end, _) = connecting.through_loopback(&Consent::of(BEN));
    assert_ne!(
        end.connected()["id"],
        ids[0],
        "another account is another connection"
    );
    assert_eq!(world.connections().len(), 2);
    assert_eq!(
        world.run(&["test", "gmail"]).refused(),
        (2, "ambiguous_connection".to_owned())
    );
    assert_eq!(
        world.run(&["test", BEN]).done()["connection"]["account"],
        BEN
    );
}

/// Starts a sign-in without waiting for it.
pub fn begin(world: &World, integration: &str, redirect: RedirectKind) -> SignInView {
    let request = Request::BeginSignIn {
        integration: integration.into(),
        connection: None,
        scopes: None,
        redirect: Some(redirect),
    };
    match world.face().ask(request) {
        Ok(Response::SignIn(view)) => view,
        other => panic!("no sign-in: {other:?}"),
    }
}

pub fn keys(value: &serde_json::Value) -> Vec<&str> {
    let mut keys: Vec<&str> = value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    keys.sort_unstable();
    keys
}
