//! The form of an export, apart from our own types so that it doesn't change when they do. docs/moving.md has it for
//! people.
//!
//! Every struct refuses what it doesn't know: a field that is silently left out could be the one that forbids something.

use std::collections::BTreeMap;

use model::{
    Capability, ChatKind, ConnectionId, Effect, IntegrationId, ProfileName, ProviderId, Timestamp,
};
use serde::{Deserialize, Serialize, de::IgnoredAny};
use serde_json::{Map, Value};

pub(super) const FORMAT: &str = "autopilot-export";
/// Rises when an older version would misunderstand the file.
pub(super) const VERSION: u32 = 1;

/// Looked at before everything else, which a newer version may have shaped differently.
#[derive(Debug, Deserialize)]
pub(super) struct Cover {
    pub(super) format: String,
    pub(super) version: u32,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    pub(super) format: String,
    pub(super) version: u32,
    pub(super) made_at: Timestamp,
    /// The version of the app.
    pub(super) made_by: String,
    pub(super) profile: ProfileName,
    /// Where the services of that profile were, other than where they really are: integration -> role -> address.
    pub(super) endpoints: BTreeMap<IntegrationId, BTreeMap<String, String>>,
    pub(super) connections: Vec<Connection>,
    pub(super) callers: Vec<Caller>,
    /// As `model::Settings` names them, without what is of one machine; a name that isn't known is refused.
    pub(super) settings: Map<String, Value>,
    pub(super) clients: Vec<Client>,
    /// Only inside an encrypted file, and read by the vault's crate alone.
    #[serde(default, skip_serializing)]
    pub(super) secrets: Option<IgnoredAny>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Connection {
    /// What the rules of this file call it; it gets another where it is imported.
    pub(super) id: ConnectionId,
    pub(super) integration: IntegrationId,
    /// What stays the same for this account at the service.
    pub(super) account_id: String,
    pub(super) account: String,
    pub(super) display_name: Option<String>,
    /// What the person calls it.
    pub(super) name: Option<String>,
    pub(super) connected_at: Timestamp,
    pub(super) wanted_scopes: Vec<String>,
    pub(super) paused: bool,
    pub(super) token_allowed: bool,
    pub(super) chats: Vec<Chat>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Chat {
    pub(super) id: String,
    pub(super) kind: ChatKind,
    pub(super) title: String,
    pub(super) handle: Option<String>,
    pub(super) known_since: Timestamp,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum CallerKind {
    Program,
    Agent,
    Workflow,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Caller {
    pub(super) kind: CallerKind,
    /// The executable, or the workflow's name.
    pub(super) name: String,
    pub(super) admitted: bool,
    pub(super) decided_at: Timestamp,
    /// What its writes get where no rule is about them.
    pub(super) writes: Effect,
    pub(super) budget: Budget,
    pub(super) rules: Vec<Rule>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Budget {
    pub(super) per_minute: u32,
    pub(super) writes_per_day: u32,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    pub(super) connection: Option<ConnectionId>,
    pub(super) capability: Option<Capability>,
    pub(super) effect: Effect,
    pub(super) recipients: Vec<String>,
    pub(super) per_day: Option<u32>,
    pub(super) folders: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Client {
    pub(super) provider: ProviderId,
    pub(super) kind: String,
    pub(super) client_id: String,
    /// It has a secret, in this file or not.
    pub(super) has_secret: bool,
}

impl From<&model::Caller> for CallerKind {
    /// The window is no caller that has rules; it never gets here.
    fn from(caller: &model::Caller) -> Self {
        match caller {
            model::Caller::Window | model::Caller::Program { .. } => Self::Program,
            model::Caller::Agent { .. } => Self::Agent,
            model::Caller::Workflow { .. } => Self::Workflow,
        }
    }
}

impl Caller {
    pub(super) fn caller(&self) -> model::Caller {
        let name = self.name.clone();
        match self.kind {
            CallerKind::Program => model::Caller::Program { executable: name },
            CallerKind::Agent => model::Caller::Agent { executable: name },
            CallerKind::Workflow => model::Caller::Workflow { name },
        }
    }
}

impl From<&Rule> for model::Rule {
    fn from(rule: &Rule) -> Self {
        Self {
            connection: rule.connection,
            capability: rule.capability,
            effect: rule.effect,
            limits: model::Limits {
                recipients: rule.recipients.clone(),
                per_day: rule.per_day,
                folders: rule.folders.clone(),
            },
        }
    }
}

impl From<model::Rule> for Rule {
    fn from(rule: model::Rule) -> Self {
        Self {
            connection: rule.connection,
            capability: rule.capability,
            effect: rule.effect,
            recipients: rule.limits.recipients,
            per_day: rule.limits.per_day,
            folders: rule.limits.folders,
        }
    }
}

impl From<&Budget> for model::Budget {
    fn from(budget: &Budget) -> Self {
        Self {
            per_minute: budget.per_minute,
            writes_per_day: budget.writes_per_day,
        }
    }
}
