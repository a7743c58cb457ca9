//! Who may do what: callers, their admission, their rules and budgets, and what a person decides about one write.
//!
//! A rule is about a caller as the operating system names it; what a caller says of itself is shown and never counts.
//! All of this changes in our window alone, or in a headless hub's `policy.toml`.

use serde::{Deserialize, Serialize};

use crate::{Caller, Capability, ConnectionId, Timestamp};

/// What the policy says about one use of a capability.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    Allow,
    /// A person is asked about each write; means nothing for reads.
    Ask,
    Deny,
}

/// One rule of one caller. A deny wins over everything; an allow that is more exact wins over an ask.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Rule {
    /// `None` = every connection.
    #[serde(default)]
    pub connection: Option<ConnectionId>,
    /// `None` = everything.
    #[serde(default)]
    pub capability: Option<Capability>,
    pub effect: Effect,
    #[serde(default)]
    pub limits: Limits,
}

#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(default)]
pub struct Limits {
    /// Addresses, `@example.org` for all of a domain, or chat ids. The rule is only about writes to these; empty = to
    /// anybody.
    pub recipients: Vec<String>,
    /// Writes in any 24 hours; more are refused.
    pub per_day: Option<u32>,
    /// Absolute paths of folders on this machine that files may be taken from and saved into.
    pub folders: Vec<String>,
}

/// May this caller ask for anything at all?
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(tag = "admission", rename_all = "snake_case")]
pub enum Admission {
    /// It asked; nobody has decided.
    Waiting {
        #[cfg_attr(feature = "bindings", ts(type = "string"))]
        since: Timestamp,
    },
    Admitted {
        #[cfg_attr(feature = "bindings", ts(type = "string"))]
        at: Timestamp,
    },
    Refused {
        #[cfg_attr(feature = "bindings", ts(type = "string"))]
        at: Timestamp,
    },
}

/// How much of the person's quota a caller may use up.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(default)]
pub struct Budget {
    /// Requests in any 60 seconds; 1 to 10,000.
    pub per_minute: u32,
    /// Writes in any 24 hours; 0 to 100,000.
    pub writes_per_day: u32,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            per_minute: 120,
            writes_per_day: 200,
        }
    }
}

/// What a program says of itself. Shown beside its executable, never believed.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct ClientInfo {
    pub name: String,
    pub version: String,
}

/// Since when a caller has been told text from outside, and until when its writes are looked at for that.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Taint {
    #[cfg_attr(feature = "bindings", ts(type = "string"))]
    pub since: Timestamp,
    #[cfg_attr(feature = "bindings", ts(type = "string"))]
    pub until: Timestamp,
}

/// A caller, as our window shows it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct CallerView {
    pub caller: Caller,
    /// The name a person may know: the executable's file name, a workflow's name.
    pub name: String,
    pub client: Option<ClientInfo>,
    pub admission: Admission,
    pub rules: Vec<Rule>,
    /// What its writes get where no rule is about them.
    pub writes: Effect,
    pub budget: Budget,
    pub taint: Option<Taint>,
    /// Connections to the hub that listen right now.
    pub connected: u32,
    #[cfg_attr(feature = "bindings", ts(type = "string | null"))]
    pub last_seen: Option<Timestamp>,
    /// Some of this comes from `policy.toml` and changes there.
    pub from_file: bool,
}

/// What a caller may know about where it stands itself.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Standing {
    pub admission: Admission,
    /// All agents are paused.
    pub paused: bool,
    /// Is there a window in which a person could be asked?
    pub can_ask: bool,
}

/// Why a write waits for a person.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum AskedBecause {
    /// This caller's writes are always asked about.
    Rule,
    /// The caller has been told text from outside, which may have told it to do this.
    OutsideText,
}

/// What a person decides about one write that waits for them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    Once,
    /// This time, and from now on to these very recipients through this connection.
    Always,
    Deny,
}
