//! The words, quotes and signs that a search is made of.

#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    Open,
    Close,
    Or,
    Minus,
    /// `from:` and such, before a value or a bracket.
    Field(String),
    Text(String),
}

pub fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        match first {
            '(' | '{' => tokens.push(Token::Open),
            ')' | '}' => tokens.push(Token::Close),
            '-' => tokens.push(Token::Minus),
            '"' => {
                let quoted = &rest[1..];
                let end = quoted.find('"').unwrap_or(quoted.len());
                tokens.push(Token::Text(quoted[..end].to_owned()));
                rest = quoted[end..]
                    .strip_prefix('"')
                    .unwrap_or_default()
                    .trim_start();
                continue;
            }
            _ => {
                let end = rest
                    .find(|letter: char| letter.is_whitespace() || "(){}\"".contains(letter))
                    .unwrap_or(rest.len());
                let word = &rest[..end];
                rest = &rest[end..];
                match word.split_once(':') {
                    Some((field, value)) if is_field(field) => {
                        tokens.push(Token::Field(field.to_ascii_lowercase()));
                        if !value.is_empty() {
                            tokens.push(Token::Text(value.to_owned()));
                        }
                    }
                    _ if word == "OR" || word == "|" => tokens.push(Token::Or),
                    _ if word == "AND" => {}
                    _ => tokens.push(Token::Text(word.to_owned())),
                }
                rest = rest.trim_start();
                continue;
            }
        }
        rest = rest[first.len_utf8()..].trim_start();
    }
    tokens
}

fn is_field(name: &str) -> bool {
    [
        "from",
        "to",
        "cc",
        "bcc",
        "subject",
        "in",
        "is",
        "label",
        "has",
        "filename",
        "larger",
        "smaller",
        "size",
        "after",
        "before",
        "newer",
        "older",
        "newer_than",
        "older_than",
        "rfc822msgid",
        "deliveredto",
    ]
    .iter()
    .any(|known| name.eq_ignore_ascii_case(known))
}
