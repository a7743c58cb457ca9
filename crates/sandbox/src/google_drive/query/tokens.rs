//! The words, texts and signs that a search is made of, and the times in it.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};

use super::Malformed;
use crate::clock::Millis;

#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    Word(String),
    Text(String),
    Sign(&'static str),
}

pub fn tokens(text: &str) -> Result<Vec<Token>, Malformed> {
    const SIGNS: &[&str] = &["!=", "<=", ">=", "=", "<", ">", "(", ")", "{", "}"];
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        if first == '\'' {
            let mut found = String::new();
            let mut letters = rest[1..].char_indices();
            let end = loop {
                match letters.next().ok_or(Malformed)? {
                    (at, '\'') => break at,
                    (_, '\\') => match letters.next().ok_or(Malformed)? {
                        (_, letter @ ('\'' | '\\')) => found.push(letter),
                        _ => return Err(Malformed),
                    },
                    (_, letter) => found.push(letter),
                }
            };
            tokens.push(Token::Text(found));
            rest = &rest[end + 2..];
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            tokens.push(Token::Sign(sign));
            rest = &rest[sign.len()..];
        } else {
            let end = rest
                .find(|letter: char| !letter.is_ascii_alphanumeric())
                .unwrap_or(rest.len());
            if end == 0 {
                return Err(Malformed);
            }
            tokens.push(Token::Word(rest[..end].to_owned()));
            rest = &rest[end..];
        }
        rest = rest.trim_start();
    }
    Ok(tokens)
}

pub fn sign_of(wanted: &str) -> &'static str {
    match wanted {
        ")" => ")",
        "{" => "{",
        "}" => "}",
        _ => "=",
    }
}

/// UTC unless an offset is given.
pub fn time(text: &str) -> Option<Millis> {
    let utc = |at: DateTime| Some(at.in_tz("UTC").ok()?.timestamp());
    text.parse::<Timestamp>()
        .ok()
        .or_else(|| utc(text.parse::<DateTime>().ok()?))
        .or_else(|| utc(text.parse::<Date>().ok()?.at(0, 0, 0, 0)))
        .map(Timestamp::as_millisecond)
}
