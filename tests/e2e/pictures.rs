//! Pictures of the real window, for people: what the documentation shows, and what a reviewer looks at. They are left
//! in `artifacts/e2e/`. With `AUTOPILOT_WRITE_DOCS=1 cargo xtask e2e` those that README or the book shows are renewed too.

use std::fs;
use std::io::Cursor;
use std::path::Path;

use autopilot_tests::sandbox::DEMO_BOT_TOKEN;
use autopilot_tests::{ANNA, BOT, World, http, land};
use serde_json::{Value, json};

use crate::consent::shown_after_landing;
use crate::desktop::Desktop;
use crate::patience::until;
use crate::texts::said;
use crate::window::{Window, integration};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../artifacts/e2e");

const LAST_STEP_PASSED: &str =
    "return document.querySelector('[data-step=service][data-state=ok]') !== null";

/// The narrowest our window can be made.
const NARROW: u32 = 360;

/// The smallest picture that can show anything; a blank window makes a much smaller one.
const SMALLEST: usize = 10_000;

/// The page behind a dialog is a test's, and isn't shown to those who read the documentation.
const DIALOG: &str = "const box = [...document.querySelectorAll('dialog[open]')].at(-1)?.getBoundingClientRect();\
    return box ? [box.x, box.y, box.width, box.height].map((side) => Math.round(side * devicePixelRatio)) : null";

pub fn keep(window: &Window, name: &str) {
    keep_in(FOLDER, window, name);
    let picture = format!("pictures/{name}.png");
    if docs_are_wanted() && is_shown(&picture) {
        let image = window.session.screenshot().unwrap();
        let dialog: Option<[usize; 4]> =
            serde_json::from_value(window.ask(DIALOG, &Value::Null)).unwrap();
        let image = dialog.map_or(image.clone(), |dialog| cut(&image, dialog));
        fs::write(Path::new(ROOT).join("docs").join(picture), image).unwrap();
    }
}

/// What is in this box (x, y, width, height) of a picture.
fn cut(image: &[u8], [x, y, width, height]: [usize; 4]) -> Vec<u8> {
    let mut whole = png::Decoder::new(Cursor::new(image)).read_info().unwrap();
    let mut pixels = vec![0; whole.output_buffer_size().unwrap()];
    let frame = whole.next_frame(&mut pixels).unwrap();
    let bytes = frame.color_type.samples();
    let part: Vec<u8> = pixels
        .chunks_exact(frame.line_size)
        .skip(y)
        .take(height)
        .flat_map(|line| &line[x * bytes..(x + width) * bytes])
        .copied()
        .collect();
    let mut written = vec![];
    let (width, height) = (u32::try_from(width), u32::try_from(height));
    let mut encoder = png::Encoder::new(&mut written, width.unwrap(), height.unwrap());
    encoder.set_color(frame.color_type);
    encoder.set_depth(frame.bit_depth);
    encoder.set_compression(png::Compression::High);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&part).unwrap();
    writer.finish().unwrap();
    written
}

/// Whether what people read is to be written anew.
#[allow(clippy::disallowed_methods, reason = "who runs the test asks for it")]
pub fn docs_are_wanted() -> bool {
    std::env::var_os("AUTOPILOT_WRITE_DOCS").is_some()
}

fn is_shown(picture: &str) -> bool {
    let root = Path::new(ROOT);
    let docs = fs::read_dir(root.join("docs")).unwrap().flatten();
    docs.map(|entry| entry.path())
        .chain([root.join("README.md")])
        .filter_map(|page| fs::read_to_string(page).ok())
        .any(|page| page.contains(picture))
}

pub fn keep_in(folder: &str, window: &Window, name: &str) {
    let image = window.session.screenshot().unwrap();
    assert!(image.len() > SMALLEST, "{name} shows nothing");
    fs::create_dir_all(folder).unwrap();
    fs::write(Path::new(folder).join(format!("{name}.png")), image).unwrap();
}

