//! The JSON this program prints, shape by shape; `docs/cli.md` describes each. Stable: fields are added, never changed.

mod action;
mod connection;
mod doctor;
mod integration;
mod reading;

use model::{
    ConnectionId, ConnectionView, DisconnectPreview, IntegrationId, Texts, VaultState,
    test_report::{StepResult, TestStep},
};
use serde::Serialize;

pub(crate) use action::{ActionAnswer, ActionEvent, ActionShape, OutboxAnswer, RunAnswer};
pub(crate) use connection::{ConnectionShape, StatusAnswer};
pub(crate) use doctor::{DoctorAnswer, FindingShape, HubShape, ReportAnswer};
pub(crate) use integration::{IntegrationShape, IntegrationsAnswer};
pub(crate) use reading::{
    ChatsAnswer, ClaimEvent, DownloadEvent, EmailAnswer, EmailsAnswer, ExportAnswer, Exported,
    FilesAnswer, LedgerAnswer, LedgerCheckAnswer, MovedOut, MovedOutAnswer, UsageAnswer,
    UsageShape,
};

#[derive(Serialize, Clone, PartialEq, Eq, Debug)]
pub(crate) struct ErrorShape {
    /// An [`model::ErrorCode`], or `usage` or `interrupted`, which only this face knows.
    pub(crate) code: &'static str,
    pub(crate) sentence: String,
    pub(crate) next_step: String,
    pub(crate) retry_after_s: Option<u64>,
}

#[derive(Serialize, Debug)]
pub(crate) struct ErrorLine {
    pub(crate) error: ErrorShape,
}

/// One line each of `connect --json`.
#[derive(Serialize, Debug)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum ConnectEvent {
    Open {
        url: String,
    },
    Connected {
        connection: Box<ConnectionShape>,
        /// Permissions left unticked, in plain words.
        missing: Vec<String>,
    },
    Failed {
        code: &'static str,
        error: ErrorShape,
    },
}

/// The one shape that holds a secret.
#[derive(Serialize)]
pub(crate) struct TokenAnswer<'a> {
    pub(crate) token: &'a str,
}

#[derive(Serialize, Debug)]
pub(crate) struct TestAnswer {
    pub(crate) connection: ConnectionShape,
    pub(crate) steps: Vec<StepShape>,
    /// Why the last step failed.
    pub(crate) error: Option<ErrorShape>,
}

#[derive(Serialize, Debug)]
pub(crate) struct StepShape {
    step: TestStep,
    ok: bool,
    milliseconds: u64,
}

impl From<&StepResult> for StepShape {
    fn from(result: &StepResult) -> Self {
        Self {
            step: result.step,
            ok: result.ok,
            milliseconds: result.milliseconds,
        }
    }
}

#[derive(Serialize, Debug)]
pub(crate) struct PreviewAnswer {
    pub(crate) preview: PreviewShape,
}

#[derive(Serialize, Debug)]
pub(crate) struct ConnectionAnswer {
    pub(crate) connection: ConnectionShape,
}

#[derive(Serialize, Debug)]
pub(crate) struct DisconnectAnswer {
    /// What was disconnected, as it was just before.
    pub(crate) disconnected: PreviewShape,
    /// Whether the service was to be told too; when offline it is told later.
    pub(crate) revoke: bool,
}

#[derive(Serialize, Debug)]
pub(crate) struct PreviewShape {
    id: ConnectionId,
    integration: IntegrationId,
    account: String,
    revocable: bool,
    also_ends: Vec<ConnectionShape>,
    consequences: Vec<String>,
}

impl PreviewShape {
    pub(crate) fn new(texts: &Texts, view: &ConnectionView, preview: &DisconnectPreview) -> Self {
        Self {
            id: view.id,
            integration: view.integration.clone(),
            account: view.account.clone(),
            revocable: preview.revocable,
            also_ends: ConnectionShape::all(texts, &preview.also_ends),
            consequences: preview.consequences.clone(),
        }
    }
}

#[derive(Serialize, Debug)]
pub(crate) struct VaultAnswer<'a> {
    pub(crate) vault: &'a VaultState,
}

/// `hub --json` says once that it answers.
#[derive(Serialize, Debug)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum HubEvent<'a> {
    Ready { profile: &'a str, sandbox: bool },
}

#[derive(Serialize, Debug)]
pub struct SandboxAnswer<'a> {
    pub base_url: &'a str,
    pub endpoints_toml: &'a str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_events_of_connect_carry_the_promised_names() {
        let open = ConnectEvent::Open {
            url: "https://a.example/".to_owned(),
        };
        assert_eq!(
            serde_json::to_string(&open).unwrap(),
            r#"{"event":"open","url":"https://a.example/"}"#
        );
        let error = ErrorShape {
            code: "sign_in_denied",
            sentence: "No.".to_owned(),
            next_step: "Again.".to_owned(),
            retry_after_s: None,
        };
        let failed = ConnectEvent::Failed {
            code: error.code,
            error,
        };
        let failed = serde_json::to_value(&failed).unwrap();
        assert_eq!(failed["event"], "failed");
        assert_eq!(failed["code"], "sign_in_denied");
        assert_eq!(failed["error"]["next_step"], "Again.");
    }
}
