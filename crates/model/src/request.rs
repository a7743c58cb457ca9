//! Everything that can be asked of the hub. Who may ask is decided behind the door by [`Access`].

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    AttemptId, ConnectionId, ConnectionRef, IntegrationId, ProviderId, RedirectKind, SecretInput,
};

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(tag = "request", rename_all = "snake_case")]
pub enum Request {
    /// Profile, version, vault. -> `Response::Hub`
    Hub,
    /// -> `Response::Integrations`
    ListIntegrations,
    /// -> `Response::Connections`
    ListConnections,
    /// -> `Response::Connection`
    GetConnection { connection: ConnectionRef },
    /// Sign-ins under way or over within the last ten minutes. -> `Response::SignIns`
    ListSignIns,
    /// What would die. -> `Response::DisconnectPreview`
    PreviewDisconnect { connection: ConnectionRef },
    /// -> `Response::Findings`
    Doctor,

    /// Checks every connection now. -> `Response::Connections`
    Refresh,
    /// One real call, step by step. A failing test is an answer, not an error. -> `Response::Test`
    Test { connection: ConnectionRef },
    /// Starts a sign-in; the face opens the address. -> `Response::SignIn`
    BeginSignIn {
        integration: IntegrationId,
        /// An existing connection to sign in again.
        connection: Option<ConnectionId>,
        /// Which permissions to ask for; `None` = all the integration offers.
        scopes: Option<Vec<String>>,
        /// `None` = the best the registered clients allow.
        redirect: Option<RedirectKind>,
    },
    /// The address the browser ended on: by deep link or pasted. -> `Response::SignIn`
    DeliverRedirect { url: SecretInput },
    /// -> `Response::SignIn`
    CancelSignIn { attempt: AttemptId },
    /// Connects with a key the person brings. -> `Response::Connection`
    ConnectWithForm {
        integration: IntegrationId,
        connection: Option<ConnectionId>,
        fields: BTreeMap<String, SecretInput>,
    },
    /// Ends a connection; `revoke` = also at the service (later, when offline). -> `Response::Done`
    Disconnect {
        connection: ConnectionRef,
        revoke: bool,
    },
    /// -> `Response::Connection`
    SetPaused {
        connection: ConnectionRef,
        paused: bool,
    },
    /// Opens the vault file for this run. -> `Response::Vault`
    UnlockVault { passphrase: SecretInput },
    /// Asks the window to come forward. -> `Response::Done`
    Open { target: crate::OpenTarget },
    /// A desktop takes over from a headless hub, which stops and lets go of the profile. -> `Response::Done`
    HandOver,

    /// Looks at the vault again. -> `Response::Vault`
    CheckVault,
    /// Creates the passphrase file and keeps secrets there from now on. -> `Response::Vault`
    UseVaultFile { passphrase: SecretInput },
    /// The person's own client, typed. -> `Response::Done`
    RegisterClient {
        provider: ProviderId,
        kind: String,
        client_id: String,
        client_secret: Option<SecretInput>,
    },
    /// The person's own client, as the provider's file. -> `Response::Done`
    RegisterClientFile {
        provider: ProviderId,
        contents: SecretInput,
    },
    /// Back to the client this build came with, if any. -> `Response::Done`
    RemoveClient { provider: ProviderId, kind: String },
    /// Probing follows attention: every tick while someone looks, else every five minutes. -> `Response::Done`
    SetWindowVisible { visible: bool },
}

/// Who may ask.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    /// Reads; any admitted caller.
    Query,
    /// Changes connections; any admitted caller but an agent.
    Change,
    /// Changes what others may do, or where secrets live: our window alone.
    Window,
}

impl Request {
    #[must_use]
    pub const fn access(&self) -> Access {
        match self {
            Self::Hub
            | Self::ListIntegrations
            | Self::ListConnections
            | Self::GetConnection { .. }
            | Self::ListSignIns
            | Self::PreviewDisconnect { .. }
            | Self::Doctor => Access::Query,
            Self::Refresh
            | Self::Test { .. }
            | Self::BeginSignIn { .. }
            | Self::DeliverRedirect { .. }
            | Self::CancelSignIn { .. }
            | Self::ConnectWithForm { .. }
            | Self::Disconnect { .. }
            | Self::SetPaused { .. }
            | Self::UnlockVault { .. }
            | Self::Open { .. }
            | Self::HandOver => Access::Change,
            Self::CheckVault
            | Self::UseVaultFile { .. }
            | Self::RegisterClient { .. }
            | Self::RegisterClientFile { .. }
            | Self::RemoveClient { .. }
            | Self::SetWindowVisible { .. } => Access::Window,
        }
    }
}
