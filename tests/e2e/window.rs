//! Our own window, driven as a person drives it: things are found by the names they show, in the dialog that is open
//! or else on the page, and pressed where they are drawn.

use std::path::PathBuf;

use autopilot_tests::{PATIENCE, bin};
use model::{Request, Response, SignInState};
use serde_json::{Value, json};

use crate::desktop::{Desktop, await_exit, signal};
use crate::patience::{have, until, within};
use crate::texts::said;
use crate::webdriver::{Answer, Element, Session};

const DRIVER: &str = "WebKitWebDriver";

/// Control-A in the driver's keys.
const SELECT_ALL: &str = "\u{e009}a\u{e000}";

/// `[what, name, where?]` -> the first such thing that can be seen and used and is called so.
const FIND: &str = "
    const [what, name, where] = arguments[0];
    const front = [...document.querySelectorAll('dialog[open]')].at(-1) ?? document;
    const root = where === null ? front : document.querySelector(where);
    const words = (one) => (one.querySelector(':scope > .words') ?? one).innerText;
    const called = (one) => (one.getAttribute('aria-label') ?? words(one)).trim() === name;
    const usable = (one) => one.checkVisibility() && !one.disabled && one.getAttribute('aria-disabled') !== 'true';
    return [...(root?.querySelectorAll(what) ?? [])].find((one) => usable(one) && called(one)) ?? null;";

/// What a script finds is brought to where it can be seen.
fn to_the_middle(find: &str) -> String {
    format!(
        "(function () {{ {find} }}).apply(null, arguments)?.scrollIntoView({{ block: 'center' }});"
    )
}

/// A label's words -> the field it belongs to.
const FIELD: &str = "
    const front = [...document.querySelectorAll('dialog[open]')].at(-1) ?? document;
    const label = [...front.querySelectorAll('label')].find((one) => one.innerText.trim() === arguments[0]);
    return label ? document.getElementById(label.htmlFor) : null;";

/// A list's label and a value -> whether it was there to be chosen.
const SELECT: &str = "
    const [label, value] = arguments[0];
    const front = [...document.querySelectorAll('dialog[open]')].at(-1) ?? document;
    const found = [...front.querySelectorAll('label')].find((one) => one.innerText.trim() === label);
    const list = found && document.getElementById(found.htmlFor);
    if (!list) return false;
    list.value = value;
    list.dispatchEvent(new Event('change', { bubbles: true }));
    return true;";

const DIALOG_TEXT: &str =
    "return [...document.querySelectorAll('dialog[open]')].at(-1)?.innerText ?? null";

/// CSS -> the words, status and account of a card, or nothing.
const CARD: &str = "
    const card = document.querySelector(arguments[0]);
    return card && { status: card.dataset.status, text: card.innerText,
                     account: card.querySelector('header p').innerText };";

const ACCOUNTS: &str = "return [...document.querySelectorAll('[data-connection] header p')].map((one) => one.innerText)";

/// One card of the page.
#[derive(Clone, Debug)]
pub struct Card {
    pub status: String,
    pub account: String,
    pub text: String,
}

pub struct Window<'d> {
    pub session: Session,
    desktop: &'d Desktop,
    process: u32,
}

impl<'d> Window<'d> {
    /// Starts the app on the desktop's profile.
    pub fn open(desktop: &'d Desktop) -> Self {
        let mut arguments = vec!["--profile".to_owned(), desktop.profile().to_owned()];
        if let Some(file) = desktop.endpoints() {
            arguments.extend(["--endpoints".to_owned(), file.display().to_string()]);
        }
        Self::open_with(desktop, &arguments)
    }

    pub fn open_with(desktop: &'d Desktop, arguments: &[String]) -> Self {
        let wanted =
            json!({ "webkitgtk:browserOptions": { "binary": program(), "args": arguments } });
        let session = Session::open(desktop, DRIVER, &[], &wanted).unwrap();
        Self::ready(desktop, session)
    }

    /// Joins an app that the desktop started. It listens where the app before it did, because the variable that says
    /// where came with the browser.
    pub fn join(desktop: &'d Desktop, inspector: &str) -> Self {
        until("the desktop to start the app", || {
            !desktop.processes(&program()).is_empty()
        });
        let target = [format!("--target={inspector}")];
        let session = have("the app to let itself be driven", || {
            Session::open(desktop, DRIVER, &target, &json!({})).ok()
        });
        Self::ready(desktop, session)
    }

