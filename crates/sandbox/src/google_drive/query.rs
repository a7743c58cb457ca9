//! Drive's search language: `'ID' in parents and (name contains 'a' or not trashed = true)`. Source: "Search for
//! files and folders". What this twin doesn't know is refused, not ignored.

mod tokens;

use tokens::{Token, sign_of, time, tokens};

use super::disk::{Disk, Item};
use crate::clock::Millis;

/// Why a search makes no sense. Google says no more than that, too.
#[derive(Debug)]
pub(crate) struct Malformed;

#[derive(Debug)]
pub(crate) enum Search {
    Everything,
    All(Vec<Search>),
    Any(Vec<Search>),
    Not(Box<Search>),
    Parent(String),
    Mine(bool),
    Text(Field, Comparison, String),
    Flag(Field, bool),
    Time(Field, Comparison, Millis),
    Property(Field, String, String),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Field {
    Name,
    MimeType,
    FullText,
    Trashed,
    Starred,
    SharedWithMe,
    Created,
    Modified,
    AppProperties,
    Properties,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Comparison {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    More,
    MoreOrEqual,
    Contains,
}

impl Search {
    pub fn read(text: &str, account: &str) -> Result<Search, Malformed> {
        if text.trim().is_empty() {
            return Ok(Search::Everything);
        }
        let mut reader = Reader {
            tokens: tokens(text)?,
            at: 0,
            account,
        };
        let search = reader.any()?;
        if reader.at == reader.tokens.len() {
            Ok(search)
        } else {
            Err(Malformed)
        }
    }

    pub fn fits(&self, item: &Item) -> bool {
        match self {
            Search::Everything => true,
            Search::All(parts) => parts.iter().all(|part| part.fits(item)),
            Search::Any(parts) => parts.iter().any(|part| part.fits(item)),
            Search::Not(part) => !part.fits(item),
            Search::Parent(id) => item.parents.contains(id),
            Search::Mine(mine) => *mine,
            Search::Text(field, comparison, wanted) => text_fits(item, *field, *comparison, wanted),
            Search::Flag(field, wanted) => {
                let is = match field {
                    Field::Trashed => item.trashed,
                    Field::Starred => item.starred,
                    _ => false,
                };
                is == *wanted
            }
            Search::Time(field, comparison, wanted) => {
                let at = if *field == Field::Created {
                    item.created
                } else {
                    item.modified
                };
                match comparison {
                    Comparison::Equal => at == *wanted,
                    Comparison::Unequal => at != *wanted,
                    Comparison::Less => at < *wanted,
                    Comparison::LessOrEqual => at <= *wanted,
                    Comparison::More => at > *wanted,
                    Comparison::MoreOrEqual => at >= *wanted,
                    Comparison::Contains => false,
                }
            }
            Search::Property(field, key, value) => {
                let known = if *field == Field::AppProperties {
                    &item.app_properties
                } else {
                    &item.properties
                };
                known.get(key) == Some(value)
            }
        }
    }
}

fn text_fits(item: &Item, field: Field, comparison: Comparison, wanted: &str) -> bool {
    let wanted = wanted.to_lowercase();
    let own = match field {
        Field::MimeType => item.mime_type.to_lowercase(),
        _ => item.name.to_lowercase(),
    };
    match comparison {
        Comparison::Equal => own == wanted,
        Comparison::Unequal => own != wanted,
        Comparison::Contains if field == Field::MimeType => own.starts_with(&wanted),
        // "Only prefix matching for a name": of any of its words.
        Comparison::Contains if field == Field::Name => own
            .char_indices()
            .filter(|(at, _)| {
                own[..*at]
                    .chars()
                    .next_back()
                    .is_none_or(|before| !before.is_alphanumeric())
            })
            .any(|(at, _)| own[at..].starts_with(&wanted)),
        Comparison::Contains => {
            own.contains(&wanted)
                || item
                    .text
                    .as_ref()
                    .is_some_and(|text| text.to_lowercase().contains(&wanted))
        }
        _ => false,
    }
}

struct Reader<'a> {
    tokens: Vec<Token>,
    at: usize,
    account: &'a str,
}

impl Reader<'_> {
    fn next(&mut self) -> Result<Token, Malformed> {
        let token = self.tokens.get(self.at).cloned().ok_or(Malformed)?;
        self.at += 1;
        Ok(token)
    }

    fn word(&mut self, wanted: &str) -> bool {
        let is = matches!(self.tokens.get(self.at), Some(Token::Word(word)) if word.eq_ignore_ascii_case(wanted));
        self.at += usize::from(is);
        is
    }

    fn sign(&mut self, wanted: &str) -> Result<(), Malformed> {
        if self.next()? == Token::Sign(sign_of(wanted)) {
            Ok(())
        } else {
            Err(Malformed)
        }
    }

    fn text(&mut self) -> Result<String, Malformed> {
        match self.next()? {
            Token::Text(text) => Ok(text),
            _ => Err(Malformed),
        }
    }

    fn any(&mut self) -> Result<Search, Malformed> {
        let mut parts = vec![self.all()?];
        while self.word("or") {
            parts.push(self.all()?);
        }
        Ok(Search::Any(parts))
    }

    fn all(&mut self) -> Result<Search, Malformed> {
        let mut parts = vec![self.one()?];
        while self.word("and") {
            parts.push(self.one()?);
        }
        Ok(Search::All(parts))
    }

