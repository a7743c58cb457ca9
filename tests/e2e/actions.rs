//! What a person does through a connection by hand: mail with its way back, a chat made known, files, and an answer
//! that never came. Each is looked at from both ends: what the window says, and what arrived.

use std::path::PathBuf;

use autopilot_tests::sandbox::DEMO_BOT_TOKEN;
use autopilot_tests::{ANNA, BOT};
use model::{Request, Response};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::consent::connect_google;
use crate::desktop::Desktop;
use crate::patience::{have, until};
use crate::pictures::post;
use crate::texts::said;
use crate::window::{Window, integration};

const BOT_ID: u64 = 110_201_543;
const ANNAS_CHAT: u64 = 700_001;

/// The longest that can be chosen: nothing goes out while a test looks at it.
const A_MINUTE: &str = "60";

/// Three chunks of an upload that goes on where it broke off, the last of them not full.
const BIG: usize = 20 * 1024 * 1024 + 17;

/// How long the slow service takes for a chunk: enough to see it and to press something.
const SLOWLY_MS: u32 = 3000;

/// What an upload's bar says to those who don't see it.
const SHARE: &str = "
    const front = [...document.querySelectorAll('dialog[open]')].at(-1) ?? document;
    return front.querySelector('[role=progressbar]')?.getAttribute('aria-valuenow') ?? null;";

#[test]
fn a_mail_waits_for_its_undo_and_goes_at_once_when_told_to() {
    let desktop = Desktop::new("mail");
    let window = Window::open(&desktop);
    connect_google(&desktop, &window, "gmail");
    give_time_to_undo(&window);

    try_it(&window, "gmail", "Gmail", ANNA);
    window.press(&said("ui_send_test_mail", &[]));
    window.dialog_with(&said("ui_undo", &[]));
    window.press(&said("ui_close", &[]));
    window.await_no_dialog();
    let bar = bar();
    until("the bar with the way back", || {
        window
            .text_of(&bar)
            .is_some_and(|text| text.contains(&said("ui_undo", &[])))
    });
    assert_eq!(mails(&desktop), 0, "it went before its time");
    window.press_on(&bar, &said("ui_send_now", &[]));
    until("the bar to say that it was sent", || {
        window
            .text_of(&bar)
            .is_some_and(|text| text.contains(&said("ui_state_sent", &[])))
    });
    assert_eq!(mails(&desktop), 1);

    window.press(&said("ui_activity", &[]));
    let row = the_mails_row(&window);
    assert!(row.contains(&said("ui_state_sent", &[])), "{row}");
    let whole = said("ui_ledger_whole", &[("count", "#")]);
    window.press(&said("ui_verify", &[]));
    window.page_with(whole.split('#').next().unwrap());
}

#[test]
fn a_mail_taken_back_never_leaves() {
    let desktop = Desktop::new("undo");
    let window = Window::open(&desktop);
    connect_google(&desktop, &window, "gmail");
    give_time_to_undo(&window);

    try_it(&window, "gmail", "Gmail", ANNA);
    window.press(&said("ui_send_test_mail", &[]));
    window.press(&said("ui_undo", &[]));
    window.dialog_with(&said("ui_taken_back", &[]));
    // What was written is still there, for a better try.
    window.press(&said("ui_edit_again", &[]));
    window.dialog_with(&said("ui_send_test_mail", &[]));
    window.press(&said("ui_close", &[]));
    window.await_no_dialog();

    window.press(&said("ui_activity", &[]));
    let row = the_mails_row(&window);
    assert!(row.contains(&said("ui_state_cancelled", &[])), "{row}");
    assert_eq!(desktop.peer().requests("gmail", "/send"), 0);
    assert_eq!(mails(&desktop), 0);
}