    fn ready(desktop: &'d Desktop, session: Session) -> Self {
        let process = have("the app's process", || {
            desktop.processes(&program()).into_iter().min()
        });
        let window = Self {
            session,
            desktop,
            process,
        };
        until("the cards", || {
            window.ask(
                "return document.querySelector('article') !== null",
                &Value::Null,
            ) == true
        });
        window
    }

    /// Where the driver and the app speak with each other.
    pub fn inspector(&self) -> String {
        let environment = std::fs::read(format!("/proc/{}/environ", self.process)).unwrap();
        let environment = String::from_utf8_lossy(&environment).into_owned();
        let mut lines = environment.split('\0');
        let found = lines.find_map(|line| line.strip_prefix("WEBKIT_INSPECTOR_SERVER="));
        found
            .unwrap_or_else(|| panic!("the driver named no address"))
            .to_owned()
    }

    /// Quits as logging out does.
    pub fn quit(self) {
        self.end("TERM");
    }

    /// As a power cut does.
    pub fn kill(self) {
        self.end("KILL");
    }

    fn end(self, how: &str) {
        signal(self.process, how);
        await_exit(self.process);
    }

    /// Presses a button of the open dialog, or of the page.
    pub fn press(&self, name: &str) {
        self.press_what("button", name, None);
    }

    /// Presses a button on a card.
    pub fn press_on(&self, card: &str, name: &str) {
        self.press_what("button", name, Some(card));
    }

    /// Chooses from a card's menu.
    pub fn choose(&self, card: &str, service: &str, account: &str, entry: &str) {
        self.press_on(
            card,
            &said("ui_more_for", &[("service", service), ("account", account)]),
        );
        self.press_what("[role^=menuitem]", entry, None);
    }

    pub fn press_what(&self, what: &str, name: &str, place: Option<&str>) {
        let mut refused = None;
        let pressed = within(PATIENCE, || {
            let found = self.element(FIND, &json!([what, name, place])).ok()??;
            let clicked = self.session.click(&found);
            clicked
                .map_err(|error| {
                    // Behind a dialog's row of buttons, where a person would turn the wheel.
                    let _ = self
                        .session
                        .run(&to_the_middle(FIND), &json!([what, name, place]));
                    refused = Some(error);
                })
                .ok()
        });
        assert!(
            pressed.is_some(),
            "there is no \"{name}\" to press ({refused:?}), but {:?}",
            self.visible_text()
        );
    }

    /// Types into the field called so, over what was there.
    pub fn write(&self, label: &str, text: &str) {
        let found = have(label, || self.element(FIELD, &json!(label)).ok().flatten());
        // WebKitWebDriver forgets what follows a released modifier in the same row of keys.
        self.session.type_into(&found, SELECT_ALL).unwrap();
        self.session.type_into(&found, text).unwrap();
    }

    /// Chooses in the list called so.
    pub fn select(&self, label: &str, value: &str) {
        have(label, || {
            self.ask(SELECT, &json!([label, value]))
                .as_bool()
                .filter(|chosen| *chosen)
        });
    }

    fn element(&self, body: &str, argument: &Value) -> Answer<Option<Element>> {
        Ok(Element::from_script(&self.session.run(body, argument)?))
    }

    pub fn process(&self) -> u32 {
        self.process
    }

    pub fn ask(&self, body: &str, argument: &Value) -> Value {
        self.session.run(body, argument).unwrap()
    }

    /// Everything the open dialog says, once it says this among it.
    pub fn dialog_with(&self, words: &str) -> String {
        let found = within(PATIENCE, || {
            self.dialog_text().filter(|text| text.contains(words))
        });
        found.unwrap_or_else(|| panic!("no dialog says \"{words}\", but {:?}", self.dialog_text()))
    }

    pub fn dialog_text(&self) -> Option<String> {
        self.ask(DIALOG_TEXT, &Value::Null)
            .as_str()
            .map(str::to_owned)
    }

