//! What setting up a client promises, on real files.

use std::{
    fs,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{Client, Entry, Homes, State, Trouble, entry, look, preview, set_up};

/// A person's folders in which every client has been started once.
struct Person {
    folder: TempDir,
    homes: Homes,
}

impl Person {
    fn with_clients() -> Self {
        let person = Self::without_clients();
        for client in Client::ALL {
            fs::create_dir_all(client.folder(&person.homes)).unwrap();
        }
        person
    }

    fn without_clients() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let homes = Homes {
            home: folder.path().to_owned(),
            config: folder.path().join("config"),
        };
        Self { folder, homes }
    }

    fn having(client: Client, text: &str) -> Self {
        let person = Self::with_clients();
        fs::write(person.path(client), text).unwrap();
        person
    }

    fn path(&self, client: Client) -> PathBuf {
        client.path(&self.homes)
    }

    fn text(&self, client: Client) -> String {
        fs::read_to_string(self.path(client)).unwrap()
    }

    /// As the window does it: shown, then agreed to.
    fn set_up(&self, client: Client) -> Result<Option<PathBuf>, Trouble> {
        let shown = preview(client, &self.homes, &ours(), moment())?;
        let changed = set_up(client, &self.homes, &ours(), &shown.before, moment())?;
        assert_eq!(self.text(client), shown.after, "what was shown");
        Ok(changed.backup)
    }

    fn look(&self, client: Client) -> State {
        look(client, &self.homes, &ours()).unwrap()
    }

    /// Everything in the folder of the client's file, by name.
    fn beside(&self, client: Client) -> Vec<String> {
        let path = self.path(client);
        let listed = fs::read_dir(path.parent().unwrap()).unwrap();
        let mut names: Vec<String> = listed
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| Path::new(name) != self.folder.path())
            .collect();
        names.sort();
        names
    }
}

fn ours() -> Entry {
    Entry {
        command: "/opt/autopilot/bin/autopilot".to_owned(),
        args: vec!["mcp".to_owned()],
    }
}

fn moment() -> Timestamp {
    "2026-11-26T04:15:00Z".parse().unwrap()
}

#[test]
fn a_client_that_was_never_started_is_not_installed_and_gets_no_file() {
    let person = Person::without_clients();
    for client in Client::ALL {
        assert_eq!(person.look(client), State::NotInstalled);
        assert!(matches!(person.set_up(client), Err(Trouble::NotInstalled)));
        assert!(!person.path(client).exists());
    }
}

#[test]
fn a_client_without_a_file_gets_one_of_its_own_shape() {
    let person = Person::with_clients();
    let plain = json!({"mcpServers": {"autopilot": {"command": ours().command, "args": ["mcp"]}}});
    let typed = json!({"type": "stdio", "command": ours().command, "args": ["mcp"]});
    for (client, wanted) in [
        (Client::ClaudeDesktop, plain.clone()),
        (Client::ClaudeCode, plain),
        (Client::VsCode, json!({"servers": {"autopilot": typed}})),
        (Client::Cursor, json!({"mcpServers": {"autopilot": typed}})),
    ] {
        assert_eq!(person.look(client), State::Ready);
        assert_eq!(person.set_up(client).unwrap(), None, "nothing to keep");
        let written: Value = serde_json::from_str(&person.text(client)).unwrap();
        assert_eq!(written, wanted, "{}", client.name());
        assert!(person.text(client).ends_with("}\n"));
        assert_eq!(person.look(client), State::SetUp);
    }
}

#[test]
fn comments_commas_unknown_keys_and_indentation_stay() {
    let before = "// mine\n{\n\t\"theme\": \"dark\", /* both */\n\t\"mcpServers\": {\n\t\t// notes\n\t\t\"files\": \
                  {\"command\": \"npx\", \"args\": [\"-y\", \"x\"]},\n\t},\n}\n// end\n";
    let person = Person::having(Client::Cursor, before);
    person.set_up(Client::Cursor).unwrap();
    let wanted = "// mine\n{\n\t\"theme\": \"dark\", /* both */\n\t\"mcpServers\": {\n\t\t// notes\n\t\t\"files\": \
                  {\"command\": \"npx\", \"args\": [\"-y\", \"x\"]},\n\t\t\"autopilot\": {\n\t\t\t\"type\": \"stdio\",\n\t\t\t\
                  \"command\": \"/opt/autopilot/bin/autopilot\",\n\t\t\t\"args\": [\"mcp\"],\n\t\t},\n\t},\n}\n// end\n";
    assert_eq!(person.text(Client::Cursor), wanted);
}

#[test]
fn line_ends_and_a_byte_order_mark_stay() {
    let before = "\u{feff}{\r\n  \"a\": 1\r\n}\r\n";
    let person = Person::having(Client::ClaudeDesktop, before);
    person.set_up(Client::ClaudeDesktop).unwrap();
    let after = person.text(Client::ClaudeDesktop);
    assert!(after.starts_with("\u{feff}{\r\n  \"a\": 1,\r\n  \"mcpServers\": {\r\n"));
    assert_eq!(after.matches('\n').count(), after.matches("\r\n").count());
}