#[test]
fn whoever_opens_the_link_becomes_known_and_can_be_written_to() {
    let desktop = Desktop::new("claim");
    let window = Window::open(&desktop);
    connect_bot(&desktop, &window);

    try_it(&window, "telegram", "Telegram", BOT);
    window.press(&said("ui_claim_title", &[]));
    let told = window.dialog_with("https://t.me/");
    let drawn = "const image = document.querySelector('dialog[open] img[src^=\"data:image/svg\"]');
                 return image !== null && image.complete && image.naturalWidth > 0;";
    until("the link as a picture", || {
        window.ask(drawn, &Value::Null) == true
    });
    let link = told.lines().find(|line| line.starts_with("https://t.me/"));
    press_start(desktop.peer().base(), link.unwrap());
    window.dialog_with(&said("ui_claimed", &[("chat", "Anna Berg")]));
    window.press(&said("ui_done", &[]));

    let text = "The build is done.";
    window.write(&said("ui_message", &[]), text);
    window.press(&said("ui_send", &[]));
    window.press(&said("ui_send_now", &[]));
    window.dialog_with(&said("ui_state_sent", &[]));
    assert_eq!(messages(&desktop), [text]);
}

#[test]
fn an_upload_shows_how_far_it_is_and_arrives_whole_and_another_stops_when_told_to() {
    let desktop = Desktop::new("upload");
    let window = Window::open(&desktop);
    connect_google(&desktop, &window, "google_drive");
    let slow = json!({ "match": { "service": "google_drive", "method": "PUT" },
                       "fault": { "kind": "delay", "ms": SLOWLY_MS } });
    desktop.peer().post("faults", &slow);

    let (path, sum) = a_big_file(&desktop, "holiday-film.mp4");
    try_it(&window, "google_drive", "Google Drive", ANNA);
    upload(&window, &path);
    let part_of_it = have("a bar that is under way", || {
        let share: u32 = window.ask(SHARE, &Value::Null).as_str()?.parse().ok()?;
        (1..100).contains(&share).then_some(share)
    });
    assert!(part_of_it < 100);
    window.dialog_with(&said("ui_uploading", &[]));
    window.dialog_with(&said("ui_state_uploaded", &[]));
    let arrived = file(&desktop, "holiday-film.mp4").unwrap();
    assert_eq!(
        (&arrived["size"], &arrived["sha256"]),
        (&json!(BIG), &json!(sum))
    );

    let (path, _) = a_big_file(&desktop, "second-film.mp4");
    window.press(&said("ui_upload_more", &[]));
    upload(&window, &path);
    window.press(&said("ui_stop", &[]));
    window.dialog_with(&said("ui_stopped", &[]));
    let second = file(&desktop, "second-film.mp4");
    assert!(
        second.as_ref().is_none_or(|file| file["complete"] == false),
        "{second:?}"
    );
}

#[test]
fn an_answer_that_never_came_leaves_the_choice_to_the_person() {
    let desktop = Desktop::new("lost");
    let window = Window::open(&desktop);
    connect_bot(&desktop, &window);
    know_anna(&desktop, desktop.peer().base());
    let lost = json!({ "kind": "drop_after" });
    desktop
        .peer()
        .fault("telegram", Some("sendMessage"), &lost, Some(1));

    try_it(&window, "telegram", "Telegram", BOT);
    window.press(&said("ui_send", &[]));
    window.press(&said("ui_send_now", &[]));
    let told = window.dialog_with(&said("ui_leave_it", &[]));
    assert!(
        told.contains(&said(
            "error_outcome_unknown_sentence",
            &[("service", "Telegram")]
        )) && told.contains(&said("ui_send_again", &[])),
        "{told}"
    );
    window.press(&said("ui_leave_it", &[]));
    window.dialog_with(&said("ui_leave_it_risk", &[]));
    window.press(&said("ui_leave_it_so", &[]));
    until("the write to be over", || {
        window.ask(
            "return document.querySelector('dialog[open] [data-state=failed]') !== null",
            &Value::Null,
        ) == true
    });
    window.press(&said("ui_close", &[]));
    window.await_no_dialog();
    window.press(&said("ui_activity", &[]));
    window.page_with(&said("ui_nothing_open", &[]));
    // It had arrived, and nothing sent it a second time.
    assert_eq!(messages(&desktop).len(), 1);
}

/// Opens a connection where everything it can do is tried by hand.
pub fn try_it(window: &Window, id: &str, service: &str, account: &str) {
    let words = [("service", service), ("account", account)];
    window.press_on(&integration(id), &said("ui_settings_of", &words));
    window.press_what("[role=tab]", &said("ui_try_it", &[]), None);
}

