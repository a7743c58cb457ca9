//! What the doctor looked at, what it found, and what can be done about it.
//!
//! A finding's cause is typed; its words are in the messages under its kind, and each face says them in its language.

mod cause;
mod words;

use serde::{Deserialize, Serialize};

use crate::ProviderId;

pub use cause::DoctorCause;

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Good,
    /// Works, but something would be better otherwise.
    Doubtful,
    Bad,
    /// Couldn't be looked at.
    Unknown,
}

impl Verdict {
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Doubtful => "doubtful",
            Self::Bad => "bad",
            Self::Unknown => "unknown",
        }
    }
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Finding {
    /// Stable name: `vault`, `database`, `loopback`, `service_gmail`, `client_google` …
    pub check: String,
    pub verdict: Verdict,
    pub cause: DoctorCause,
    /// What our window can do about it.
    pub action: Option<RemedyAction>,
}

impl Finding {
    #[must_use]
    pub fn new(check: impl Into<String>, cause: DoctorCause) -> Self {
        Self {
            check: check.into(),
            verdict: cause.verdict(),
            action: cause.action(),
            cause,
        }
    }
}

/// What the window's button does. Only what it really can.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum RemedyAction {
    /// Shows where secrets are kept: unlocking, the passphrase file.
    OpenVault,
    /// Asks the system to bring links of our scheme here.
    RegisterLinks,
    RegisterClient {
        provider: ProviderId,
    },
    /// Shows what happened, and the check of its chain.
    OpenActivity,
}

/// How far a look around is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum DoctorProgress {
    /// These are looked at, at once, and told as they are found.
    Began {
        checks: Vec<String>,
    },
    Found {
        finding: Finding,
    },
}

/// Everything that was found.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Diagnosis {
    pub findings: Vec<Finding>,
    /// The same, and where the connections stand, as a text that may be shown to anybody: no name, no address, no path
    /// of the person's.
    pub report: String,
}
