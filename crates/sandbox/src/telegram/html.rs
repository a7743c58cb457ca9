//! `parse_mode=HTML`, read as strictly as the server does: an unknown tag, one that isn't closed and a stray `<` are
//! refused. Offsets count UTF-16 units.

use serde_json::{Map, Value, json};

use super::Refused;

/// An opened tag: its name, where the text of it begins, and what its entity says.
struct Open {
    tag: String,
    start: usize,
    kind: &'static str,
    more: Map<String, Value>,
}

fn refused(why: String) -> Refused {
    Refused::bad(format!("can't parse entities: {why}"))
}

/// The plain text and its entities.
pub(crate) fn parse(source: &str) -> Result<(String, Vec<Value>), Refused> {
    let mut text = String::new();
    let mut units = 0;
    let mut open: Vec<Open> = Vec::new();
    let mut entities: Vec<(usize, usize, Value)> = Vec::new();
    let mut rest = source;
    while let Some(letter) = rest.chars().next() {
        let at = source.len() - rest.len();
        match letter {
            '&' => {
                let (decoded, length) = reference(rest).unwrap_or(('&', 1));
                text.push(decoded);
                units += decoded.len_utf16();
                rest = &rest[length..];
            }
            '<' => {
                let end = rest
                    .find('>')
                    .ok_or_else(|| refused(format!("Unclosed start tag at byte offset {at}")))?;
                let inner = &rest[1..end];
                rest = &rest[end + 1..];
                if let Some(name) = inner.strip_prefix('/') {
                    close(name.trim(), at, &mut open, units, &mut entities)?;
                } else {
                    open.push(opened(inner, at, units, open.last())?);
                }
            }
            other => {
                text.push(other);
                units += other.len_utf16();
                rest = &rest[other.len_utf8()..];
            }
        }
    }
    if let Some(left) = open.last() {
        return Err(refused(format!(
            "Can't find end tag corresponding to start tag \"{}\"",
            left.tag
        )));
    }
    // Outer entities before inner ones, as Telegram lists them.
    entities.sort_by_key(|(start, length, _)| (*start, std::cmp::Reverse(*length)));
    Ok((
        text,
        entities.into_iter().map(|(_, _, entity)| entity).collect(),
    ))
}

fn reference(rest: &str) -> Option<(char, usize)> {
    let end = rest.find(';').filter(|end| *end < 12)?;
    let name = &rest[1..end];
    let letter = match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|letter| *letter != '\0')?
        }
    };
    Some((letter, end + 1))
}

fn opened(inner: &str, at: usize, units: usize, outer: Option<&Open>) -> Result<Open, Refused> {
    let end = inner
        .find(|letter: char| letter.is_whitespace())
        .unwrap_or(inner.len());
    let tag = inner[..end].to_ascii_lowercase();
    let attributes = attributes(&inner[end..]).ok_or_else(|| {
        refused(format!(
            "Malformed attribute of the tag \"{tag}\" at byte offset {at}"
        ))
    })?;
    let attribute = |name: &str| {
        attributes
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.clone())
    };
    let mut more = Map::new();
    let kind = match tag.as_str() {
        "b" | "strong" => "bold",
        "i" | "em" => "italic",
        "u" | "ins" => "underline",
        "s" | "strike" | "del" => "strikethrough",
        "tg-spoiler" => "spoiler",
        "span" if attribute("class").as_deref() == Some("tg-spoiler") => "spoiler",
        "span" => {
            return Err(refused(format!(
                "Tag \"span\" must have class \"tg-spoiler\" at byte offset {at}"
            )));
        }
        "a" => match attribute("href") {
            Some(url) if !url.is_empty() => {
                more.insert("url".into(), url.into());
                "text_link"
            }
            // A link to nowhere is only text.
            _ => "",
        },
        "code" => {
            let language = attribute("class")
                .and_then(|class| class.strip_prefix("language-").map(str::to_owned));
            match (language, outer) {
                (Some(language), Some(outer)) if outer.tag == "pre" => {
                    more.insert("language".into(), language.into());
                    ""
                }
                _ => "code",
            }
        }
        "pre" => "pre",
        "blockquote" if attribute("expandable").is_some() => "expandable_blockquote",
        "blockquote" => "blockquote",
        "tg-emoji" => {
            more.insert("custom_emoji_id".into(), attribute("emoji-id").into());
            "custom_emoji"
        }
        _ => {
            return Err(refused(format!(
                "Unsupported start tag \"{tag}\" at byte offset {at}"
            )));
        }
    };
    Ok(Open {
        tag,
        start: units,
        kind,
        more,
    })
}

