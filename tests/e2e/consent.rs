//! The sandbox's sign-in pages in the real browser, as a person goes through them.

use autopilot_tests::{ANNA, Consent};

use crate::browser::Browser;
use crate::desktop::Desktop;
use crate::texts::said;
use crate::window::{Window, integration};

/// The pages of one sign-in.
pub struct ConsentPages<'b, 'd> {
    browser: &'b Browser<'d>,
}

impl<'b, 'd> ConsentPages<'b, 'd> {
    /// Turns to the page the app has opened at this address.
    pub fn at(browser: &'b Browser<'d>, address: &str) -> Self {
        // Anything else in the address may be written in several ways; the state of an attempt is its own.
        let address = url::Url::parse(address).unwrap();
        let state = address
            .query_pairs()
            .find(|(name, _)| name == "state")
            .unwrap()
            .1
            .into_owned();
        browser.turn_to(&format!("state={state}"));
        Self { browser }
    }

    /// `anna` or `ben`.
    pub fn choose_account(&self, name: &str) -> &Self {
        self.browser.press(&format!("#account-{name}"));
        self
    }

    pub fn untick(&self, scope: &str) -> &Self {
        self.browser
            .press(&format!("input[name=scope][value=\"{scope}\"]"));
        self
    }

    /// Ticks a file by its id.
    pub fn pick(&self, file: &str) -> &Self {
        self.browser.press(&format!("#pick-{file}"));
        self
    }

    pub fn allow(&self) {
        self.browser.press("#allow");
    }

    pub fn deny(&self) {
        self.browser.press("#deny");
    }
}

/// Anna's account, connected from a terminal without a browser: where a sign-in is only the way to something else.
pub fn connect_google(desktop: &Desktop, window: &Window, service: &str) {
    let connecting = desktop.connect(&[service, "--redirect", "loopback"]);
    let (end, _) = connecting.through_loopback(&Consent::of(ANNA));
    assert_eq!(end.connected()["account"], ANNA);
    shown_after_landing(window, service);
}

/// The landing page brings our window forward, which says it as well.
pub fn shown_after_landing(window: &Window, service: &str) {
    window.dialog_with(&said("ui_connected_as", &[("account", ANNA)]));
    window.done();
    window.await_connected(&integration(service), ANNA);
}
