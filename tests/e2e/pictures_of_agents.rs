//! Pictures of the Agents page and of what it leads to: who is let in, what each may, what it did, how a client is told
//! about us, and the switch for raw tokens. As in [`pictures`](crate::pictures).

use std::fs;
use std::path::Path;

use autopilot_tests::{ANNA, BEN, Mcp, World};
use serde_json::{Value, json};

use crate::approvals::{ASSISTANT, let_in, start_as};
use crate::desktop::Desktop;
use crate::patience::until;
use crate::pictures::{base, connect_all, keep};
use crate::texts::said;
use crate::window::{Window, integration};

const RESEARCH: &str = "research-helper";
const CLIENT: &str = "Cursor";

/// What somebody may have there already.
const SETTINGS: &str = "{\n  \"mcpServers\": {\n    \"weather\": {\n      \"command\": \"/opt/weather/serve\",\n      \"args\": [\"--metric\"]\n    }\n  }\n}\n";

#[test]
fn agents_and_what_they_may_can_be_looked_at() {
    let desktop = Desktop::around(|| World::bare("pics"));
    has_cursor(&desktop);
    let arguments = ["--sandbox", "--profile", desktop.profile()].map(str::to_owned);
    let window = Window::open_with(&desktop, &arguments);
    window.press(&said("ui_agents", &[]));
    window.page_with(&said("ui_nobody_asked", &[]));
    keep(&window, "agents-none");
    to_connections(&window);
    connect_all(&desktop, &window, &base(&desktop));

    let mut assistant = start_as(&desktop, ASSISTANT, &[]);
    assistant.call("list_connections", &json!({}));
    let_in(&window, "ui_let_it_write");
    works(&mut assistant);
    let mut research = start_as(&desktop, RESEARCH, &[]);
    research.call("list_connections", &json!({}));
    window.page_with(&said("ui_want_in", &[]));

    rules(&window);
    did(&window);
    client(&window);
    at_every_width(&window);
    tokens(&window);
}

/// A day's work, some of which goes wrong.
fn works(agent: &mut Mcp) {
    let mail =
        |to: &str| json!({"to": [to], "subject": "Minutes of Monday", "text": "Here they are."});
    agent.call("send_email", &mail(BEN));
    agent.call("list_files", &json!({}));
    agent.call("list_emails", &json!({"limit": 10}));
    agent.call("read_email", &json!({"id": "nowhere"}));
    agent.call("list_emails", &json!({"search": "is:unread"}));
}

fn rules(window: &Window) {
    window.press(&said("ui_rules_of", &[("name", ASSISTANT)]));
    window.press(&said("ui_add_rule", &[]));
    window.select(&said("ui_capability", &[]), "mail.send");
    window.write(&said("ui_rule_recipients_label", &[]), "@example.org");
    window.write(&said("ui_rule_per_day_label", &[]), "20");
    keep(window, "rule-editor");
    at(window, 420);
    keep(window, "rule-editor-420");
    at(window, 1120);
    window.press(&said("ui_save_rule", &[]));
    window.dialog_with("@example.org");
    window.press(&said("ui_add_rule", &[]));
    window.select(&said("ui_capability", &[]), "files.upload");
    window.press_what(
        "label",
        &said("ui_effect_deny", &[]),
        Some("dialog[open] form"),
    );
    window.press(&said("ui_save_rule", &[]));
    until("both rules", || {
        window.ask(
            "return document.querySelectorAll('dialog[open] li.allow, dialog[open] li.deny').length === 2",
            &Value::Null,
        ) == true
    });
    keep(window, "rules");
    window.press_what("[role=tab]", &said("ui_what_it_did", &[]), None);
}

fn did(window: &Window) {
    window.dialog_with(&said("ui_calls_today", &[]));
    keep(window, "what-it-did");
    at(window, 420);
    keep(window, "what-it-did-420");
    at(window, 1120);
    window.press(&said("ui_close", &[]));
    window.await_no_dialog();
}

fn client(window: &Window) {
    window.press(&said("ui_set_up_which", &[("client", CLIENT)]));
    window.dialog_with("weather");
    keep(window, "client-set-up");
    at(window, 420);
    keep(window, "client-set-up-420");
    at(window, 1120);
    window.press(&said("ui_change_file", &[]));
    window.dialog_with(&said("ui_set_up_done", &[("client", CLIENT)]));
    keep(window, "client-set-up-done");
    window.done();
}

fn at_every_width(window: &Window) {
    for width in [420, 1280] {
        at(window, width);
        let widest = window.ask("return document.documentElement.scrollWidth", &Value::Null);
        assert_eq!(widest, width, "something sticks out of the Agents page");
        for (place, part) in ["top", "rest"].into_iter().enumerate() {
            window.ask(
                "scrollTo(0, arguments[0] * innerHeight * 0.9)",
                &json!(place),
            );
            keep(window, &format!("agents-{width}-{part}"));
        }
    }
    at(window, 1120);
}

fn tokens(window: &Window) {
    to_connections(window);
    let words = [("service", "Gmail"), ("account", ANNA)];
    window.press_on(&integration("gmail"), &said("ui_settings_of", &words));
    window.press_what("[role=tab]", &said("ui_room_who_can_use", &[]), None);
    window.dialog_with(&said("ui_token_allowed", &[]));
    let switch = window.session.find("dialog[open] [role=switch]").unwrap();
    window.session.click(&switch).unwrap();
    window.dialog_with(&said("ui_token_means_next", &[]));
    keep(window, "raw-token-asked");
    window.press(&said("ui_allow_token", &[]));
    until("the switch to be on", || {
        let on = "return document.querySelector('dialog[open] [role=switch][aria-checked=true]') !== null";
        window.ask(on, &Value::Null) == true
    });
    keep(window, "raw-token-allowed");
}

fn to_connections(window: &Window) {
    let nav = window.session.find("nav button:first-child").unwrap();
    window.session.click(&nav).unwrap();
}

fn at(window: &Window, width: u32) {
    window.session.resize(width, 860).unwrap();
    until("the window to have its width", || {
        window.ask("return innerWidth", &Value::Null) == width
    });
}

fn has_cursor(desktop: &Desktop) {
    let folder: &Path = &desktop.home().join(".cursor");
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join("mcp.json"), SETTINGS).unwrap();
}
