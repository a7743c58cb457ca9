//! Every view of the real window. In German in every run, looking for texts that aren't there; and for eyes, when asked
//! for, in both themes, narrow and wide: `cargo xtask e2e every_view -- --ignored` leaves them in `docs/pictures/views/`.

use autopilot_tests::{ANNA, World};
use serde_json::{Value, json};

use crate::desktop::Desktop;
use crate::patience::until;
use crate::pictures::{base, connect_all, keep, keep_in, post};
use crate::texts::{said, speaks};
use crate::webdriver::key::{CONTROL, ESCAPE};
use crate::window::{Window, integration};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/pictures/views");

const THEMES: [(&str, &str); 2] = [("light", "ui_theme_light"), ("dark", "ui_theme_dark")];
const WIDTHS: [u32; 2] = [1280, 420];
const HEIGHT: u32 = 820;

/// Every check has its verdict, and the report is there.
const CHECKED: &str = "return document.querySelector('dialog[open] [aria-busy=false]') !== null \
                       && document.querySelectorAll('dialog[open] [data-verdict]').length > 8";

/// What a view is called, and how one comes to it from the connections.
type View = (&'static str, fn(&Window));

const VIEWS: [View; 20] = [
    ("connections", |_| {}),
    ("connect", |window| {
        window.choose(
            &integration("gmail"),
            "Gmail",
            ANNA,
            &said("ui_add_account", &[]),
        );
        window.dialog_with(&said("ui_continue_in_browser", &[]));
    }),
    ("connection", |window| {
        settings_of_gmail(window);
        window.dialog_with(&said("ui_danger", &[]));
    }),
    ("permissions", |window| {
        settings_of_gmail(window);
        window.press_what("[role=tab]", &said("ui_permissions", &[]), None);
        window.dialog_with(&said("ui_perm_for_agents", &[]));
    }),
    ("try-it", |window| {
        settings_of_gmail(window);
        window.press_what("[role=tab]", &said("ui_try_it", &[]), None);
        window.dialog_with(&said("ui_send_test_mail", &[]));
    }),
    ("disconnect", |window| {
        window.choose(
            &integration("gmail"),
            "Gmail",
            ANNA,
            &said("ui_disconnect_dots", &[]),
        );
        window.dialog_with(&said("ui_danger_lead", &[]));
    }),
    ("disconnect-all", |window| {
        window.press(&said("ui_batch_more", &[]));
        window.press_what("[role^=menuitem]", &said("ui_batch_disconnect", &[]), None);
        window.dialog_with(&said("ui_batch_disconnect_lead", &[]));
    }),
    ("test-all", |window| {
        window.press(&said("ui_batch_more", &[]));
        window.press_what("[role^=menuitem]", &said("ui_batch_test", &[]), None);
        window.dialog_with(&said("ui_batch_done", &[]));
        until("nothing to be running", || {
            let text = window.dialog_text().unwrap_or_default();
            !text.contains(&said("ui_batch_runs", &[]))
                && !text.contains(&said("ui_batch_waits", &[]))
        });
    }),
    ("agents", |window| {
        window.session.chord(&[CONTROL, "2"]).unwrap();
        window.page_with(&said("ui_pause_all", &[]));
    }),
    ("activity", |window| {
        window.session.chord(&[CONTROL, "3"]).unwrap();
        window.page_with(&said("ui_history", &[]));
    }),
    ("settings", |window| {
        window.session.chord(&[CONTROL, ","]).unwrap();
        window.page_with(&said("ui_part_general", &[]));
    }),
    ("settings-network", |window| {
        settings_part(window, "ui_part_network")
    }),
    ("settings-notices", |window| {
        settings_part(window, "ui_part_notifications")
    }),
    ("check-up", |window| {
        from_menu(window, "ui_doctor_title");
        until("the check-up to be over", || {
            window.ask(CHECKED, &Value::Null) == true
        });
    }),
    ("moving", |window| {
        from_menu(window, "ui_moving_title");
        window.dialog_with(&said("ui_moving_export_lead", &[]));
    }),
    ("moving-import", |window| {
        from_menu(window, "ui_moving_title");
        window.press_what("[role=tab]", &said("ui_moving_import", &[]), None);
        window.dialog_with(&said("ui_moving_import_lead", &[]));
    }),
    ("shortcuts", |window| {
        from_menu(window, "ui_shortcuts");
        window.dialog_with(&said("ui_shortcuts", &[]));
    }),
    ("palette", |window| {
        window.session.chord(&[CONTROL, "k"]).unwrap();
        window.dialog_with(&said("ui_connections", &[]));
    }),
    ("registrations", |window| {
        from_menu(window, "ui_clients");
        window.dialog_with(&said("ui_clients_lead", &[]));
    }),
    ("registration", |window| {
        from_menu(window, "ui_clients");
        window.press(&said("ui_add_or_replace_for", &[("provider", "Google")]));
        window.dialog_with(&said("ui_setup_later", &[]));
    }),
];

/// Once Gmail's access was taken back: what its page says of it, and the days with trouble behind their sentence.
const IN_TROUBLE: View = ("connection-in-trouble", |window| {
    until("a day to have trouble", || {
        settings_of_gmail(window);
        until("the days to be there", || {
            window.ask(DAYS_ARE_THERE, &Value::Null) == true
        });
        let is_open = window.ask(OPEN_DAYS, &Value::Null) == true;
        if !is_open {
            leave(window);
        }
        is_open
    });
});

const DAYS_ARE_THERE: &str = "return document.querySelector('dialog[open] .strip') !== null;";

const OPEN_DAYS: &str = "
    const sentence = document.querySelector('dialog[open] details.share summary');
    sentence?.click();
    sentence?.scrollIntoView({ block: 'center' });
    return sentence !== null;";

fn take_back_gmail(desktop: &Desktop, window: &Window) {
    post(&base(desktop), "revoke", &json!({ "account": ANNA }));
    window.press(&said("ui_refresh", &[]));
    window.await_status(&integration("gmail"), "needs_sign_in");
}

/// A name of a text where its words should be, and the doctor's, whose words come apart from the window's.
const NAMES: &str = "
    const spoken = [...document.querySelectorAll('[aria-label], [placeholder], [title]')]
        .flatMap((one) => ['aria-label', 'placeholder', 'title'].map((name) => one.getAttribute(name) ?? ''));
    return [document.body.innerText, ...spoken].join(' ')
        .match(/\\b(ui|error|status|notice)_[a-z]+_?[a-z0-9_]*|\\bdoctor_\\w+/g) ?? [];";

#[test]
fn in_german_every_view_says_words_and_never_the_name_of_a_text() {
    let desktop = Desktop::around(|| World::bare("german"));
    let arguments = ["--sandbox", "--profile", desktop.profile()].map(str::to_owned);
    let window = Window::open_with(&desktop, &arguments);
    connect_all(&desktop, &window, &base(&desktop));
    window.session.chord(&[CONTROL, ","]).unwrap();
    window.page_with(&said("ui_part_general", &[]));
    window.select(&said("ui_language", &[]), "de");
    speaks("de");
    window.page_with(&said("ui_part_general", &[]));
    window.session.chord(&[CONTROL, "1"]).unwrap();
    for view in VIEWS {
        says_words(&window, view);
    }
    take_back_gmail(&desktop, &window);
    says_words(&window, IN_TROUBLE);
}

fn says_words(window: &Window, (name, open): View) {
    open(window);
    let names = window.ask(NAMES, &Value::Null);
    assert_eq!(names, json!([]), "{name}");
    keep(window, &format!("german-{name}"));
    leave(window);
}

#[test]
#[ignore = "pictures for people to look at; they prove nothing"]
fn every_view_in_both_themes_narrow_and_wide() {
    let desktop = Desktop::around(|| World::bare("views"));
    let arguments = ["--sandbox", "--profile", desktop.profile()].map(str::to_owned);
    let window = Window::open_with(&desktop, &arguments);
    window.page_with(&said("ui_welcome_sandbox_title", &[]));
    all_sizes(&window, "welcome", |_| {});
    connect_all(&desktop, &window, &base(&desktop));
    for (name, open) in VIEWS {
        all_sizes(&window, name, open);
    }
    take_back_gmail(&desktop, &window);
    all_sizes(&window, IN_TROUBLE.0, IN_TROUBLE.1);
}

fn all_sizes(window: &Window, name: &str, open: fn(&Window)) {
    for (theme, entry) in THEMES {
        from_menu(window, entry);
        for width in WIDTHS {
            window.session.resize(width, HEIGHT).unwrap();
            until("the window to have its width", || {
                window.ask("return innerWidth", &Value::Null) == width
            });
            open(window);
            keep_in(FOLDER, window, &format!("{name}-{theme}-{width}"));
            leave(window);
        }
    }
}

/// Back to the connections.
fn leave(window: &Window) {
    if window.dialog_text().is_some() {
        window.session.chord(&[ESCAPE]).unwrap();
        window.await_no_dialog();
    }
    window.session.chord(&[CONTROL, "1"]).unwrap();
}

fn settings_of_gmail(window: &Window) {
    window.press_on(
        &integration("gmail"),
        &said("ui_settings_of", &[("service", "Gmail"), ("account", ANNA)]),
    );
}

fn from_menu(window: &Window, entry: &str) {
    window.press(&said("ui_settings", &[]));
    window.press_what("[role^=menuitem]", &said(entry, &[]), None);
}

fn settings_part(window: &Window, part: &str) {
    window.session.chord(&[CONTROL, ","]).unwrap();
    window.page_with(&said("ui_part_general", &[]));
    window.press_what("nav a, nav button, [role=tab]", &said(part, &[]), None);
}
