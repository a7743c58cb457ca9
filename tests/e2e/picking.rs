//! Files that were not made by us, handed over one by one on the service's own page.

use autopilot_tests::ANNA;

use crate::actions::try_it;
use crate::browser::SystemBrowser;
use crate::consent::{ConsentPages, connect_google};
use crate::desktop::Desktop;
use crate::pictures::keep;
use crate::texts::said;
use crate::window::Window;

const DRIVE: &str = "Google Drive";
/// Ours, and two that Anna has beside.
const OURS: &str = "Autopilot";
const BUDGET: (&str, &str) = ("1annaFileBudget", "Budget 2026.csv");
const NOT_CHOSEN: &str = "Orchard.svg";

#[test]
fn a_file_chosen_on_googles_page_is_listed_in_the_window_and_no_other() {
    let desktop = Desktop::new("pick");
    let system = SystemBrowser::install(&desktop);
    let window = Window::open(&desktop);
    connect_google(&desktop, &window, "google_drive");
    try_it(&window, "google_drive", DRIVE, ANNA);
    let listed = window.dialog_with(OURS);
    assert!(!listed.contains(BUDGET.1), "{listed}");
    keep(&window, "files");

    window.press(&said("ui_pick_files", &[("service", DRIVE)]));
    window.dialog_with(&said("ui_pick_in_browser_more", &[("service", DRIVE)]));
    let address = window.waiting_address();
    keep(&window, "picking");
    let browser = system.join(&desktop);
    ConsentPages::at(&browser, &address)
        .choose_account("anna")
        .pick(BUDGET.0)
        .allow();

    // The window comes back to the list by itself.
    let listed = window.dialog_with(BUDGET.1);
    assert!(!listed.contains(NOT_CHOSEN), "{listed}");
    keep(&window, "files-picked");
}
