//! A message taken apart, as Gmail shows it: a tree of parts with their headers, and plain text for snippets.

use super::words;
use crate::multipart::{self, parameter};

pub(crate) struct Part {
    /// As written, unfolded.
    pub headers: Vec<(String, String)>,
    pub mime_type: String,
    pub charset: String,
    /// Empty for what isn't a file.
    pub filename: String,
    /// Without its transfer encoding; empty for a multipart.
    pub body: Vec<u8>,
    pub parts: Vec<Part>,
}

/// No real message goes deeper.
const DEEPEST: usize = 20;

pub(crate) fn parse(raw: &[u8]) -> Part {
    parse_part(raw, 0)
}

fn parse_part(raw: &[u8], depth: usize) -> Part {
    let (head, body) = multipart::head_and_body(raw);
    let headers = multipart::headers(head);
    let kind = value(&headers, "Content-Type").unwrap_or("text/plain");
    let mime_type = kind
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let disposition = value(&headers, "Content-Disposition").unwrap_or_default();
    let filename = named(disposition, "filename")
        .or_else(|| named(kind, "name"))
        .unwrap_or_default();
    let charset = parameter(kind, "charset").unwrap_or_else(|| "utf-8".into());
    let inner = (mime_type.starts_with("multipart/") && depth < DEEPEST)
        .then(|| parameter(kind, "boundary"))
        .flatten()
        .and_then(|boundary| multipart::split_raw(body, &boundary));
    let encoding = value(&headers, "Content-Transfer-Encoding").unwrap_or_default();
    let (body, parts) = match inner {
        Some(parts) => {
            let parts = parts.iter().map(|part| parse_part(part, depth + 1));
            (Vec::new(), parts.collect())
        }
        None => (words::decoded(body, encoding), Vec::new()),
    };
    Part {
        headers,
        mime_type,
        charset,
        filename,
        body,
        parts,
    }
}

/// A header of a list, whatever its case.
pub(crate) fn value<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_str())
}

/// A file name in any of its spellings: RFC 2231 with or without pieces, RFC 2047, or plain.
fn named(header: &str, name: &str) -> Option<String> {
    if let Some(extended) = parameter(header, &format!("{name}*")) {
        return Some(extended_text(&extended));
    }
    let mut pieces = String::new();
    let mut encoded = false;
    for number in 0.. {
        if let Some(piece) = parameter(header, &format!("{name}*{number}*")) {
            encoded = true;
            pieces.push_str(&piece);
        } else if let Some(piece) = parameter(header, &format!("{name}*{number}")) {
            pieces.push_str(&piece);
        } else {
            break;
        }
    }
    if !pieces.is_empty() {
        return Some(if encoded {
            extended_text(&pieces)
        } else {
            pieces
        });
    }
    parameter(header, name).map(|plain| words::unworded(&plain))
}

/// `utf-8'en'caf%C3%A9`
fn extended_text(value: &str) -> String {
    let mut pieces = value.splitn(3, '\'');
    let (charset, encoded) = match (pieces.next(), pieces.next(), pieces.next()) {
        (Some(charset), Some(_), Some(encoded)) => (charset, encoded),
        _ => ("utf-8", value),
    };
    // A plus is a plus here, unlike in a form.
    let form = encoded.replace('+', "%2B").replace('&', "%26");
    let bytes: Vec<u8> = url::form_urlencoded::parse(format!("v={form}").as_bytes())
        .next()
        .map(|(_, text)| text.into_owned().into_bytes())
        .unwrap_or_default();
    words::text(&bytes, charset)
}

impl Part {
    pub fn header(&self, name: &str) -> Option<&str> {
        value(&self.headers, name)
    }

    /// The part and all below it, depth first.
    pub fn walk(&self) -> Vec<&Part> {
        let mut all = vec![self];
        for part in &self.parts {
            all.extend(part.walk());
        }
        all
    }

    pub fn text(&self) -> String {
        words::text(&self.body, &self.charset)
    }

    /// What a person would read: the plain text, or the HTML without its marks.
    pub fn readable(&self) -> String {
        let all = self.walk();
        let of = |kind: &str| {
            all.iter()
                .find(|part| part.mime_type == kind && part.filename.is_empty())
                .map(|part| part.text())
        };
        of("text/plain")
            .filter(|text| !text.trim().is_empty())
            .or_else(|| of("text/html").map(|html| without_marks(&html)))
            .unwrap_or_default()
    }

    pub fn files(&self) -> Vec<String> {
        self.walk()
            .iter()
            .filter(|part| !part.filename.is_empty())
            .map(|part| part.filename.clone())
            .collect()
    }
}

fn without_marks(html: &str) -> String {
    let mut plain = String::new();
    let mut rest = html;
    while let Some((before, from)) = rest.split_once('<') {
        plain.push_str(before);
        plain.push(' ');
        let lower = from.to_ascii_lowercase();
        let skipped = ["script", "style"]
            .iter()
            .find(|name| lower.starts_with(**name))
            .and_then(|name| lower.find(&format!("</{name}")));
        let from = &from[skipped.unwrap_or(0)..];
        rest = from.split_once('>').map_or("", |(_, after)| after);
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_comes_apart_with_its_files() {
        let raw = "Subject: x\r\nContent-Type: multipart/mixed; boundary=\"b\"\r\n\r\n\
            --b\r\nContent-Type: text/html\r\n\r\n<script>no()</script><p>Hello</p>\r\n\
            --b\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\
            Content-Disposition: attachment; filename*0*=utf-8''caf%C3%A9; filename*1=\"+1.pdf\"\r\n\r\n\
            JVBE\r\nRg==\r\n--b--\r\n";
        let part = parse(raw.as_bytes());
        assert_eq!(part.readable().trim(), "Hello");
        assert_eq!(part.files(), ["café+1.pdf"]);
        assert_eq!(part.parts[1].body, b"%PDF");
    }
}
