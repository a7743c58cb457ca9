//! No sentence for people stands in this program's code, and no message is left that nobody says.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// What shows its arguments to people.
const SHOWING: [&str; 7] = [
    "line",
    "note",
    "ask",
    "trouble",
    "styled",
    "Failure::usage",
    "Cell::new",
];

/// What is found in one file.
#[derive(Default)]
struct Found {
    /// Shown to people, with the number of its line.
    sentences: Vec<(usize, String)>,
    /// Names of messages, or what they begin with.
    keys: Vec<String>,
    /// To be typed, as they stand.
    commands: Vec<String>,
}

impl Found {
    fn in_code(code: &str) -> Self {
        let mut found = Self::default();
        found.walk(code.parse().unwrap(), false);
        found
    }

    /// `shown`: inside of what people get to see.
    fn walk(&mut self, tokens: TokenStream, shown: bool) {
        // The path that stands right before: `Cell::new`, or a method's name.
        let mut path = String::new();
        let mut tested = false;
        let mut tokens = tokens.into_iter();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Ident(word) => {
                    if !path.ends_with("::") {
                        path.clear();
                    }
                    path.push_str(&word.to_string());
                }
                TokenTree::Punct(mark) if mark.as_char() == ':' => path.push(':'),
                // An attribute: what help says is clap's, and English.
                TokenTree::Punct(mark) if mark.as_char() == '#' => {
                    if let Some(TokenTree::Group(attribute)) = tokens.next() {
                        tested |= attribute.stream().to_string() == "cfg (test)";
                    }
                }
                TokenTree::Punct(mark) => {
                    tested &= mark.as_char() != ';';
                    path.clear();
                }
                TokenTree::Group(group) => {
                    if !tested {
                        self.group(&path, &group, shown);
                    }
                    tested &= group.delimiter() != Delimiter::Brace;
                    path.clear();
                }
                TokenTree::Literal(literal) => {
                    let text = literal.to_string();
                    if let Some((_, text)) = text.split_once('"') {
                        let line = literal.span().start().line;
                        self.text(line, text.trim_end_matches(['"', '#']), shown);
                    }
                }
            }
        }
    }

    fn group(&mut self, path: &str, group: &Group, shown: bool) {
        let is_call = group.delimiter() == Delimiter::Parenthesis;
        let first = || group.stream().into_iter().next().map(|one| one.to_string());
        let is = |one: &&str| {
            path.strip_suffix(*one)
                .is_some_and(|before| before.is_empty() || before.ends_with("::"))
        };
        let shows =
            SHOWING.iter().any(is) || path == "with" && first().as_deref() == Some("\"reason\"");
        // What is to be typed is the same in every language.
        if is_call && path == "command" {
            return;
        }
        self.walk(group.stream(), shown || is_call && shows);
    }

    fn text(&mut self, line: usize, text: &str, shown: bool) {
        if text.starts_with("cli_") {
            self.keys.push(text.to_owned());
        } else if text.starts_with("autopilot ") {
            self.commands.push(text.to_owned());
        } else if shown && speaks(text) {
            self.sentences.push((line, text.to_owned()));
        }
    }
}

/// Two words with a space between, or one that begins with a capital. What stands in gaps doesn't count.
fn speaks(text: &str) -> bool {
    let mut said = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        said.push_str(before);
        said.push('{');
        rest = after.split_once('}').map_or("", |(_, after)| after);
    }
    said.push_str(rest);
    let said: Vec<char> = said.chars().collect();
    let two_words =
        |three: &[char]| three[0].is_alphabetic() && three[1] == ' ' && three[2].is_alphabetic();
    let a_name = |two: &[char]| two[0].is_uppercase() && two[1].is_lowercase();
    said.windows(3).any(two_words) || said.windows(2).any(a_name)
}

fn sources(folder: &Path) -> Vec<(PathBuf, Found)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if !name.ends_with("tests") && name != "page" {
            let code = fs::read_to_string(&path).unwrap();
            found.push((path, Found::in_code(&code)));
        }
    }
    found
}

fn crates(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)
}

#[test]
fn a_sentence_in_the_code_is_found_and_a_mark_is_not() {
    let told = |code: &str| Found::in_code(&format!("fn f() {{\n{code};\n}}")).sentences;
    assert_eq!(
        told(r#"out.line("Nothing is here.")"#),
        [(2, "Nothing is here.".to_owned())]
    );
    assert_eq!(
        told(r#"out.note(&format!("{a} and then {b}", a = 1))"#).len(),
        1
    );
    assert_eq!(told(r#"Failure::usage(why, "Say \"yes\".")"#).len(), 1);
    assert_eq!(
        told(r#"error.with("reason", format!("It is {why}."))"#).len(),
        1
    );
    assert_eq!(
        told(r#"row(vec![Cell::new("asked by").styled(Quiet)])"#).len(),
        1
    );
    for fine in [
        r#"out.line(&terminal.words("cli_a", &[]))"#,
        r#"out.note(&terminal.command(&format!("outbox show {id}")))"#,
        r#"Cell::new(format!("✓ {Name} ({}, {b:>9} ms)", 1))"#,
        r#"error.with("service", "Google Drive")"#,
        r#"log("So it is")"#,
    ] {
        assert_eq!(told(fine), [], "{fine}");
    }
}

#[test]
fn no_sentence_for_people_stands_in_the_code() {
    let mut standing = Vec::new();
    for (path, found) in sources(&crates("src")) {
        for (line, text) in found.sentences {
            standing.push(format!("{}:{line}: {text}", path.display()));
        }
    }
    assert!(standing.is_empty(), "{}", standing.join("\n"));
}

/// Without the profile it would be typed for another one.
#[test]
fn a_command_to_type_next_is_made_where_its_profile_is_known() {
    let mut commands = Vec::new();
    for (path, found) in sources(&crates("src/verbs")) {
        commands.extend(found.commands.into_iter().map(|one| (path.clone(), one)));
    }
    assert_eq!(commands, []);
}

#[test]
fn every_message_of_the_terminal_is_said_somewhere() {
    let messages: BTreeMap<String, String> =
        serde_json::from_str(include_str!("../../../messages/en.json")).unwrap();
    let said: Vec<String> = [crates("src"), crates("../host/src")]
        .iter()
        .flat_map(|folder| sources(folder))
        .flat_map(|(_, found)| found.keys)
        .collect();
    // A name that is put together while running has its beginning in the code.
    let (whole, begun): (Vec<_>, Vec<_>) = said
        .iter()
        .map(|key| {
            key.split_once('{')
                .map_or(&**key, |(beginning, _)| beginning)
        })
        .partition(|key| !key.ends_with('_'));
    for key in &whole {
        assert!(messages.contains_key(*key), "there is no {key}");
    }
    for key in messages.keys().filter(|key| key.starts_with("cli_")) {
        // One of a thing is said where several of it are.
        let base = key.strip_suffix("_one").unwrap_or(key);
        let is_said = whole.contains(&base) || begun.iter().any(|start| base.starts_with(*start));
        assert!(is_said, "nobody says {key}");
    }
}
