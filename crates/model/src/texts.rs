//! Words for people, from `messages/LANG.json`: the same file the window reads.
//!
//! `{name}` in a message is replaced by the argument of that name. An unknown key shows itself, so that a
//! forgotten message is seen rather than hidden; a test keeps that from happening for codes and statuses.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
    sync::{Arc, LazyLock},
};

use serde::Deserialize;

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
}

/// The messages of one language; clones share them.
#[derive(Clone, Debug)]
pub struct Texts {
    language: Language,
    messages: Arc<HashMap<&'static str, Message>>,
}

/// Only what is escaped in the file is copied out of it: programs that are started often read it each time.
#[derive(Debug, Deserialize)]
struct Message(#[serde(borrow)] Cow<'static, str>);

impl Texts {
    /// English, built in.
    #[must_use]
    pub fn english() -> Self {
        static ENGLISH: LazyLock<Texts> = LazyLock::new(|| {
            let json = include_str!("../../../messages/en.json");
            Texts::parse(Language::English, json).unwrap_or_else(|_| Texts {
                language: Language::English,
                messages: Arc::default(),
            })
        });
        ENGLISH.clone()
    }

    /// The language of a system's tag, as [`Language::of_tag`] knows it.
    #[must_use]
    pub fn in_language(tag: &str) -> Option<Self> {
        static GERMAN: LazyLock<Option<Texts>> = LazyLock::new(|| {
            let json = include_str!("../../../messages/de.json");
            Texts::parse(Language::German, json).ok()
        });
        match Language::of_tag(tag)? {
            Language::English => Some(Self::english()),
            Language::German => GERMAN.clone(),
        }
    }

    /// Reads a flat JSON object of key to message.
    pub fn parse(language: Language, json: &'static str) -> Result<Self, serde_json::Error> {
        let messages = serde_json::from_str(json)?;
        Ok(Self {
            language,
            messages: Arc::new(messages),
        })
    }

    #[must_use]
    pub const fn language(&self) -> Language {
        self.language
    }

    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.messages.contains_key(key)
    }

    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.messages.keys().copied()
    }

    /// The message with its placeholders filled.
    #[must_use]
    pub fn say(&self, key: &str, args: &BTreeMap<String, String>) -> String {
        let Some(message) = self.messages.get(key) else {
            return key.to_owned();
        };
        let mut said = String::with_capacity(message.0.len());
        let mut rest = &*message.0;
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
    }

    #[test]
    fn every_language_has_what_english_has() {
        let english = Texts::english();
        let german = Texts::in_language("de").unwrap();
        let keys = |texts: &Texts| texts.keys().map(str::to_owned).collect::<BTreeSet<_>>();
        assert_eq!(keys(&english), keys(&german));
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