#[test]
fn what_was_there_is_kept_beside_it() {
    let before = "{\"mcpServers\": {}}";
    let person = Person::having(Client::ClaudeCode, before);
    let backup = person.set_up(Client::ClaudeCode).unwrap().unwrap();
    assert!(backup.ends_with(".claude.json.autopilot-backup-20261126T041500Z"));
    assert_eq!(fs::read_to_string(&backup).unwrap(), before);
    fs::write(person.path(Client::ClaudeCode), "{}").unwrap();
    let second = person.set_up(Client::ClaudeCode).unwrap().unwrap();
    assert!(second.ends_with(".claude.json.autopilot-backup-20261126T041500Z-2"));
    assert_eq!(fs::read_to_string(&backup).unwrap(), before);
}

#[test]
fn setting_up_twice_changes_nothing() {
    let person = Person::having(Client::VsCode, "{}");
    person.set_up(Client::VsCode).unwrap();
    let once = (person.text(Client::VsCode), person.beside(Client::VsCode));
    let shown = preview(Client::VsCode, &person.homes, &ours(), moment()).unwrap();
    assert_eq!(
        (&shown.before, shown.backup),
        (&shown.after, None::<PathBuf>)
    );
    assert_eq!(person.set_up(Client::VsCode).unwrap(), None);
    let twice = (person.text(Client::VsCode), person.beside(Client::VsCode));
    assert_eq!(once, twice);
}

#[test]
fn what_a_person_added_to_our_entry_is_still_ours() {
    let text = json!({"mcpServers": {"autopilot": {
        "command": ours().command, "args": ["mcp"], "env": {"LANG": "de"}}}});
    let person = Person::having(Client::ClaudeDesktop, &text.to_string());
    assert_eq!(person.look(Client::ClaudeDesktop), State::SetUp);
}

#[test]
fn something_else_of_our_name_is_shown_and_replaced_only_as_shown() {
    let before =
        "{\n  \"servers\": {\n    \"autopilot\": {\"url\": \"https://else.example\"}\n  }\n}\n";
    let person = Person::having(Client::VsCode, before);
    assert_eq!(person.look(Client::VsCode), State::Other);
    let unseen = set_up(Client::VsCode, &person.homes, &ours(), "", moment());
    assert!(matches!(unseen, Err(Trouble::Changed)));
    assert_eq!(person.text(Client::VsCode), before);
    let shown = preview(Client::VsCode, &person.homes, &ours(), moment()).unwrap();
    assert!(shown.before.contains("else.example") && !shown.after.contains("else.example"));
    person.set_up(Client::VsCode).unwrap();
    assert_eq!(person.look(Client::VsCode), State::SetUp);
}

#[test]
fn we_from_another_place_or_for_another_profile_are_something_else() {
    let person = Person::with_clients();
    person.set_up(Client::Cursor).unwrap();
    let mut moved = ours();
    moved.command = "/usr/bin/autopilot".to_owned();
    let mut other = ours();
    other.args.extend(["--profile".into(), "work".into()]);
    for entry in [moved, other] {
        let state = look(Client::Cursor, &person.homes, &entry).unwrap();
        assert_eq!(state, State::Other);
    }
}

#[test]
fn a_file_that_changed_since_it_was_shown_is_left_alone() {
    let person = Person::having(Client::ClaudeCode, "{}");
    let shown = preview(Client::ClaudeCode, &person.homes, &ours(), moment()).unwrap();
    fs::write(person.path(Client::ClaudeCode), "{\"numStartups\": 2}").unwrap();
    let files = person.beside(Client::ClaudeCode);
    let refused = set_up(
        Client::ClaudeCode,
        &person.homes,
        &ours(),
        &shown.before,
        moment(),
    );
    assert!(matches!(refused, Err(Trouble::Changed)));
    assert_eq!(person.text(Client::ClaudeCode), "{\"numStartups\": 2}");
    assert_eq!(person.beside(Client::ClaudeCode), files);
}

#[test]
fn what_cannot_be_read_is_refused_with_its_reason_and_left_alone() {
    let deep = "[".repeat(100_000);
    for text in [
        "{\"mcpServers\": {",
        "{'mcpServers': {}}",
        "{mcpServers: {}}",
        "{\"a\": 1 \"b\": 2}",
        "[]",
        "7",
        "null",
        "{\"mcpServers\": []}",
        "{\"mcpServers\": null}",
        "{\"mcpServers\": {}, \"mcpServers\": {}}",
        "{\"mcpServers\": {\"autopilot\": 1, \"auto\\u0070ilot\": 2}}",
        "{} {}",
        "not json",
        deep.as_str(),
    ] {
        let person = Person::having(Client::ClaudeDesktop, text);
        let files = person.beside(Client::ClaudeDesktop);
        assert!(look(Client::ClaudeDesktop, &person.homes, &ours()).is_err());
        person.set_up(Client::ClaudeDesktop).unwrap_err();
        assert_eq!(person.text(Client::ClaudeDesktop), text);
        assert_eq!(person.beside(Client::ClaudeDesktop), files);
    }
}

