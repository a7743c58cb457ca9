//! The tools there are, which of them some connection can really do, and how each is described.
//!
//! The order is fixed, so that a client sees the same list for the same connections.

use std::sync::Arc;

use model::{Capability, Texts};
use rmcp::model::{JsonObject, ToolAnnotations};
use schemars::{JsonSchema, generate::SchemaSettings};

use serde_json::json;

use crate::{answers, arguments, reach::Seen, refusal::Told};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Tool {
    ListConnections,
    TestConnection,
    Connect,
    SendEmail,
    ListEmails,
    ReadEmail,
    ListFiles,
    UploadFiles,
    DownloadFile,
    SendMessage,
    ListChats,
    ActionStatus,
}

/// What has to be there for a tool to make sense.
enum Needs {
    Nothing,
    /// Being let in.
    Admission,
    /// Any connection at all.
    Connection,
    /// A connection that can do this.
    Able(Capability),
}

/// What a client may assume; all four are always said.
struct Hints {
    read_only: bool,
    destructive: bool,
    idempotent: bool,
    open_world: bool,
}

impl Tool {
    pub(crate) const ALL: [Self; 12] = [
        Self::ListConnections,
        Self::TestConnection,
        Self::Connect,
        Self::SendEmail,
        Self::ListEmails,
        Self::ReadEmail,
        Self::ListFiles,
        Self::UploadFiles,
        Self::DownloadFile,
        Self::SendMessage,
        Self::ListChats,
        Self::ActionStatus,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::ListConnections => "list_connections",
            Self::TestConnection => "test_connection",
            Self::Connect => "connect",
            Self::SendEmail => "send_email",
            Self::ListEmails => "list_emails",
            Self::ReadEmail => "read_email",
            Self::ListFiles => "list_files",
            Self::UploadFiles => "upload_files",
            Self::DownloadFile => "download_file",
            Self::SendMessage => "send_message",
            Self::ListChats => "list_chats",
            Self::ActionStatus => "action_status",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tool| tool.name() == name)
    }

    const fn needs(self) -> Needs {
        match self {
            Self::ListConnections | Self::Connect => Needs::Nothing,
            Self::ActionStatus => Needs::Admission,
            Self::TestConnection => Needs::Connection,
            Self::SendEmail => Needs::Able(Capability::MailSend),
            Self::ListEmails | Self::ReadEmail => Needs::Able(Capability::MailRead),
            Self::ListFiles => Needs::Able(Capability::FilesList),
            Self::UploadFiles => Needs::Able(Capability::FilesUpload),
            Self::DownloadFile => Needs::Able(Capability::FilesDownload),
            Self::SendMessage => Needs::Able(Capability::MessageSend),
            Self::ListChats => Needs::Able(Capability::ChatsList),
        }
    }

    const fn hints(self) -> Hints {
        // Reads of what others wrote reach into the world; what Autopilot itself knows doesn't.
        let (read_only, destructive, idempotent, open_world) = match self {
            Self::ListConnections | Self::ActionStatus => (true, false, true, false),
            Self::TestConnection | Self::ListEmails | Self::ListFiles | Self::ListChats => {
                (true, false, true, true)
            }
            // Saves files on this machine.
            Self::ReadEmail | Self::DownloadFile => (false, false, false, true),
            Self::Connect => (false, false, true, false),
            // What was sent can't be called back.
            Self::SendEmail | Self::SendMessage => (false, true, false, true),
            // Adds, and never replaces.
            Self::UploadFiles => (false, false, false, true),
        };
        Hints {
            read_only,
            destructive,
            idempotent,
            open_world,
        }
    }

    fn input(self) -> JsonObject {
        match self {
            Self::ListConnections => schema::<arguments::Nothing>(),
            Self::TestConnection => schema::<arguments::TestConnection>(),
            Self::Connect => schema::<arguments::Connect>(),
            Self::SendEmail => schema::<arguments::SendEmail>(),
            Self::ListEmails => schema::<arguments::ListEmails>(),
            Self::ReadEmail => schema::<arguments::ReadEmail>(),
            Self::ListFiles => schema::<arguments::ListFiles>(),
            Self::UploadFiles => schema::<arguments::UploadFiles>(),
            Self::DownloadFile => schema::<arguments::DownloadFile>(),
            Self::SendMessage => schema::<arguments::SendMessage>(),
            Self::ListChats => schema::<arguments::ListChats>(),
            Self::ActionStatus => schema::<arguments::ActionStatus>(),
        }
    }

    /// The answer, or what is told instead of it: clients check both against this.
    fn output(self) -> JsonObject {
        let mut answer = match self {
            Self::ListConnections => schema::<answers::Connections>(),
            Self::TestConnection => schema::<answers::Tested>(),
            Self::Connect => schema::<answers::Connecting>(),
            Self::ListEmails => schema::<answers::Emails>(),
            Self::ReadEmail => schema::<answers::Mail>(),
            Self::ListFiles => schema::<answers::Files>(),
            Self::DownloadFile => schema::<answers::Saved>(),
            Self::ListChats => schema::<answers::Chats>(),
            Self::SendEmail | Self::UploadFiles | Self::SendMessage | Self::ActionStatus => {
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

    pub(crate) fn describe(self, texts: &Texts) -> rmcp::model::Tool {
        let name = self.name();
        let title = texts.plain(&format!("mcp_tool_{name}_title"));
        let hints = self.hints();
        rmcp::model::Tool::new(
            name,
            texts.plain(&format!("mcp_tool_{name}_description")),
            Arc::new(self.input()),
        )
        .with_title(title.clone())
        .with_raw_output_schema(Arc::new(self.output()))
        .with_annotations(
            ToolAnnotations::with_title(title)
                .read_only(hints.read_only)
                .destructive(hints.destructive)
                .idempotent(hints.idempotent)
                .open_world(hints.open_world),
        )
    }
}

/// What some connection can really do, in the fixed order. Whoever isn't let in yet may ask to be, and no more.
pub(crate) fn offered(seen: &Seen) -> Vec<Tool> {
    let is_offered = |tool: &Tool| match (tool.needs(), &seen.connections) {
        (Needs::Nothing, _) => true,
        (_, None) => false,
        (Needs::Admission, Some(_)) => true,
        (Needs::Connection, Some(connections)) => !connections.is_empty(),
        (Needs::Able(capability), Some(connections)) => connections
            .iter()
            .any(|one| one.capabilities.contains(&capability)),
    };
    Tool::ALL.into_iter().filter(is_offered).collect()
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

#[cfg(test)]
mod tests {
    use model::{ConnectionId, ConnectionView, Status, Timestamp};

    use super::*;

    fn seen(capabilities: Option<&[Capability]>) -> Seen {
        let view = |capabilities: &[Capability]| ConnectionView {
            id: ConnectionId::generate(),
            integration: "gmail".into(),
            integration_name: "Gmail".to_owned(),
            account: "anna@example.org".to_owned(),
            display_name: None,
            status: Status::Unproven,
            proven_at: None,
            checked_at: None,
            connected_at: Timestamp::UNIX_EPOCH,
            scopes: Vec::new(),
            capabilities: capabilities.to_vec(),
            token_allowed: false,
            remarks: Vec::new(),
        };
        Seen {
            connections: capabilities.map(|capabilities| vec![view(capabilities)]),
            ..Seen::default()
        }
    }

    fn names(seen: &Seen) -> Vec<&'static str> {
        offered(seen).into_iter().map(Tool::name).collect()
    }

    #[test]
    fn before_it_is_let_in_an_agent_sees_only_how_to_ask() {
        assert_eq!(names(&seen(None)), ["list_connections", "connect"]);
    }

    #[test]
    fn only_what_some_connection_can_do_is_offered() {
        let sees = names(&seen(Some(&[Capability::MailSend])));
        assert_eq!(
            sees,
            [
                "list_connections",
                "test_connection",
                "connect",
                "send_email",
                "action_status"
            ]
        );
        assert_eq!(names(&seen(Some(&Capability::ALL))).len(), Tool::ALL.len());
    }

    #[test]
    fn every_tool_is_named_described_and_annotated_in_full() {
        let texts = Texts::english();
        for tool in Tool::ALL {
            let told = tool.describe(&texts);
            let name = tool.name();
            assert!(
                name.len() <= 48 && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'),
                "{name}"
            );
            for text in [told.title.as_deref(), told.description.as_deref()] {
                assert!(text.is_some_and(|text| !text.starts_with("mcp_")), "{name}");
            }
            let hints = told.annotations.unwrap();
            assert!(hints.read_only_hint.is_some() && hints.destructive_hint.is_some());
            assert!(hints.idempotent_hint.is_some() && hints.open_world_hint.is_some());
        }
    }

    #[test]
    fn schemas_are_objects_that_refer_to_nothing() {
        let texts = Texts::english();
        for tool in Tool::ALL {
            let told = tool.describe(&texts);
            let output = told.output_schema.unwrap();
            for schema in [&told.input_schema, &output] {
                assert_eq!(schema["type"], "object", "{}", tool.name());
                let text = serde_json::to_string(schema).unwrap();
                assert!(!text.contains("$ref"), "{}: {text}", tool.name());
            }
            assert_eq!(told.input_schema["additionalProperties"], false);
        }
    }
}
