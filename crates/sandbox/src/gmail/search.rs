//! Gmail's search language: `from:ben subject:"the lease" is:unread -in:inbox (orchard OR fence)`. As at Gmail, nothing
//! is refused; what makes no sense is looked for as words.

mod tokens;
mod values;

use tokens::{Token, tokens};
use values::{bytes, moment, span};

use super::mailbox::Message;
use crate::clock::Millis;

#[derive(Debug)]
pub(crate) enum Search {
    All(Vec<Search>),
    Any(Vec<Search>),
    Not(Box<Search>),
    From(Vec<String>),
    To(Vec<String>),
    Cc(Vec<String>),
    Subject(Vec<String>),
    File(Vec<String>),
    Anywhere(Vec<String>),
    Label(String),
    /// `in:anywhere`
    Everywhere,
    HasFile,
    MessageId(String),
    Larger(u64),
    Smaller(u64),
    After(Millis),
    Before(Millis),
}

impl Search {
    pub fn read(text: &str, now: Millis) -> Search {
        let mut reader = Reader {
            tokens: tokens(text),
            at: 0,
            now,
        };
        let mut parts = Vec::new();
        // A bracket too many closes nothing.
        while reader.at < reader.tokens.len() {
            parts.push(reader.list());
            reader.at += 1;
        }
        Search::All(parts)
    }

    pub fn fits(&self, message: &Message) -> bool {
        match self {
            Search::All(parts) => parts.iter().all(|part| part.fits(message)),
            Search::Any(parts) => parts.iter().any(|part| part.fits(message)),
            Search::Not(part) => !part.fits(message),
            Search::From(wanted) => contains(&message.from, wanted),
            Search::To(wanted) => {
                contains(&message.to, wanted)
                    || contains(&message.cc, wanted)
                    || (!message.hides_bcc && contains(&message.recipients.join(" "), wanted))
            }
            Search::Cc(wanted) => contains(&message.cc, wanted),
            Search::Subject(wanted) => contains(&message.subject, wanted),
            Search::File(wanted) => message.files.iter().any(|file| contains(file, wanted)),
            Search::Anywhere(wanted) => [
                &message.subject,
                &message.from,
                &message.to,
                &message.cc,
                &message.text,
            ]
            .iter()
            .any(|text| contains(text, wanted)),
            Search::Label(label) => message.has(label),
            Search::Everywhere => true,
            Search::HasFile => !message.files.is_empty(),
            Search::MessageId(id) => message.message_id.trim_matches(['<', '>']) == id,
            Search::Larger(bytes) => message.size > *bytes,
            Search::Smaller(bytes) => message.size < *bytes,
            Search::After(at) => message.internal_date >= *at,
            Search::Before(at) => message.internal_date < *at,
        }
    }

    /// Whether the search asks for spam or trash itself.
    pub fn looks_into(&self, label: &str) -> bool {
        match self {
            Search::All(parts) | Search::Any(parts) => {
                parts.iter().any(|part| part.looks_into(label))
            }
            Search::Label(asked) => asked == label,
            Search::Everywhere => true,
            _ => false,
        }
    }
}

/// Whole words, one after the other.
fn contains(text: &str, wanted: &[String]) -> bool {
    let words = words(text);
    !wanted.is_empty() && words.windows(wanted.len()).any(|some| some == wanted)
}

