//! Sign-ins that don't end well: each has its own code and its own sentence, and costs nothing that was there.

use autopilot_tests::{ANNA, BEN, Consent, End, HubProcess, World, keychain, land};
use model::{ErrorCode, RedirectKind, Request, Response, SecretInput, SignInState};
use serde_json::{Value, json};

use crate::sign_in::begin;

pub const SEND: &str = "https://www.googleapis.com/auth/gmail.send";

/// A profile with Gmail connected as Anna, and what must still be there afterwards.
struct Settled {
    world: World,
    hub: HubProcess,
    id: String,
    grant: Value,
}

impl Settled {
    fn new(promise: &str) -> Self {
        let world = World::sandbox(promise);
        let hub = world.hub();
        let connecting = world.connect(&["gmail", "--redirect", "loopback"]);
        let (end, _) = connecting.through_loopback(&Consent::of(ANNA));
        let id = end.connected()["id"].as_str().unwrap().to_owned();
        let grant = keychain::grant(world.profile(), &id).expect("the grant is in the keychain");
        Self {
            world,
            hub,
            id,
            grant,
        }
    }

    /// Signs in again to what is connected.
    fn again(&self, redirect: &str, consent: &Consent) -> End {
        let connecting =
            self.world
                .connect(&["gmail", "--redirect", redirect, "--connection", ANNA]);
        connecting.through_paste(consent)
    }

    /// The connection, its grant and its use are what they were, and nothing is left over.
    fn lost_nothing(&self) {
        let connection = self.world.connection("gmail");
        assert_eq!(connection["account"], ANNA);
        assert_eq!(connection["status"]["kind"], "connected", "{connection}");
        assert_eq!(
            keychain::names(self.world.profile()),
            [format!("grant/{}", self.id)]
        );
        assert_eq!(
            keychain::grant(self.world.profile(), &self.id).as_ref(),
            Some(&self.grant)
        );
        assert_eq!(
            self.world.run(&["test", "gmail"]).done()["error"],
            json!(null)
        );
    }
}

#[test]
fn a_denied_sign_in_says_so_and_loses_nothing() {
    let settled = Settled::new("denied");
    let end = settled.again("deep-link", &Consent::denied(ANNA));
    assert_eq!((end.code, end.failed()), (Some(1), "sign_in_denied"));
    assert_eq!(
        end.sentence(),
        "The sign-in to Gmail was declined in the browser."
    );
    settled.lost_nothing();
}

#[test]
fn a_denied_sign_in_says_so_on_the_landing_page_too() {
    let settled = Settled::new("denied-page");
    let connecting = settled.world.connect(&["gmail", "--redirect", "loopback"]);
    let (end, page) = connecting.through_loopback(&Consent::denied(ANNA));
    assert_eq!(end.failed(), "sign_in_denied");
    assert!(
        page.contains("The sign-in to Gmail was declined in the browser."),
        "{page}"
    );
    settled.lost_nothing();
}

#[test]
fn a_sign_in_with_nothing_ticked_says_so_and_loses_nothing() {
    let settled = Settled::new("nothing");
    let end = settled.again("deep-link", &Consent::ticking(ANNA, &[]));
    assert_eq!((end.code, end.failed()), (Some(1), "nothing_granted"));
    assert!(
        end.sentence().starts_with("No permission was ticked"),
        "{end:?}"
    );
    settled.lost_nothing();
}

#[test]
fn another_account_never_replaces_the_one_that_is_connected() {
    let settled = Settled::new("wrong");
    let end = settled.again("loopback", &Consent::of(BEN));
    assert_eq!((end.code, end.failed()), (Some(1), "wrong_account"));
    assert!(
        end.sentence().contains(ANNA) && end.sentence().contains(BEN),
        "{end:?}"
    );
    settled.lost_nothing();
    assert_eq!(
        settled.world.connections().len(),
        1,
        "nor is it added on the way"
    );
}