    /// The same of the whole page.
    pub fn page_with(&self, words: &str) -> String {
        let found = within(PATIENCE, || {
            self.text_of("body").filter(|text| text.contains(words))
        });
        found.unwrap_or_else(|| panic!("no \"{words}\", but {:?}", self.text_of("body")))
    }

    /// What the first thing found by this CSS says.
    pub fn text_of(&self, css: &str) -> Option<String> {
        let text = "return document.querySelector(arguments[0])?.innerText ?? null";
        self.ask(text, &json!(css)).as_str().map(str::to_owned)
    }

    pub fn await_no_dialog(&self) {
        until("no dialog to be open", || self.dialog_text().is_none());
    }

    /// A card by CSS: see [`integration`].
    pub fn card(&self, css: &str) -> Option<Card> {
        let card = self.ask(CARD, &json!(css));
        let word = |name: &str| card[name].as_str().unwrap_or_default().to_owned();
        card.is_object().then(|| Card {
            status: word("status"),
            account: word("account"),
            text: word("text"),
        })
    }

    /// Waits until a card says that it is connected as this account.
    pub fn await_connected(&self, css: &str, account: &str) -> Card {
        let card = self.await_status(css, "connected");
        assert_eq!(card.account, account);
        assert!(
            card.text.contains(&said("ui_status_connected", &[])),
            "{card:?}"
        );
        card
    }

    pub fn await_status(&self, css: &str, status: &str) -> Card {
        let found = within(PATIENCE, || {
            self.card(css).filter(|card| card.status == status)
        });
        found.unwrap_or_else(|| panic!("{css} isn't {status}, but {:?}", self.card(css)))
    }

    /// The accounts on the cards, in the order of the page.
    pub fn accounts(&self) -> Vec<String> {
        let found = self.ask(ACCOUNTS, &Value::Null);
        found
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|one| one.as_str().map(str::to_owned))
            .collect()
    }

    /// How many other processes of the app this desktop has.
    pub fn siblings(&self) -> usize {
        self.desktop
            .processes(&program())
            .into_iter()
            .filter(|process| *process != self.process)
            .count()
    }

    fn visible_text(&self) -> Value {
        self.ask("return ([...document.querySelectorAll('dialog[open]')].at(-1) ?? document.body).innerText", &Value::Null)
    }

    /// From the card of a service without an account to the moment the browser has the word.
    pub fn begin(&self, css: &str, service: &str) -> String {
        self.press_on(css, &said("ui_connect_service", &[("service", service)]));
        self.continue_in_browser()
    }

    /// The same for an account that is to sign in again.
    pub fn begin_again(&self, css: &str, service: &str, account: &str) -> String {
        self.choose(css, service, account, &said("ui_sign_in_again", &[]));
        self.continue_in_browser()
    }

    /// Returns the address the browser was sent to.
    pub fn continue_in_browser(&self) -> String {
        self.press(&said("ui_continue_in_browser", &[]));
        self.dialog_with(&said("ui_finish_in_browser", &[]));
        self.waiting_address()
    }

    /// Where the sign-in that waits is gone through.
    pub fn waiting_address(&self) -> String {
        let face = self.desktop.face();
        let Ok(Response::SignIns(all)) = face.ask(Request::ListSignIns) else {
            panic!("the hub keeps its sign-ins")
        };
        let waiting = all
            .into_iter()
            .rfind(|one| matches!(one.state, SignInState::Waiting));
        waiting.unwrap_or_else(|| panic!("no sign-in waits")).url
    }

    /// Pastes where the browser ended.
    pub fn paste(&self, address: &str) {
        self.press(&said("ui_paste_address", &[]));
        self.paste_again(address);
    }

    /// The same once the field is there.
    pub fn paste_again(&self, address: &str) {
        self.write(&said("ui_pasted_address", &[]), address);
        self.press(&said("ui_use_address", &[]));
    }

    pub fn done(&self) {
        self.press(&said("ui_done", &[]));
        self.await_no_dialog();
    }
}

impl Drop for Window<'_> {
    fn drop(&mut self) {
        signal(self.process, "TERM");
        if !std::thread::panicking() {
            await_exit(self.process);
        }
    }
}

pub fn program() -> PathBuf {
    bin("autopilot-desktop")
}

/// The cards of an integration.
pub fn integration(id: &str) -> String {
    format!("[data-integration=\"{id}\"]")
}
