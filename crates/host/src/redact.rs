//! The second net under the log. Secrets are types that can't be printed, so none gets here; should a library's error, or a
//! text of a service, bring one along all the same, what looks like one is struck out before a line is written.
//!
//! By shape alone: it may strike out too much, and never decides what is logged.

use std::{
    borrow::Cow,
    io::{self, Write},
};

const STRUCK: &str = "[redacted]";

/// How tokens of services begin, and after how many more characters it is one.
const SHAPES: [(&str, usize); 9] = [
    ("ya29.", 8),
    ("1//", 16),
    ("4/0", 12),
    ("GOCSPX-", 8),
    ("xoxb-", 8),
    ("xoxp-", 8),
    ("xapp-", 8),
    ("eyJ", 24),
    ("AGE-SECRET-KEY-", 8),
];

/// What a secret follows, in addresses, headers, bodies and fields.
const NAMES: [&str; 10] = [
    "access_token",
    "refresh_token",
    "id_token",
    "client_secret",
    "code_verifier",
    "passphrase",
    "password",
    "bearer ",
    "code",
    "state",
];

/// Shorter values are words: `code=service_down`.
const SHORTEST: usize = 16;
/// A bot's number, and the secret half of its token.
const BOT: (usize, usize) = (6, 30);

/// A writer whose every write is a whole line or more, as the log's are.
pub(super) struct Redacted<W>(pub(super) W);

impl<W: Write> Write for Redacted<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        self.0.write_all(redact(&text).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

pub(super) fn redact(text: &str) -> Cow<'_, str> {
    let mut struck: Vec<(usize, usize)> = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..) {
        let Some(first) = rest.chars().next() else {
            break;
        };
        match secret_at(rest, text[..at].chars().next_back()) {
            Some((from, length)) => {
                struck.push((at + from, at + from + length));
                at += from + length;
            }
            None => at += first.len_utf8(),
        }
    }
    if struck.is_empty() {
        return Cow::Borrowed(text);
    }
    let (mut clean, mut done) = (String::with_capacity(text.len()), 0);
    for (from, to) in struck {
        clean.push_str(&text[done..from]);
        clean.push_str(STRUCK);
        done = to;
    }
    clean.push_str(&text[done..]);
    Cow::Owned(clean)
}

/// Where in `rest` a secret is that begins with it, and how long it is.
fn secret_at(rest: &str, before: Option<char>) -> Option<(usize, usize)> {
    for (shape, more) in SHAPES {
        if let Some(tail) = rest.strip_prefix(shape) {
            let length = run(tail);
            if length >= more {
                return Some((0, shape.len() + length));
            }
        }
    }
    let number = rest.bytes().take_while(u8::is_ascii_digit).count();
    let is_whole = before.is_none_or(|before| !before.is_ascii_digit());
    if is_whole && number >= BOT.0 && rest[number..].starts_with(':') {
        // What follows it in an address is the method that was called, which explains.
        let half = rest[number + 1..].bytes();
        let length = half
            .take_while(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(byte))
            .count();
        if length >= BOT.1 {
            return Some((number + 1, length));
        }
    }
    if before.is_some_and(is_part) {
        return None;
    }
    // Bytes, since a character may lie across where a name would end.
    let name = NAMES.iter().find(|name| {
        rest.as_bytes()
            .get(..name.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(name.as_bytes()))
    })?;
    let tail = &rest[name.len()..];
    let value = tail.trim_start_matches(['=', ':', '"', '\\', ' ', '\'']);
    let length = run(value);
    let is_word = value[..length]
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || b"_-./".contains(&byte));
    // `codec…` is another name, unless the name itself ends in a space.
    let follows = value.len() < tail.len() || name.ends_with(' ');
    (follows && length >= SHORTEST && !is_word).then_some((rest.len() - value.len(), length))
}

/// How many characters from here on may be part of a token, encoded or not.
fn run(text: &str) -> usize {
    text.bytes()
        .take_while(|byte| byte.is_ascii_alphanumeric() || b"-_.~+/%=".contains(byte))
        .count()
}

fn is_part(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_secret_is_struck_out_wherever_it_stands() {
        for (line, clean) in [
            ("got ya29.a0AfB_byC-d3e4 for it", "got [redacted] for it"),
            (
                "{\"refresh_token\":\"1//0gAbCdEfGhIjKlMnOp\"}",
                "{\"refresh_token\":\"[redacted]\"}",
            ),
            (
                "https://api.telegram.org/bot110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw4/getMe",
                "https://api.telegram.org/bot110201543:[redacted]/getMe",
            ),
            (
                "Authorization: Bearer abc123DEF456ghi789",
                "Authorization: Bearer [redacted]",
            ),
            (
                "http://127.0.0.1:9/?state=ab12cd34ef56gh78&code=4%2F0AbCdEfGhIjKl&scope=x",
                "http://127.0.0.1:9/?state=[redacted]&code=[redacted]&scope=x",
            ),
            ("secret GOCSPX-sandbox-desktop-secret", "secret [redacted]"),
            (
                "jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.x",
                "jwt [redacted]",
            ),
        ] {
            assert_eq!(redact(line), clean, "{line}");
        }
    }

    #[test]
    fn what_explains_a_failure_stays() {
        for line in [
            "a sign-in moved on attempt=019398f0-7c1e-7000-8000-1f0a52c5f6aa integration=gmail outcome=\"connected\"",
            "a revocation waits code=\"service_down\"",
            "a status changed from=\"connected\" to=\"needs_sign_in\" cause=\"interrupted_rotation\"",
            "code=approval_unavailable_for_now",
            "the state of 110201543:99 is fine",
            "grüße — 4/5 of 1//2",
        ] {
            assert!(
                matches!(redact(line), Cow::Borrowed(_)),
                "{line}: {}",
                redact(line)
            );
        }
    }

    #[test]
    fn a_writer_lets_no_secret_through() {
        let mut heard = Vec::new();
        let line = b"error token=ya29.a0AfB_byC-d3e4\n";
        assert_eq!(Redacted(&mut heard).write(line).unwrap(), line.len());
        assert_eq!(heard, b"error token=[redacted]\n");
    }
}
