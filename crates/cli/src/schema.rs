//! The JSON this program prints, shape by shape; `docs/cli.md` describes each. Stable: fields are added, never changed.

use model::{
    Capability, ConnectionId, ConnectionView, DisconnectPreview, IntegrationId, RedirectKind,
    Texts, Timestamp, VaultState,
    doctor::{Finding, Verdict},
    integration::{AuthView, IntegrationView},
    response::HubView,
    test_report::{StepResult, TestStep},
};
use serde::Serialize;

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

#[derive(Serialize, Clone, PartialEq, Eq, Debug)]
pub(crate) struct StatusShape {
    kind: &'static str,
    cause: Option<&'static str>,
    pub(crate) sentence: String,
    pub(crate) next_step: String,
    /// When a real call last succeeded, whatever the status is now.
    proven_at: Option<Timestamp>,
}

#[derive(Serialize, Clone, PartialEq, Eq, Debug)]
pub(crate) struct ConnectionShape {
    id: ConnectionId,
    integration: IntegrationId,
    account: String,
    pub(crate) status: StatusShape,
    /// Those really granted.
    scopes: Vec<String>,
    capabilities: Vec<Capability>,
}

impl ConnectionShape {
    pub(crate) fn new(texts: &Texts, view: &ConnectionView) -> Self {
        let (sentence, next_step) =
            texts.status(&view.status, &view.integration_name, &view.account);
        let granted = view.scopes.iter().filter(|scope| scope.granted);
        Self {
            id: view.id,
            integration: view.integration.clone(),
            account: view.account.clone(),
            status: StatusShape {
                kind: view.status.kind(),
                cause: view.status.cause(),
                sentence,
                next_step,
                proven_at: view.proven_at,
            },
            scopes: granted.map(|scope| scope.scope.clone()).collect(),
            capabilities: view.capabilities.clone(),
        }
    }

    pub(crate) fn all(texts: &Texts, views: &[ConnectionView]) -> Vec<Self> {
        views.iter().map(|view| Self::new(texts, view)).collect()
    }
}

#[derive(Serialize, Debug)]
pub(crate) struct StatusAnswer {
    pub(crate) connections: Vec<ConnectionShape>,
}

#[derive(Serialize, Debug)]
pub(crate) struct IntegrationsAnswer {
    pub(crate) integrations: Vec<IntegrationShape>,
}

#[derive(Serialize, Debug)]
pub(crate) struct IntegrationShape {
    id: IntegrationId,
    name: String,
    tagline: String,
    auth: AuthShape,
    scopes: Vec<ScopeShape>,
    capabilities: Vec<Capability>,
    /// Accounts connected through it now.
    accounts: Vec<String>,
}

#[derive(Serialize, Debug)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum AuthShape {
    Oauth {
        provider: String,
        clients: Vec<ClientShape>,
    },
    Form {
        fields: Vec<FieldShape>,
    },
}

#[derive(Serialize, Debug)]
struct ClientShape {
    kind: String,
    redirect: RedirectKind,
    /// The registration's public name; none when there is no registration.
    client_id: Option<String>,
}

#[derive(Serialize, Debug)]
struct FieldShape {
    id: String,
    label: String,
    secret: bool,
}

#[derive(Serialize, Debug)]
struct ScopeShape {
    scope: String,
    title: String,
    explanation: String,
    capabilities: Vec<Capability>,
}

impl IntegrationShape {
    pub(crate) fn new(view: &IntegrationView, accounts: Vec<String>) -> Self {
        let scopes = view.scopes.iter().map(|scope| ScopeShape {
            scope: scope.scope.clone(),
            title: scope.title.clone(),
            explanation: scope.explanation.clone(),
            capabilities: scope.capabilities.clone(),
        });
        Self {
            id: view.id.clone(),
            name: view.name.clone(),
            tagline: view.tagline.clone(),
            auth: AuthShape::new(&view.auth),
            scopes: scopes.collect(),
            capabilities: view.capabilities.clone(),
            accounts,
        }
    }
}

