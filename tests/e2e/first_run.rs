//! The first minute: from a window without any account to a mail that was sent, and the sandbox beside a profile of
//! one's own. What it costs a person is counted: every click, here and in the browser. The time is only told: on a
//! machine with other work it would say more about that.

use std::time::Instant;

use autopilot_tests::{ANNA, World, http};
use serde_json::Value;

use crate::browser::SystemBrowser;
use crate::consent::ConsentPages;
use crate::desktop::{Desktop, await_exit, signal};
use crate::patience::until;
use crate::pictures::{base, keep};
use crate::texts::said;
use crate::window::{Window, integration, program};

/// What the first mail may cost.
const MOST_CLICKS: u32 = 8;

/// Stands still while pictures are taken.
struct Clock(Instant);

impl Clock {
    fn start() -> Self {
        Self(Instant::now())
    }

    fn keep(&mut self, window: &Window, name: &str) {
        let since = Instant::now();
        keep(window, name);
        self.0 += since.elapsed();
    }
}

#[test]
fn from_the_welcome_to_a_sent_mail_in_a_minute_and_eight_clicks() {
    let desktop = Desktop::around(|| World::bare("first"));
    let system = SystemBrowser::install(&desktop);
    let mut clock = Clock::start();
    let arguments = ["--sandbox", "--profile", desktop.profile()].map(str::to_owned);
    let window = Window::open_with(&desktop, &arguments);
    window.page_with(&said("ui_welcome_sandbox_title", &[]));
    clock.keep(&window, "first-run-1-welcome");

    window.press_on(
        &integration("gmail"),
        &said("ui_connect_service", &[("service", "Gmail")]),
    );
    window.dialog_with(&said("ui_continue_in_browser", &[]));
    clock.keep(&window, "first-run-2-permissions");
    let address = window.continue_in_browser();
    clock.keep(&window, "first-run-3-browser");
    let browser = system.join(&desktop);
    ConsentPages::at(&browser, &address)
        .choose_account("anna")
        .allow();
    window.dialog_with(&said("ui_connected_as", &[("account", ANNA)]));
    clock.keep(&window, "first-run-4-connected");
    window.press(&said("ui_try_it", &[]));
    window.dialog_with(&said("ui_send_test_mail", &[]));
    clock.keep(&window, "first-run-5-mail");
    window.press(&said("ui_send_test_mail", &[]));
    window.press(&said("ui_send_now", &[]));
    window.dialog_with(&said("ui_state_sent", &[]));
    let took = clock.0.elapsed();
    keep(&window, "first-run-6-sent");

    let clicks = window.session.clicks() + browser.clicks();
    note(&format!("{clicks} clicks, {:.1} s", took.as_secs_f32()));
    assert_eq!(sent(&base(&desktop)), 1);
    assert!(clicks <= MOST_CLICKS, "{clicks} clicks");
}

/// The profile that `--sandbox` opens.
const SANDBOX: &str = "sandbox";

/// The profile of one's own stays as it is; the sandbox is another process with another profile.
#[test]
fn the_sandbox_opens_beside_a_profile_of_ones_own_and_only_once() {
    let desktop = Desktop::new("beside");
    let window = Window::open(&desktop);
    window.page_with(&said("ui_welcome_title", &[]));
    keep(&window, "first-run-own-profile");
    let button = said("ui_try_sandbox", &[]);

    window.press(&button);
    until("a second window", || window.siblings() == 1);
    // Its own folder, and in it what only a sandbox's profile has.
    let folder = desktop.data_dir().with_file_name(SANDBOX);
    until("the sandbox to begin", || {
        folder.join("sandbox.toml").is_file()
    });
    let mut ask = desktop.command("autopilot");
    let told = ask
        .args(["status", "--sandbox", "--json"])
        .output()
        .unwrap();
    let told: Value = serde_json::from_slice(&told.stdout).unwrap();
    assert_eq!(told["connections"], serde_json::json!([]), "{told}");
    window.page_with(&said("ui_sandbox_opened", &[]));

    // Pressed once more it merely comes forward.
    window.press(&button);
    until("the process that had nothing to do to leave", || {
        window.siblings() == 1
    });
    let own = window.process();
    let others = desktop.processes(&program());
    for other in others.into_iter().filter(|process| *process != own) {
        signal(other, "TERM");
        await_exit(other);
    }
    assert!(desktop.connections().is_empty());
}

/// How many mails Anna sent in the app's own sandbox.
fn sent(base: &str) -> usize {
    let all: Value = http()
        .get(format!("{base}/control/gmail/sent?account={ANNA}"))
        .send()
        .unwrap()
        .json()
        .unwrap();
    all.as_array().map_or(0, Vec::len)
}

#[allow(clippy::print_stdout, reason = "a figure for whoever runs the test")]
fn note(line: &str) {
    println!("first run: {line}");
}
