//! Our own words, from `messages/`: the code names a message, and says what goes into it. No sentence stands in the code.

use std::fmt::Display;

use model::Texts;

/// What goes into a message, by the names of its gaps.
pub type Gaps<'a> = &'a [(&'static str, &'a dyn Display)];

/// A message with its gaps filled.
pub(crate) fn words(texts: &Texts, key: &str, gaps: Gaps<'_>) -> String {
    let args = gaps
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.to_string()))
        .collect();
    texts.say(key, &args)
}

/// A message about a number of things, which stands in its gap `count`: one of it has a form of its own (`…_one`).
pub(crate) fn counted<N: Display + PartialEq + From<u8>>(
    texts: &Texts,
    key: &str,
    count: N,
    gaps: Gaps<'_>,
) -> String {
    let form = format!("{key}_one");
    let key = if count == N::from(1) && texts.has(&form) {
        &form
    } else {
        key
    };
    let gaps: Vec<_> = gaps
        .iter()
        .copied()
        .chain([("count", &count as &dyn Display)])
        .collect();
    words(texts, key, &gaps)
}

#[cfg(test)]
#[path = "words_tests.rs"]
mod tests;
