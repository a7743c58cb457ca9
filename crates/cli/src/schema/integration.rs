//! What can be connected, as `integrations --json` prints it.

use model::{
    Capability, IntegrationId, RedirectKind,
    integration::{AuthView, IntegrationView},
};
use serde::Serialize;

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
