//! Telegram: a key that is typed rather than a sign-in.

use autopilot_tests::{
    BOT, World, keychain,
    sandbox::{DEMO_BOT_TOKEN, REVOKED_BOT_TOKEN},
};
use serde_json::json;

use crate::sign_in::keys;

#[test]
fn the_right_token_connects_as_the_bot_and_is_kept_in_the_keychain_alone() {
    let world = World::sandbox("bot");
    let _hub = world.hub();
    let input = format!("  {DEMO_BOT_TOKEN} \n");
    let connected = world
        .run_with(&["connect", "telegram", "--token-stdin"], &input)
        .done();
    assert_eq!(keys(&connected), ["connection", "event", "missing"]);
    assert_eq!(connected["connection"]["account"], BOT);
    assert_eq!(
        connected["connection"]["capabilities"],
        json!(["message.send", "chats.list"])
    );
    let id = connected["connection"]["id"].as_str().unwrap();
    let grant = keychain::grant(world.profile(), id).unwrap();
    assert_eq!(grant["credential"], json!({"key": DEMO_BOT_TOKEN}));
}

#[test]
fn a_wrong_token_says_which_part_is_wrong_and_connects_nothing() {
    let world = World::sandbox("bot-wrong");
    let _hub = world.hub();
    let (number, secret) = DEMO_BOT_TOKEN.split_once(':').unwrap();
    let cases = [
        (format!("{number}{secret}"), "a part without a colon"),
        (format!("{number}:{}", &secret[..10]), "a secret cut short"),
        (format!("mybot:{secret}"), "a number that is none"),
        (
            format!("{number}:{}x", &secret[..secret.len() - 1]),
            "a secret nobody issued",
        ),
        (REVOKED_BOT_TOKEN.to_owned(), "a token that was replaced"),
    ];
    let mut sentences = Vec::new();
    for (token, what) in &cases {
        let ran = world.run_with(&["connect", "telegram", "--token-stdin"], token);
        assert_eq!(ran.refused(), (2, "invalid_input".to_owned()), "{what}");
        let sentence = ran.json()["error"]["sentence"].as_str().unwrap().to_owned();
        let (_, secret) = token.split_once(':').unwrap_or((token, token));
        assert!(
            !ran.stdout.contains(secret) && !ran.stderr.contains(secret),
            "{what}: {ran:?}"
        );
        sentences.push(sentence);
    }
    // Three can be seen without asking; what only Telegram knows is told apart from them.
    for (index, sentence) in sentences.iter().enumerate().take(4) {
        assert!(
            !sentences[..index].contains(sentence),
            "{}: {sentence}",
            cases[index].1
        );
    }
    assert_eq!(world.connections().len(), 0);
    assert_eq!(keychain::names(world.profile()), Vec::<String>::new());
}

#[test]
fn a_bot_whose_token_was_replaced_needs_its_new_one() {
    let world = World::sandbox("bot-revoked");
    let _hub = world.hub();
    let connected = world
        .run_with(&["connect", "telegram", "--token-stdin"], DEMO_BOT_TOKEN)
        .done();
    world.peer().revoke_bot("110201543");
    let tested = world.run(&["test", "telegram"]);
    assert_eq!(tested.code, Some(3), "{tested:?}");
    assert_eq!(tested.json()["error"]["code"], "sign_in_needed");
    let status = world.connection("telegram")["status"].clone();
    assert_eq!(
        (&status["kind"], &status["cause"]),
        (&json!("needs_sign_in"), &json!("token_rejected"))
    );
    assert!(
        status["next_step"].as_str().unwrap().contains(BOT),
        "{status}"
    );
    // What was last proven is still said; the hub's own first look may have proven it once more.
    let moment =
        |value: &serde_json::Value| -> jiff::Timestamp { value.as_str().unwrap().parse().unwrap() };
    let first = moment(&connected["connection"]["status"]["proven_at"]);
    assert!(moment(&status["proven_at"]) >= first, "{status}");
}

#[test]
fn a_webhook_of_another_program_is_told_and_not_broken() {
    let world = World::sandbox("bot-webhook");
    let _hub = world.hub();
    world.peer().post(
        "bots/webhook",
        &json!({"bot_id": 110_201_543, "url": "https://example.org/hook"}),
    );
    let ran = world.run_with(&["connect", "telegram", "--token-stdin"], DEMO_BOT_TOKEN);
    assert_eq!(ran.done()["event"], "connected");
    let told = world.say(&["status"]);
    assert!(
        told.stdout
            .contains("Another service at example.org receives this bot's messages."),
        "{told:?}"
    );
    assert_eq!(world.peer().requests("telegram", "deleteWebhook"), 0);
}

#[test]
fn the_same_bot_connected_twice_at_once_is_one_connection() {
    let world = World::sandbox("bot-twice");
    let _hub = world.hub();
    let connecting: Vec<_> = (0..4)
        .map(|_| {
            let world = world.clone();
            std::thread::spawn(move || {
                world.run_with(&["connect", "telegram", "--token-stdin"], DEMO_BOT_TOKEN)
            })
        })
        .collect();
    for ran in connecting {
        assert_eq!(ran.join().unwrap().done()["connection"]["account"], BOT);
    }
    let _ = world.connection("telegram");
    assert_eq!(keychain::names(world.profile()).len(), 1);
}
