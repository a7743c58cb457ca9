//! `{{placeholders}}`: what they may name, and how values are put in. Once: what a value says is never looked at again,
//! so no input can reach another's value, or the results of a step.

use std::collections::BTreeMap;

use model::RemoteRef;
use serde_json::Value;

/// What placeholders may name.
#[derive(Clone, Debug)]
pub(super) struct Scope<'a> {
    pub(super) input: &'a Value,
    /// The steps before this one, with what they made; `None` = not run yet, when everything is checked ahead.
    pub(super) steps: BTreeMap<&'a str, Option<RemoteRef>>,
}

/// What a step's placeholders can say about a step before.
const OF_STEPS: [&str; 2] = ["id", "link"];

#[derive(Clone, PartialEq, Eq, Debug)]
enum Piece<'t> {
    Text(&'t str),
    Name(&'t str),
}

/// A value with its placeholders filled. A text that is one placeholder and nothing else becomes what that names, so
/// that lists stay lists; a list in a list is laid out flat.
pub(super) fn render(value: &Value, scope: &Scope<'_>) -> Result<Value, String> {
    match value {
        Value::String(text) => fill(text, scope),
        Value::Array(values) => {
            let mut flat = Vec::with_capacity(values.len());
            for value in values {
                match render(value, scope)? {
                    Value::Array(inner) => flat.extend(inner),
                    one => flat.push(one),
                }
            }
            Ok(Value::Array(flat))
        }
        other => Ok(other.clone()),
    }
}

fn fill(text: &str, scope: &Scope<'_>) -> Result<Value, String> {
    let pieces = pieces(text)?;
    if let [Piece::Name(name)] = pieces[..] {
        return match scope.find(name)? {
            Value::Null | Value::Object(_) => Err(not_text(name)),
            value => Ok(value),
        };
    }
    let mut filled = String::with_capacity(text.len());
    for piece in pieces {
        match piece {
            Piece::Text(text) => filled.push_str(text),
            Piece::Name(name) => match scope.find(name)? {
                Value::String(text) => filled.push_str(&text),
                Value::Number(number) => filled.push_str(&number.to_string()),
                Value::Bool(yes) => filled.push_str(if yes { "true" } else { "false" }),
                Value::Null | Value::Array(_) | Value::Object(_) => return Err(not_text(name)),
            },
        }
    }
    Ok(Value::String(filled))
}

fn not_text(name: &str) -> String {
    format!("{{{{{name}}}}} is no text that could stand here.")
}

/// Single braces stand for themselves; two of them as text are written `{{"{{"}}`.
fn pieces(text: &str) -> Result<Vec<Piece<'_>>, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let (inside, tail) = after
            .split_once("}}")
            .ok_or_else(|| format!("a placeholder is not closed: {{{{{}", head(after)))?;
        if !before.is_empty() {
            pieces.push(Piece::Text(before));
        }
        let inside = inside.trim();
        let quoted = inside
            .strip_prefix('"')
            .and_then(|text| text.strip_suffix('"'));
        match quoted {
            Some(text) => pieces.push(Piece::Text(text)),
            None => pieces.push(Piece::Name(inside)),
        }
        rest = tail;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    Ok(pieces)
}

/// Enough of it to be found.
fn head(text: &str) -> String {
    text.chars().take(24).collect()
}

impl Scope<'_> {
    fn find(&self, name: &str) -> Result<Value, String> {
        let mut path = name.split('.').map(str::trim);
        match path.next() {
            Some("input") => self.of_input(name, path),
            Some("steps") => self.of_step(name, path),
            _ => Err(format!(
                "{{{{{name}}}}} is not known; there are input and steps."
            )),
        }
    }

    fn of_input<'p>(
        &self,
        name: &str,
        path: impl Iterator<Item = &'p str>,
    ) -> Result<Value, String> {
        let mut here = self.input;
        let mut so_far = "input".to_owned();
        for part in path {
            let next = match here {
                Value::Object(fields) => fields.get(part),
                Value::Array(values) => part.parse::<usize>().ok().and_then(|at| values.get(at)),
                _ => None,
            };
            here = next.ok_or_else(|| {
                format!("{{{{{name}}}}} is not known; {so_far} {}.", contents(here))
            })?;
            so_far = format!("{so_far}.{part}");
        }
        Ok(here.clone())
    }

    fn of_step<'p>(
        &self,
        name: &str,
        mut path: impl Iterator<Item = &'p str>,
    ) -> Result<Value, String> {
        let step = path.next().unwrap_or_default();
        let Some(made) = self.steps.get(step) else {
            let known: Vec<&str> = self.steps.keys().copied().collect();
            return Err(if known.is_empty() {
                format!("{{{{{name}}}}} is not known; there is no step before this one.")
            } else {
                format!(
                    "{{{{{name}}}}} is not known; the steps before are {}.",
                    known.join(", ")
                )
            });
        };
        let (field, more) = (path.next().unwrap_or_default(), path.next());
        if !OF_STEPS.contains(&field) || more.is_some() {
            return Err(format!(
                "{{{{{name}}}}} is not known; a step has {}.",
                OF_STEPS.join(", ")
            ));
        }
        let Some(made) = made else {
            // Stands in until the step has run.
            return Ok(Value::String("0".to_owned()));
        };
        let said = if field == "id" {
            Some(&made.id)
        } else {
            made.link.as_ref()
        };
        said.map(|text| Value::String(text.clone()))
            .ok_or_else(|| format!("{{{{{name}}}}} isn't there: the service gave no {field}."))
    }
}

