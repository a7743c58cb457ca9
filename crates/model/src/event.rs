//! What the hub tells its faces without being asked.

use serde::{Deserialize, Serialize};

use crate::{
    ActionId, ActionView, AttemptId, Caller, CallerView, ClaimView, ConnectionId, ConnectionView,
    Error, IntegrationId, Progress, Settings, SignInView, VaultState, doctor::DoctorProgress,
    test_report::TestProgress,
};

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A connection is new, or anything shown about it changed.
    ConnectionChanged {
        connection: ConnectionView,
    },
    ConnectionRemoved {
        id: ConnectionId,
    },
    /// A sign-in began, moved on, or ended.
    SignIn {
        sign_in: SignInView,
    },
    Vault {
        vault: VaultState,
    },
    Test {
        progress: TestProgress,
    },
    Doctor {
        progress: DoctorProgress,
    },
    /// An action is new, or anything shown about it changed. Progress is told at most a few times a second.
    Action {
        action: Box<ActionView>,
    },
    /// How far a download is.
    Download {
        id: ActionId,
        progress: Progress,
    },
    Claim {
        claim: ClaimView,
    },
    Settings {
        settings: Settings,
    },
    /// A caller is new, or anything shown about it changed.
    CallerChanged {
        caller: Box<CallerView>,
    },
    CallerRemoved {
        caller: Caller,
    },
    /// Client registrations changed: read the integrations again.
    IntegrationsChanged,
    /// To be shown by the operating system.
    Notice {
        notice: Notice,
    },
    /// The window should come forward, showing this.
    Open {
        target: OpenTarget,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    Down,
    Back,
    NeedsSignIn,
    /// A sign-in ends soon.
    Expiring,
    SignedIn,
    Vault,
    Revocation,
    /// An action failed, expired, or needs a decision.
    Action,
    /// A write waits for a person, or a caller for being let in.
    Approval,
}

/// One notification, already coalesced and worded.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Notice {
    pub kind: NoticeKind,
    pub title: String,
    pub body: String,
    /// The label of its button, and where button and click lead.
    pub action: Option<NoticeAction>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct NoticeAction {
    pub label: String,
    pub target: OpenTarget,
}

/// A place in our window.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(tag = "place", rename_all = "snake_case")]
pub enum OpenTarget {
    Connections,
    Connection {
        id: ConnectionId,
    },
    /// The sign-in of an existing connection.
    SignIn {
        integration: IntegrationId,
        connection: Option<ConnectionId>,
    },
    /// A sign-in under way or just over.
    Attempt {
        id: AttemptId,
    },
    /// A link that belongs to no sign-in, and why it was refused.
    LinkRefused {
        error: Error,
    },
    Vault,
    /// Export and import.
    Moving,
    /// Writes that wait for a person.
    Approvals,
    /// Who may do what, with one caller in view where one is meant.
    Agents {
        caller: Option<Caller>,
    },
    /// What happened, with one action in view where one is meant.
    Activity {
        action: Option<ActionId>,
    },
}