fn words(text: &str) -> Vec<String> {
    text.to_lowercase()
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

struct Reader {
    tokens: Vec<Token>,
    at: usize,
    now: Millis,
}

impl Reader {
    /// Up to a closing bracket or the end.
    fn list(&mut self) -> Search {
        let mut all = Vec::new();
        while let Some(token) = self.tokens.get(self.at) {
            match token {
                Token::Close => break,
                Token::Or => {
                    self.at += 1;
                    if let (Some(before), Some(after)) = (all.pop(), self.one()) {
                        all.push(match before {
                            Search::Any(mut some) => {
                                some.push(after);
                                Search::Any(some)
                            }
                            before => Search::Any(vec![before, after]),
                        });
                    }
                }
                _ => all.extend(self.one()),
            }
        }
        Search::All(all)
    }

    fn one(&mut self) -> Option<Search> {
        let token = self.tokens.get(self.at)?.clone();
        match token {
            Token::Close | Token::Or => None,
            Token::Minus => {
                self.at += 1;
                Some(Search::Not(Box::new(self.one()?)))
            }
            Token::Open => {
                self.at += 1;
                let inner = self.list();
                self.at += 1;
                Some(inner)
            }
            Token::Text(text) => {
                self.at += 1;
                Some(Search::Anywhere(words(&text)))
            }
            Token::Field(field) => {
                self.at += 1;
                match self.tokens.get(self.at)?.clone() {
                    Token::Text(value) => {
                        self.at += 1;
                        Some(self.term(&field, &value))
                    }
                    Token::Open => {
                        // `from:(a OR b)`: the field goes for everything inside.
                        self.at += 1;
                        Some(self.inside(&field))
                    }
                    _ => None,
                }
            }
        }
    }

    fn inside(&mut self, field: &str) -> Search {
        let mut any = vec![Vec::new()];
        while let Some(token) = self.tokens.get(self.at).cloned() {
            self.at += 1;
            match token {
                Token::Close => break,
                Token::Or => any.push(Vec::new()),
                Token::Text(value) => {
                    let term = self.term(field, &value);
                    if let Some(last) = any.last_mut() {
                        last.push(term);
                    }
                }
                _ => {}
            }
        }
        Search::Any(any.into_iter().map(Search::All).collect())
    }

    fn term(&self, field: &str, value: &str) -> Search {
        let wanted = words(value);
        let found = match field {
            "from" => Some(Search::From(wanted.clone())),
            "to" | "bcc" | "deliveredto" => Some(Search::To(wanted.clone())),
            "cc" => Some(Search::Cc(wanted.clone())),
            "subject" => Some(Search::Subject(wanted.clone())),
            "filename" => Some(Search::File(wanted.clone())),
            "in" | "label" => Some(place(value)),
            "is" => state(value),
            "has" => match value {
                "attachment" => Some(Search::HasFile),
                _ => None,
            },
            "rfc822msgid" => Some(Search::MessageId(value.trim_matches(['<', '>']).to_owned())),
            "larger" | "size" => bytes(value).map(Search::Larger),
            "smaller" => bytes(value).map(Search::Smaller),
            "after" | "newer" => moment(value).map(Search::After),
            "before" | "older" => moment(value).map(Search::Before),
            "newer_than" => span(value).map(|span| Search::After(self.now - span)),
            "older_than" => span(value).map(|span| Search::Before(self.now - span)),
            _ => None,
        };
        found.unwrap_or(Search::Anywhere(wanted))
    }
}

fn place(value: &str) -> Search {
    match value.to_ascii_lowercase().as_str() {
        "anywhere" | "all" => Search::Everywhere,
        "drafts" => Search::Label("DRAFT".into()),
        other => Search::Label(other.to_ascii_uppercase()),
    }
}

fn state(value: &str) -> Option<Search> {
    let label = |name: &str| Search::Label(name.to_owned());
    Some(match value.to_ascii_lowercase().as_str() {
        "unread" => label("UNREAD"),
        "read" => Search::Not(Box::new(label("UNREAD"))),
        "starred" => label("STARRED"),
        "important" => label("IMPORTANT"),
        "sent" => label("SENT"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gmail::mailbox::Source;

    fn message() -> Message {
        let raw = "From: \"Ben Okoro\" <ben@example.org>\r\nTo: anna@example.org\r\nSubject: The lease, again\r\n\r\n\
            Please read token-4711 by Friday.\r\n";
        let mut message = Message::read(raw.as_bytes(), Source::Seed(0));
        message.labels = vec!["INBOX".into(), "UNREAD".into()];
        message.internal_date = 1_767_225_600_000;
        message
    }

    #[test]
    fn a_search_finds_what_it_says() {
        for (text, found) in [
            ("", true),
            ("from:ben", true),
            ("from:ben@example.org to:anna", true),
            ("from:anna", false),
            ("from:(anna OR ben)", true),
            ("subject:lease is:unread", true),
            ("subject:\"the lease\"", true),
            ("subject:(lease again)", true),
            ("\"lease the\"", false),
            ("-from:ben", false),
            ("-in:sent", true),
            ("is:read OR friday", true),
            ("(is:read OR token) nothing", false),
            ("token-4711", true),
            ("\"token-4711\" in:anywhere", true),
            ("leas", false),
            ("has:attachment", false),
            ("after:2025/12/31", true),
            ("after:2026/01/01", false),
            ("after:1767225600 before:1767225601", true),
            ("newer_than:2d", true),
            ("older_than:2d", false),
            ("smaller:1M -larger:1K", true),
            ("in:inbox label:inbox", true),
            (") odd (", false),
        ] {
            let search = Search::read(text, 1_767_225_600_000 + values::DAY_MS);
            assert_eq!(search.fits(&message()), found, "{text}");
        }
    }
}
