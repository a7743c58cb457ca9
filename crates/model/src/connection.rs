//! One connected account, as the faces see it.

use serde::{Deserialize, Serialize};

use crate::{Capability, ConnectionId, IntegrationId, Status, Timestamp};

/// Whose account it is, as the service itself says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Identity {
    /// What stays the same for this account at this service; compared, never shown.
    pub id: String,
    /// What a person recognises: an address, `@name`.
    pub account: String,
    /// The person's or bot's own name, where the service tells it.
    pub display_name: Option<String>,
}

/// One permission that was asked for, and whether it was given.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct ScopeGrant {
    pub scope: String,
    /// In plain words, from the integration's texts.
    pub title: String,
    pub granted: bool,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct ConnectionView {
    pub id: ConnectionId,
    pub integration: IntegrationId,
    pub integration_name: String,
    pub account: String,
    /// The account's own name, as the service tells it.
    pub display_name: Option<String>,
    /// What the person calls it here; never sent anywhere.
    pub name: Option<String>,
    pub status: Status,
    /// When a real call last succeeded, whatever the status is now.
    #[cfg_attr(feature = "bindings", ts(type = "string | null"))]
    pub proven_at: Option<Timestamp>,
    /// When a real call was last tried.
    #[cfg_attr(feature = "bindings", ts(type = "string | null"))]
    pub checked_at: Option<Timestamp>,
    #[cfg_attr(feature = "bindings", ts(type = "string"))]
    pub connected_at: Timestamp,
    pub scopes: Vec<ScopeGrant>,
    pub capabilities: Vec<Capability>,
    /// May programs be given its raw token?
    pub token_allowed: bool,
    /// Sentences the integration wants shown beside it (an existing webhook, say).
    pub remarks: Vec<String>,
}

/// What dies when a connection is disconnected, said before it is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct DisconnectPreview {
    pub connection: ConnectionId,
    /// Can the service be told to end the access? (A bot token can only be ended by its owner.)
    pub revocable: bool,
    /// Other connections of ours that die with it, because the provider revokes all of them at once.
    pub also_ends: Vec<ConnectionView>,
    /// Sentences from the integration about what else dies.
    pub consequences: Vec<String>,
}
