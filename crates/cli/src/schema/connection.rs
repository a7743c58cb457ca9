//! A connection and where it stands, as `status --json` and the other verbs print it.

use model::{Capability, ConnectionId, ConnectionView, IntegrationId, Texts, Timestamp};
use serde::Serialize;

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
    /// What the person calls it.
    name: Option<String>,
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
            name: view.name.clone(),
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
            name: None,
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
            token_allowed: false,
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
                "name": null,
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
}
