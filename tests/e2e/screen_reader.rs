//! What a screen reader is told of the real window: over the accessibility bus, as Orca asks it, not from the page.
//! Every control has a name and the role it looks like, and no text field is nameless.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use autopilot_tests::{ANNA, PATIENCE};
use serde::de::DeserializeOwned;
use zbus::blocking::{Connection, Proxy, connection::Builder};
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Type};

use crate::consent::connect_google;
use crate::desktop::Desktop;
use crate::patience::within;
use crate::pictures::docs_are_wanted;
use crate::texts::said;
use crate::window::Window;

/// Where the listing is left, beside the pictures; asked for by name it is written down for people as well.
const LISTING: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/screen-reader.txt");
const FOR_PEOPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/screen-reader.txt");

const ACCESSIBLE: &str = "org.a11y.atspi.Accessible";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";
const ROOT: &str = "/org/a11y/atspi/accessible/root";
/// The deepest nesting worth following; a page of ours has about twenty levels.
const DEEPEST: usize = 60;

/// Roles of things that are pressed, typed into or chosen from, as AT-SPI names them.
const CONTROLS: [&str; 14] = [
    "button",
    "push button",
    "toggle button",
    "link",
    "entry",
    "password text",
    "check box",
    "radio button",
    "combo box",
    "menu item",
    "check menu item",
    "radio menu item",
    "page tab",
    "switch",
];

/// `AtspiRole` of AT-SPI's own constants, as far as a page of ours has them.
const ROLES: [(u32, &str); 36] = [
    (2, "alert"),
    (7, "check box"),
    (8, "check menu item"),
    (11, "combo box"),
    (16, "dialog"),
    (27, "image"),
    (29, "label"),
    (31, "list"),
    (32, "list item"),
    (33, "menu"),
    (35, "menu item"),
    (37, "page tab"),
    (38, "page tab list"),
    (39, "panel"),
    (40, "password text"),
    (42, "progress bar"),
    (43, "push button"),
    (44, "radio button"),
    (45, "radio menu item"),
    (49, "scroll pane"),
    (54, "status bar"),
    (61, "text"),
    (62, "toggle button"),
    (73, "paragraph"),
    (79, "entry"),
    (83, "heading"),
    (85, "section"),
    (88, "link"),
    (95, "document web"),
    (98, "list box"),
    (99, "grouping"),
    (101, "notification"),
    (109, "article"),
    (110, "landmark"),
    (116, "static"),
    (121, "description list"),
];

/// One thing on the accessibility bus: the connection that owns it and its place there.
type Place = (String, OwnedObjectPath);

#[derive(Debug)]
struct Node {
    depth: usize,
    role: String,
    name: String,
}

/// The bus that assistive technology and programs meet on.
struct Bus(Connection);

impl Bus {
    /// Switches accessibility on as a running screen reader does, and joins its bus.
    fn join(desktop: &Desktop) -> Self {
        let session = desktop.variable("DBUS_SESSION_BUS_ADDRESS");
        let session = Builder::address(session.as_str()).unwrap().build().unwrap();
        let status = Proxy::new(&session, "org.a11y.Bus", "/org/a11y/bus", "org.a11y.Status");
        let status = status.unwrap();
        for property in ["IsEnabled", "ScreenReaderEnabled"] {
            status.set_property(property, true).unwrap();
        }
        let bus = Proxy::new(&session, "org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus").unwrap();
        let address: String = bus.call("GetAddress", &()).unwrap();
        Self(Builder::address(address.as_str()).unwrap().build().unwrap())
    }

    /// Nothing where the thing is gone meanwhile.
    fn ask<A, T>(&self, (owner, path): &Place, interface: &str, what: &str, with: &A) -> Option<T>
    where
        A: serde::Serialize + Type,
        T: DeserializeOwned + Type,
    {
        let (owner, path) = (Some(owner.as_str()), path.as_str());
        let answer = self
            .0
            .call_method(owner, path, Some(interface), what, with)
            .ok()?;
        let body = answer.body();
        body.deserialize().ok()
    }

    fn property<T: TryFrom<OwnedValue>>(&self, place: &Place, name: &str) -> Option<T> {
        let value: OwnedValue = self.ask(place, PROPERTIES, "Get", &(ACCESSIBLE, name))?;
        value.try_into().ok()
    }

    /// One by one: the web view tells of its page only so, and not among all its children at once.
    fn children(&self, place: &Place) -> Vec<Place> {
        let count: i32 = self.property(place, "ChildCount").unwrap_or(0);
        let child = |index: i32| self.ask(place, ACCESSIBLE, "GetChildAtIndex", &index);
        (0..count).filter_map(child).collect()
    }

    /// The web view gives its things a number and no name, so the name is looked up as libatspi does.
    fn role(&self, place: &Place) -> Option<String> {
        let name: String = self.ask(place, ACCESSIBLE, "GetRoleName", &())?;
        if !name.is_empty() {
            return Some(name);
        }
        let number: u32 = self.ask(place, ACCESSIBLE, "GetRole", &())?;
        let known = ROLES.iter().find(|(role, _)| *role == number);
        Some(known.map_or_else(|| format!("role {number}"), |(_, name)| (*name).to_owned()))
    }

    fn node(&self, place: &Place, depth: usize) -> Option<Node> {
        Some(Node {
            depth,
            role: self.role(place)?,
            name: self.property(place, "Name")?,
        })
    }

