//! Mail's HTML, made harmless: nothing that runs, nothing that is fetched, nothing that asks for input.

use std::{collections::HashSet, sync::LazyLock};

use ammonia::{Builder, UrlRelative};

/// More than that nobody reads, and a page made to be slow to parse stays bearable.
const LONGEST: usize = 1024 * 1024;

/// Pictures go: each is a question to its sender's server whether this was read.
static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut cleaner = Builder::default();
    cleaner
        .rm_tags(["img", "map", "area"])
        .add_clean_content_tags(["title"])
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer"));
    cleaner
});

pub(super) fn safe(html: &str) -> String {
    let end = html.floor_char_boundary(LONGEST.min(html.len()));
    CLEANER.clean(&html[..end]).to_string()
}
