//! Bodies of several parts: `multipart/related` of uploads, `multipart/mixed` of batches, `multipart/form-data`, and
//! the parts of a mail. RFC 2046 §5.1.

use axum::http::{HeaderMap, header};

/// One part: its headers as written, names in lower case, and its bytes.
pub(crate) struct Part {
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Part {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// The media type without its parameters.
    pub fn media_type(&self) -> String {
        let value = self.header("content-type").unwrap_or_default();
        value
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase()
    }
}

/// The `boundary` of a content type.
pub(crate) fn boundary(headers: &HeaderMap) -> Option<String> {
    parameter(
        headers.get(header::CONTENT_TYPE)?.to_str().ok()?,
        "boundary",
    )
}

/// A parameter of a header value such as `form-data; name="a"`.
pub(crate) fn parameter(value: &str, name: &str) -> Option<String> {
    let mut rest = &value[value.find(';')?..];
    while let Some(more) = rest.strip_prefix(';') {
        let more = more.trim_start();
        let (key, after) = more.split_once('=')?;
        let (found, after) = match after.trim_start().strip_prefix('"') {
            Some(quoted) => {
                let mut text = String::new();
                let mut letters = quoted.char_indices();
                let mut end = quoted.len();
                while let Some((at, letter)) = letters.next() {
                    match letter {
                        '"' => {
                            end = at + 1;
                            break;
                        }
                        '\\' => text.extend(letters.next().map(|(_, letter)| letter)),
                        other => text.push(other),
                    }
                }
                (text, quoted[end..].trim_start())
            }
            None => {
                let end = after.find(';').unwrap_or(after.len());
                (after[..end].trim().to_owned(), &after[end..])
            }
        };
        if key.trim().eq_ignore_ascii_case(name) {
            return Some(found);
        }
        rest = after;
    }
    None
}

/// The parts between the boundaries. `None` when the closing one is missing: the body was cut short.
pub(crate) fn split(body: &[u8], boundary: &str) -> Option<Vec<Part>> {
    Some(split_raw(body, boundary)?.into_iter().map(part).collect())
}

/// The same, with the parts as they are written.
pub(crate) fn split_raw<'a>(body: &'a [u8], boundary: &str) -> Option<Vec<&'a [u8]>> {
    let mark = format!("--{boundary}");
    let mark = mark.as_bytes();
    let mut parts = Vec::new();
    let mut start: Option<usize> = None;
    let mut at = 0;
    while let Some(found) = find(&body[at..], mark).map(|found| at + found) {
        let after = found + mark.len();
        let at_line_start = found == 0 || body[found - 1] == b'\n';
        let closing = body[after..].starts_with(b"--");
        let line = line_end(&body[after..]).map(|length| after + length);
        let padding = &body[after + if closing { 2 } else { 0 }..line.unwrap_or(body.len())];
        if !at_line_start || !padding.iter().all(|byte| byte.is_ascii_whitespace()) {
            at = after;
            continue;
        }
        if let Some(start) = start {
            // The line break before a boundary belongs to it.
            let end = found
                - usize::from(found > start)
                - usize::from(found > start + 1 && body[found - 2] == b'\r');
            parts.push(&body[start..end.max(start)]);
        }
        if closing {
            return Some(parts);
        }
        at = line?;
        start = Some(at);
    }
    None
}

/// Splits headers from a body at the first empty line.
pub(crate) fn part(bytes: &[u8]) -> Part {
    let (head, body) = head_and_body(bytes);
    Part {
        headers: headers(head)
            .into_iter()
            .map(|(name, value)| (name.to_ascii_lowercase(), value))
            .collect(),
        body: body.to_vec(),
    }
}

pub(crate) fn head_and_body(bytes: &[u8]) -> (&[u8], &[u8]) {
    let mut at = 0;
    while let Some(length) = line_end(&bytes[at..]) {
        if matches!(&bytes[at..at + length], b"\n" | b"\r\n") {
            return (&bytes[..at], &bytes[at + length..]);
        }
        at += length;
    }
    (bytes, &[])
}

/// Header lines in their order, unfolded, names as written.
pub(crate) fn headers(head: &[u8]) -> Vec<(String, String)> {
    let mut headers: Vec<(String, String)> = Vec::new();
    for line in String::from_utf8_lossy(head).lines() {
        match line.split_once(':') {
            _ if line.starts_with([' ', '\t']) => {
                if let Some((_, value)) = headers.last_mut() {
                    value.push(' ');
                    value.push_str(line.trim());
                }
            }
            Some((name, value)) => headers.push((name.trim().to_owned(), value.trim().to_owned())),
            None => {}
        }
    }
    headers
}

fn line_end(bytes: &[u8]) -> Option<usize> {
    bytes
        .iter()
        .position(|byte| *byte == b'\n')
        .map(|at| at + 1)
}

pub(crate) fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    let first = *wanted.first()?;
    let mut at = 0;
    while at + wanted.len() <= bytes.len() {
        at += bytes[at..].iter().position(|byte| *byte == first)?;
        if bytes[at..].starts_with(wanted) {
            return Some(at);
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_byte_exact_between_their_boundaries() {
        let body = b"preamble\r\n--b\r\nA: 1\r\n\r\none\r\n\r\n--b \r\n\r\n--bx\r\n--b--\r\nafter";
        let parts = split(body, "b").unwrap();
        assert_eq!(parts.len(), 2);
        assert_eq!(
            (parts[0].header("a"), &parts[0].body[..]),
            (Some("1"), &b"one\r\n"[..])
        );
        assert_eq!(parts[1].body, b"--bx");
    }

    #[test]
    fn a_body_cut_short_has_no_parts() {
        assert!(split(b"--b\r\n\r\none\r\n--b\r\n", "b").is_none());
        assert!(split(b"", "b").is_none());
    }

    #[test]
    fn parameters_may_be_quoted() {
        let value = "form-data; name=\"a\\\"b;c\"; filename=x.txt";
        assert_eq!(parameter(value, "name").as_deref(), Some("a\"b;c"));
        assert_eq!(parameter(value, "filename").as_deref(), Some("x.txt"));
        assert_eq!(parameter(value, "size"), None);
    }
}