/// `name="value"` and bare names.
fn attributes(text: &str) -> Option<Vec<(String, String)>> {
    let mut found = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let end = rest
            .find(|letter: char| letter == '=' || letter.is_whitespace())
            .unwrap_or(rest.len());
        let name = rest[..end].to_ascii_lowercase();
        if name.is_empty() {
            return None;
        }
        rest = rest[end..].trim_start();
        let Some(value) = rest.strip_prefix('=') else {
            found.push((name, String::new()));
            continue;
        };
        let value = value.trim_start();
        let quote = value.chars().next()?;
        let (value, after) = if quote == '"' || quote == '\'' {
            value[1..].split_once(quote)?
        } else {
            value.split_at(value.find(char::is_whitespace).unwrap_or(value.len()))
        };
        let plain = plain(value);
        found.push((name, plain));
        rest = after.trim_start();
    }
    Some(found)
}

fn plain(value: &str) -> String {
    let mut plain = String::new();
    let mut rest = value;
    while let Some(letter) = rest.chars().next() {
        let (decoded, length) = match letter {
            '&' => reference(rest).unwrap_or(('&', 1)),
            other => (other, other.len_utf8()),
        };
        plain.push(decoded);
        rest = &rest[length..];
    }
    plain
}

fn close(
    name: &str,
    at: usize,
    open: &mut Vec<Open>,
    units: usize,
    entities: &mut Vec<(usize, usize, Value)>,
) -> Result<(), Refused> {
    let Some(last) = open.pop() else {
        return Err(refused(format!("Unexpected end tag at byte offset {at}")));
    };
    if !name.is_empty() && !name.eq_ignore_ascii_case(&last.tag) {
        return Err(refused(format!(
            "Unmatched end tag at byte offset {at}, expected \"</{}>\", found \"</{name}>\"",
            last.tag
        )));
    }
    // The language of `<pre><code class="language-…">` belongs to the outer one.
    if last.kind.is_empty() {
        if let Some(outer) = open.last_mut() {
            outer.more.extend(last.more);
        }
        return Ok(());
    }
    let length = units - last.start;
    if length > 0 {
        let mut entity = json!({ "type": last.kind, "offset": last.start, "length": length });
        if let Some(fields) = entity.as_object_mut() {
            fields.extend(last.more);
        }
        entities.push((last.start, length, entity));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_become_entities_counted_in_utf16() {
        let (text, entities) = parse(
            "😀 <b>bold <i>both</i></b> &lt;x&gt; \
             <a href=\"https://example.org/?a=1&amp;b=2\">link</a>",
        )
        .unwrap();
        assert_eq!(text, "😀 bold both <x> link");
        assert_eq!(
            entities,
            [
                json!({ "type": "bold", "offset": 3, "length": 9 }),
                json!({ "type": "italic", "offset": 8, "length": 4 }),
                json!({ "type": "text_link", "offset": 17, "length": 4, "url": "https://example.org/?a=1&b=2" }),
            ]
        );
        let (_, entities) = parse("<pre><code class=\"language-rust\">fn</code></pre>").unwrap();
        assert_eq!(
            entities,
            [json!({ "type": "pre", "offset": 0, "length": 2, "language": "rust" })]
        );
    }

    #[test]
    fn broken_marks_are_refused_with_telegrams_words() {
        for (source, words) in [
            (
                "<b>open",
                "Can't find end tag corresponding to start tag \"b\"",
            ),
            (
                "<blink>x</blink>",
                "Unsupported start tag \"blink\" at byte offset 0",
            ),
            ("x</b>", "Unexpected end tag at byte offset 1"),
            ("<b>x</i>", "Unmatched end tag at byte offset 4"),
            ("1 < 2", "Unclosed start tag at byte offset 2"),
        ] {
            let refused = parse(source).err().unwrap().description;
            assert!(
                refused.contains("can't parse entities") && refused.contains(words),
                "{refused}"
            );
        }
    }
}
