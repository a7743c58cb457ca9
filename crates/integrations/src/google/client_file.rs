//! Client registrations of Google's console, dropped as a file or typed. The files are JSON for a desktop client, and for an
//! iOS client (which is what takes our own scheme) JSON without a secret, or a property list.

use std::sync::LazyLock;

use model::Secret;
use serde::Deserialize;

use crate::{ClientFile, FieldError, Sentence, Words};

static WORDS: LazyLock<Words> =
    LazyLock::new(|| Words::read(include_str!("texts/en.json"), include_str!("texts/de.json")));

/// Ends every client id of Google's.
const ID_SUFFIX: &str = ".apps.googleusercontent.com";

/// Begins the secrets of today's desktop clients.
const SECRET_PREFIX: &str = "GOCSPX-";

/// What an iOS client must be registered for, since the link back to us begins with it.
const BUNDLE_ID: &str = "app.autopilot.desktop";

/// Real ones have some 500 bytes; whatever is far longer is another file.
const LONGEST_FILE: usize = 64 * 1024;

#[derive(Deserialize)]
struct Json {
    installed: Option<Client>,
    web: Option<serde::de::IgnoredAny>,
    #[serde(rename = "type")]
    kind: Option<String>,
}

#[derive(Deserialize)]
struct Client {
    client_id: String,
    client_secret: Option<String>,
    project_id: Option<String>,
}

/// Ids of projects have 6 to 30 characters, older ones a domain before a colon.
const LONGEST_PROJECT: usize = 96;

/// Every client id begins with the number of its project, which the console's links take as well as a name.
pub(crate) fn project_of(client_id: &str) -> Option<String> {
    let (number, _) = client_id.trim().strip_suffix(ID_SUFFIX)?.split_once('-')?;
    let fits = !number.is_empty() && number.len() <= 20;
    (fits && number.bytes().all(|byte| byte.is_ascii_digit())).then(|| number.to_owned())
}

/// It is shown, so nothing but what an id is made of gets through.
fn is_project(id: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b':' | b'.');
    (1..=LONGEST_PROJECT).contains(&id.len()) && id.bytes().all(fits)
}

pub(crate) fn read_client_file(contents: &Secret) -> Result<ClientFile, FieldError> {
    let text = contents.expose().trim_start_matches('\u{feff}').trim();
    if text.is_empty() || text.len() > LONGEST_FILE {
        return Err(wrong("not_a_client"));
    }
    if text.starts_with('<') {
        read_plist(text)
    } else {
        read_json(text)
    }
}

fn read_json(text: &str) -> Result<ClientFile, FieldError> {
    let file: Json = serde_json::from_str(text).map_err(|_| wrong("not_a_client"))?;
    let Some(client) = file.installed else {
        return Err(wrong(match file.kind.as_deref() {
            Some("service_account") => "service_account",
            _ if file.web.is_some() => "web_client",
            _ => "not_a_client",
        }));
    };
    let client_secret = client
        .client_secret
        .filter(|secret| !secret.is_empty())
        .map(Secret::new);
    // Google gives a desktop client a secret and an iOS client none.
    let kind = if client_secret.is_some() {
        "desktop"
    } else {
        "ios"
    };
    let project = client.project_id.filter(|id| is_project(id));
    let file = finish(kind, &client.client_id, client_secret)?;
    Ok(ClientFile { project, ..file })
}

/// A registration as typed, once the facts have nothing against it: is the id one of Google's?
pub(crate) fn read_client(typed: ClientFile) -> Result<ClientFile, FieldError> {
    let about_id = |what| FieldError {
        field: "client_id".to_owned(),
        ..wrong(what)
    };
    if typed.client_id.starts_with(SECRET_PREFIX) {
        return Err(about_id("secret_as_id"));
    }
    finish(&typed.kind, &typed.client_id, typed.client_secret).map_err(|_| about_id("odd_typed_id"))
}

fn read_plist(text: &str) -> Result<ClientFile, FieldError> {
    let client_id = plist_string(text, "CLIENT_ID").ok_or_else(|| wrong("not_a_client"))?;
    if plist_string(text, "BUNDLE_ID").is_some_and(|bundle| bundle != BUNDLE_ID) {
        return Err(wrong("other_bundle"));
    }
    finish("ios", client_id, None)
}

fn finish(
    kind: &str,
    client_id: &str,
    client_secret: Option<Secret>,
) -> Result<ClientFile, FieldError> {
    let name = client_id
        .trim()
        .strip_suffix(ID_SUFFIX)
        .ok_or_else(|| wrong("odd_id"))?;
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || !name.chars().all(fits) {
        return Err(wrong("odd_id"));
    }
    Ok(ClientFile {
        kind: kind.to_owned(),
        client_id: client_id.trim().to_owned(),
        client_secret,
        project: None,
    })
}

/// The string that follows a key; such a file is flat, and ids need no escapes.
fn plist_string<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let (_, after) = text.split_once(&format!("<key>{key}</key>"))?;
    let (value, _) = after
        .trim_start()
        .strip_prefix("<string>")?
        .split_once("</string>")?;
    Some(value)
}

