//! What a caller says of a file, and what becomes of the file by it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::disk::Item;
use crate::google_api::{Refusal, invalid};

const PROPERTY_BYTES: usize = 124;
const PROPERTIES: usize = 30;

/// What a caller may say of a file.
#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct Metadata {
    pub id: Option<String>,
    pub name: Option<String>,
    pub mime_type: Option<String>,
    pub parents: Option<Vec<String>>,
    pub description: Option<String>,
    /// Null removes one.
    pub app_properties: BTreeMap<String, Option<String>>,
    pub properties: BTreeMap<String, Option<String>>,
    pub starred: Option<bool>,
    pub trashed: Option<bool>,
    pub created_time: Option<Timestamp>,
    pub modified_time: Option<Timestamp>,
    pub original_filename: Option<String>,
    pub writers_can_share: Option<bool>,
    pub copy_requires_writer_permission: Option<bool>,
}

impl Metadata {
    pub fn read(body: &[u8]) -> Result<Metadata, Refusal> {
        if body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Metadata::default());
        }
        serde_json::from_slice(body)
            .map_err(|error| invalid(format!("Invalid JSON payload received. {error}")))
    }

    /// Changes a file as said.
    pub fn apply(self, item: &mut Item) -> Result<(), Refusal> {
        if let Some(name) = self.name {
            item.name = name;
        }
        if let Some(mime_type) = self.mime_type {
            item.mime_type = mime_type;
        }
        if let Some(description) = self.description {
            item.description = Some(description);
        }
        item.starred = self.starred.unwrap_or(item.starred);
        item.trashed = self.trashed.unwrap_or(item.trashed);
        if let Some(at) = self.created_time {
            item.created = at.as_millisecond();
        }
        if let Some(at) = self.modified_time {
            item.modified = at.as_millisecond();
        }
        merge(&mut item.app_properties, self.app_properties)?;
        merge(&mut item.properties, self.properties)
    }
}

fn merge(
    known: &mut BTreeMap<String, String>,
    changes: BTreeMap<String, Option<String>>,
) -> Result<(), Refusal> {
    for (key, value) in changes {
        match value {
            Some(value) if key.len() + value.len() > PROPERTY_BYTES => {
                return Err(invalid("A property is longer than 124 bytes."));
            }
            Some(value) => known.insert(key, value),
            None => known.remove(&key),
        };
    }
    if known.len() > PROPERTIES {
        return Err(invalid("A file has no more than 30 properties."));
    }
    Ok(())
}
