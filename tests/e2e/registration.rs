//! The way to a Google registration of one's own in the real window: the pages of the console are opened in the
//! browser, it is taken up where it was left, and a step that was left out is come back to.

use std::path::{Path, PathBuf};

use autopilot_tests::sandbox::{DESKTOP_CLIENT_ID, DESKTOP_CLIENT_SECRET};
use autopilot_tests::{ANNA, Consent, World};
use serde_json::{Value, json};

use crate::desktop::Desktop;
use crate::patience::until;
use crate::pictures::keep;
use crate::texts::said;
use crate::window::{Window, integration};

const PROJECT: &str = "https://console.cloud.google.com/projectcreate";
const API: &str = "https://console.cloud.google.com/apis/library/gmail.googleapis.com";

/// The words of the steps are the integration's own.
const API_TITLE: &str = "Switch on the Gmail API";
const PROJECT_TITLE: &str = "Create a project";
const CLIENT_TITLE: &str = "Create the client, and bring its file";

const EXPANDED: &str = "return document.querySelector('dialog[open] h3 [aria-expanded=true] .title')?.textContent ?? null";

/// A browser that only writes down where it was sent.
struct Notes(PathBuf);

impl Notes {
    fn install(desktop: &Desktop) -> Self {
        let file = desktop.root().join("opened.txt");
        let program = desktop.write(
            "browser.sh",
            &format!("#!/bin/sh\nprintf '%s\\n' \"$1\" >> '{}'\n", file.display()),
        );
        desktop.open_addresses_with(&format!("sh {} %u", program.display()));
        Self(file)
    }

    fn await_address(&self, wanted: &str) {
        let read = |file: &Path| std::fs::read_to_string(file).unwrap_or_default();
        until(&format!("the browser to be sent to {wanted}"), || {
            read(&self.0).lines().any(|line| line == wanted)
        });
    }
}

#[test]
fn a_registration_is_come_by_step_by_step_and_what_was_left_out_is_come_back_to() {
    let desktop = Desktop::around(|| {
        let world = World::sandbox("steps");
        // An empty table: without one the stand-ins' own registrations come along.
        let none = format!("{}\n[clients]\n", world.peer().endpoints_toml());
        let file = world.write("no-clients.toml", &none);
        world.with_endpoints(Some(file))
    });
    let notes = Notes::install(&desktop);
    let window = Window::open(&desktop);
    let gmail = integration("gmail");
    let connect = said("ui_connect_service", &[("service", "Gmail")]);
    let console = |step: &str| {
        said(
            "ui_open_console_at",
            &[("provider", "Google"), ("step", step)],
        )
    };

    window.press_on(&gmail, &connect);
    window.dialog_with(PROJECT_TITLE);
    keep(&window, "registration-1");
    window.press(&console(PROJECT_TITLE));
    notes.await_address(PROJECT);
    window.press(&said("ui_step_next", &[]));
    until("the second step", || {
        window.ask(EXPANDED, &Value::Null) == API_TITLE
    });

    // Left, and the window closed for good: it goes on there.
    window.press(&said("ui_setup_later", &[]));
    window.await_no_dialog();
    window.quit();
    let window = Window::open(&desktop);
    window.press_on(&gmail, &connect);
    until("the second step again", || {
        window.ask(EXPANDED, &Value::Null) == API_TITLE
    });
    keep(&window, "registration-2");

    // Whoever has a client already goes straight to where it is taken.
    window.press(CLIENT_TITLE);
    window.press(&said("ui_type_client", &[]));
    window.write(&said("ui_client_id", &[]), DESKTOP_CLIENT_ID);
    window.write(&said("ui_client_secret", &[]), DESKTOP_CLIENT_SECRET);
    keep(&window, "registration-3");
    window.press(&said("ui_add_registration", &[]));
    window.dialog_with(&said("ui_client_taken", &[]));

    // The API was never switched on: back to that step, and then it works.
    let disabled =
        json!({ "error": { "code": 403, "details": [{ "reason": "SERVICE_DISABLED" }] } });
    let refused = json!({ "kind": "status", "status": 403, "body": disabled });
    desktop.peer().fault("gmail", None, &refused, None);
    let sign_in = || {
        let address = window.continue_in_browser();
        window.paste(&desktop.peer().consent(&address, &Consent::of(ANNA)));
    };
    sign_in();
    window.dialog_with(API_TITLE);
    keep(&window, "registration-4");
    window.press(&console(API_TITLE));
    notes.await_address(API);
    desktop.peer().heal();
    window.press(&said("ui_try_again", &[]));
    sign_in();
    window.dialog_with(&said("ui_connected_as", &[("account", ANNA)]));
    window.done();
    window.await_connected(&gmail, ANNA);
}
