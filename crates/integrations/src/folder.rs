//! What a folder holds beside code, read once from what was built in.

use std::{collections::BTreeMap, ptr, sync::LazyLock};

use model::{Language, Texts};

use crate::Facts;

/// Facts, words and icon of one integration.
#[derive(Debug)]
pub struct Folder {
    pub facts: Facts,
    pub words: Words,
    pub icon_svg: &'static str,
}

impl Folder {
    /// From the folder's own files.
    ///
    /// # Panics
    /// When the files are wrong: the build script and the conformance test find that before anyone else does.
    #[expect(
        clippy::expect_used,
        reason = "built in, and no integration can go on without it"
    )]
    #[must_use]
    pub fn read(integration_toml: &str, words: Words, icon_svg: &'static str) -> Self {
        Self {
            facts: Facts::read(integration_toml).expect("integration.toml states the facts"),
            words,
            icon_svg,
        }
    }
}

/// The texts of one folder, in every language.
#[derive(Debug)]
pub struct Words {
    english: Texts,
    german: Texts,
}

impl Words {
    /// From the files of a folder's `texts`.
    ///
    /// # Panics
    /// When they are no flat objects of strings, which the conformance test finds before anyone else does.
    #[expect(
        clippy::expect_used,
        reason = "built in, and no sentence can be said without it"
    )]
    #[must_use]
    pub fn read(en_json: &'static str, de_json: &'static str) -> Self {
        let read = |language, json| {
            Texts::parse(language, json).expect("texts are a flat object of strings")
        };
        Self {
            english: read(Language::English, en_json),
            german: read(Language::German, de_json),
        }
    }

    #[must_use]
    pub const fn of(&self, language: Language) -> &Texts {
        match language {
            Language::English => &self.english,
            Language::German => &self.german,
        }
    }
}

/// Something to be said, in whichever language it is asked for.
#[derive(Clone, Debug)]
pub struct Sentence {
    words: &'static Words,
    key: String,
    args: BTreeMap<String, String>,
}

impl Sentence {
    pub(crate) fn new(words: &'static Words, key: impl Into<String>) -> Self {
        Self {
            words,
            key: key.into(),
            args: BTreeMap::new(),
        }
    }

    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.args.insert(name.to_owned(), value.into());
        self
    }

    /// Words no single integration owns.
    pub(crate) fn shared(key: &str) -> Self {
        static SHARED: LazyLock<Words> = LazyLock::new(|| {
            Words::read(include_str!("texts/en.json"), include_str!("texts/de.json"))
        });
        Self::new(&SHARED, key)
    }

    #[must_use]
    pub fn say(&self, language: Language) -> String {
        self.words.of(language).say(&self.key, &self.args)
    }
}

impl PartialEq for Sentence {
    fn eq(&self, other: &Self) -> bool {
        ptr::eq(self.words, other.words) && self.key == other.key && self.args == other.args
    }
}

impl Eq for Sentence {}
