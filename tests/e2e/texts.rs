//! The words people read, from the file all faces take them from: a test names the message, not its wording.

use std::collections::BTreeMap;

use model::Texts;

/// The message with its placeholders filled. A message that isn't there fails the test.
pub fn said(key: &str, args: &[(&str, &str)]) -> String {
    let texts = Texts::english();
    assert!(texts.has(key), "messages/en.json lacks {key}");
    let args: BTreeMap<String, String> = args
        .iter()
        .map(|(name, value)| ((*name).into(), (*value).into()))
        .collect();
    texts.say(key, &args)
}