    fn one(&mut self) -> Result<Search, Malformed> {
        if self.word("not") {
            return Ok(Search::Not(Box::new(self.one()?)));
        }
        match self.next()? {
            Token::Sign("(") => {
                let inner = self.any()?;
                self.sign(")")?;
                Ok(inner)
            }
            Token::Text(value) => {
                if !self.word("in") {
                    return Err(Malformed);
                }
                if self.word("parents") {
                    Ok(Search::Parent(Disk::resolve(self.account, &value)))
                } else if self.word("owners") || self.word("writers") || self.word("readers") {
                    Ok(Search::Mine(
                        value == "me" || value.eq_ignore_ascii_case(self.account),
                    ))
                } else {
                    Err(Malformed)
                }
            }
            Token::Word(field) => self.term(&field),
            Token::Sign(_) => Err(Malformed),
        }
    }

    fn term(&mut self, field: &str) -> Result<Search, Malformed> {
        let field = match field {
            "name" => Field::Name,
            "mimeType" => Field::MimeType,
            "fullText" => Field::FullText,
            "trashed" => Field::Trashed,
            "starred" => Field::Starred,
            "sharedWithMe" => Field::SharedWithMe,
            "createdTime" => Field::Created,
            "modifiedTime" => Field::Modified,
            "appProperties" => Field::AppProperties,
            "properties" => Field::Properties,
            _ => return Err(Malformed),
        };
        match field {
            Field::AppProperties | Field::Properties => {
                if !self.word("has") {
                    return Err(Malformed);
                }
                self.sign("{")?;
                let key = self.pair("key")?;
                if !self.word("and") {
                    return Err(Malformed);
                }
                let value = self.pair("value")?;
                self.sign("}")?;
                Ok(Search::Property(field, key, value))
            }
            Field::SharedWithMe if !matches!(self.tokens.get(self.at), Some(Token::Sign("="))) => {
                Ok(Search::Flag(field, true))
            }
            Field::Trashed | Field::Starred | Field::SharedWithMe => {
                let comparison = self.comparison()?;
                let value = if self.word("true") {
                    true
                } else if self.word("false") {
                    false
                } else {
                    return Err(Malformed);
                };
                match comparison {
                    Comparison::Equal => Ok(Search::Flag(field, value)),
                    Comparison::Unequal => Ok(Search::Flag(field, !value)),
                    _ => Err(Malformed),
                }
            }
            Field::Created | Field::Modified => {
                let comparison = self.comparison()?;
                let at = time(&self.text()?).ok_or(Malformed)?;
                if comparison == Comparison::Contains {
                    return Err(Malformed);
                }
                Ok(Search::Time(field, comparison, at))
            }
            Field::Name | Field::MimeType | Field::FullText => {
                let comparison = self.comparison()?;
                let fits = match comparison {
                    Comparison::Contains => true,
                    Comparison::Equal | Comparison::Unequal => field != Field::FullText,
                    _ => false,
                };
                let text = self.text()?;
                fits.then_some(Search::Text(field, comparison, text))
                    .ok_or(Malformed)
            }
        }
    }

    fn pair(&mut self, name: &str) -> Result<String, Malformed> {
        if !self.word(name) {
            return Err(Malformed);
        }
        self.sign("=")?;
        self.text()
    }

    fn comparison(&mut self) -> Result<Comparison, Malformed> {
        if self.word("contains") {
            return Ok(Comparison::Contains);
        }
        Ok(match self.next()? {
            Token::Sign("=") => Comparison::Equal,
            Token::Sign("!=") => Comparison::Unequal,
            Token::Sign("<") => Comparison::Less,
            Token::Sign("<=") => Comparison::LessOrEqual,
            Token::Sign(">") => Comparison::More,
            Token::Sign(">=") => Comparison::MoreOrEqual,
            _ => return Err(Malformed),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item() -> Item {
        Item {
            name: "Q3 report, it's final.pdf".into(),
            mime_type: "application/pdf".into(),
            parents: vec!["F".into()],
            modified: 1_700_000_000_000,
            app_properties: [("job".to_owned(), "42".to_owned())].into(),
            ..Item::default()
        }
    }

    #[test]
    fn a_search_finds_what_it_says() {
        for (text, found) in [
            ("", true),
            ("'F' in parents and trashed = false", true),
            ("'G' in parents or name contains 'rep'", true),
            ("name contains 'eport'", false),
            ("name = 'Q3 report, it\\'s final.pdf'", true),
            ("not name contains 'q3'", false),
            (
                "not (trashed = true or mimeType != 'application/pdf')",
                true,
            ),
            ("modifiedTime > '2023-11-01T00:00:00'", true),
            ("modifiedTime > '2023-12-01' and name contains 'q3'", false),
            ("appProperties has { key='job' and value='42' }", true),
            ("appProperties has { key='job' and value='43' }", false),
            ("'me' in owners", true),
            ("sharedWithMe", false),
        ] {
            let search = Search::read(text, "anna@example.org").unwrap();
            assert_eq!(search.fits(&item()), found, "{text}");
        }
    }

    #[test]
    fn a_search_that_makes_no_sense_is_refused() {
        for text in [
            "name",
            "name = \"x\"",
            "name ~ 'x'",
            "name = 'x",
            "title = 'x'",
            "trashed = 'false'",
            "name = 'x' and",
            "(name = 'x'",
            "modifiedTime > 'yesterday'",
            "name = 'x' name = 'y'",
            "name = 'a\\b'",
        ] {
            assert!(Search::read(text, "anna@example.org").is_err(), "{text}");
        }
    }
}
