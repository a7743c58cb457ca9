//! Marks within a paragraph: bold, italic, code, links. Reading takes no longer than a text is long, whatever it holds.

use url::Url;

use super::{Look, Styled};

/// A link's words and its address may be this long (in bytes); what is longer is not taken for a link.
const LONGEST_WORDS: usize = 1024;
const LONGEST_ADDRESS: usize = 2048;

/// Reads within one line of thought. What is open already isn't opened again, which also bounds the depth.
#[derive(Clone, Copy, Default)]
pub(super) struct Inline {
    bold: bool,
    italic: bool,
    link: bool,
}

/// Ends that were looked for and not found: they are not looked for again, so that a text of nothing but beginnings
/// takes no longer than any other.
#[derive(Default)]
struct Missing {
    bold: bool,
    italic: bool,
    code: bool,
}

impl Inline {
    pub fn read(self, source: &str, styled: &mut Styled) {
        let mut missing = Missing::default();
        let mut at = 0;
        while let Some(step) = source[at..].find(['*', '_', '`', '[']) {
            styled.text.push_str(&source[at..at + step]);
            at += step;
            let taken = match source.as_bytes()[at] {
                b'`' => Self::code(source, at, &mut missing, styled),
                b'*' => self.bold(source, at, &mut missing, styled),
                b'_' => self.italic(source, at, &mut missing, styled),
                _ => self.link(source, at, styled),
            };
            if taken == 0 {
                styled.text.push_str(&source[at..=at]);
                at += 1;
            }
            at += taken;
        }
        styled.text.push_str(&source[at..]);
    }

    fn code(source: &str, at: usize, missing: &mut Missing, styled: &mut Styled) -> usize {
        if missing.code {
            return 0;
        }
        let Some(length) = source[at + 1..].find('`') else {
            missing.code = true;
            return 0;
        };
        if length == 0 {
            return 0;
        }
        styled.marked(Look::Code, |styled| {
            styled.text.push_str(&source[at + 1..][..length]);
        });
        length + 2
    }

    fn bold(self, source: &str, at: usize, missing: &mut Missing, styled: &mut Styled) -> usize {
        let Some(inside) = source[at..].strip_prefix("**") else {
            return 0;
        };
        if self.bold || missing.bold || !begins_with_ink(inside) {
            return 0;
        }
        let end = inside
            .match_indices("**")
            .map(|(end, _)| end)
            .find(|end| ends_with_ink(&inside[..*end]));
        let Some(end) = end else {
            missing.bold = true;
            return 0;
        };
        let within = Self { bold: true, ..self };
        styled.marked(Look::Bold, |styled| within.read(&inside[..end], styled));
        end + 4
    }

    /// Only around whole words: `snake_case_names` stay what they are.
    fn italic(self, source: &str, at: usize, missing: &mut Missing, styled: &mut Styled) -> usize {
        let inside = &source[at + 1..];
        let after_word = source[..at].chars().next_back().is_some_and(in_word);
        if self.italic
            || missing.italic
            || after_word
            || !begins_with_ink(inside)
            || inside.starts_with('_')
        {
            return 0;
        }
        let end = inside.match_indices('_').map(|(end, _)| end).find(|end| {
            let follows = inside[end + 1..].chars().next();
            ends_with_ink(&inside[..*end]) && !follows.is_some_and(in_word)
        });
        let Some(end) = end else {
            missing.italic = true;
            return 0;
        };
        let within = Self {
            italic: true,
            ..self
        };
        styled.marked(Look::Italic, |styled| within.read(&inside[..end], styled));
        end + 2
    }

    fn link(self, source: &str, at: usize, styled: &mut Styled) -> usize {
        if self.link {
            return 0;
        }
        let inside = &source[at + 1..];
        let Some(words) = find_within(inside, "](", LONGEST_WORDS) else {
            return 0;
        };
        let behind = &inside[words + 2..];
        let Some(length) = find_within(behind, ")", LONGEST_ADDRESS) else {
            return 0;
        };
        let Some(address) = address(&behind[..length]) else {
            return 0;
        };
        if inside[..words].trim().is_empty() {
            return 0;
        }
        let within = Self { link: true, ..self };
        styled.marked(Look::Link(address), |styled| {
            within.read(&inside[..words], styled);
        });
        words + length + 4
    }
}

fn begins_with_ink(text: &str) -> bool {
    text.chars()
        .next()
        .is_some_and(|first| !first.is_whitespace())
}

fn ends_with_ink(text: &str) -> bool {
    text.chars()
        .next_back()
        .is_some_and(|last| !last.is_whitespace())
}

fn in_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// Where `what` stands among the first `longest` bytes.
fn find_within(text: &str, what: &str, longest: usize) -> Option<usize> {
    let window = longest.min(text.len());
    let window = (0..=window).rev().find(|end| text.is_char_boundary(*end))?;
    text[..window].find(what)
}

/// Only what a browser opens as a page, written as the standard writes it.
fn address(text: &str) -> Option<String> {
    if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return None;
    }
    let url = Url::parse(text).ok()?;
    let is_page = matches!(url.scheme(), "https" | "http") && url.has_host();
    is_page.then(|| url.to_string())
}
