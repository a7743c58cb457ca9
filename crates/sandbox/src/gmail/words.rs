//! Text as mail carries it: encoded words, transfer encodings, character sets, lists of addresses.
//! RFC 2045, 2047, 5322.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// `raw` of a request: base64url, with or without padding.
pub(crate) fn from_base64url(text: &str) -> Option<Vec<u8>> {
    URL_SAFE.decode(text).ok()
}

pub(crate) fn base64url(bytes: &[u8]) -> String {
    base64::engine::general_purpose::URL_SAFE.encode(bytes)
}

/// A body without its transfer encoding.
pub(crate) fn decoded(body: &[u8], encoding: &str) -> Vec<u8> {
    match encoding.trim().to_ascii_lowercase().as_str() {
        "base64" => {
            let letters: Vec<u8> = body
                .iter()
                .copied()
                .filter(|byte| !byte.is_ascii_whitespace())
                .collect();
            STANDARD.decode(&letters).unwrap_or_default()
        }
        "quoted-printable" => quoted_printable(body),
        _ => body.to_vec(),
    }
}

fn quoted_printable(body: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(body.len());
    let mut rest = body;
    while let [first, more @ ..] = rest {
        rest = more;
        if *first != b'=' {
            plain.push(*first);
            continue;
        }
        match more {
            [b'\r', b'\n', after @ ..] | [b'\n', after @ ..] => rest = after,
            [high, low, after @ ..] => match hex(*high).zip(hex(*low)) {
                Some((high, low)) => {
                    plain.push(high * 16 + low);
                    rest = after;
                }
                None => plain.push(b'='),
            },
            _ => plain.push(b'='),
        }
    }
    plain
}

fn hex(letter: u8) -> Option<u8> {
    char::from(letter)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

pub(crate) fn text(bytes: &[u8], charset: &str) -> String {
    match charset.to_ascii_lowercase().as_str() {
        "iso-8859-1" | "latin1" | "windows-1252" => {
            bytes.iter().map(|byte| char::from(*byte)).collect()
        }
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// A header value with its `=?…?=` words read.
pub(crate) fn unworded(value: &str) -> String {
    let mut plain = String::new();
    let mut rest = value;
    let mut after_word = false;
    while let Some(start) = rest.find("=?") {
        let (before, from) = rest.split_at(start);
        let Some((word, after)) = word(from) else {
            plain.push_str(before);
            plain.push_str("=?");
            rest = &from[2..];
            after_word = false;
            continue;
        };
        // White space between two words is not part of the text.
        if !after_word || !before.trim().is_empty() {
            plain.push_str(before);
        }
        plain.push_str(&word);
        rest = after;
        after_word = true;
    }
    plain.push_str(rest);
    plain
}

fn word(from: &str) -> Option<(String, &str)> {
    let mut pieces = from.strip_prefix("=?")?.splitn(3, '?');
    let charset = pieces.next()?.split('*').next()?;
    let encoding = pieces.next()?;
    let (encoded, after) = pieces.next()?.split_once("?=")?;
    let bytes = match encoding {
        "B" | "b" => STANDARD.decode(encoded).ok()?,
        "Q" | "q" => quoted_printable(encoded.replace('_', " ").as_bytes()),
        _ => return None,
    };
    Some((text(&bytes, charset), after))
}

/// The addresses of a list such as `"Berg, Anna" <anna@example.org>, ben@example.org`.
pub(crate) fn addresses(list: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut one = String::new();
    let (mut quoted, mut escaped, mut angle, mut comment) = (false, false, false, 0);
    let mut finish = |one: &mut String| {
        let address = match one.rsplit_once('<') {
            Some((_, inner)) => inner.trim_end_matches('>').trim(),
            None => one.trim(),
        };
        // `Friends: anna@example.org, …;` names a group.
        let address = address.rsplit(": ").next().unwrap_or_default();
        if !address.is_empty() {
            found.push(address.to_owned());
        }
        one.clear();
    };
    for letter in list.chars() {
        if escaped {
            escaped = false;
            one.push(letter);
            continue;
        }
        match letter {
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '(' if !quoted => comment += 1,
            ')' if !quoted && comment > 0 => comment -= 1,
            _ if comment > 0 => {}
            '<' if !quoted => {
                angle = true;
                one.push(letter);
            }
            '>' if !quoted => {
                angle = false;
                one.push(letter);
            }
            ',' | ';' if !quoted && !angle => finish(&mut one),
            // A quoted name may hold anything and is of no use here.
            _ if quoted => {}
            other => one.push(other),
        }
    }
    finish(&mut one);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_words_become_text() {
        for (value, plain) in [
            ("=?UTF-8?B?R3LDvMOfZQ==?=", "Grüße"),
            (
                "=?utf-8?q?Gr=C3=BC=C3=9Fe_an?= =?utf-8?q?_alle?=",
                "Grüße an alle",
            ),
            ("a =?ISO-8859-1?Q?=E9t=E9?= b", "a été b"),
            ("plain =? odd", "plain =? odd"),
        ] {
            assert_eq!(unworded(value), plain);
        }
    }

    #[test]
    fn addresses_come_out_of_any_list() {
        assert_eq!(
            addresses(
                "\"Berg, Anna\" <anna@example.org>, ben@example.org (Ben), Friends: c@example.org;"
            ),
            ["anna@example.org", "ben@example.org", "c@example.org"]
        );
        assert!(addresses("  ").is_empty());
    }
}
