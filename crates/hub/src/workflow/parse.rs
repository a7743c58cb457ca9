//! From TOML to steps. Every mistake names its line: unknown fields too, for a mistyped one would be left out silently.

use std::collections::BTreeMap;

use integrations::Integration;
use model::{
    Action, ActionId, Capability, Error, IntegrationId, SendEmail, SendMessage, UploadFiles,
};
use serde_json::{Map, Value};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{invalid, invalid_at};

/// Names are shown in lists and kept in the ledger.
const MAX_NAME: usize = 80;

#[derive(Debug)]
pub(super) struct Workflow {
    pub(super) name: String,
    /// `None` = anything may come in.
    pub(super) inputs: Option<BTreeMap<String, Input>>,
    pub(super) steps: Vec<Step>,
}

#[derive(Debug)]
pub(super) struct Input {
    pub(super) required: bool,
    pub(super) default: Option<Value>,
}

#[derive(Debug)]
pub(super) struct Step {
    /// What `{{steps.ID.…}}` means; its number where none is given.
    pub(super) id: String,
    pub(super) line: usize,
    /// The action with nothing in it: which fields there are, and what each holds.
    pub(super) blank: Map<String, Value>,
    pub(super) capability: Capability,
    /// From the action's name: `send_telegram` means one integration.
    pub(super) integration: Option<IntegrationId>,
    pub(super) connection: Option<Field>,
    pub(super) fields: Vec<Field>,
}

#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) line: usize,
    pub(super) value: Value,
}

/// An action's name in a workflow, and what it stands for.
struct Kind {
    name: String,
    action: Action,
    integration: Option<IntegrationId>,
}

/// Reads a workflow; nothing is put in and nothing is looked up yet.
pub(super) fn parse(source: &str) -> Result<Workflow, Error> {
    let document = DeTable::parse(source).map_err(|error| {
        let line = error.span().map_or(1, |span| line_of(source, span.start));
        invalid_at(line, format!("{}.", error.message()))
    })?;
    let mut top = Fields::read(source, 1, "a workflow", document.into_inner());
    let (line, name) = top.need("name")?;
    let name = text(line, "name", name)?;
    if name.trim().is_empty() || name.chars().count() > MAX_NAME || name.contains(char::is_control)
    {
        return Err(invalid_at(
            line,
            format!("a name is 1 to {MAX_NAME} characters on one line."),
        ));
    }
    let inputs = match top.take("inputs") {
        Some((line, value)) => Some(inputs(source, line, value)?),
        None => None,
    };
    let steps = match top.take("steps") {
        Some((line, value)) => steps(source, line, value)?,
        None => Vec::new(),
    };
    top.finish(&["name", "inputs", "steps"])?;
    if steps.is_empty() {
        return Err(invalid("it has no [[steps]]."));
    }
    Ok(Workflow {
        name,
        inputs,
        steps,
    })
}

fn inputs(source: &str, line: usize, value: DeValue<'_>) -> Result<BTreeMap<String, Input>, Error> {
    let DeValue::Table(table) = value else {
        return Err(invalid_at(line, "inputs are tables: [inputs.NAME]."));
    };
    let mut inputs = BTreeMap::new();
    for (name, (line, value)) in Fields::read(source, line, "inputs", table).fields {
        let DeValue::Table(table) = value else {
            return Err(invalid_at(
                line,
                format!("an input is a table: [inputs.{name}]."),
            ));
        };
        let mut fields = Fields::read(source, line, "an input", table);
        let required = match fields.take("required") {
            None => false,
            Some((_, DeValue::Boolean(required))) => required,
            Some((line, _)) => return Err(invalid_at(line, "required is true or false.")),
        };
        let default = match fields.take("default") {
            None => None,
            Some((line, value)) => Some(json(line, &value)?),
        };
        if let Some((line, description)) = fields.take("description") {
            text(line, "description", description)?;
        }
        fields.finish(&["required", "default", "description"])?;
        inputs.insert(name, Input { required, default });
    }
    Ok(inputs)
}

fn steps(source: &str, line: usize, value: DeValue<'_>) -> Result<Vec<Step>, Error> {
    let DeValue::Array(array) = value else {
        return Err(invalid_at(line, "steps are written [[steps]]."));
    };
    if array.len() > ActionId::MAX_STEPS as usize {
        let most = ActionId::MAX_STEPS;
        return Err(invalid_at(
            line,
            format!("a workflow has at most {most} steps."),
        ));
    }
    let kinds = kinds();
    let mut steps: Vec<Step> = Vec::new();
    for entry in array {
        let line = line_of(source, entry.span().start);
        let DeValue::Table(table) = entry.into_inner() else {
            return Err(invalid_at(line, "a step is a table: [[steps]]."));
        };
        let number = (steps.len() + 1).to_string();
        let step = step(Fields::read(source, line, "a step", table), number, &kinds)?;
        if steps.iter().any(|other| other.id == step.id) {
            return Err(invalid_at(
                line,
                format!("two steps have the id \"{}\".", step.id),
            ));
        }
        steps.push(step);
    }
    Ok(steps)
}

