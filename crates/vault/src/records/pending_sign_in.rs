//! A sign-in under way, kept here so that the browser's answer can start the app cold.

use std::collections::BTreeMap;

use model::{AttemptId, ConnectionId, IntegrationId, RedirectKind, Secret, Timestamp};
use serde::{Deserialize, Serialize};

use super::{ClientName, exposed, sheet::stored_as};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PendingSignIn {
    pub attempt: AttemptId,
    pub integration: IntegrationId,
    /// Set when an existing connection is signed in again.
    pub connection: Option<ConnectionId>,
    /// The id the new grant will get.
    pub target: ConnectionId,
    pub client: ClientName,
    pub redirect: RedirectKind,
    /// Sent again with the code, letter by letter (RFC 6749 §4.1.3).
    pub redirect_uri: String,
    /// RFC 7636 §4.1.
    pub verifier: Secret,
    /// RFC 6749 §10.12.
    pub state: Secret,
    /// The identity the answer must have (`Identity::id`).
    pub expected_account: Option<String>,
    /// The scopes asked for.
    pub asked: Vec<String>,
    /// Address by role, as fixed for the profile.
    pub endpoints: BTreeMap<String, String>,
    pub expires_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "PendingSignIn")]
struct PendingSignInText {
    attempt: AttemptId,
    integration: IntegrationId,
    connection: Option<ConnectionId>,
    target: ConnectionId,
    client: ClientName,
    redirect: RedirectKind,
    redirect_uri: String,
    #[serde(with = "exposed")]
    verifier: Secret,
    #[serde(with = "exposed")]
    state: Secret,
    expected_account: Option<String>,
    asked: Vec<String>,
    endpoints: BTreeMap<String, String>,
    expires_at: Timestamp,
}

stored_as!(PendingSignIn, PendingSignInText, "sign_in", 1);
