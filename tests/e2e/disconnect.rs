//! The end of a connection: what dies is said first, and then it is dead everywhere.

use autopilot_tests::ANNA;

use crate::consent::connect_google;
use crate::desktop::Desktop;
use crate::patience::until;
use crate::texts::said;
use crate::window::{Window, integration};

#[test]
fn disconnecting_names_what_ends_with_it_and_leaves_nothing_behind() {
    let desktop = Desktop::new("end");
    let window = Window::open(&desktop);
    for service in ["gmail", "google_drive"] {
        connect_google(&desktop, &window, service);
    }
    let connection = desktop.connection("gmail")["id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(desktop.keyring().contains(&format!("grant/{connection}")));

    window.choose(
        &integration("gmail"),
        "Gmail",
        ANNA,
        &said("ui_disconnect_dots", &[]),
    );
    // What is looked up meanwhile comes after the words it stands under.
    let sibling = format!("Google Drive, {ANNA}");
    let told = window.dialog_with(&said("ui_blast_siblings_one", &[("names", &sibling)]));
    assert!(
        told.contains("Google Drive") && told.contains(ANNA),
        "{told}"
    );
    window.press(&said("ui_disconnect_and_end", &[]));

    window.await_status(&integration("gmail"), "disconnected");
    until("the keyring to let go of the grant", || {
        !desktop.keyring().contains(&connection)
    });
    until("Google to hear of it", || {
        desktop.peer().requests("google_oauth", "revoke") == 1
    });
    assert_eq!(desktop.peer().live_grants(), 0);
    // What the dialog announced is true.
    window.await_status(&integration("google_drive"), "needs_sign_in");
}