fn step(mut fields: Fields, number: String, kinds: &[Kind]) -> Result<Step, Error> {
    let line = fields.line;
    let (at, action) = fields.need("action")?;
    let action = text(at, "action", action)?;
    let kind = kinds
        .iter()
        .find(|kind| kind.name == action)
        .ok_or_else(|| {
            let known: Vec<&str> = kinds.iter().map(|kind| kind.name.as_str()).collect();
            invalid_at(
                at,
                format!(
                    "there is no action \"{action}\"; there are {}.",
                    known.join(", ")
                ),
            )
        })?;
    let id = match fields.take("id") {
        None => number,
        Some((at, id)) => {
            let id = text(at, "id", id)?;
            let fit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
            if id.is_empty() || !id.chars().all(fit) {
                return Err(invalid_at(at, "an id is made of letters, digits, _ and -."));
            }
            id
        }
    };
    let connection = match fields.take("connection") {
        None => None,
        Some((line, value)) => Some(Field {
            name: "connection".to_owned(),
            line,
            value: Value::String(text(line, "connection", value)?),
        }),
    };
    let blank = blank(&kind.action)?;
    let mut given = Vec::new();
    for name in blank.keys().filter(|name| *name != "action") {
        if let Some((line, value)) = fields.take(name) {
            given.push(Field {
                name: name.clone(),
                line,
                value: json(line, &value)?,
            });
        }
    }
    let known: Vec<&str> = ["action", "id", "connection"]
        .into_iter()
        .chain(
            blank
                .keys()
                .map(String::as_str)
                .filter(|name| *name != "action"),
        )
        .collect();
    fields.finish(&known)?;
    Ok(Step {
        id,
        line,
        capability: kind.action.capability(),
        integration: kind.integration.clone(),
        blank,
        connection,
        fields: given,
    })
}

/// Every action by its general name, and by each integration that can do it: `send_message`, `send_telegram`.
fn kinds() -> Vec<Kind> {
    let general = [
        Action::SendEmail(SendEmail::default()),
        Action::SendMessage(SendMessage::default()),
        Action::UploadFiles(UploadFiles::default()),
    ];
    let mut kinds: Vec<Kind> = Vec::new();
    for action in general {
        let Some(name) = name(&action) else { continue };
        let verb = name.split('_').next().unwrap_or_default().to_owned();
        let able =
            |one: &&&dyn Integration| one.facts().capabilities.contains(&action.capability());
        let own = integrations::all().iter().filter(able).map(|one| {
            let id = &one.facts().id;
            Kind {
                name: format!("{verb}_{id}"),
                action: action.clone(),
                integration: Some(id.clone()),
            }
        });
        let own: Vec<Kind> = own.collect();
        kinds.push(Kind {
            name,
            action,
            integration: None,
        });
        kinds.extend(own);
    }
    kinds
}

fn name(action: &Action) -> Option<String> {
    let value = serde_json::to_value(action).ok()?;
    Some(value.get("action")?.as_str()?.to_owned())
}

fn blank(action: &Action) -> Result<Map<String, Value>, Error> {
    match serde_json::to_value(action) {
        Ok(Value::Object(fields)) => Ok(fields),
        _ => Err(model::ErrorCode::Internal.into()),
    }
}

/// A table, field by field; what nobody took is a mistake.
struct Fields<'i> {
    line: usize,
    what: &'static str,
    fields: BTreeMap<String, (usize, DeValue<'i>)>,
}

impl<'i> Fields<'i> {
    fn read(source: &str, line: usize, what: &'static str, table: DeTable<'i>) -> Self {
        let fields = table
            .into_iter()
            .map(|(key, value): (Spanned<_>, Spanned<_>)| {
                let line = line_of(source, key.span().start);
                (key.into_inner().into_owned(), (line, value.into_inner()))
            });
        Self {
            line,
            what,
            fields: fields.collect(),
        }
    }

    fn take(&mut self, name: &str) -> Option<(usize, DeValue<'i>)> {
        self.fields.remove(name)
    }

    fn need(&mut self, name: &str) -> Result<(usize, DeValue<'i>), Error> {
        self.take(name)
            .ok_or_else(|| invalid_at(self.line, format!("{} needs \"{name}\".", self.what)))
    }

    fn finish(self, known: &[&str]) -> Result<(), Error> {
        match self.fields.into_iter().min_by_key(|(_, (line, _))| *line) {
            None => Ok(()),
            Some((name, (line, _))) => Err(invalid_at(
                line,
                format!(
                    "{} has no field \"{name}\"; it has {}.",
                    self.what,
                    known.join(", ")
                ),
            )),
        }
    }
}

fn text(line: usize, name: &str, value: DeValue<'_>) -> Result<String, Error> {
    match value {
        DeValue::String(text) => Ok(text.into_owned()),
        _ => Err(invalid_at(line, format!("{name} is a text in quotes."))),
    }
}

fn json(line: usize, value: &DeValue<'_>) -> Result<Value, Error> {
    let wrong = || invalid_at(line, "this number is too big.");
    Ok(match value {
        DeValue::String(text) => Value::String(text.clone().into_owned()),
        DeValue::Boolean(yes) => Value::Bool(*yes),
        DeValue::Datetime(at) => Value::String(at.to_string()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_err(|_| wrong())?
            .into(),
        DeValue::Float(number) => number
            .as_str()
            .parse()
            .ok()
            .and_then(serde_json::Number::from_f64)
            .ok_or_else(wrong)?
            .into(),
        DeValue::Array(array) => {
            let values: Result<Vec<Value>, Error> = array
                .iter()
                .map(|value| json(line, value.get_ref()))
                .collect();
            Value::Array(values?)
        }
        DeValue::Table(table) => {
            let mut fields = Map::new();
            for (key, value) in table {
                fields.insert(
                    key.get_ref().clone().into_owned(),
                    json(line, value.get_ref())?,
                );
            }
            Value::Object(fields)
        }
    })
}

fn line_of(source: &str, at: usize) -> usize {
    let before = source.get(..at).unwrap_or(source);
    before.matches('\n').count() + 1
}
