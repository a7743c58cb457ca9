//! What a connection was granted: everything needed to use it, renew it and revoke it, in one record.

use std::collections::BTreeMap;

use model::{Identity, IntegrationId, ProviderId, Secret, Timestamp};
use serde::{Deserialize, Serialize};

use super::{exposed, sheet::stored_as};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Grant {
    /// Counts the grants of this connection: what was asked with an older one is told by it.
    pub generation: u64,
    pub integration: IntegrationId,
    /// Whose account it is, as proved when it was connected.
    pub identity: Identity,
    /// Address by role (`token`, `revoke`, `api`, …); the grant is sent nowhere else.
    pub endpoints: BTreeMap<String, String>,
    pub credential: Credential,
    /// The scopes that were asked for.
    pub asked: Vec<String>,
    pub connected_at: Timestamp,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Credential {
    Oauth(OauthGrant),
    /// One text that is the whole credential: a bot token.
    Key(Secret),
}

/// The outcome of a token request (RFC 6749 §5.1) and what became of it since.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OauthGrant {
    /// Whom it was issued to; only the same client can renew it.
    pub client: ClientName,
    pub access_token: Secret,
    pub access_expires_at: Option<Timestamp>,
    pub refresh_token: Option<Secret>,
    pub refresh_expires_at: Option<Timestamp>,
    /// The scopes that were really granted.
    pub granted: Vec<String>,
    /// Reserved: the refresh token was sent, and no answer has been recorded.
    pub spent: bool,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct ClientName {
    pub provider: ProviderId,
    /// A kind from the integration's facts: `desktop`, `ios`, …
    pub kind: String,
    pub client_id: String,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Grant")]
pub(super) struct GrantText {
    generation: u64,
    integration: IntegrationId,
    identity: Identity,
    endpoints: BTreeMap<String, String>,
    #[serde(with = "CredentialText")]
    credential: Credential,
    asked: Vec<String>,
    connected_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Credential", rename_all = "snake_case")]
enum CredentialText {
    Oauth(#[serde(with = "OauthGrantText")] OauthGrant),
    Key(#[serde(with = "exposed")] Secret),
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "OauthGrant")]
struct OauthGrantText {
    client: ClientName,
    #[serde(with = "exposed")]
    access_token: Secret,
    access_expires_at: Option<Timestamp>,
    #[serde(with = "exposed::optional")]
    refresh_token: Option<Secret>,
    refresh_expires_at: Option<Timestamp>,
    granted: Vec<String>,
    spent: bool,
}

stored_as!(Grant, GrantText, "grant", 1);
