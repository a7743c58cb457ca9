//! Everything a person does, by keys alone: no pointer, and no focus that a test put somewhere. At every step the focus
//! can be seen, and where a dialog was opened it comes back to.

use autopilot_tests::{ANNA, Consent};
use serde_json::{Value, json};

use crate::approvals::start_as;
use crate::desktop::Desktop;
use crate::patience::{until, within};
use crate::pictures::keep;
use crate::texts::said;
use crate::webdriver::key::{CONTROL, DOWN, ENTER, ESCAPE, RIGHT, SHIFT, SPACE, TAB};
use crate::window::{Window, integration};

/// More than any page or dialog of ours has to be passed.
const MOST_STEPS: usize = 60;

/// What has the focus: its name and role as assistive technology would say them, and whether one sees that it has it.
const FOCUSED: &str = "
    const one = document.activeElement;
    if (one === null || one === document.body) return null;
    const by = (one.getAttribute('aria-labelledby') ?? '').split(' ').map((id) => document.getElementById(id)?.innerText ?? '').join(' ').trim();
    const label = one.labels?.length ? one.labels[0].innerText : '';
    const name = (one.getAttribute('aria-label') || by || label || one.innerText || '').trim();
    const outlined = (part) => {
        const { outlineStyle, outlineWidth } = getComputedStyle(part);
        return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1;
    };
    let seen = false;
    // A field's frame is drawn by the box around it, a radio button's by its label.
    for (let part = one, up = 0; part !== null && up < 3; part = part.parentElement, up += 1) seen ||= outlined(part);
    return { name, tag: one.tagName, role: one.getAttribute('role'), seen, words: one.matches('[tabindex=\"-1\"]') };";

const PRESSABLE: &str = "
    return [...document.querySelectorAll('dialog[open] button')]
        .some((one) => one.innerText.trim() === arguments[0] && !one.disabled);";

struct Keys<'w, 'd>(&'w Window<'d>);

impl Keys<'_, '_> {
    fn press(&self, keys: &[&str]) {
        self.0.session.chord(keys).unwrap();
    }

    fn focused(&self) -> Option<Value> {
        let focused = self.0.ask(FOCUSED, &Value::Null);
        (!focused.is_null()).then_some(focused)
    }

    fn is_at(&self, name: &str) -> bool {
        self.focused().is_some_and(|one| one["name"] == name)
    }

    /// Goes on until the focus is at what is called so, and sees the focus at every stop.
    fn to(&self, name: &str) {
        self.along(&[TAB], name);
    }

    fn back_to(&self, name: &str) {
        self.along(&[SHIFT, TAB], name);
    }

    fn along(&self, step: &[&str], name: &str) {
        let mut passed = Vec::new();
        for _ in 0..MOST_STEPS {
            if self.is_at(name) {
                self.sees_it();
                return;
            }
            self.press(step);
            // It is moved by the page, which may be busy.
            if let Some(one) = within(std::time::Duration::from_secs(2), || self.focused()) {
                assert_eq!(one["seen"], true, "the focus can't be seen: {one}");
                passed.push(one["name"].clone());
            }
        }
        panic!("no \"{name}\" on the way, but {passed:?}");
    }

    fn sees_it(&self) {
        let one = self.focused().unwrap();
        assert_eq!(one["seen"], true, "the focus can't be seen: {one}");
    }

    fn choose(&self, name: &str) {
        self.to(name);
        self.press(&[ENTER]);
    }

    fn write(&self, text: &str) {
        self.press(&[CONTROL, "a"]);
        for letter in text.chars() {
            self.press(&[letter.to_string().as_str()]);
        }
    }

    /// Waits until the focus is in the open dialog.
    fn inside(&self) {
        let inside = "return document.activeElement?.closest('dialog[open]') != null";
        until("the focus to be in the dialog", || {
            self.0.ask(inside, &Value::Null) == true
        });
    }

    fn comes_back_to(&self, name: &str) {
        let there = within(autopilot_tests::PATIENCE, || self.is_at(name).then_some(()));
        assert!(
            there.is_some(),
            "the focus isn't back at \"{name}\", but at {:?}",
            self.focused()
        );
    }
}

