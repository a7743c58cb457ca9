//! The main job: an account, connected through the browser, whichever way the answer comes back.

use autopilot_tests::{ANNA, BEN, Consent};

use crate::browser::SystemBrowser;
use crate::consent::ConsentPages;
use crate::desktop::Desktop;
use crate::texts::said;
use crate::window::{Window, integration};

const LINK_REDIRECT: &str = "redirect_uri=app.autopilot.desktop%3A%2Foauth%2Fcallback";

fn gmail() -> String {
    integration("gmail")
}

fn connected_as(account: &str) -> String {
    said("ui_connected_as", &[("account", account)])
}

#[test]
fn a_link_from_the_browser_connects_the_account_in_the_open_window() {
    let desktop = Desktop::new("warm");
    let system = SystemBrowser::install(&desktop);
    let window = Window::open(&desktop);

    let address = window.begin(&gmail(), "Gmail");
    assert!(address.contains(LINK_REDIRECT), "{address}");
    let browser = system.join(&desktop);
    ConsentPages::at(&browser, &address)
        .choose_account("anna")
        .allow();

    window.dialog_with(&connected_as(ANNA));
    window.done();
    window.await_connected(&gmail(), ANNA);
    assert_eq!(desktop.peer().token_requests("authorization_code"), 1);
    assert_eq!(
        window.siblings(),
        0,
        "the process that brought the link stayed"
    );
}

#[test]
fn a_link_that_finds_the_app_closed_starts_it_and_connects_the_account() {
    let desktop = Desktop::new("cold");
    let system = SystemBrowser::install(&desktop);
    let window = Window::open(&desktop);
    let inspector = window.inspector();

    let address = window.begin(&gmail(), "Gmail");
    let browser = system.join(&desktop);
    let pages = ConsentPages::at(&browser, &address);
    pages.choose_account("anna");
    window.quit();
    pages.allow();

    let window = Window::join(&desktop, &inspector);
    window.dialog_with(&connected_as(ANNA));
    window.done();
    window.await_connected(&gmail(), ANNA);
}

#[test]
fn a_client_that_takes_no_links_comes_back_by_a_local_port() {
    let desktop = Desktop::around(|| {
        let world = autopilot_tests::World::sandbox("loop");
        let only_desktop = format!(
            "{}\n[clients.google.desktop]\nclient_id = \"{}\"\nclient_secret = \"{}\"\n",
            world.peer().endpoints_toml(),
            autopilot_tests::sandbox::DESKTOP_CLIENT_ID,
            autopilot_tests::sandbox::DESKTOP_CLIENT_SECRET,
        );
        let file = world.write("desktop-only.toml", &only_desktop);
        world.with_endpoints(Some(file))
    });
    let system = SystemBrowser::install(&desktop);
    let window = Window::open(&desktop);

    let address = window.begin(&gmail(), "Gmail");
    assert!(
        address.contains("redirect_uri=http%3A%2F%2F127.0.0.1%3A"),
        "{address}"
    );
    let browser = system.join(&desktop);
    ConsentPages::at(&browser, &address)
        .choose_account("anna")
        .allow();

    browser.turn_to("code=");
    let page = browser.text_with(&said("landing_connected_title", &[]));
    assert!(page.contains(ANNA), "{page}");
    window.dialog_with(&connected_as(ANNA));
    window.done();
    window.await_connected(&gmail(), ANNA);
}

#[test]
fn an_address_pasted_by_hand_connects_the_account() {
    let desktop = Desktop::new("paste");
    let window = Window::open(&desktop);
    // Two accounts, so that the second is known to get a card of its own.
    for (turn, account) in [ANNA, BEN].into_iter().enumerate() {
        let address = if turn == 0 {
            window.begin(&gmail(), "Gmail")
        } else {
            window.choose(&gmail(), "Gmail", ANNA, &said("ui_add_account", &[]));
            window.continue_in_browser()
        };
        window.paste(&desktop.peer().consent(&address, &Consent::of(account)));
        window.dialog_with(&connected_as(account));
        window.done();
    }
    assert_eq!(window.accounts(), [ANNA, BEN]);
}
