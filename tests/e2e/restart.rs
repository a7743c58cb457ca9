//! What a power cut leaves.

use autopilot_tests::ANNA;

use crate::consent::connect_google;
use crate::desktop::Desktop;
use crate::window::{Window, integration};

#[test]
fn an_app_that_was_killed_comes_back_connected_and_asks_for_no_sign_in() {
    let desktop = Desktop::new("kill");
    let window = Window::open(&desktop);
    connect_google(&desktop, &window, "gmail");
    window.await_connected(&integration("gmail"), ANNA);
    window.kill();

    let window = Window::open(&desktop);
    window.await_connected(&integration("gmail"), ANNA);
    assert_eq!(window.dialog_text(), None);
    assert_eq!(
        desktop.peer().token_requests("authorization_code"),
        1,
        "somebody signed in again"
    );
}