/// Makes the time to take something back so long that no test runs into its end.
pub fn give_time_to_undo(window: &Window) {
    window.press(&said("ui_settings", &[]));
    window.press_what("[role^=menuitem]", &said("ui_settings_title", &[]), None);
    window.press(&said("ui_part_sending", &[]));
    window.select(&said("ui_undo_window", &[]), A_MINUTE);
    window.press(&said("ui_connections", &[]));
}

pub fn connect_bot(desktop: &Desktop, window: &Window) {
    let bot = desktop.run_with(&["connect", "telegram", "--token-stdin"], DEMO_BOT_TOKEN);
    assert_eq!(bot.code, Some(0), "{bot:?}");
    window.await_connected(&integration("telegram"), BOT);
}

/// Anna's chat, made known without looking at it.
pub fn know_anna(desktop: &Desktop, sandbox: &str) {
    let face = desktop.face();
    let connection = desktop.connection("telegram")["id"].clone();
    let connection = serde_json::from_value(connection).unwrap();
    let Ok(Response::Claim(claim)) = face.ask(Request::BeginClaim { connection }) else {
        panic!("the hub makes a link")
    };
    press_start(sandbox, &claim.link);
    let list = ["message", "chats"];
    until("Anna's chat to be known", || {
        desktop.run(&list).done()["chats"] != json!([])
    });
}

/// As a person who followed the link.
fn press_start(sandbox: &str, link: &str) {
    let payload = link.split_once("?start=").unwrap().1;
    let start = json!({ "bot_id": BOT_ID, "chat_id": ANNAS_CHAT, "payload": payload });
    post(sandbox, "bots/start", &start);
}

pub fn upload(window: &Window, path: &std::path::Path) {
    let css = format!(
        "dialog[open] input[aria-label=\"{}\"]",
        said("ui_typed_path", &[])
    );
    let field = have("the field for a path", || window.session.find(&css).ok());
    window
        .session
        .type_into(&field, &path.display().to_string())
        .unwrap();
    window.press(&said("ui_add", &[]));
    window.press(&said("ui_upload", &[]));
}

/// A file that no encoding leaves alone by luck, and its SHA-256.
pub fn a_big_file(desktop: &Desktop, name: &str) -> (PathBuf, String) {
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let bytes: Vec<u8> = std::iter::repeat_with(|| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed.to_le_bytes()
    })
    .flatten()
    .take(BIG)
    .collect();
    let path = desktop.home().join(name);
    std::fs::write(&path, &bytes).unwrap();
    let sum = Sha256::digest(&bytes);
    (path, sum.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The bar at the bottom of the window.
fn bar() -> String {
    format!("section[aria-label=\"{}\"]", said("ui_being_sent", &[]))
}

/// The words of the activity's row for the mail that was tried. What it said is forgotten once it is over.
fn the_mails_row(window: &Window) -> String {
    let mail = said("ui_what_mail", &[]);
    have("the mail in the outbox", || {
        window
            .text_of("[data-row]")
            .filter(|row| row.contains(&mail))
    })
}

fn mails(desktop: &Desktop) -> usize {
    let sent = desktop.peer().get(&format!("gmail/sent?account={ANNA}"));
    let subject = said("ui_test_mail_subject", &[]);
    let all = sent.as_array().unwrap();
    all.iter()
        .filter(|mail| mail["subject"] == subject.as_str())
        .count()
}

fn file(desktop: &Desktop, name: &str) -> Option<Value> {
    let files = desktop.peer().get(&format!("drive/files?account={ANNA}"));
    let mut files = files.as_array().unwrap().iter();
    files.find(|file| file["name"] == name).cloned()
}

fn messages(desktop: &Desktop) -> Vec<String> {
    let all = desktop
        .peer()
        .get(&format!("telegram/messages?bot_id={BOT_ID}"));
    let to_anna = |message: &&Value| message["chat"] == ANNAS_CHAT;
    let all = all.as_array().unwrap().iter().filter(to_anna);
    all.filter_map(|message| message["text"].as_str().map(str::to_owned))
        .collect()
}