impl AuthShape {
    fn new(view: &AuthView) -> Self {
        match view {
            AuthView::Oauth { provider, clients } => Self::Oauth {
                provider: provider.to_string(),
                clients: clients
                    .iter()
                    .map(|client| ClientShape {
                        kind: client.kind.clone(),
                        redirect: client.redirect,
                        client_id: client.registered.as_ref().map(|one| one.client_id.clone()),
                    })
                    .collect(),
            },
            AuthView::Form { fields, .. } => Self::Form {
                fields: fields
                    .iter()
                    .map(|field| FieldShape {
                        id: field.id.clone(),
                        label: field.label.clone(),
                        secret: field.secret,
                    })
                    .collect(),
            },
        }
    }
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
pub(crate) struct DoctorAnswer<'a> {
    pub(crate) hub: HubShape<'a>,
    pub(crate) findings: Vec<FindingShape<'a>>,
}

#[derive(Serialize, Debug)]
pub(crate) struct HubShape<'a> {
    version: &'a str,
    profile: &'a str,
    sandbox: bool,
    headless: bool,
    vault: &'a VaultState,
    remarks: &'a [String],
}

impl<'a> From<&'a HubView> for HubShape<'a> {
    fn from(view: &'a HubView) -> Self {
        Self {
            version: &view.version,
            profile: view.profile.as_str(),
            sandbox: view.sandbox,
            headless: view.headless,
            vault: &view.vault,
            remarks: &view.remarks,
        }
    }
}

#[derive(Serialize, Debug)]
pub(crate) struct FindingShape<'a> {
    check: &'a str,
    verdict: Verdict,
    sentence: &'a str,
    remedy: Option<&'a str>,
}

impl<'a> From<&'a Finding> for FindingShape<'a> {
    fn from(finding: &'a Finding) -> Self {
        Self {
            check: &finding.check,
            verdict: finding.verdict,
            sentence: &finding.sentence,
            remedy: finding.remedy.as_deref(),
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
pub(crate) enum HubEvent<'a> {
    Ready { profile: &'a str, sandbox: bool },
}

#[derive(Serialize, Debug)]
pub(crate) struct SandboxAnswer<'a> {
    pub(crate) base_url: &'a str,
    pub(crate) endpoints_toml: &'a str,
}

#[cfg(test)]
mod tests {
    use model::{Cause, ScopeGrant, Status};

    use super::*;

    fn scope(scope: &str, granted: bool) -> ScopeGrant {
        ScopeGrant {
            scope: scope.to_owned(),
            title: "Send mail".to_owned(),
            granted,
        }
    }

    #[test]
    fn the_status_shape_is_the_promised_one() {
        let id: ConnectionId = "018f3f5e-0000-7000-8000-000000000001".parse().unwrap();
        let proven: Timestamp = "2026-11-23T09:00:00Z".parse().unwrap();
        let view = ConnectionView {
            id,
            integration: "gmail".into(),
            integration_name: "Gmail".to_owned(),
            account: "anna@example.org".to_owned(),
            display_name: None,
            status: Status::NeedsSignIn {
                cause: Cause::GrantRevoked,
                since: proven,
            },
            proven_at: Some(proven),
            checked_at: Some(proven),
            connected_at: proven,
            scopes: vec![
                scope("https://x.example/send", true),
                scope("https://x.example/read", false),
            ],
            capabilities: vec![Capability::MailSend],
            remarks: Vec::new(),
        };
        let answer = StatusAnswer {
            connections: vec![ConnectionShape::new(&Texts::english(), &view)],
        };
        assert_eq!(
            serde_json::to_value(&answer).unwrap(),
            serde_json::json!({"connections": [{
                "id": id.to_string(),
                "integration": "gmail",
                "account": "anna@example.org",
                "status": {
                    "kind": "needs_sign_in",
                    "cause": "grant_revoked",
                    "sentence": "Gmail no longer accepts this sign-in.",
                    "next_step": "Sign in again to reconnect anna@example.org.",
                    "proven_at": "2026-11-23T09:00:00Z",
                },
                "scopes": ["https://x.example/send"],
                "capabilities": ["mail.send"],
            }]})
        );
    }

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