#[test]
fn the_window_on_the_sandbox_profile_can_be_looked_at() {
    let desktop = Desktop::around(|| World::bare("look"));
    let arguments = ["--sandbox", "--profile", desktop.profile()].map(str::to_owned);
    let window = Window::open_with(&desktop, &arguments);
    let base = base(&desktop);
    keep(&window, "first-run");

    window.press_on(
        &integration("gmail"),
        &said("ui_connect_service", &[("service", "Gmail")]),
    );
    window.dialog_with(&said("ui_continue_in_browser", &[]));
    keep(&window, "connect-gmail");
    window.continue_in_browser();
    keep(&window, "finish-in-browser");
    window.press(&said("ui_cancel_sign_in", &[]));
    window.done();

    window.press_on(
        &integration("google_drive"),
        &said("ui_connect_service", &[("service", "Google Drive")]),
    );
    window.dialog_with(&said("ui_continue_in_browser", &[]));
    keep(&window, "connect-google-drive");
    window.press(&said("ui_cancel", &[]));
    window.await_no_dialog();

    window.press_on(
        &integration("telegram"),
        &said("ui_connect_service", &[("service", "Telegram")]),
    );
    window.write("Bot token", "110201543:AAHdq");
    window.press(&said("ui_connect", &[]));
    keep(&window, "connect-telegram");
    window.press(&said("ui_cancel", &[]));

    connect_all(&desktop, &window, &base);
    keep(&window, "connected");
    window.press_on(&integration("gmail"), &said("ui_test", &[]));
    until("the test to pass", || {
        window.ask(LAST_STEP_PASSED, &Value::Null) == true
    });
    keep(&window, "tested");
    window.press_on(&integration("gmail"), &said("ui_test_dismiss", &[]));
    window.press_on(
        &integration("gmail"),
        &said("ui_settings_of", &[("service", "Gmail"), ("account", ANNA)]),
    );
    window.dialog_with(&said("ui_danger", &[]));
    keep(&window, "settings");
    window.press(&said("ui_disconnect_dots", &[]));
    window.dialog_with(&said("ui_disconnect_and_end", &[]));
    window.dialog_with(&said("ui_danger_lead", &[]));
    keep(&window, "disconnect");
    window.press(&said("ui_cancel", &[]));
    window.await_no_dialog();

    window.press(&said("ui_settings", &[]));
    window.press_what("[role^=menuitem]", &said("ui_theme_dark", &[]), None);
    keep(&window, "connected-dark");
    window.choose(
        &integration("gmail"),
        "Gmail",
        ANNA,
        &said("ui_disconnect_dots", &[]),
    );
    window.dialog_with(&said("ui_danger_lead", &[]));
    keep(&window, "disconnect-dark");
    window.press(&said("ui_cancel", &[]));
    window.await_no_dialog();

    post(&base, "revoke", &json!({ "account": ANNA }));
    post(
        &base,
        "faults",
        &json!({ "match": { "service": "telegram" }, "fault": { "kind": "status", "status": 502 } }),
    );
    window.press(&said("ui_refresh", &[]));
    window.await_status(&integration("gmail"), "needs_sign_in");
    window.await_status(&integration("telegram"), "service_down");
    keep(&window, "trouble-dark");

    window.session.resize(NARROW, 760).unwrap();
    until("the window to be narrow", || {
        window.ask("return innerWidth", &Value::Null) == NARROW
    });
    let widest = window.ask("return document.documentElement.scrollWidth", &Value::Null);
    assert_eq!(widest, NARROW, "something sticks out of a narrow window");
    keep(&window, "narrow-dark");
}

pub fn connect_all(desktop: &Desktop, window: &Window, base: &str) {
    for service in ["gmail", "google_drive"] {
        let mut connecting = desktop.connect(&[service, "--redirect", "loopback"]);
        let wanted = json!({ "url": connecting.url(), "account": ANNA });
        let page = land(post(base, "consent", &wanted)["redirect"].as_str().unwrap());
        assert!(page.contains(ANNA), "{page}");
        shown_after_landing(window, service);
    }
    let bot = desktop.run_with(&["connect", "telegram", "--token-stdin"], DEMO_BOT_TOKEN);
    assert_eq!(bot.code, Some(0), "{bot:?}");
    window.await_connected(&integration("telegram"), BOT);
}

/// Where the app's own sandbox listens.
pub fn base(desktop: &Desktop) -> String {
    let kept = fs::read_to_string(desktop.data_dir().join("sandbox.toml")).unwrap();
    let port = kept
        .lines()
        .find_map(|line| line.strip_prefix("port = "))
        .unwrap();
    format!("http://127.0.0.1:{port}")
}

pub fn post(base: &str, path: &str, body: &Value) -> Value {
    http()
        .post(format!("{base}/control/{path}"))
        .json(body)
        .send()
        .unwrap()
        .json()
        .unwrap()
}