#[test]
fn connecting_sending_approving_and_disconnecting_need_no_pointer() {
    let desktop = Desktop::new("keys");
    let window = Window::open(&desktop);
    let keys = Keys(&window);
    let connect = said("ui_connect_service", &[("service", "Gmail")]);

    // A dialog that is left gives the focus back.
    keys.choose(&connect);
    window.dialog_with(&said("ui_continue_in_browser", &[]));
    keys.inside();
    keys.press(&[ESCAPE]);
    window.await_no_dialog();
    keys.comes_back_to(&connect);

    // Connect.
    keys.press(&[ENTER]);
    window.dialog_with(&said("ui_continue_in_browser", &[]));
    keys.inside();
    keys.choose(&said("ui_continue_in_browser", &[]));
    window.dialog_with(&said("ui_finish_in_browser", &[]));
    let address = window.waiting_address();
    keys.choose(&said("ui_paste_address", &[]));
    let field = said("ui_pasted_address", &[]);
    window.dialog_with(&field);
    keys.to(&field);
    keep(&window, "keyboard-field");
    keys.write(&desktop.peer().consent(&address, &Consent::of(ANNA)));
    keys.press(&[ENTER]);
    window.dialog_with(&said("ui_connected_as", &[("account", ANNA)]));

    // Send.
    keys.inside();
    keys.choose(&said("ui_try_it", &[]));
    window.dialog_with(&said("ui_send_test_mail", &[]));
    keys.inside();
    keys.choose(&said("ui_send_test_mail", &[]));
    window.dialog_with(&said("ui_send_now", &[]));
    keys.choose(&said("ui_send_now", &[]));
    window.dialog_with(&said("ui_state_sent", &[]));
    assert_eq!(subjects(&desktop).len(), 1);
    keys.press(&[ESCAPE]);
    window.await_no_dialog();
    // What opened the first of these dialogs is gone: its card has another face now.
    let on_card = "return document.activeElement?.closest('[data-integration=gmail]') != null";
    until("the focus to be on the card", || {
        window.ask(on_card, &Value::Null) == true
    });

    // Let an agent in, and approve what it asks for.
    let mut agent = start_as(&desktop, "keyboard-agent", &["--patience", "40"]);
    agent.call("list_connections", &json!({}));
    keys.back_to(&said("ui_agents", &[]));
    keys.press(&[ENTER]);
    window.page_with(&said("ui_want_in", &[]));
    keys.choose(&said("ui_let_in", &[]));
    window.page_with(&said("ui_connected_now", &[]));
    let mail = json!({"to": ["ben@example.org"], "subject": "By keys", "text": "Here they are."});
    let call = agent.begin_call("send_email", &mail);
    window.dialog_with("By keys");
    keys.inside();
    let approve = said("ui_approve_once", &[]);
    // Nothing can be decided before it was looked at for a moment, and what can't be pressed is passed over.
    until("the decision to be possible", || {
        window.ask(PRESSABLE, &Value::from(approve.clone())) == true
    });
    keys.to(&approve);
    keep(&window, "keyboard-approve");
    // Never by Enter, which is pressed too quickly.
    keys.press(&[SPACE]);
    let sent = agent.answer(call)["result"].clone();
    assert_eq!(sent["structuredContent"]["state"], "sent", "{sent}");
    assert!(subjects(&desktop).contains(&"By keys".to_owned()));
    window.await_no_dialog();

    // Disconnect, by the card's menu.
    keys.back_to(&said("ui_connections", &[]));
    keys.press(&[ENTER]);
    window.await_connected(&integration("gmail"), ANNA);
    let more = said("ui_more_for", &[("service", "Gmail"), ("account", ANNA)]);
    keys.choose(&more);
    keys.along(&[DOWN], &said("ui_disconnect_dots", &[]));
    keys.press(&[ENTER]);
    window.dialog_with(&said("ui_disconnect_and_end", &[]));
    keys.inside();
    keys.press(&[ESCAPE]);
    window.await_no_dialog();
    keys.comes_back_to(&more);
    keys.press(&[ENTER]);
    keys.along(&[DOWN], &said("ui_disconnect_dots", &[]));
    keys.press(&[ENTER]);
    window.dialog_with(&said("ui_disconnect_and_end", &[]));
    keys.inside();
    keep(&window, "keyboard-disconnect");
    keys.choose(&said("ui_disconnect_and_end", &[]));
    window.await_status(&integration("gmail"), "disconnected");
    window.await_no_dialog();
    until("the focus to be on the card", || {
        window.ask(on_card, &Value::Null) == true
    });
}

#[test]
fn a_choice_is_made_with_arrows_and_the_palette_leads_anywhere() {
    let desktop = Desktop::new("arrows");
    let window = Window::open(&desktop);
    let keys = Keys(&window);
    window.page_with(&said("ui_welcome_title", &[]));

    keys.press(&[CONTROL, "k"]);
    window.dialog_with(&said("ui_connections", &[]));
    keys.inside();
    keys.write(&said("ui_activity", &[]));
    keys.press(&[ENTER]);
    window.page_with(&said("ui_nothing_sent", &[]));
    window.await_no_dialog();

    // Tabs side by side are one stop, and arrows move among them.
    keys.to(&said("ui_history", &[]));
    keys.press(&[RIGHT]);
    keys.comes_back_to(&said("ui_usage", &[]));
    keys.sees_it();
}

/// Of what Anna sent.
fn subjects(desktop: &Desktop) -> Vec<String> {
    let sent = desktop.peer().get(&format!("gmail/sent?account={ANNA}"));
    let all = sent.as_array().unwrap().iter();
    all.filter_map(|mail| mail["subject"].as_str().map(str::to_owned))
        .collect()
}
