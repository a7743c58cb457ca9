//! A bot's key: which part of a wrong one is wrong, and whose the right one is.

use autopilot_tests::BOT;
use autopilot_tests::sandbox::{DEMO_BOT_TOKEN, REVOKED_BOT_TOKEN};

use crate::desktop::Desktop;
use crate::texts::said;
use crate::window::{Window, integration};

/// The field's label and the sentences about its parts are the integration's own.
fn own(key: &str) -> String {
    let texts = include_str!("../../crates/integrations/src/telegram/texts/en.json");
    let texts: serde_json::Value = serde_json::from_str(texts).unwrap();
    texts[key]
        .as_str()
        .unwrap_or_else(|| panic!("telegram/texts/en.json lacks {key}"))
        .to_owned()
}

/// What is typed, and what is said about it.
const WRONG: [(&str, &str); 4] = [
    ("AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw4", "token_no_colon"),
    ("bot:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw4", "token_odd_id"),
    ("110201543:AAHdqTcv", "token_short_secret"),
    (REVOKED_BOT_TOKEN, "token_unknown"),
];

#[test]
fn a_wrong_bot_key_is_told_apart_by_its_wrong_part_and_the_right_one_connects() {
    let desktop = Desktop::new("bot");
    let window = Window::open(&desktop);
    let card = integration("telegram");
    window.press_on(
        &card,
        &said("ui_connect_service", &[("service", "Telegram")]),
    );

    for (wrong, told) in WRONG {
        window.write(&own("field_token_label"), wrong);
        window.press(&said("ui_connect", &[]));
        window.dialog_with(&own(told));
    }
    window.write(&own("field_token_label"), DEMO_BOT_TOKEN);
    window.press(&said("ui_connect", &[]));
    window.dialog_with(&said("ui_connected_as", &[("account", BOT)]));
    window.done();
    window.await_connected(&card, BOT);
}
