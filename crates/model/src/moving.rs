//! Moving house: what went into an export, and what an import would do before it does it.
//!
//! The file's own form is not here (`hub::moving` has it): it may outlive these types, and never crosses the door but as
//! text without secrets.

use serde::{Deserialize, Serialize};

use crate::{
    Budget, Caller, ConnectionId, ConnectionView, Effect, ImportId, IntegrationId, ProviderId,
    Rule, Settings, Timestamp,
};

/// A file that was written.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Exported {
    pub path: String,
    pub with_secrets: bool,
    pub connections: u32,
    /// Accounts whose sign-in isn't in the file, although others' are: it was gone, or being renewed.
    pub without_sign_in: Vec<String>,
}

/// What importing this file would change. Nothing has been changed yet.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct ImportPreview {
    /// Names exactly this plan; it is forgotten after ten minutes.
    pub id: ImportId,
    #[cfg_attr(feature = "bindings", ts(type = "string"))]
    pub made_at: Timestamp,
    /// The version of the app that wrote the file.
    pub made_by: String,
    pub with_secrets: bool,
    pub connections: Vec<ComingConnection>,
    pub callers: Vec<ComingCaller>,
    pub clients: Vec<ComingClient>,
    pub settings_now: Settings,
    pub settings_then: Settings,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct ComingConnection {
    /// As the file calls it, and as the rules in this preview do.
    pub id: ConnectionId,
    pub integration: IntegrationId,
    pub integration_name: String,
    pub account: String,
    pub display_name: Option<String>,
    pub fate: ConnectionFate,
    pub paused: bool,
    /// Programs would be given its raw token.
    pub token_allowed: bool,
    /// Chats that come along.
    pub chats: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ConnectionFate {
    /// Comes with its sign-in, and works at once.
    SignedIn,
    /// Is added, and waits for the person to sign in.
    NeedsSignIn,
    /// Its sign-in is in the file, but the registration it was made with isn't here: added, and waits.
    OtherClient,
    /// The account is connected here already; nothing about it changes.
    Stays,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct ComingCaller {
    pub caller: Caller,
    pub name: String,
    /// False = it is known here already, and what it may do stays as it is here.
    pub added: bool,
    /// Let in, or kept out.
    pub admitted: bool,
    pub writes: Effect,
    pub budget: Budget,
    pub rules: Vec<Rule>,
    /// Folders that can't be on this system, left out of its rules.
    pub folders_left_out: u32,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct ComingClient {
    pub provider: ProviderId,
    pub kind: String,
    pub client_id: String,
    pub fate: ClientFate,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ClientFate {
    Added,
    /// It has a secret, which isn't in the file: not added, to be registered again.
    NeedsSecret,
    /// One of this kind is registered here; it stays.
    Stays,
}

/// What an import did.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Imported {
    pub connections: Vec<ConnectionView>,
    /// Those of them that wait for the person to sign in.
    pub reconnect: Vec<ConnectionView>,
    pub callers: u32,
    pub clients: u32,
}
