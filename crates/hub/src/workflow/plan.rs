//! What a run will do, checked as far as can be known before its first step: the input, every placeholder, every
//! field, every connection, every file.

use std::path::Path;

use model::{Action, Capability, ConnectionId, ConnectionView, Error, ErrorCode, IntegrationId};
use serde_json::{Map, Value};

use super::{
    invalid, invalid_at,
    parse::{Field, Step, Workflow},
    template::{Scope, render},
};
use crate::core::Core;

/// The input as the steps see it: what was given, with the defaults of what wasn't.
pub(super) fn input(workflow: &Workflow, given: &str) -> Result<Value, Error> {
    let mut given: Value = match given.trim() {
        "" => Value::Object(Map::new()),
        text => serde_json::from_str(text)
            .map_err(|error| invalid(format!("the input is no JSON ({error}).")))?,
    };
    let Some(declared) = &workflow.inputs else {
        return Ok(given);
    };
    let Value::Object(fields) = &mut given else {
        return Err(invalid(
            "the input must be a JSON object, {\"name\": value}.",
        ));
    };
    if let Some(unknown) = fields.keys().find(|name| !declared.contains_key(*name)) {
        let known: Vec<&str> = declared.keys().map(String::as_str).collect();
        let known = known.join(", ");
        return Err(invalid(format!(
            "it takes no input \"{unknown}\"; it takes {known}."
        )));
    }
    for (name, input) in declared {
        match &input.default {
            Some(default) => {
                fields.entry(name).or_insert_with(|| default.clone());
            }
            None if input.required && !fields.contains_key(name) => {
                return Err(invalid(format!("the input \"{name}\" is missing.")));
            }
            None => {}
        }
    }
    Ok(given)
}

/// The step's action, with everything put in; relative paths start from `folder`.
pub(super) fn action(step: &Step, scope: &Scope<'_>, folder: &Path) -> Result<Action, Error> {
    let mut fields = step.blank.clone();
    for field in &step.fields {
        let value = fit(put_in(field, scope)?, step.blank.get(&field.name));
        // Alone among blanks, so that a value of the wrong kind is told with its name.
        let mut alone = step.blank.clone();
        alone.insert(field.name.clone(), value.clone());
        serde_json::from_value::<Action>(Value::Object(alone))
            .map_err(|error| invalid_at(field.line, format!("{}: {error}.", field.name)))?;
        fields.insert(field.name.clone(), value);
    }
    let mut action = serde_json::from_value(Value::Object(fields))
        .map_err(|error| invalid_at(step.line, format!("{error}.")))?;
    for path in paths(&mut action) {
        *path = folder.join(&*path).to_string_lossy().into_owned();
    }
    Ok(action)
}

fn put_in(field: &Field, scope: &Scope<'_>) -> Result<Value, Error> {
    render(&field.value, scope)
        .map_err(|reason| invalid_at(field.line, format!("{}: {reason}", field.name)))
}

/// Numbers are text where text is meant (a chat's id, say), and one of something is a list where a list is meant.
fn fit(value: Value, blank: Option<&Value>) -> Value {
    match (value, blank) {
        (value, Some(Value::Bool(_))) => value,
        (Value::Number(number), Some(Value::Array(_))) => {
            Value::Array(vec![Value::String(number.to_string())])
        }
        (Value::String(text), Some(Value::Array(_))) => Value::Array(vec![Value::String(text)]),
        (Value::Number(number), _) => Value::String(number.to_string()),
        (value, _) => value,
    }
}

fn paths(action: &mut Action) -> Vec<&mut String> {
    match action {
        Action::SendEmail(mail) => mail.attachments.iter_mut().collect(),
        Action::UploadFiles(upload) => upload.files.iter_mut().collect(),
        Action::SendMessage(message) => message.file.iter_mut().collect(),
    }
}

/// Can its files be read now? The outbox asks again, but by then the steps before have run.
pub(super) async fn check_files(action: &Action) -> Result<(), Error> {
    let mut action = action.clone();
    for path in paths(&mut action) {
        let found = tokio::fs::metadata(&*path).await;
        if !found.is_ok_and(|found| found.is_file()) {
            return Err(Error::new(ErrorCode::FileUnreadable).with("file", path));
        }
    }
    Ok(())
}

impl Core {
    /// The connection a step goes through: the one it names, among those that can, or the only one that can.
    pub(super) fn step_connection(
        &self,
        step: &Step,
        scope: &Scope<'_>,
    ) -> Result<ConnectionId, Error> {
        let named = match &step.connection {
            None => None,
            Some(field) => match put_in(field, scope)? {
                Value::String(name) => Some(name),
                _ => return Err(invalid_at(field.line, "connection is a text.")),
            },
        };
        let views = self.roster.all().iter().map(|row| self.view(row)).collect();
        choose(
            views,
            step.capability,
            step.integration.as_ref(),
            named.as_deref(),
        )
        .map_err(|error| error.with("step", &step.id))
    }
}

fn choose(
    mut views: Vec<ConnectionView>,
    capability: Capability,
    integration: Option<&IntegrationId>,
    named: Option<&str>,
) -> Result<ConnectionId, Error> {
    views.retain(|view| {
        view.capabilities.contains(&capability)
            && integration.is_none_or(|integration| view.integration == *integration)
            && named.is_none_or(|name| {
                view.id.to_string() == name
                    || view.account == name
                    || view.name.as_deref() == Some(name)
                    || view.integration.as_str() == name
            })
    });
    let asked = named
        .or(integration.map(IntegrationId::as_str))
        .unwrap_or(capability.name());
    match &views[..] {
        [only] => Ok(only.id),
        [] if named.is_some() => {
            Err(Error::new(ErrorCode::UnknownConnection).with("connection", asked))
        }
        [] => Err(Error::new(ErrorCode::NotConnected)
            .with("service", asked)
            .with("integration", asked)),
        several => {
            let choices: Vec<String> = several
                .iter()
                .map(|view| format!("{} ({}, {})", view.account, view.integration, view.id))
                .collect();
            Err(Error::new(ErrorCode::AmbiguousConnection)
                .with("connection", asked)
                .with("choices", choices.join("; ")))
        }
    }
}
