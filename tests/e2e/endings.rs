//! Sign-ins that end otherwise than hoped: each is told in its own plain sentence, and none costs anything.

use autopilot_tests::{ANNA, BEN, Consent};

use crate::browser::SystemBrowser;
use crate::consent::ConsentPages;
use crate::desktop::Desktop;
use crate::texts::said;
use crate::window::{Window, integration};

const READ: &str = "https://www.googleapis.com/auth/gmail.readonly";
const GMAIL: (&str, &str) = ("service", "Gmail");

fn gmail() -> String {
    integration("gmail")
}

/// A desktop whose Gmail is connected as Anna.
fn connected<'d>(desktop: &'d Desktop) -> Window<'d> {
    let window = Window::open(desktop);
    let address = window.begin(&gmail(), "Gmail");
    window.paste(&desktop.peer().consent(&address, &Consent::of(ANNA)));
    window.dialog_with(&said("ui_connected_as", &[("account", ANNA)]));
    window.done();
    window.await_connected(&gmail(), ANNA);
    window
}

/// Still connected as Anna, with the very grant of before.
fn nothing_was_lost(window: &Window, desktop: &Desktop, keyring: &str) {
    window.await_connected(&gmail(), ANNA);
    assert_eq!(
        secrets(&desktop.keyring()),
        secrets(keyring),
        "the grant in the keyring changed"
    );
    let report = desktop.run(&["test", "gmail"]);
    assert_eq!(report.code, Some(0), "{report:?}");
}

/// What the keyring holds for connections, without the moments at which items were touched.
fn secrets(keyring: &str) -> Vec<&str> {
    let mut secrets: Vec<&str> = keyring
        .lines()
        .filter(|line| line.contains("refresh_token"))
        .collect();
    secrets.sort_unstable();
    assert!(!secrets.is_empty(), "no grant in {keyring}");
    secrets
}

#[test]
fn a_sign_in_that_is_declined_in_the_browser_says_so_and_changes_nothing() {
    let desktop = Desktop::new("deny");
    let system = SystemBrowser::install(&desktop);
    let window = connected(&desktop);
    let keyring = desktop.keyring();

    let address = window.begin_again(&gmail(), "Gmail", ANNA);
    let browser = system.join(&desktop);
    // The account is proposed already, because it is Anna's connection that signs in.
    ConsentPages::at(&browser, &address)
        .choose_account("anna")
        .deny();
    window.dialog_with(&said("error_sign_in_denied_sentence", &[GMAIL]));
    window.press(&said("ui_close", &[]));
    nothing_was_lost(&window, &desktop, &keyring);

    // From here in the same window: another account, then a permission left out.
    let address = window.begin_again(&gmail(), "Gmail", ANNA);
    ConsentPages::at(&browser, &address)
        .choose_account("ben")
        .allow();
    window.dialog_with(&said(
        "error_wrong_account_sentence",
        &[("actual", BEN), ("expected", ANNA)],
    ));
    window.press(&said("ui_close", &[]));
    nothing_was_lost(&window, &desktop, &keyring);

    let address = window.begin_again(&gmail(), "Gmail", ANNA);
    ConsentPages::at(&browser, &address)
        .choose_account("anna")
        .untick(READ)
        .allow();
    window.dialog_with(&said("ui_missing_permissions", &[]));
    window.done();
    let card = window.await_connected(&gmail(), ANNA);
    assert!(card.text.contains(&said("ui_not_granted", &[])), "{card:?}");
    assert!(
        card.text.contains(&said("ui_choose_again", &[])),
        "{card:?}"
    );
}

#[test]
fn an_answer_that_is_cancelled_used_or_foreign_is_refused_in_words() {
    let desktop = Desktop::new("refuse");
    let window = connected(&desktop);
    let keyring = desktop.keyring();

    let cancelled = window.begin_again(&gmail(), "Gmail", ANNA);
    let late = desktop.peer().consent(&cancelled, &Consent::of(ANNA));
    window.press(&said("ui_cancel_sign_in", &[]));
    window.dialog_with(&said("error_sign_in_cancelled_sentence", &[GMAIL]));
    window.done();
    nothing_was_lost(&window, &desktop, &keyring);

    let used = window.begin_again(&gmail(), "Gmail", ANNA);
    window.paste(&late);
    window.dialog_with(&said("error_sign_in_cancelled_sentence", &[GMAIL]));

    let foreign = format!(
        "app.autopilot.desktop:/oauth/callback?code=x&state={}.bm90b3Vycw",
        desktop.profile()
    );
    window.paste_again(&foreign);
    window.dialog_with(&said("error_sign_in_unknown_sentence", &[]));
    nothing_was_lost(&window, &desktop, &keyring);

    let answer = desktop.peer().consent(&used, &Consent::of(ANNA));
    window.paste_again(&answer);
    window.dialog_with(&said("ui_connected_as", &[("account", ANNA)]));
    window.done();
    let keyring = desktop.keyring();

    // What nobody can paste comes by link, and is refused in the same words.
    for (link, told) in [
        (&answer, said("error_sign_in_used_sentence", &[])),
        (&foreign, said("error_sign_in_unknown_sentence", &[])),
        (&late, said("error_sign_in_cancelled_sentence", &[GMAIL])),
    ] {
        desktop.output("xdg-open", &[link]);
        window.dialog_with(&told);
        window.press(&said("ui_close", &[]));
        window.await_no_dialog();
        nothing_was_lost(&window, &desktop, &keyring);
    }
}
