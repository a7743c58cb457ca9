//! The words people read, from the file all faces take them from: a test names the message, not its wording.

use std::{cell::Cell, collections::BTreeMap};

use model::Texts;

thread_local! {
    /// Of the window that this test drives.
    static LANGUAGE: Cell<&'static str> = const { Cell::new("en") };
}

/// From now on the window speaks this.
pub fn speaks(language: &'static str) {
    LANGUAGE.set(language);
}

/// The message with its placeholders filled. A message that isn't there fails the test.
pub fn said(key: &str, args: &[(&str, &str)]) -> String {
    let language = LANGUAGE.get();
    let texts = Texts::in_language(language).unwrap();
    assert!(texts.has(key), "messages/{language}.json lacks {key}");
    let args: BTreeMap<String, String> = args
        .iter()
        .map(|(name, value)| ((*name).into(), (*value).into()))
        .collect();
    texts.say(key, &args)
}
