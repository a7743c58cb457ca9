//! What each tool takes and answers, as JSON Schema 2020-12.
//!
//! Made from the types by `cargo xtask bindings` and kept in `schemas/`, one file a tool: an agent's client waits for
//! the list at every start, and deriving twelve pairs of schemas takes several times as long as reading them. A test
//! holds the files to the types. They are data of ours, never anybody's input.

use rmcp::model::JsonObject;
use serde::Deserialize;

use crate::offer::Tool;

#[derive(Default, PartialEq, Debug, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
pub(crate) struct Schemas {
    pub(crate) input: JsonObject,
    /// The answer, or what is told instead of it: clients check both against this.
    pub(crate) output: JsonObject,
}

pub(crate) fn of(tool: Tool) -> Schemas {
    // That they can be read is what the test shows.
    serde_json::from_str(text(tool)).unwrap_or_default()
}

const fn text(tool: Tool) -> &'static str {
    match tool {
        Tool::ListConnections => include_str!("../schemas/list_connections.json"),
        Tool::TestConnection => include_str!("../schemas/test_connection.json"),
        Tool::Connect => include_str!("../schemas/connect.json"),
        Tool::SendEmail => include_str!("../schemas/send_email.json"),
        Tool::ListEmails => include_str!("../schemas/list_emails.json"),
        Tool::ReadEmail => include_str!("../schemas/read_email.json"),
        Tool::ListFiles => include_str!("../schemas/list_files.json"),
        Tool::UploadFiles => include_str!("../schemas/upload_files.json"),
        Tool::DownloadFile => include_str!("../schemas/download_file.json"),
        Tool::SendMessage => include_str!("../schemas/send_message.json"),
        Tool::ListChats => include_str!("../schemas/list_chats.json"),
        Tool::ActionStatus => include_str!("../schemas/action_status.json"),
    }
}

#[cfg(test)]
mod tests {
    use schemars::{JsonSchema, generate::SchemaSettings};
    use serde_json::json;

    use super::*;
    use crate::{answers, arguments, refusal::Told};

    /// Set by `cargo xtask bindings`: where the files are to be written instead of being looked at.
    const WRITE_TO: &str = "AUTOPILOT_WRITE_SCHEMAS_TO";

    #[test]
    fn the_kept_schemas_are_those_of_the_types() {
        for tool in Tool::ALL {
            let of_types = Schemas {
                input: input(tool),
                output: output(tool),
            };
            #[allow(
                clippy::disallowed_methods,
                reason = "a developer's command asks for it"
            )]
            let write_to = std::env::var_os(WRITE_TO);
            if let Some(folder) = write_to {
                let file = std::path::Path::new(&folder).join(format!("{}.json", tool.name()));
                let text = serde_json::to_string_pretty(&of_types).unwrap();
                std::fs::write(file, text + "\n").unwrap();
                continue;
            }
            assert!(
                of(tool) == of_types,
                "schemas/{}.json is stale: run `cargo xtask bindings` and commit it",
                tool.name()
            );
        }
    }

    fn input(tool: Tool) -> JsonObject {
        match tool {
            Tool::ListConnections => schema::<arguments::Nothing>(),
            Tool::TestConnection => schema::<arguments::TestConnection>(),
            Tool::Connect => schema::<arguments::Connect>(),
            Tool::SendEmail => schema::<arguments::SendEmail>(),
            Tool::ListEmails => schema::<arguments::ListEmails>(),
            Tool::ReadEmail => schema::<arguments::ReadEmail>(),
            Tool::ListFiles => schema::<arguments::ListFiles>(),
            Tool::UploadFiles => schema::<arguments::UploadFiles>(),
            Tool::DownloadFile => schema::<arguments::DownloadFile>(),
            Tool::SendMessage => schema::<arguments::SendMessage>(),
            Tool::ListChats => schema::<arguments::ListChats>(),
            Tool::ActionStatus => schema::<arguments::ActionStatus>(),
        }
    }

    fn output(tool: Tool) -> JsonObject {
        let mut answer = match tool {
            Tool::ListConnections => schema::<answers::Connections>(),
            Tool::TestConnection => schema::<answers::Tested>(),
            Tool::Connect => schema::<answers::Connecting>(),
            Tool::ListEmails => schema::<answers::Emails>(),
            Tool::ReadEmail => schema::<answers::Mail>(),
            Tool::ListFiles => schema::<answers::Files>(),
            Tool::DownloadFile => schema::<answers::Saved>(),
            Tool::ListChats => schema::<answers::Chats>(),
            Tool::SendEmail | Tool::UploadFiles | Tool::SendMessage | Tool::ActionStatus => {
                schema::<answers::Write>()
            }
        };
        let mut trouble = schema::<Told>();
        let draft = answer.remove("$schema");
        trouble.remove("$schema");
        let mut output = JsonObject::new();
        output.extend(draft.map(|draft| ("$schema".to_owned(), draft)));
        output.insert("type".to_owned(), "object".into());
        output.insert("anyOf".to_owned(), json!([answer, trouble]));
        output
    }

    /// JSON Schema 2020-12 of one object, with everything it refers to written out in place: clients that feed schemas to
    /// models don't follow references.
    fn schema<T: JsonSchema>() -> JsonObject {
        let generator = SchemaSettings::draft2020_12()
            .with(|settings| settings.inline_subschemas = true)
            .into_generator();
        let mut schema = generator.into_root_schema_for::<T>();
        schema.remove("title");
        match schema.to_value() {
            serde_json::Value::Object(object) => object,
            _ => JsonObject::new(),
        }
    }
}
