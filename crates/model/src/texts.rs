//! Words for people, from `messages/LANG.json`: the same file the window reads.
//!
//! `{name}` in a message is replaced by the argument of that name. An unknown key shows itself, so that a
//! forgotten message is seen rather than hidden; a test keeps that from happening for codes and statuses.

mod table;

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use serde::Deserialize;

use self::table::Table;
use crate::{Error, Status};

/// A language we speak.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Language {
    English,
    German,
}

impl Language {
    pub const ALL: [Self; 2] = [Self::English, Self::German];

    /// The language of a system's tag, such as `de`, `de-AT` or `de_DE.UTF-8`; `None` = it isn't one of ours.
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<Self> {
        let base = tag.split(['-', '_', '.', '@']).next()?;
        match base.to_ascii_lowercase().as_str() {
            "en" => Some(Self::English),
            "de" => Some(Self::German),
            _ => None,
        }
    }

    /// How pages and systems name it.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }
}

/// The messages of one language; clones share them.
#[derive(Clone, Debug)]
pub struct Texts {
    language: Language,
    messages: Messages,
}

#[derive(Clone, Debug)]
enum Messages {
    BuiltIn(&'static Table),
    Read(Arc<HashMap<&'static str, Message>>),
}

/// Only what is escaped in the file is copied out of it.
#[derive(Debug, Deserialize)]
struct Message(#[serde(borrow)] Cow<'static, str>);

impl Texts {
    /// English, built in.
    #[must_use]
    pub const fn english() -> Self {
        Self::built_in(Language::English)
    }

    /// The language of a system's tag, as [`Language::of_tag`] knows it.
    #[must_use]
    pub fn in_language(tag: &str) -> Option<Self> {
        Language::of_tag(tag).map(Self::built_in)
    }

    const fn built_in(language: Language) -> Self {
        let table = match language {
            Language::English => &table::ENGLISH,
            Language::German => &table::GERMAN,
        };
        Self {
            language,
            messages: Messages::BuiltIn(table),
        }
    }

    /// Reads a flat JSON object of key to message.
    pub fn parse(language: Language, json: &'static str) -> Result<Self, serde_json::Error> {
        let messages = serde_json::from_str(json)?;
        Ok(Self {
            language,
            messages: Messages::Read(Arc::new(messages)),
        })
    }

    #[must_use]
    pub const fn language(&self) -> Language {
        self.language
    }

    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    pub fn keys(&self) -> impl Iterator<Item = &'static str> {
        let (built_in, read) = match &self.messages {
            Messages::BuiltIn(table) => (Some(table.keys()), None),
            Messages::Read(messages) => (None, Some(messages.keys().copied())),
        };
        let read = read.into_iter().flatten();
        built_in.into_iter().flatten().chain(read)
    }

    fn get(&self, key: &str) -> Option<&str> {
        match &self.messages {
            Messages::BuiltIn(table) => table.get(key),
            Messages::Read(messages) => messages.get(key).map(|message| &*message.0),
        }
    }

    /// The message with its placeholders filled.
    #[must_use]
    pub fn say(&self, key: &str, args: &BTreeMap<String, String>) -> String {
        let Some(message) = self.get(key) else {
            return key.to_owned();
        };
        let mut said = String::with_capacity(message.len());
        let mut rest = message;
        while let Some((before, after)) = rest.split_once('{') {
            said.push_str(before);
            match after.split_once('}') {
                Some((name, tail)) => {
                    // Arguments are put in once and never looked at again: one can't smuggle a placeholder.
                    said.push_str(args.get(name).map_or("", String::as_str));
                    rest = tail;
                }
                None => {
                    said.push('{');
                    rest = after;
                }
            }
        }
        said.push_str(rest);
        said
    }

    /// The message without placeholders.
    #[must_use]
    pub fn plain(&self, key: &str) -> String {
        self.say(key, &BTreeMap::new())
    }

    /// The message about a number of things, which stands in its gap `count`: one of it has a form of its own (`…_one`).
    #[must_use]
    pub fn counted(&self, key: &str, count: u32) -> String {
        let one = format!("{key}_one");
        let key = if count == 1 && self.has(&one) {
            &one
        } else {
            key
        };
        self.say(key, &[("count".to_owned(), count.to_string())].into())
    }

    /// What happened, and what to do next.
    #[must_use]
    pub fn error(&self, error: &Error) -> (String, String) {
        let name = error.code.name();
        (
            self.say(&format!("error_{name}_sentence"), &error.args),
            self.say(&format!("error_{name}_next"), &error.args),
        )
    }

    /// Where a connection stands, and what to do next. `service` and `account` are at hand in every message.
    #[must_use]
    pub fn status(&self, status: &Status, service: &str, account: &str) -> (String, String) {
        let (sentence, next) = status.message_keys();
        let mut args = status.args();
        args.insert("service".to_owned(), service.to_owned());
        args.insert("account".to_owned(), account.to_owned());
        (self.say(&sentence, &args), self.say(&next, &args))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{
        ErrorCode, Timestamp,
        status::{Cause, ExpiringWhy, RefusedReason},
    };

    fn every_status() -> Vec<Status> {
        let at = Timestamp::UNIX_EPOCH;
        let mut all = vec![
            Status::Connected { proven_at: at },
            Status::Offline { since: at },
            Status::RateLimited { until: at },
            Status::ServiceDown { since: at },
            Status::VaultLocked,
            Status::NoKeychain,
            Status::Paused,
            Status::NotConfigured,
            Status::Unproven,
        ];
        all.extend(Cause::ALL.map(|cause| Status::NeedsSignIn { cause, since: at }));
        all.extend(RefusedReason::ALL.map(|reason| Status::Refused { reason, since: at }));
        all.extend(ExpiringWhy::ALL.map(|why| Status::Expiring { at, why }));
        all
    }

    #[test]
    fn what_is_built_in_is_what_the_files_say() {
        for (texts, json) in [
            (Texts::english(), include_str!("../../../messages/en.json")),
            (
                Texts::built_in(Language::German),
                include_str!("../../../messages/de.json"),
            ),
        ] {
            let file = Texts::parse(texts.language(), json).unwrap();
            let all: BTreeSet<_> = file.keys().collect();
            assert_eq!(texts.keys().collect::<BTreeSet<_>>(), all);
            for key in all {
                assert_eq!(texts.get(key), file.get(key), "{key}");
            }
            assert_eq!(texts.get("error_"), None);
        }
    }

    /// Of two messages of one name a JSON reader takes the last, and the first place says something else.
    #[test]
    fn no_message_is_written_twice() {
        for text in [
            include_str!("../../../messages/en.json"),
            include_str!("../../../messages/de.json"),
        ] {
            let mut seen = std::collections::BTreeSet::new();
            let keys = text
                .lines()
                .filter_map(|line| line.trim().strip_prefix('"')?.split_once("\":"))
                .map(|(key, _)| key);
            for key in keys {
                assert!(seen.insert(key), "{key} is there twice");
            }
            assert!(seen.len() > 100);
        }
    }

    #[test]
    fn every_error_code_has_a_sentence_and_a_next_step() {
        let texts = Texts::english();
        for code in ErrorCode::ALL {
            for part in ["sentence", "next"] {
                let key = format!("error_{}_{part}", code.name());
                assert!(texts.has(&key), "messages/en.json lacks {key}");
            }
        }
    }

    #[test]
    fn every_status_has_a_sentence_and_a_next_step() {
        let texts = Texts::english();
        for status in every_status() {
            let (sentence, next) = status.message_keys();
            assert!(texts.has(&sentence), "messages/en.json lacks {sentence}");
            assert!(texts.has(&next), "messages/en.json lacks {next}");
        }
    }

    #[test]
    fn a_language_is_known_by_the_beginning_of_its_tag() {
        for tag in ["de", "de-AT", "de_DE.UTF-8", "DE"] {
            let texts = Texts::in_language(tag).unwrap();
            assert_eq!(texts.plain("ui_close"), "Schließen", "{tag}");
        }
        assert_eq!(
            Texts::in_language("en_GB").unwrap().plain("ui_close"),
            "Close"
        );
        for tag in ["", "C", "fr_FR.UTF-8", "den"] {
            assert!(Texts::in_language(tag).is_none(), "{tag}");
        }
        for language in Language::ALL {
            assert_eq!(Language::of_tag(language.tag()), Some(language));
        }
    }

    #[test]
    fn every_language_has_what_english_has() {
        let english = Texts::english();
        let german = Texts::in_language("de").unwrap();
        let keys = |texts: &Texts| texts.keys().map(str::to_owned).collect::<BTreeSet<_>>();
        assert_eq!(keys(&english), keys(&german));
    }

    #[test]
    fn one_of_a_thing_is_told_as_one() {
        let said = |tag, count| {
            let texts = Texts::in_language(tag).unwrap();
            ["limit_per_minute", "limit_per_day"].map(|key| texts.counted(key, count))
        };
        assert_eq!(
            said("en", 1),
            ["one request a minute", "one write in 24 hours"]
        );
        assert_eq!(
            said("en", 2),
            ["2 requests a minute", "2 writes in 24 hours"]
        );
        assert_eq!(said("en", 0)[1], "0 writes in 24 hours");
        assert_eq!(
            said("de", 1),
            [
                "eine Anfrage pro Minute",
                "ein Schreibvorgang in 24 Stunden"
            ]
        );
        // What has no such form is said as it is.
        assert_eq!(Texts::english().counted("ui_close", 1), "Close");
    }

    #[test]
    fn an_argument_cannot_smuggle_in_a_placeholder() {
        let texts = Texts::parse(Language::English, r#"{"k":"{a} and {b} {open"}"#).unwrap();
        let args = [
            ("a".to_owned(), "{b}".to_owned()),
            ("b".to_owned(), "2".to_owned()),
        ]
        .into();
        assert_eq!(texts.say("k", &args), "{b} and 2 {open");
    }
}
