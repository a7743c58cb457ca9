//! The tools there are, which of them some connection can really do, and how each is described.
//!
//! The order is fixed, so that a client sees the same list for the same connections.

use model::{Capability, Texts};
use rmcp::model::ToolAnnotations;

use crate::{reach::Seen, schemas::Schemas};

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

    pub(crate) fn describe(self, texts: &Texts, schemas: Schemas) -> rmcp::model::Tool {
        let name = self.name();
        let title = texts.plain(&format!("mcp_tool_{name}_title"));
        let hints = self.hints();
        let [input, output] = schemas.of(self);
        rmcp::model::Tool::new(
            name,
            texts.plain(&format!("mcp_tool_{name}_description")),
            input,
        )
        .with_title(title.clone())
        .with_raw_output_schema(output)
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
            name: None,
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
            let told = tool.describe(&texts, Schemas::InTheList);
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
            let told = tool.describe(&texts, Schemas::InTheList);
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
