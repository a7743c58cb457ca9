//! One try at signing in, as the faces see it. Verifier and state stay behind the door; the state is
//! part of the address the browser opens, and worthless without the verifier.

use serde::{Deserialize, Serialize};

use crate::{AttemptId, ConnectionId, ConnectionView, Error, IntegrationId, Timestamp};

/// How the browser's answer comes back to us.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum RedirectKind {
    /// `app.autopilot.desktop:/oauth/callback` (RFC 8252 §7.1).
    DeepLink,
    /// `http://127.0.0.1:PORT/` (RFC 8252 §7.3).
    Loopback,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct SignInView {
    pub id: AttemptId,
    pub integration: IntegrationId,
    /// Set when an existing connection is signed in again.
    pub connection: Option<ConnectionId>,
    /// What to open in the system browser.
    pub url: String,
    pub redirect: RedirectKind,
    #[cfg_attr(feature = "bindings", ts(type = "string"))]
    pub expires_at: Timestamp,
    pub state: SignInState,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SignInState {
    /// Waiting for the browser to come back.
    Waiting,
    /// The answer came; code and grant are being checked with the provider.
    Checking,
    /// Done. `missing` names the permissions that were left unticked, in plain words.
    Connected {
        connection: Box<ConnectionView>,
        missing: Vec<String>,
    },
    /// Over, and nothing was replaced.
    Failed { error: Error },
}

impl SignInState {
    #[must_use]
    pub const fn is_over(&self) -> bool {
        matches!(self, Self::Connected { .. } | Self::Failed { .. })
    }
}
