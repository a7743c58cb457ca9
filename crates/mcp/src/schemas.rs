//! What each tool takes and answers, as JSON Schema 2020-12.
//!
//! Made from the types by `cargo xtask bindings` and kept in `schemas/`, two files a tool: an agent's client waits for
//! the list at every start, and deriving twelve pairs of schemas takes several times as long as reading them. A test
//! holds the files to the types. They are data of ours, never anybody's input.
//!
//! Taking them apart only to write them down again is a tenth of a start, so whoever writes lines leaves them out of
//! the list ([`Schemas::LeftOut`]) and has [`fill_in`] put the kept text there.

use std::sync::Arc;

use rmcp::model::JsonObject;

use crate::offer::Tool;

/// Where the schemas of a list are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Schemas {
    InTheList,
    /// Empty objects stand for them.
    LeftOut,
}

impl Schemas {
    /// What the tool takes, and its answer or what is told instead of it: clients check both.
    pub(crate) fn of(self, tool: Tool) -> [Arc<JsonObject>; 2] {
        match self {
            // That they can be read is what the test shows.
            Self::InTheList => {
                kept(tool).map(|text| serde_json::from_str(text).unwrap_or_default())
            }
            Self::LeftOut => Default::default(),
        }
    }
}

/// A name of a field can't stand in a text with its quotes: those would be escaped.
const LEFT_OUT: [&str; 2] = [r#""inputSchema":{}"#, r#""outputSchema":{}"#];
const EMPTY: &str = "{}";

/// The list with its schemas, from its JSON without them; `tools` are those in the list, in its order.
pub(crate) fn fill_in(list: &str, tools: impl IntoIterator<Item = Tool>) -> String {
    let mut filled = String::new();
    let mut rest = list;
    for tool in tools {
        for (left_out, text) in LEFT_OUT.into_iter().zip(kept(tool)) {
            let Some((before, after)) = rest.split_once(left_out) else {
                continue;
            };
            filled.push_str(before);
            filled.push_str(left_out.strip_suffix(EMPTY).unwrap_or(left_out));
            filled.push_str(text.trim_ascii_end());
            rest = after;
        }
    }
    filled + rest
}

macro_rules! kept {
    ($name:literal) => {
        [
            include_str!(concat!("../schemas/", $name, ".input.json")),
            include_str!(concat!("../schemas/", $name, ".output.json")),
        ]
    };
}

/// Each on a line of its own.
const fn kept(tool: Tool) -> [&'static str; 2] {
    match tool {
        Tool::ListConnections => kept!("list_connections"),
        Tool::TestConnection => kept!("test_connection"),
        Tool::Connect => kept!("connect"),
        Tool::SendEmail => kept!("send_email"),
        Tool::ListEmails => kept!("list_emails"),
        Tool::ReadEmail => kept!("read_email"),
        Tool::ListFiles => kept!("list_files"),
        Tool::UploadFiles => kept!("upload_files"),
        Tool::DownloadFile => kept!("download_file"),
        Tool::SendMessage => kept!("send_message"),
        Tool::ListChats => kept!("list_chats"),
        Tool::ActionStatus => kept!("action_status"),
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
            let of_types = [input(tool), output(tool)];
            #[allow(
                clippy::disallowed_methods,
                reason = "a developer's command asks for it"
            )]
            let write_to = std::env::var_os(WRITE_TO);
            if let Some(folder) = write_to {
                for (schema, end) in of_types.iter().zip(["input", "output"]) {
                    let file =
                        std::path::Path::new(&folder).join(format!("{}.{end}.json", tool.name()));
                    let text = serde_json::to_string(schema).unwrap();
                    std::fs::write(file, text + "\n").unwrap();
                }
                continue;
            }
            assert!(
                Schemas::InTheList.of(tool) == of_types.map(Arc::new),
                "the schemas of {} are stale: run `cargo xtask bindings` and commit them",
                tool.name()
            );
        }
    }

    #[test]
    fn a_list_that_is_filled_in_is_the_list_with_its_schemas() {
        let texts = model::Texts::english();
        let list = |schemas| {
            let tools = Tool::ALL.map(|tool| tool.describe(&texts, schemas));
            serde_json::to_string(&rmcp::model::ListToolsResult::with_all_items(tools.into()))
                .unwrap()
        };
        let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        let filled = fill_in(&list(Schemas::LeftOut), Tool::ALL);
        assert_eq!(read(&filled), read(&list(Schemas::InTheList)));
        assert!(!filled.contains('\n'), "it is one line");
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
