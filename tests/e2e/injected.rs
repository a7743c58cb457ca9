//! What strangers name things: a mail, its parts, a file, a chat, and a service in its refusal. Each carries what would
//! run if the window took it for anything but text, and each is looked at in the real window under its real policy.

use autopilot_tests::{ANNA, BOT};
use serde_json::{Value, json};

use crate::actions::{connect_bot, try_it};
use crate::consent::connect_google;
use crate::desktop::Desktop;
use crate::patience::until;
use crate::pictures::post;
use crate::texts::said;
use crate::window::{Window, integration};

/// Ends what it may stand in, and runs in every way that markup can.
const RUNS: &str =
    "\"><img src=x onerror=window.ran=1><svg onload=window.ran=1><script>window.ran=1</script>";

/// The same for where the name of a file may stand.
const FILE: &str = "<img src=x onerror=window.ran=1>.txt";

/// Did anything run, in the page or by it, or become more than text?
const RAN: &str = "
    const strange = [...document.querySelectorAll('img[src=x], svg[onload], [onerror], script:not([src])')];
    return [window.ran ?? null, strange.map((one) => one.outerHTML)];";

const OPEN_IT: &str = "
    const listed = [...document.querySelectorAll('dialog[open] .list button')];
    listed.find((one) => one.innerText.includes('Read')).click();
    return true;";

const REFUSED: &str = "
    window.refused = [];
    document.addEventListener('securitypolicyviolation', (event) => window.refused.push(event.effectiveDirective));
    return true;";

#[test]
fn nothing_a_stranger_named_runs_in_the_window() {
    let desktop = Desktop::new("named");
    let window = Window::open(&desktop);
    window.ask(REFUSED, &Value::Null);
    connect_google(&desktop, &window, "gmail");

    // A mail: subject, sender, text, formatted text, attachment.
    let raw = format!(
        "From: {FILE} <x@evil.example>\r\nTo: {ANNA}\r\nSubject: Read {RUNS}\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=b\r\n\r\n\
         --b\r\nContent-Type: text/html\r\n\r\n<p>Formatted {RUNS}</p>\r\n\
         --b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename=\"{FILE}\"\r\n\r\nx\r\n--b--\r\n"
    );
    desktop
        .peer()
        .post("gmail/receive", &json!({"account": ANNA, "raw": raw}));
    try_it(&window, "gmail", "Gmail", ANNA);
    window.press_what("label", &said("ui_look_at_mail", &[]), None);
    window.dialog_with("Read \"><img src=x");
    ran_nothing(&window, "a list of mail");
    window.ask(OPEN_IT, &Value::Null);
    window.dialog_with(FILE);
    ran_nothing(&window, "a mail");
    window.press_what("label", &said("ui_as_formatted", &[]), None);
    until("the formatted mail", || {
        window.ask(
            "return document.querySelector('dialog[open] iframe') !== null",
            &Value::Null,
        ) == true
    });
    ran_nothing(&window, "a formatted mail");

    // A refusal in the service's own words.
    let words = json!({"error": {"code": 400, "message": RUNS, "status": RUNS,
                                 "errors": [{"reason": RUNS, "message": RUNS}]}});
    let refusal = json!({"kind": "status", "status": 400, "body": words});
    desktop.peer().fault("gmail", None, &refusal, None);
    window.press(&said("ui_back_to_list", &[]));
    window.press(&said("ui_search", &[]));
    window.dialog_with(&said("error_service_refused_unexplained", &[]));
    ran_nothing(&window, "a refusal");
    desktop.peer().heal();
    window.press(&said("ui_close", &[]));
    window.await_no_dialog();

    // A file.
    connect_google(&desktop, &window, "google_drive");
    let path = desktop.home().join(FILE);
    std::fs::write(&path, "x").unwrap();
    let uploaded = desktop.run(&["files", "upload", &path.display().to_string()]);
    assert_eq!(uploaded.code, Some(0), "{uploaded:?}");
    try_it(&window, "google_drive", "Google Drive", ANNA);
    window.dialog_with(FILE);
    ran_nothing(&window, "a list of files");
    window.press(&said("ui_close", &[]));
    window.await_no_dialog();

    // A chat.
    connect_bot(&desktop, &window);
    try_it(&window, "telegram", "Telegram", BOT);
    window.press(&said("ui_claim_title", &[]));
    let told = window.dialog_with("https://t.me/");
    let link = told.lines().find(|line| line.starts_with("https://t.me/"));
    let payload = link.unwrap().split_once("?start=").unwrap().1;
    let start =
        json!({"bot_id": 110_201_543, "chat_id": 700_009, "payload": payload, "name": RUNS});
    post(desktop.peer().base(), "bots/start", &start);
    window.dialog_with(RUNS);
    ran_nothing(&window, "a chat");
    window.press(&said("ui_done", &[]));
    window.press(&said("ui_close", &[]));
    window.await_no_dialog();
    assert!(window.card(&integration("telegram")).is_some());

    // Not even the policy had anything to refuse.
    let refused = window.ask("return window.refused", &Value::Null);
    assert_eq!(refused, json!([]), "something was more than text");
}

fn ran_nothing(window: &Window, shown: &str) {
    let found = window.ask(RAN, &Value::Null);
    assert_eq!(found, json!([null, []]), "{shown}");
}