fn contents(value: &Value) -> String {
    match value {
        Value::Object(fields) if fields.is_empty() => "is empty".to_owned(),
        Value::Object(fields) => {
            let names: Vec<&str> = fields.keys().map(String::as_str).collect();
            format!("has {}", names.join(", "))
        }
        Value::Array(values) => format!("has {} entries, counted from 0", values.len()),
        _ => "has nothing in it".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn scope(input: &Value) -> Scope<'_> {
        let made = RemoteRef {
            id: "18c2".to_owned(),
            within: None,
            link: None,
        };
        Scope {
            input,
            steps: BTreeMap::from([("mail", Some(made)), ("later", None)]),
        }
    }

    fn filled(text: &str, input: &Value) -> Result<Value, String> {
        render(&json!(text), &scope(input))
    }

    #[test]
    fn a_name_is_replaced_wherever_it_stands() {
        let input = json!({"who": {"name": "Anna"}, "n": 3, "list": ["a", "b"]});
        assert_eq!(
            filled("Hi {{ input.who.name }}, {{input.n}}!", &input),
            Ok(json!("Hi Anna, 3!"))
        );
        assert_eq!(filled("{{input.list.1}}", &input), Ok(json!("b")));
        assert_eq!(filled("re {{steps.mail.id}}", &input), Ok(json!("re 18c2")));
        assert_eq!(filled("{ {{\"{{\"}} }", &input), Ok(json!("{ {{ }")));
    }

    #[test]
    fn a_list_stays_a_list_where_it_stands_alone() {
        let input = json!({"to": ["a@example.org", "b@example.org"]});
        assert_eq!(filled("{{input.to}}", &input), Ok(input["to"].clone()));
        let both = render(&json!(["c@example.org", "{{input.to}}"]), &scope(&input)).unwrap();
        assert_eq!(
            both,
            json!(["c@example.org", "a@example.org", "b@example.org"])
        );
        assert!(filled("to {{input.to}}", &input).is_err());
    }

    #[test]
    fn an_unknown_name_says_what_there_is() {
        let input = json!({"to": "a", "subject": "b"});
        for (text, says) in [
            ("{{input.too}}", "input has subject, to"),
            ("{{env.HOME}}", "there are input and steps"),
            ("{{steps.male.id}}", "the steps before are later, mail"),
            ("{{steps.mail.token}}", "a step has id, link"),
            ("{{input.to.x}}", "input.to has nothing in it"),
            ("{{steps.mail.link}}", "the service gave no link"),
            ("{{input.to", "not closed"),
        ] {
            let refused = filled(text, &input).unwrap_err();
            assert!(refused.contains(says), "{text}: {refused}");
        }
    }

    proptest! {
        #[test]
        fn a_value_is_put_in_once_and_never_looked_at_again(value in ".*", other in ".*") {
            let inside = format!("{{{{input.other}}}}{value}{{{{steps.mail.id}}}}");
            let input = json!({"value": inside, "other": other});
            prop_assert_eq!(filled("<{{input.value}}>", &input), Ok(json!(format!("<{inside}>"))));
            prop_assert_eq!(filled("{{input.value}}", &input), Ok(json!(inside)));
        }

        #[test]
        fn a_text_without_two_braces_stands_for_itself(text in "[^{]*(\\{[^{]+)*") {
            prop_assert_eq!(filled(&text, &json!({})), Ok(json!(text)));
        }

        #[test]
        fn no_text_makes_it_panic(text in "[{}\".a-z ]*") {
            let _ = filled(&text, &json!({"a": 1}));
        }
    }
}