#[test]
fn a_cancelled_sign_in_ends_at_once_and_leaves_nothing_pending() {
    let settled = Settled::new("cancelled");
    let world = &settled.world;
    let mut connecting = world.connect(&["gmail", "--redirect", "deep-link", "--connection", ANNA]);
    let redirect = connecting.consent(&Consent::of(ANNA));
    assert_eq!(
        keychain::names(world.profile()).len(),
        2,
        "the attempt waits in the keychain"
    );
    connecting.interrupt();
    let end = connecting.end();
    assert_eq!((end.code, end.failed()), (Some(130), "interrupted"));
    settled.lost_nothing();

    // The browser coming back later changes nothing any more.
    let late = deliver(world, &redirect);
    assert_eq!(late, ErrorCode::SignInCancelled);
    settled.lost_nothing();
}

#[test]
fn an_address_of_somebody_elses_sign_in_is_refused() {
    let settled = Settled::new("foreign");
    let world = &settled.world;
    let mut connecting = world.connect(&["gmail", "--redirect", "deep-link", "--connection", ANNA]);
    let redirect = connecting.consent(&Consent::of(ANNA));
    let state = format!("state={}.{}", world.profile(), "A".repeat(43));
    let mut parts: Vec<&str> = redirect.split('&').collect();
    let head = parts.remove(0);
    let kept = parts.iter().filter(|part| !part.starts_with("state="));
    let (place, first) = head.split_once('?').unwrap();
    let first = (!first.starts_with("state=")).then_some(first);
    let query: Vec<&str> = first
        .into_iter()
        .chain(kept.copied())
        .chain([state.as_str()])
        .collect();
    connecting.paste(&format!("{place}?{}", query.join("&")));
    let end = connecting.end();
    assert_eq!((end.code, end.failed()), (Some(1), "sign_in_unknown"));
    assert_eq!(
        end.sentence(),
        "This address doesn't belong to a sign-in started here."
    );
    settled.lost_nothing();
}

#[test]
fn a_stranger_at_the_loopback_port_can_neither_finish_nor_end_a_sign_in() {
    let settled = Settled::new("stranger");
    let world = &settled.world;
    let mut connecting = world.connect(&["gmail", "--redirect", "loopback", "--connection", ANNA]);
    let redirect = connecting.consent(&Consent::of(ANNA));
    let (place, _) = redirect.split_once('?').unwrap();
    let strangers = [
        format!(
            "{place}?code=4/0stolen&state={}.{}",
            world.profile(),
            "B".repeat(43)
        ),
        format!("{place}?error=access_denied&state=x"),
        format!("{place}?code=4/0stolen"),
    ];
    for stranger in strangers {
        let page = land(&stranger);
        assert!(page.contains("doesn&#39;t belong to a sign-in"), "{page}");
    }
    // A page of the browser's that reaches the port by a name of its own gets nowhere (DNS rebinding).
    let rebound = autopilot_tests::http()
        .get(&redirect)
        .header("Host", "rebound.example")
        .send()
        .unwrap();
    assert_eq!(rebound.status(), 421);

    let page = land(&redirect);
    assert!(page.contains("You&#39;re connected"), "{page}");
    assert_eq!(connecting.end().connected()["id"], json!(settled.id));
}

#[test]
fn an_address_works_once() {
    let world = World::sandbox("replayed");
    let _hub = world.hub();
    let mut connecting = world.connect(&["gmail", "--redirect", "loopback"]);
    let redirect = connecting.consent(&Consent::of(ANNA));
    let _ = land(&redirect);
    let id = connecting.end().connected()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let exchanged = world.peer().token_requests("authorization_code");
    let grant = keychain::grant(world.profile(), &id);

    assert!(land(&redirect).contains("This address was already used."));
    assert_eq!(deliver(&world, &redirect), ErrorCode::SignInUsed);
    // The code itself never went out a second time: at Google that would end the grant it had given.
    assert_eq!(world.peer().token_requests("authorization_code"), exchanged);
    assert_eq!(keychain::grant(world.profile(), &id), grant);
    assert_eq!(world.run(&["test", "gmail"]).done()["error"], json!(null));
}

