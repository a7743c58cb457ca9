//! Two profiles of one person, side by side: neither sees the other's rows, keychain items or links.

use autopilot_tests::{ANNA, BOT, Consent, World, keychain, sandbox::DEMO_BOT_TOKEN};
use model::{ErrorCode, RedirectKind, Request, SecretInput};
use serde_json::json;

use crate::sign_in::begin;

#[test]
fn two_profiles_never_see_each_others_rows_or_keychain_items() {
    let one = World::sandbox("one");
    let other = one.beside("other");
    let _hubs = (one.hub(), other.hub());
    let connecting = one.connect(&["gmail", "--redirect", "loopback"]);
    let (end, _) = connecting.through_loopback(&Consent::of(ANNA));
    let id = end.connected()["id"].as_str().unwrap().to_owned();
    assert_eq!(
        other
            .run_with(&["connect", "telegram", "--token-stdin"], DEMO_BOT_TOKEN)
            .code,
        Some(0)
    );

    assert_eq!(accounts(&one), [ANNA]);
    assert_eq!(accounts(&other), [BOT]);
    assert_eq!(other.run(&["test", &id]).refused().1, "unknown_connection");
    assert_eq!(other.run(&["test", "gmail"]).refused().1, "not_connected");
    assert_eq!(
        other.run(&["disconnect", &id, "--yes"]).refused().1,
        "unknown_connection"
    );

    let (mine, theirs) = (
        keychain::names(one.profile()),
        keychain::names(other.profile()),
    );
    assert_eq!((mine.len(), theirs.len()), (1, 1));
    assert_ne!(mine, theirs);
    assert_eq!(
        keychain::lookup(other.profile(), &format!("grant/{id}")),
        None
    );
    for (world, foreign) in [(&one, BOT), (&other, ANNA)] {
        let database = std::fs::read(world.database()).unwrap();
        let foreign = foreign.as_bytes();
        assert!(
            !database.windows(foreign.len()).any(|part| part == foreign),
            "rows of another profile"
        );
    }
    assert_ne!(one.socket(), other.socket());

    // One going changes nothing for the other.
    assert_eq!(
        other.run(&["disconnect", "telegram", "--yes"]).code,
        Some(0)
    );
    assert_eq!(one.run(&["test", "gmail"]).done()["error"], json!(null));
}

#[test]
fn a_link_for_one_profile_is_no_use_to_another() {
    let one = World::sandbox("mine");
    let other = one.beside("theirs");
    let _hubs = (one.hub(), other.hub());
    let begun = begin(&one, "gmail", RedirectKind::DeepLink);
    let redirect = one.peer().consent(&begun.url, &Consent::of(ANNA));
    let deliver = Request::DeliverRedirect {
        url: SecretInput::new(redirect),
    };
    let refused = other.face().ask(deliver.clone()).unwrap_err();
    assert_eq!(refused.code, ErrorCode::SignInUnknown);
    // And it was not used up by that.
    assert!(one.face().ask(deliver).is_ok());
}

fn accounts(world: &World) -> Vec<String> {
    world
        .connections()
        .iter()
        .map(|one| one["account"].as_str().unwrap().to_owned())
        .collect()
}
