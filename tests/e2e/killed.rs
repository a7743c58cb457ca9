//! The window's process, killed while agents wait for it. Nobody is there to start it again but the agents' own servers.

use autopilot_tests::{AGENTS, Mcp, outlive_a_killed_hub};
use serde_json::json;

use crate::approvals::let_in;
use crate::background::{holds_the_profile_unseen, quit};
use crate::consent::connect_google;
use crate::desktop::Desktop;
use crate::window::Window;

#[test]
fn a_window_killed_under_eight_agents_comes_back_unseen_and_every_mail_is_sent_once() {
    let desktop = Desktop::new("under");
    desktop.peer().oauth(&json!({"rotation": "rotating"}));
    let window = Window::open(&desktop);
    connect_google(&desktop, &window, "gmail");
    let mut agents: Vec<Mcp> = (0..AGENTS).map(|_| Mcp::start(&desktop, &[])).collect();
    // All of them are this very program, and so one agent.
    agents[0].call("list_connections", &json!({}));
    let_in(&window, "ui_let_it_write");

    outlive_a_killed_hub(&desktop, &mut agents, || window.kill());
    quit(holds_the_profile_unseen(&desktop));
}
