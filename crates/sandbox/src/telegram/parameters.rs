//! A call's parameters, however they are sent: query, form, JSON or multipart. In the first two and the last, objects
//! and lists are JSON inside of a text.

use std::collections::BTreeMap;

use axum::http::HeaderMap;
use serde_json::Value;

use super::Refused;
use crate::form::{FORM, Form, media_type};
use crate::multipart;

/// A file that came along.
pub(crate) struct Attached {
    pub name: String,
    pub media_type: String,
    pub bytes: Vec<u8>,
}

#[derive(Default)]
pub(crate) struct Parameters {
    values: BTreeMap<String, Value>,
    files: BTreeMap<String, Attached>,
}

impl Parameters {
    pub fn read(
        query: Option<&str>,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Parameters, Refused> {
        let mut parameters = Parameters::default();
        parameters.take_form(query.unwrap_or_default().as_bytes());
        if body.is_empty() {
            return Ok(parameters);
        }
        match media_type(headers).as_deref() {
            Some("application/json") => match serde_json::from_slice::<Value>(body) {
                Ok(Value::Object(object)) => parameters.values.extend(object),
                Ok(Value::Null) => {}
                _ => return Err(Refused::bad("can't parse JSON object")),
            },
            Some(FORM) => parameters.take_form(body),
            Some("multipart/form-data") => {
                let parts = multipart::boundary(headers)
                    .and_then(|boundary| multipart::split(body, &boundary))
                    .ok_or_else(|| Refused::bad("can't parse multipart body"))?;
                for part in parts {
                    parameters.take_part(part);
                }
            }
            _ => return Err(Refused::bad("unsupported content type")),
        }
        Ok(parameters)
    }

    fn take_form(&mut self, encoded: &[u8]) {
        for (name, value) in Form::parse(encoded).pairs() {
            self.values.insert(name.to_owned(), value.into());
        }
    }

    fn take_part(&mut self, part: multipart::Part) {
        let disposition = part.header("content-disposition").unwrap_or_default();
        let Some(name) = multipart::parameter(disposition, "name") else {
            return;
        };
        match multipart::parameter(disposition, "filename") {
            Some(filename) => {
                let kind = match part.media_type() {
                    kind if kind.is_empty() => "application/octet-stream".into(),
                    kind => kind,
                };
                let file = Attached {
                    name: filename,
                    media_type: kind,
                    bytes: part.body,
                };
                self.files.insert(name, file);
            }
            None => {
                let text = String::from_utf8_lossy(&part.body).into_owned();
                self.values.insert(name, text.into());
            }
        }
    }

    pub fn text(&self, name: &str) -> Option<String> {
        match self.values.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(flag) => Some(flag.to_string()),
            _ => None,
        }
    }

    pub fn number(&self, name: &str) -> Result<Option<i64>, Refused> {
        match self.values.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Number(number)) => number
                .as_i64()
                .map(Some)
                .ok_or_else(|| Refused::bad(format!("{name} is invalid"))),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => text
                .parse()
                .map(Some)
                .map_err(|_| Refused::bad(format!("{name} is invalid"))),
            Some(_) => Err(Refused::bad(format!("{name} is invalid"))),
        }
    }

    pub fn flag(&self, name: &str) -> bool {
        matches!(self.values.get(name), Some(Value::Bool(true)))
            || matches!(self.values.get(name), Some(Value::String(text)) if text == "true" || text == "1")
    }

    /// An object or a list.
    pub fn json(&self, name: &str) -> Result<Option<Value>, Refused> {
        match self.values.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => serde_json::from_str(text)
                .map(Some)
                .map_err(|_| Refused::bad(format!("can't parse {name} JSON object"))),
            Some(value) => Ok(Some(value.clone())),
        }
    }

    /// A file under its own name, or under the one that `attach://` names.
    pub fn file(&mut self, name: &str) -> Option<Attached> {
        let attached = self
            .text(name)
            .and_then(|text| text.strip_prefix("attach://").map(str::to_owned));
        self.files.remove(attached.as_deref().unwrap_or(name))
    }
}
