//! Pictures of what is done through connections: an upload that runs, a chat made known, an answer that never came,
//! and the activity with all of it. As in [`pictures`](crate::pictures).

use std::process::Command;

use autopilot_tests::{ANNA, BOT, World};
use serde_json::{Value, json};

use crate::actions::{a_big_file, give_time_to_undo, know_anna, try_it, upload};
use crate::desktop::Desktop;
use crate::patience::until;
use crate::pictures::{base, connect_all, keep, post};
use crate::texts::said;
use crate::window::Window;

/// So long that the upload still runs when the last picture of it is taken.
const A_WHILE_MS: u32 = 40_000;
const A_MOMENT_MS: u32 = 2000;

/// What came before, from a terminal.
const EARLIER: [&[&str]; 9] = [
    &["mail", "list", "--limit", "20"],
    &[
        "mail",
        "send",
        "--to",
        "ben@example.org",
        "--subject",
        "Figures",
        "--text",
        "Here they are.",
    ],
    &["files", "list"],
    &["message", "send", "700001", "The build is done."],
    &["mail", "list", "from:ben@example.org", "--limit", "10"],
    &[
        "mail",
        "send",
        "--to",
        "ben@example.org",
        "--subject",
        "Plan",
        "--text",
        "For Monday.",
    ],
    &["files", "list", "Report"],
    &["message", "send", "700001", "The nightly copy is complete."],
    &["mail", "list", "is:unread", "--limit", "5"],
];

#[test]
fn what_is_done_through_connections_can_be_looked_at() {
    let desktop = Desktop::around(|| World::bare("acts"));
    let arguments = ["--sandbox", "--profile", desktop.profile()].map(str::to_owned);
    let window = Window::open_with(&desktop, &arguments);
    let base = base(&desktop);
    connect_all(&desktop, &window, &base);
    give_time_to_undo(&window);

    try_it(&window, "telegram", "Telegram", BOT);
    window.press(&said("ui_claim_title", &[]));
    window.dialog_with("https://t.me/");
    keep(&window, "claim");
    window.press(&said("ui_cancel", &[]));
    know_anna(&desktop, &base);
    window.press(&said("ui_close", &[]));
    window.await_no_dialog();
    for command in EARLIER {
        from_a_program(&desktop, command);
    }

    let lost = json!({ "match": { "service": "telegram", "path_contains": "sendMessage" },
                       "fault": { "kind": "drop_after" }, "times": 1 });
    post(&base, "faults", &lost);
    try_it(&window, "telegram", "Telegram", BOT);
    window.press(&said("ui_send", &[]));
    window.press(&said("ui_send_now", &[]));
    window.dialog_with(&said("ui_leave_it", &[]));
    keep(&window, "unknown");
    close(&window);

    // The first chunk takes its time, as on any network; the second is under way in all that follows.
    for (skip, ms) in [(0, A_MOMENT_MS), (1, A_WHILE_MS)] {
        let slow = json!({ "match": { "service": "google_drive", "method": "PUT" },
                           "fault": { "kind": "delay", "ms": ms }, "skip": skip });
        post(&base, "faults", &slow);
    }
    let (film, _) = a_big_file(&desktop, "holiday-film.mp4");
    try_it(&window, "google_drive", "Google Drive", ANNA);
    upload(&window, &film);
    until("a part of it to be there", || {
        let share = "return document.querySelector('dialog[open] [role=progressbar]:not([aria-valuenow=\"0\"])[aria-valuenow]') !== null";
        window.ask(share, &Value::Null) == true
    });
    keep(&window, "uploading");
    close(&window);

    try_it(&window, "gmail", "Gmail", ANNA);
    keep(&window, "try-mail");
    window.press(&said("ui_send_test_mail", &[]));
    window.dialog_with(&said("ui_undo", &[]));
    close(&window);
    keep(&window, "undo-bar");
    let nav = window.session.find("nav button:last-child").unwrap();
    window.session.click(&nav).unwrap();
    window.page_with(&said("ui_leave_it", &[]));
    window.session.resize(1120, 1180).unwrap();
    window.page_with(&said("ui_took", &[]));
    keep(&window, "activity");
    theme(&window, "ui_theme_dark");
    keep(&window, "activity-dark");
    theme(&window, "ui_theme_light");

    window.press_what("[role=tab]", &said("ui_usage", &[]), None);
    until("the chart", || {
        window.ask(
            "return document.querySelector('canvas') !== null",
            &Value::Null,
        ) == true
    });
    window.ask(
        "document.querySelector('[role=tablist]').scrollIntoView()",
        &Value::Null,
    );
    keep(&window, "usage-of-all");
    let nav = window.session.find("nav button:first-child").unwrap();
    window.session.click(&nav).unwrap();
    try_it(&window, "gmail", "Gmail", ANNA);
    window.press_what("[role=tab]", &said("ui_overview", &[]), None);
    until("the strip", || {
        let strip = "return document.querySelector('dialog[open] [data-day]') !== null";
        window.ask(strip, &Value::Null) == true
    });
    window.press_what("[role=tab]", &said("ui_activity", &[]), None);
    until("the chart", || {
        let chart = "return document.querySelector('dialog[open] canvas') !== null";
        window.ask(chart, &Value::Null) == true
    });
    window.session.resize(1120, 860).unwrap();
    keep(&window, "usage");
}

/// As a program of the person's does it, which is then named as who asked.
fn from_a_program(desktop: &Desktop, arguments: &[&str]) {
    let program = desktop.home().join("nightly-report");
    std::fs::copy("/usr/bin/timeout", &program).unwrap();
    let asked = desktop.autopilot(arguments);
    let mut command = Command::new(program);
    command
        .arg("60")
        .arg(asked.get_program())
        .args(asked.get_args());
    let ran = desktop.apply(&mut command).output().unwrap();
    assert!(ran.status.success(), "{arguments:?}: {ran:?}");
}

fn theme(window: &Window, key: &str) {
    window.press(&said("ui_settings", &[]));
    window.press_what("[role^=menuitem]", &said(key, &[]), None);
}

fn close(window: &Window) {
    window.press(&said("ui_close", &[]));
    window.await_no_dialog();
}
