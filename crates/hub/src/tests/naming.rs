//! What a person sets for a connection: kept over crashes and new sign-ins; and a name is never mistaken for another.

use model::{ConnectionView, Error, ErrorCode, RedirectKind, Request, Response};

use super::world::World;

const ANNA: &str = "anna@example.org";

async fn rename(world: &World, of: &str, name: Option<&str>) -> Result<ConnectionView, Error> {
    let request = Request::RenameConnection {
        connection: of.into(),
        name: name.map(str::to_owned),
    };
    match world.ask(request).await? {
        Response::Connection(view) => Ok(view),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_name_outlives_a_crash_and_a_new_sign_in_and_finds_its_connection() {
    let world = World::new().await;
    let anna = world.connect("gmail", ANNA).await;
    let named = rename(&world, "gmail", Some("  Work mail ")).await.unwrap();
    assert_eq!(named.name.as_deref(), Some("Work mail"));
    assert_eq!(
        named.display_name, anna.display_name,
        "what the service says stays"
    );
    let world = world.crash_and_reopen().await;
    let begun = world
        .begin_again("gmail", RedirectKind::Loopback, Some(anna.id))
        .await;
    let address = world.consent(&begun.url, ANNA, None).await;
    world.deliver(&address).await.unwrap();
    assert_eq!(
        world.connections().await[0].name.as_deref(),
        Some("Work mail")
    );
    let found = rename(&world, "Work mail", None).await.unwrap();
    assert_eq!((found.id, found.name), (anna.id, None));
}

#[tokio::test]
async fn no_name_passes_for_another_connection_or_a_service() {
    let world = World::new().await;
    world.connect("gmail", ANNA).await;
    world.connect_bot().await.unwrap();
    rename(&world, "telegram", Some("Team")).await.unwrap();
    let long = "x".repeat(41);
    for name in ["team", "telegram", "two\nlines", "a\u{202e}b", &long] {
        let refused = rename(&world, "gmail", Some(name)).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::InvalidInput, "{name:?}");
        assert_eq!(refused.args["field"], "name");
    }
    assert_eq!(
        rename(&world, "telegram", Some("TEAM"))
            .await
            .unwrap()
            .name
            .as_deref(),
        Some("TEAM")
    );
    assert_eq!(rename(&world, "gmail", Some(" ")).await.unwrap().name, None);
}

#[tokio::test]
async fn why_a_name_is_refused_is_said_in_the_language_of_the_window() {
    let world = World::new().await;
    world.connect("gmail", ANNA).await;
    world.connect_bot().await.unwrap();
    rename(&world, "telegram", Some("Team")).await.unwrap();
    let german = world.speak("de").await;
    let long = "x".repeat(41);
    for (name, why) in [
        (long.as_str(), "reason_name_long"),
        ("two\nlines", "reason_name_plain"),
        ("team", "reason_name_taken"),
        ("telegram", "reason_name_of_service"),
    ] {
        let refused = rename(&world, "gmail", Some(name)).await.unwrap_err();
        assert!(german.has(why), "{why}");
        assert_eq!(refused.args["reason"], german.plain(why), "{name:?}");
    }
}

#[tokio::test]
async fn what_programs_may_hold_outlives_a_crash_right_after() {
    let world = World::new().await;
    let mail = world.connect("gmail", ANNA).await;
    let allow = Request::SetTokenAllowed {
        connection: mail.id,
        allowed: true,
    };
    world.ask(allow).await.unwrap();
    let world = world.crash_and_reopen().await;
    assert!(world.connections().await[0].token_allowed);
}