#[test]
fn an_address_that_comes_too_late_is_refused() {
    let Settled {
        world,
        hub,
        id,
        grant,
    } = Settled::new("expired");
    let begun = begin(&world, "gmail", RedirectKind::DeepLink);
    let redirect = world.peer().consent(&begun.url, &Consent::of(ANNA));
    hub.stop();
    let changed = rusqlite::Connection::open(world.database())
        .unwrap()
        .execute(
            "UPDATE attempts SET expires_at = 1000 WHERE id = ?1",
            [begun.id.to_string()],
        )
        .unwrap();
    assert_eq!(changed, 1, "the attempt is in the table");

    let hub = world.hub();
    assert_eq!(deliver(&world, &redirect), ErrorCode::SignInExpired);
    assert_eq!(
        world.peer().token_requests("authorization_code"),
        1,
        "only the first sign-in's code was used"
    );
    Settled {
        world,
        hub,
        id,
        grant,
    }
    .lost_nothing();
}

#[test]
fn an_answer_that_names_another_server_is_refused() {
    let settled = Settled::new("issuer");
    settled
        .world
        .peer()
        .oauth(&json!({"iss": "https://elsewhere.example"}));
    let end = settled.again("deep-link", &Consent::of(ANNA));
    assert_eq!((end.code, end.failed()), (Some(1), "sign_in_wrong_issuer"));
    settled.lost_nothing();
}

#[test]
fn a_code_the_provider_refuses_costs_nothing() {
    let settled = Settled::new("refused");
    let body = json!({"error": "invalid_grant", "error_description": "Malformed auth code."});
    let fault = json!({"kind": "status", "status": 400, "body": body});
    settled
        .world
        .peer()
        .fault("google_oauth", Some("/token"), &fault, Some(1));
    let end = settled.again("deep-link", &Consent::of(ANNA));
    assert_eq!((end.code, end.failed()), (Some(1), "sign_in_refused"));
    settled.lost_nothing();
}

#[test]
fn text_that_is_no_address_is_told_apart_from_a_foreign_one() {
    let settled = Settled::new("no-address");
    let mut connecting =
        settled
            .world
            .connect(&["gmail", "--redirect", "deep-link", "--connection", ANNA]);
    let _ = connecting.url();
    connecting.paste("I pressed Allow, what now?");
    let end = connecting.end();
    assert_eq!((end.code, end.failed()), (Some(2), "invalid_input"));
    settled.lost_nothing();
}

#[test]
fn a_sign_in_for_what_was_disconnected_meanwhile_brings_nothing_back() {
    let Settled { world, hub, id, .. } = Settled::new("meanwhile");
    let mut connecting = world.connect(&["gmail", "--redirect", "deep-link", "--connection", ANNA]);
    let redirect = connecting.consent(&Consent::of(ANNA));
    assert_eq!(world.run(&["disconnect", &id, "--yes"]).code, Some(0));
    connecting.paste(&redirect);
    let end = connecting.end();
    assert_eq!((end.code, end.failed()), (Some(1), "unknown_connection"));
    assert_eq!(world.connections(), Vec::<Value>::new());
    hub.stop();
    let _hub = world.hub();
    assert_eq!(world.connections(), Vec::<Value>::new());
}

/// Hands over an address and says with which code its sign-in failed: at once, or in the end.
fn deliver(world: &World, address: &str) -> ErrorCode {
    let face = world.face();
    match face.ask(Request::DeliverRedirect {
        url: SecretInput::new(address),
    }) {
        Err(error) => error.code,
        Ok(Response::SignIn(view)) => match view.state {
            SignInState::Failed { error } => error.code,
            other => panic!("it was taken: {other:?}"),
        },
        Ok(other) => panic!("no answer to this: {other:?}"),
    }
}
