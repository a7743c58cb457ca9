//! What each tool answers. The comments here are the schema's descriptions: they speak to whoever reads the answer.
//!
//! What other people wrote stands under `untrusted` and nowhere else ([`crate::outside`]).

mod outside;

use model::{
    ActionState, ActionView, ConnectionView, RemoteRef, Texts, integration::IntegrationView,
};
use schemars::JsonSchema;
use serde::Serialize;

pub(crate) use outside::{
    Chats, Emails, Files, Mail, Saved, UntrustedChats, UntrustedEmails, UntrustedFiles,
    UntrustedPath,
};

/// A tool's answer.
pub(crate) trait Answer: Serialize {
    /// Does it hold text that other people wrote?
    const OUTSIDE: bool = false;
}

/// The connection it was done through.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Through {
    id: String,
    integration: String,
    account: String,
}

impl From<&ConnectionView> for Through {
    fn from(view: &ConnectionView) -> Self {
        Self {
            id: view.id.to_string(),
            integration: view.integration.to_string(),
            account: view.account.clone(),
        }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Connection {
    id: String,
    integration: String,
    /// The service's name, for people.
    service: String,
    account: String,
    /// connected, expiring, needs_sign_in, offline, rate_limited, service_down, refused, vault_locked, no_keychain,
    /// paused, not_configured or unproven.
    status: String,
    /// Does it do its work now?
    working: bool,
    sentence: String,
    next_step: String,
    /// What it can do: mail.send, mail.read, files.list, files.upload, files.download, message.send, chats.list.
    capabilities: Vec<String>,
}

impl Connection {
    pub(crate) fn new(texts: &Texts, view: &ConnectionView) -> Self {
        let (sentence, next_step) =
            texts.status(&view.status, &view.integration_name, &view.account);
        Self {
            id: view.id.to_string(),
            integration: view.integration.to_string(),
            service: view.integration_name.clone(),
            account: view.account.clone(),
            status: view.status.kind().to_owned(),
            working: view.status.is_up(),
            sentence,
            next_step,
            capabilities: view
                .capabilities
                .iter()
                .map(|one| one.name().to_owned())
                .collect(),
        }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Connections {
    pub(crate) connections: Vec<Connection>,
    /// What could be connected, with the tool connect.
    pub(crate) integrations: Vec<Integration>,
}

impl Answer for Connections {}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Integration {
    integration: String,
    /// The service's name, for people.
    service: String,
    /// One line on what connecting it is good for.
    tagline: String,
}

impl From<&IntegrationView> for Integration {
    fn from(view: &IntegrationView) -> Self {
        Self {
            integration: view.id.to_string(),
            service: view.name.clone(),
            tagline: view.tagline.clone(),
        }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Tested {
    pub(crate) connection: Connection,
    pub(crate) ok: bool,
    pub(crate) steps: Vec<Step>,
    /// Why the last step failed.
    pub(crate) error: Option<Trouble>,
}

impl Answer for Tested {}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Step {
    /// vault, token or service.
    pub(crate) step: String,
    pub(crate) ok: bool,
    pub(crate) milliseconds: u64,
}

/// What went wrong, in words, and what to do about it.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Trouble {
    /// A stable name.
    pub(crate) code: String,
    pub(crate) sentence: String,
    pub(crate) next_step: String,
    /// Seconds after which trying again makes sense; null = it doesn't by itself.
    pub(crate) retry_after_s: Option<u64>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Connecting {
    /// For the person to open; null where Autopilot runs without a window.
    pub(crate) link: Option<String>,
    pub(crate) sentence: String,
    pub(crate) next_step: String,
}

impl Answer for Connecting {}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Write {
    /// For action_status.
    action: String,
    /// awaiting_approval, queued, sending or sent; outcome_unknown while the service is still being asked.
    state: String,
    connection: Through,
    sentence: String,
    next_step: String,
    /// Until when it waits: RFC 3339, UTC.
    expires: Option<String>,
    /// What the service made, once it is sent.
    results: Vec<Made>,
}

/// Something the service made, by its own id.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Made {
    id: String,
    /// A thread or chat it belongs to.
    within: Option<String>,
    /// An address for the person's browser.
    link: Option<String>,
}

impl From<&RemoteRef> for Made {
    fn from(made: &RemoteRef) -> Self {
        Self {
            id: made.id.clone(),
            within: made.within.clone(),
            link: made.link.clone(),
        }
    }
}

impl Write {
    pub(crate) fn new(texts: &Texts, view: &ActionView) -> Self {
        let (sentence, next_step) = write_words(texts, view);
        let (expires, results) = match &view.state {
            ActionState::AwaitingApproval { expires, .. } | ActionState::Queued { expires, .. } => {
                (Some(expires.to_string()), Vec::new())
            }
            ActionState::Sent { results, .. } => (None, results.iter().map(Made::from).collect()),
            _ => (None, Vec::new()),
        };
        Self {
            action: view.id.to_string(),
            state: view.state.kind().to_owned(),
            connection: Through {
                id: view.connection.to_string(),
                integration: view.integration.to_string(),
                account: view.account.clone(),
            },
            sentence,
            next_step,
            expires,
            results,
        }
    }
}

impl Answer for Write {}

/// Where a write stands, and what to do next.
pub(crate) fn write_words(texts: &Texts, view: &ActionView) -> (String, String) {
    let args = [
        ("account".to_owned(), view.account.clone()),
        ("service".to_owned(), view.integration_name.clone()),
    ]
    .into();
    let kind = view.state.kind();
    (
        texts.say(&format!("mcp_write_{kind}_sentence"), &args),
        texts.say(&format!("mcp_write_{kind}_next"), &args),
    )
}
