//! Our entry in the text of a client's file. The text keeps its comments, trailing commas, unknown keys, indentation
//! and line ends; before anything is handed out it is read again, and must differ by our entry alone.

use jsonc_parser::{
    ParseOptions,
    cst::{CstInputValue, CstObject, CstObjectProp, CstRootNode},
    parse_to_serde_value,
};
use serde_json::{Value, json};

use crate::{Client, Trouble};

/// Under which name we stand in every client's file.
pub const NAME: &str = "autopilot";

/// Some editors begin a file with it; JSON doesn't allow it, and clients pass over it.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// JSON with comments and trailing commas, which is what the clients read, and no more.
const READ: ParseOptions = ParseOptions {
    allow_comments: true,
    allow_trailing_commas: true,
    allow_loose_object_property_names: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

/// How a client is to start us.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// The absolute path of our terminal program.
    pub command: String,
    pub args: Vec<String>,
}

/// Who stands under our name in a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Standing {
    Nobody,
    /// We, started as we want it; the person may have added things.
    We,
    /// Something else: another program, or we from another place.
    Other,
}

impl Entry {
    /// What a client that isn't among ours takes, as most of them do.
    #[must_use]
    pub fn block(&self) -> String {
        // By hand, because our JSON would sort the names: people read the program first and then its words.
        let command = json!(self.command);
        let args: Vec<String> = self.args.iter().map(|arg| json!(arg).to_string()).collect();
        let args = args.join(", ");
        format!(
            "{{\n  \"mcpServers\": {{\n    \"{NAME}\": {{\n      \"command\": {command},\n      \"args\": [{args}]\n    }}\n  }}\n}}"
        )
    }

    fn value(&self, client: Client) -> CstInputValue {
        let args = self.args.iter().map(|arg| arg.as_str().into()).collect();
        let mut fields = vec![
            ("command".to_owned(), self.command.as_str().into()),
            ("args".to_owned(), CstInputValue::Array(args)),
        ];
        if client.names_the_type() {
            fields.insert(0, ("type".to_owned(), "stdio".into()));
        }
        CstInputValue::Object(fields)
    }

    fn is(&self, found: &Value) -> bool {
        found.get("command") == Some(&json!(self.command))
            && found.get("args") == Some(&json!(self.args))
            && found.get("type").is_none_or(|kind| kind == "stdio")
    }
}

/// Who stands under our name in this text.
pub fn standing(text: &str, client: Client, entry: &Entry) -> Result<Standing, Trouble> {
    let root = read(bare(text))?;
    let Some(servers) = servers(&root, client)? else {
        return Ok(Standing::Nobody);
    };
    Ok(match only(&servers, NAME)? {
        None => Standing::Nobody,
        Some(found) if found.to_serde_value().is_some_and(|it| entry.is(&it)) => Standing::We,
        Some(_) => Standing::Other,
    })
}

/// The text with our entry in it; the same text where it is there already. An empty one becomes a new file's.
pub fn with_entry(text: &str, client: Client, entry: &Entry) -> Result<String, Trouble> {
    match standing(text, client, entry)? {
        Standing::We => return Ok(text.to_owned()),
        Standing::Nobody | Standing::Other => {}
    }
    let before = bare(text);
    let root = read(if before.trim().is_empty() {
        "{}\n"
    } else {
        before
    })?;
    let whole = root
        .object_value_or_create()
        .ok_or(Trouble::NoMap { what: None })?;
    let servers = whole
        .object_value_or_create(client.map())
        .ok_or(Trouble::NoMap {
            what: Some(client.map()),
        })?;
    match servers.get(NAME) {
        Some(other) => other.set_value(entry.value(client)),
        None => {
            servers.append(NAME, entry.value(client));
        }
    }
    let mut after = root.to_string();
    prove(before, &after, client, entry)?;
    if text.starts_with(BYTE_ORDER_MARK) {
        after.insert(0, BYTE_ORDER_MARK);
    }
    Ok(after)
}

fn bare(text: &str) -> &str {
    text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text)
}

fn read(text: &str) -> Result<CstRootNode, Trouble> {
    CstRootNode::parse(text, &READ).map_err(|error| Trouble::NoJson {
        line: error.line_display(),
        column: error.column_display(),
        why: error.kind().to_string(),
    })
}

/// The client's map of servers, where the file has one.
fn servers(root: &CstRootNode, client: Client) -> Result<Option<CstObject>, Trouble> {
    let Some(value) = root.value() else {
        return Ok(None);
    };
    let whole = value.as_object().ok_or(Trouble::NoMap { what: None })?;
    let Some(map) = only(&whole, client.map())? else {
        return Ok(None);
    };
    map.object_value().map(Some).ok_or(Trouble::NoMap {
        what: Some(client.map()),
    })
}

/// The one property of this name.
fn only(object: &CstObject, name: &'static str) -> Result<Option<CstObjectProp>, Trouble> {
    let mut named = object
        .properties()
        .into_iter()
        .filter(|property| property.decoded_name().as_deref() == Some(name));
    match (named.next(), named.next()) {
        (found, None) => Ok(found),
        (_, Some(_)) => Err(Trouble::Twice { what: name }),
    }
}

/// Is our entry in, and everything else what it was?
fn prove(before: &str, after: &str, client: Client, entry: &Entry) -> Result<(), Trouble> {
    let whole = |text: &str| parse_to_serde_value::<Value>(text, &READ).ok();
    let mut new = whole(after).ok_or(Trouble::TooMuch)?;
    let ours = take_entry(&mut new, client);
    let mut old = match whole(before) {
        None => return Err(Trouble::TooMuch),
        Some(Value::Null) => json!({}),
        Some(old) => old,
    };
    take_entry(&mut old, client);
    if let Some(old) = old.as_object_mut() {
        old.entry(client.map()).or_insert_with(|| json!({}));
    }
    if new == old && ours.is_some_and(|ours| entry.is(&ours)) {
        Ok(())
    } else {
        Err(Trouble::TooMuch)
    }
}

fn take_entry(whole: &mut Value, client: Client) -> Option<Value> {
    whole.get_mut(client.map())?.as_object_mut()?.remove(NAME)
}