    /// Everything below, in the order it is read.
    fn walk(&self, place: &Place, depth: usize, into: &mut Vec<Node>) {
        if depth > DEEPEST {
            return;
        }
        into.extend(self.node(place, depth));
        for child in self.children(place) {
            self.walk(&child, depth + 1, into);
        }
    }

    /// The page of our window, once it tells of itself.
    fn page(&self) -> Vec<Node> {
        let registry = (
            "org.a11y.atspi.Registry".to_owned(),
            OwnedObjectPath::try_from(ROOT).unwrap(),
        );
        let mut last = Vec::new();
        let found = within(PATIENCE, || {
            last.clear();
            self.walk(&registry, 0, &mut last);
            let page = last.iter().position(|one| one.role.contains("document"))?;
            // Its first words come with the page's, not with the window.
            (last.len() > page + 5).then_some(page)
        });
        let page = found.unwrap_or_else(|| panic!("no page on the accessibility bus: {last:#?}"));
        last.split_off(page)
    }
}

#[test]
fn a_screen_reader_is_told_every_control_by_name_and_role() {
    let mut desktop = Desktop::new("reader");
    desktop.unset("NO_AT_BRIDGE");
    let bus = Bus::join(&desktop);
    let window = Window::open(&desktop);
    let mut listing = String::new();

    window.page_with(&said("ui_welcome_title", &[]));
    let welcome = list(&bus, "The first page", &mut listing);
    has(&welcome, "heading", &said("ui_welcome_title", &[]));
    for service in ["Gmail", "Google Drive", "Telegram"] {
        let name = said("ui_connect_service", &[("service", service)]);
        has(&welcome, "button", &name);
    }
    has(&welcome, "button", &said("ui_try_sandbox", &[]));
    // What opens a menu is one to WebKit, whatever it looks like.
    has(&welcome, "combo box", &said("ui_settings", &[]));

    connect_google(&desktop, &window, "gmail");
    let around = [("service", "Gmail"), ("account", ANNA)];
    let page = list(&bus, "An account is connected", &mut listing);
    has(&page, "combo box", &said("ui_more_for", &around));
    has(&page, "button", &said("ui_settings_of", &around));

    window.press(&said("ui_settings_of", &around));
    window.dialog_with(&said("ui_danger", &[]));
    let dialog = list(&bus, "Its settings", &mut listing);
    has(&dialog, "page tab", &said("ui_try_it", &[]));
    has(&dialog, "button", &said("ui_close", &[]));
    window.press_what("[role=tab]", &said("ui_try_it", &[]), None);
    window.dialog_with(&said("ui_send_test_mail", &[]));
    let form = list(&bus, "Mail to send", &mut listing);
    for field in ["ui_to", "ui_subject", "ui_text"] {
        has(&form, "entry", &said(field, &[]));
    }
    has(&form, "button", &said("ui_send_test_mail", &[]));
    window.press(&said("ui_close", &[]));
    window.await_no_dialog();

    window.press(&said("ui_agents", &[]));
    window.page_with(&said("ui_pause_all", &[]));
    let agents = list(&bus, "Agents", &mut listing);
    has(&agents, "heading", &said("ui_agents", &[]));
    window.press(&said("ui_activity", &[]));
    window.page_with(&said("ui_history", &[]));
    let activity = list(&bus, "Activity", &mut listing);
    has(&activity, "page tab", &said("ui_history", &[]));

    // Where what is built lies elsewhere, there is no such folder yet.
    fs::create_dir_all(Path::new(LISTING).parent().unwrap()).unwrap();
    fs::write(LISTING, &listing).unwrap();
    if docs_are_wanted() {
        fs::write(Path::new(FOR_PEOPLE), &listing).unwrap();
    }
}

/// The page as it is told now; nothing on it that can be used is without a name.
fn list(bus: &Bus, title: &str, listing: &mut String) -> Vec<Node> {
    let nodes = bus.page();
    let top = nodes.first().map_or(0, |one| one.depth);
    listing.push_str(&format!("{title}\n"));
    let mut told: HashMap<&str, usize> = HashMap::new();
    for Node { depth, role, name } in &nodes {
        *told.entry(role).or_default() += 1;
        // Boxes that hold others say nothing, and nobody is told of them.
        if !name.is_empty() || CONTROLS.contains(&role.as_str()) {
            listing.push_str(&format!("{}{role}: {name}\n", "  ".repeat(depth - top + 1)));
        }
    }
    listing.push('\n');
    let nameless: Vec<&Node> = nodes
        .iter()
        .filter(|one| CONTROLS.contains(&one.role.as_str()) && one.name.trim().is_empty())
        .collect();
    assert!(nameless.is_empty(), "{title}: {nameless:?}\n{listing}");
    let controls = nodes
        .iter()
        .any(|one| CONTROLS.contains(&one.role.as_str()));
    assert!(controls, "{title}: nothing to use among {told:?}");
    nodes
}

/// Is there one of this name, and is it what it looks like?
fn has(nodes: &[Node], role: &str, name: &str) {
    let called: Vec<&Node> = nodes.iter().filter(|one| one.name == name).collect();
    let fits = called.iter().any(|one| one.role.ends_with(role));
    assert!(fits, "no {role} \"{name}\", but {called:?}");
}