fn wrong(what: &str) -> FieldError {
    FieldError {
        field: String::new(),
        reason: Sentence::new(&WORDS, format!("client_file_{what}")),
    }
}

#[cfg(test)]
mod tests {
    use model::Language;

    use super::*;

    fn read(text: &str) -> Result<ClientFile, Sentence> {
        read_client_file(&Secret::new(text.to_owned())).map_err(|error| error.reason)
    }

    fn says(what: &str) -> Result<ClientFile, Sentence> {
        Err(told(&format!("client_file_{what}")))
    }

    fn told(key: &str) -> Sentence {
        for language in Language::ALL {
            assert!(WORDS.of(language).has(key), "{language:?}: {key}");
        }
        Sentence::new(&WORDS, key)
    }

    const DESKTOP: &str = r#"{"installed":{"client_id":"12-ab.apps.googleusercontent.com","project_id":"anna-autopilot","auth_uri":"https://accounts.google.com/o/oauth2/auth","client_secret":"GOCSPX-canary","redirect_uris":["http://localhost"]}}"#;

    #[test]
    fn googles_desktop_file_brings_id_and_secret() {
        let file = read(DESKTOP).unwrap();
        assert_eq!(
            (file.kind.as_str(), file.client_id.as_str()),
            ("desktop", "12-ab.apps.googleusercontent.com")
        );
        assert_eq!(
            file.client_secret,
            Some(Secret::new("GOCSPX-canary".to_owned()))
        );
        assert_eq!(file.project.as_deref(), Some("anna-autopilot"));
        assert!(!format!("{file:?}").contains("canary"));
    }

    #[test]
    fn a_client_gives_away_its_project_and_nothing_else_is_taken_for_one() {
        let of = |id: &str| project_of(&format!("{id}{ID_SUFFIX}"));
        assert_eq!(of("407408718192-a1").as_deref(), Some("407408718192"));
        for odd in ["sandbox-desktop", "12&x=1-a", "-a", "12"] {
            assert_eq!(of(odd), None, "{odd}");
        }
        let odd = r#"{"installed":{"client_id":"1-a.apps.googleusercontent.com","project_id":"<b>x</b>"}}"#;
        assert_eq!(read(odd).unwrap().project, None);
    }

    #[test]
    fn a_typed_id_must_be_one_of_googles_and_not_the_secret() {
        let typed = |client_id: &str| {
            read_client(ClientFile {
                kind: "ios".to_owned(),
                client_id: client_id.to_owned(),
                client_secret: None,
                project: None,
            })
            .map(|client| client.client_id)
            .map_err(|error| (error.field, error.reason))
        };
        let wrong = |what: &str| Err(("client_id".to_owned(), told(what)));
        assert_eq!(
            typed("1-a.apps.googleusercontent.com"),
            Ok("1-a.apps.googleusercontent.com".to_owned())
        );
        assert_eq!(typed("GOCSPX-canary"), wrong("client_file_secret_as_id"));
        assert_eq!(typed("anna@example.org"), wrong("client_file_odd_typed_id"));
    }

    #[test]
    fn an_ios_client_comes_as_json_or_property_list() {
        let json = r#"{"installed":{"client_id":"12-ios.apps.googleusercontent.com"}}"#;
        let plist = "\u{feff}<?xml version=\"1.0\"?><plist><dict><key>CLIENT_ID</key>\n <string>12-ios.apps.googleusercontent.com</string><key>BUNDLE_ID</key><string>app.autopilot.desktop</string></dict></plist>";
        for text in [json, plist] {
            let file = read(text).unwrap();
            assert_eq!(
                (file.kind.as_str(), file.client_id.as_str()),
                ("ios", "12-ios.apps.googleusercontent.com")
            );
            assert_eq!(file.client_secret, None);
        }
    }

    #[test]
    fn each_wrong_file_is_told_for_what_it_is() {
        assert_eq!(
            read(r#"{"web":{"client_id":"x","client_secret":"y"}}"#),
            says("web_client")
        );
        assert_eq!(
            read(r#"{"type":"service_account","private_key":"z"}"#),
            says("service_account")
        );
        assert_eq!(
            read(r#"{"installed":{"client_id":"example.org"}}"#),
            says("odd_id")
        );
        assert_eq!(
            read(r#"{"installed":{"client_id":"a b.apps.googleusercontent.com"}}"#),
            says("odd_id")
        );
        for other in [
            "",
            "{",
            "[]",
            "{}",
            "\u{0}PNG",
            "<html></html>",
            &" x".repeat(40_000),
        ] {
            assert_eq!(
                read(other),
                says("not_a_client"),
                "{}",
                &other[..other.len().min(9)]
            );
        }
        let bundle = "<plist><key>CLIENT_ID</key><string>1.apps.googleusercontent.com</string><key>BUNDLE_ID</key><string>org.other</string></plist>";
        assert_eq!(read(bundle), says("other_bundle"));
    }
}
