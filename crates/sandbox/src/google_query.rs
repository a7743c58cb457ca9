//! The query of a Google API call, read the strict way: a name that the method doesn't have, a value of the wrong type
//! and a parameter sent twice are refused, since that is how our own mistakes show.

use axum::Json;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use crate::form::Form;
use crate::google_api::{Refusal, bad_parameter};
use crate::google_fields;

/// What a parameter may hold.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Text,
    Flag,
    /// A number from … to …
    Count(u64, u64),
    OneOf(&'static [&'static str]),
    /// May be repeated.
    Many,
}

pub(crate) type Known = &'static [(&'static str, Kind)];

/// Every method has these ("Standard query parameters").
const STANDARD: Known = &[
    ("fields", Kind::Text),
    ("prettyPrint", Kind::Flag),
    ("alt", Kind::OneOf(&["json", "media"])),
    ("quotaUser", Kind::Text),
    ("key", Kind::Text),
];

pub(crate) struct Query(Form);

impl Query {
    pub fn read(raw: Option<&str>, known: Known) -> Result<Query, Refusal> {
        let form = Form::parse(raw.unwrap_or_default().as_bytes());
        let mut seen: Vec<&str> = Vec::new();
        for (name, value) in form.pairs() {
            let Some((_, kind)) = known
                .iter()
                .chain(STANDARD)
                .find(|(known, _)| *known == name)
            else {
                let message = format!(
                    "Invalid JSON payload received. Unknown name \"{name}\": Cannot bind query parameter."
                );
                return Err(bad_parameter(name, "invalidParameter", &message).into());
            };
            let fits = match kind {
                Kind::Text | Kind::Many => true,
                Kind::Flag => ["true", "false"].contains(&value),
                Kind::Count(least, most) => value
                    .parse::<u64>()
                    .is_ok_and(|value| (*least..=*most).contains(&value)),
                Kind::OneOf(allowed) => allowed.contains(&value),
            };
            if !fits || (seen.contains(&name) && !matches!(kind, Kind::Many)) {
                let message = format!("Invalid value '{value}' for {name}.");
                return Err(bad_parameter(name, "invalidParameter", &message).into());
            }
            seen.push(name);
        }
        Ok(Query(form))
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)
    }

    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.all(name).filter(|value| !value.is_empty())
    }

    pub fn flag(&self, name: &str) -> bool {
        self.get(name) == Some("true")
    }

    pub fn count(&self, name: &str) -> Option<u64> {
        self.get(name)?.parse().ok()
    }

    /// The answer, with only the wanted fields. `whole` is an example of the resource that has all of them.
    pub fn answer(&self, resource: &Value, whole: &Value) -> Result<Response, Refusal> {
        Ok(Json(self.part(resource, whole)?).into_response())
    }

    pub fn part(&self, resource: &Value, whole: &Value) -> Result<Value, Refusal> {
        wanted(resource, self.get("fields"), whole)
    }
}

/// Keeps the fields of a mask; a wrong mask is a 400.
pub(crate) fn wanted(
    resource: &Value,
    fields: Option<&str>,
    whole: &Value,
) -> Result<Value, Refusal> {
    let Some(fields) = fields else {
        return Ok(resource.clone());
    };
    google_fields::select_of(resource, fields, whole).map_err(|field| {
        bad_parameter(
            "fields",
            "invalidParameter",
            &format!("Invalid field selection {field}"),
        )
        .into()
    })
}