#[test]
fn a_reason_says_where() {
    let person = Person::having(Client::Cursor, "{\n  \"a\": 1,\n  oops\n}");
    let refused = look(Client::Cursor, &person.homes, &ours()).unwrap_err();
    assert!(matches!(refused, Trouble::NoJson { line: 3, .. }));
}

#[test]
fn what_is_no_text_is_refused() {
    let person = Person::with_clients();
    fs::write(person.path(Client::Cursor), b"{\"a\": \"\xff\"}").unwrap();
    assert!(matches!(
        person.set_up(Client::Cursor),
        Err(Trouble::NoText)
    ));
    fs::remove_file(person.path(Client::Cursor)).unwrap();
    fs::create_dir(person.path(Client::Cursor)).unwrap();
    assert!(matches!(
        person.set_up(Client::Cursor),
        Err(Trouble::NoFile)
    ));
}

#[test]
fn the_block_for_other_clients_is_json_that_they_take() {
    let block: Value = serde_json::from_str(&ours().block()).unwrap();
    assert_eq!(
        block,
        json!({"mcpServers": {"autopilot": {"command": ours().command, "args": ["mcp"]}}})
    );
}

#[test]
fn a_path_with_quotes_and_backslashes_arrives_as_it_is() {
    let entry = Entry {
        command: "C:\\Program Files\\a \"b\"\\autopilot.exe".to_owned(),
        ..ours()
    };
    let text = entry::with_entry("", Client::Cursor, &entry).unwrap();
    let written: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        written["mcpServers"]["autopilot"]["command"],
        entry.command.as_str()
    );
}

#[cfg(unix)]
mod on_unix {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    #[test]
    fn the_mode_stays_and_a_new_file_is_for_its_owner() {
        let person = Person::having(Client::ClaudeDesktop, "{}");
        let path = person.path(Client::ClaudeDesktop);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let backup = person.set_up(Client::ClaudeDesktop).unwrap().unwrap();
        assert_eq!((mode(&path), mode(&backup)), (0o640, 0o640));
        person.set_up(Client::Cursor).unwrap();
        assert_eq!(mode(&person.path(Client::Cursor)), 0o600);
    }

    #[test]
    fn a_linked_file_is_changed_where_it_is_and_the_link_stays() {
        let person = Person::with_clients();
        let dotfiles = person.folder.path().join("dotfiles");
        fs::create_dir(&dotfiles).unwrap();
        fs::write(dotfiles.join("cursor.json"), "{}").unwrap();
        let path = person.path(Client::Cursor);
        symlink("../dotfiles/cursor.json", &path).unwrap();
        let backup = person.set_up(Client::Cursor).unwrap().unwrap();
        assert!(fs::symlink_metadata(&path).unwrap().is_symlink());
        let real = fs::read_to_string(dotfiles.join("cursor.json")).unwrap();
        assert!(real.contains("\"autopilot\""));
        assert_eq!(backup.parent(), path.parent(), "and not among the dotfiles");
    }

    #[test]
    fn a_link_that_leads_nowhere_is_refused() {
        let person = Person::with_clients();
        symlink("nowhere.json", person.path(Client::Cursor)).unwrap();
        assert!(matches!(
            person.set_up(Client::Cursor),
            Err(Trouble::NoFile)
        ));
    }
}

/// What such a file may hold, our names among it.
fn any_file() -> impl Strategy<Value = Value> {
    prop::collection::btree_map("[a-zA-Z]{0,8}|mcpServers", any_value(), 0..6)
        .prop_map(|map| Value::Object(map.into_iter().collect()))
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map("[a-zA-Z]{0,8}|mcpServers|autopilot", inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_else_is_in_a_file_stays(value in any_file(), pretty: bool) {
        let before = if pretty { format!("{value:#}") } else { value.to_string() };
        if let Ok(after) = entry::with_entry(&before, Client::ClaudeCode, &ours()) {
            let mut after: Value = serde_json::from_str(&after).unwrap();
            let servers = after["mcpServers"].as_object_mut().unwrap();
            prop_assert!(servers.remove(entry::NAME).is_some());
            let mut before = value;
            let before_servers = before.as_object_mut().unwrap().entry("mcpServers").or_insert(json!({}));
            before_servers.as_object_mut().unwrap().remove(entry::NAME);
            prop_assert_eq!(after, before);
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in "[\\[\\]{}:,\"'/*\\\\ \n\ta-z0-9.+-]{0,64}") {
        let _ = entry::with_entry(&text, Client::ClaudeCode, &ours());
    }
}
