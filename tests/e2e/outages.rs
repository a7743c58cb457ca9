//! What the person is told when a connection goes down, comes back or needs them: on its card, and once by the system.

use std::time::{Duration, Instant};

use autopilot_tests::sandbox::{Bot, DEMO_BOT_TOKEN, Seed};
use autopilot_tests::{ANNA, BOT, World};
use serde_json::Value;

use crate::consent::connect_google;
use crate::desktop::Desktop;
use crate::notices::{Notices, press_button};
use crate::patience::until;
use crate::texts::said;
use crate::window::{Window, integration};

/// A tick of 30 s, one confirmation after 5 s, and the calls themselves.
const SAID_WITHIN: Duration = Duration::from_secs(40);

const TELEGRAM: (&str, &str) = ("service", "Telegram");

fn connect_bot(desktop: &Desktop, token: &str) {
    let connected = desktop.run_with(&["connect", "telegram", "--token-stdin"], token);
    assert_eq!(connected.code, Some(0), "{connected:?}");
}

#[test]
fn a_service_that_goes_away_and_comes_back_is_told_once_each_time() {
    let desktop = Desktop::new("down");
    let window = Window::open(&desktop);
    connect_bot(&desktop, DEMO_BOT_TOKEN);
    let card = integration("telegram");
    window.await_connected(&card, BOT);
    let notices = Notices::listen(&desktop);

    let gone = Instant::now();
    desktop.peer().stop();
    let down = window.await_status(&card, "service_down");
    assert!(gone.elapsed() < SAID_WITHIN, "it took {:?}", gone.elapsed());
    assert!(
        down.text
            .contains(&said("status_service_down_sentence", &[TELEGRAM])),
        "{down:?}"
    );
    notices.await_titled(&said("notice_down_title", &[TELEGRAM]));

    let back = Instant::now();
    desktop.peer().start_again();
    window.await_connected(&card, BOT);
    assert!(back.elapsed() < SAID_WITHIN, "it took {:?}", back.elapsed());
    notices.await_titled(&said("notice_back_title", &[TELEGRAM]));
    assert_eq!(notices.all().len(), 2, "{:?}", notices.all());
}

#[test]
fn ten_connections_that_go_down_together_are_told_in_one_notification() {
    const COUNT: usize = 10;
    let token = |number: usize| {
        format!(
            "{}:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsa{number:02}",
            210_201_500 + number
        )
    };
    let desktop = Desktop::around(|| {
        let bots = (0..COUNT).map(|number| Bot {
            token: token(number),
            username: format!("autopilot_{number}_bot"),
            name: format!("Bot {number}"),
            revoked: false,
        });
        World::sandbox_with(
            "ten",
            Seed {
                bots: bots.collect(),
                ..Seed::default()
            },
        )
    });
    let window = Window::open(&desktop);
    (0..COUNT).for_each(|number| connect_bot(&desktop, &token(number)));
    let all_are = |status: &str| {
        let css = format!("{}[data-status=\"{status}\"]", integration("telegram"));
        let body = "return document.querySelectorAll(arguments[0]).length";
        until(&format!("ten cards to say {status}"), || {
            window.ask(body, &Value::from(css.clone())) == COUNT
        });
    };
    all_are("connected");
    let notices = Notices::listen(&desktop);
    let count = COUNT.to_string();

    desktop.peer().stop();
    window.press(&said("ui_refresh", &[]));
    notices.await_titled(&said("notice_down_many_title", &[("count", &count)]));
    all_are("service_down");

    desktop.peer().start_again();
    window.press(&said("ui_refresh", &[]));
    notices.await_titled(&said("notice_back_many_title", &[("count", &count)]));
    all_are("connected");
    assert_eq!(notices.all().len(), 2, "{:?}", notices.all());
}

#[test]
fn access_taken_back_at_the_service_leads_from_the_notification_to_the_sign_in() {
    let desktop = Desktop::new("revoked");
    let window = Window::open(&desktop);
    connect_google(&desktop, &window, "gmail");
    let card = integration("gmail");
    window.await_connected(&card, ANNA);
    let notices = Notices::listen(&desktop);

    desktop.peer().revoke(ANNA);
    window.press(&said("ui_refresh", &[]));
    let told = window.await_status(&card, "needs_sign_in");
    let sentence = said(
        "status_needs_sign_in_grant_revoked_sentence",
        &[("service", "Gmail")],
    );
    assert!(told.text.contains(&sentence), "{told:?}");

    let notice = notices.await_titled(&said("notice_needs_sign_in_title", &[("service", "Gmail")]));
    assert_eq!(notice.buttons, [said("notice_action_reconnect", &[])]);
    press_button(&desktop, &said("notice_action_reconnect", &[]));
    let dialog = window.dialog_with(&said("ui_reconnect_service", &[("service", "Gmail")]));
    assert!(dialog.contains(ANNA), "{dialog}");
    assert_eq!(notices.all().len(), 1, "{:?}", notices.all());
}
