//! The window's process without its window: started by whoever needs a hub where there is a screen, seen by nobody until
//! a person asks for it.

use autopilot_tests::{AGENTS, ANNA, Mcp, bin};
use serde_json::json;

use crate::consent::connect_google;
use crate::desktop::{Desktop, await_exit, signal};
use crate::patience::{have, until};
use crate::webdriver::free_port;
use crate::window::{Window, integration};

/// Where a web view lets itself be driven by somebody who comes later.
const INSPECTOR: &str = "WEBKIT_INSPECTOR_SERVER";

/// Who comes first is luck; once is too little to see whether it matters.
const ROUNDS: usize = 4;

#[test]
fn a_terminal_program_starts_the_window_unseen_and_a_later_start_shows_it() {
    is_started_unseen_and_shown_later("status", |desktop| {
        let told = desktop.run(&["status"]).done();
        assert_eq!(told["connections"][0]["account"], ANNA, "{told}");
    });
}

#[test]
fn an_agents_server_starts_the_window_unseen_and_a_later_start_shows_it() {
    is_started_unseen_and_shown_later("unseen", |desktop| {
        let mut agent = Mcp::start(desktop, &[]);
        let answer = agent.call("list_connections", &json!({}));
        // Nobody has let it in, which only a hub can know.
        assert_eq!(answer["structuredContent"]["code"], "not_admitted");
    });
}

/// As when the window is killed under many agents, each of which brings it back.
#[test]
fn many_starts_at_once_leave_one_that_works() {
    let desktop = Desktop::new("rush");
    // A window that can be steered opens no profile that is just being made.
    Window::open(&desktop).quit();
    let arguments = ["--hidden", "--profile", desktop.profile()].map(str::to_owned);
    let program = bin("autopilot-desktop").display().to_string();
    for _ in 0..ROUNDS {
        let mut starts: Vec<_> = (0..AGENTS)
            .map(|_| desktop.start(&program, &arguments))
            .collect();
        let _ = desktop.run(&["status"]).done();
        let holder = holds_the_profile_unseen(&desktop);
        quit(holder);
        for start in &mut starts {
            let ended = start.wait().unwrap();
            assert!(
                ended.success() || start.id() == holder,
                "one ended with {ended}"
            );
        }
    }
}

fn is_started_unseen_and_shown_later(promise: &str, call: impl FnOnce(&Desktop)) {
    let mut desktop = Desktop::new(promise);
    let window = Window::open(&desktop);
    connect_google(&desktop, &window, "gmail");
    window.quit();
    assert!(running(&desktop).is_empty());

    let inspector = format!("127.0.0.1:{}", free_port());
    desktop.set(INSPECTOR, &inspector);
    call(&desktop);
    let holder = holds_the_profile_unseen(&desktop);

    // As from a menu: it leaves the place to the one that runs.
    let program = bin("autopilot-desktop").display().to_string();
    desktop.output(&program, &["--profile", desktop.profile()]);
    until("a window to be seen", || !seen(&desktop).is_empty());
    let window = Window::join(&desktop, &inspector);
    window.await_connected(&integration("gmail"), ANNA);
    assert_eq!(running(&desktop), [holder], "it isn't the one of before");
}

/// The one process that holds the profile is the window's, and shows none. Says which it is.
pub fn holds_the_profile_unseen(desktop: &Desktop) -> u32 {
    let holder = desktop.face().client().hub_pid();
    // Others that were started at the same time may still be on their way out.
    until("one process of the app", || running(desktop) == [holder]);
    assert_eq!(seen(desktop), [""; 0], "nobody asked to see it");
    holder
}

/// Ends it as logging out does.
pub fn quit(holder: u32) {
    signal(holder, "TERM");
    await_exit(holder);
}

fn running(desktop: &Desktop) -> Vec<u32> {
    desktop.processes(&bin("autopilot-desktop"))
}

/// The windows of ours that are on the screen.
fn seen(desktop: &Desktop) -> Vec<String> {
    // It gives up where a window goes away under it.
    let all = have("the windows on the screen", || {
        let mut asked = std::process::Command::new("xwininfo");
        let told = desktop
            .apply(asked.args(["-root", "-tree"]))
            .output()
            .unwrap();
        told.status
            .success()
            .then(|| String::from_utf8_lossy(&told.stdout).into_owned())
    });
    let ours = all
        .lines()
        .filter(|line| line.to_lowercase().contains("autopilot"));
    ours.filter_map(|line| line.split_whitespace().next())
        .filter(|window| {
            // One that is gone by now isn't seen.
            let mut asked = std::process::Command::new("xwininfo");
            let told = desktop
                .apply(asked.args(["-stats", "-id", window]))
                .output()
                .unwrap();
            String::from_utf8_lossy(&told.stdout).contains("IsViewable")
        })
        .map(str::to_owned)
        .collect()
}
