//! Where a connection stands. An enum with data, so that a status can't be half true.
//!
//! Each variant has one sentence and one next step in `messages/LANG.json`
//! (`status_KIND_sentence`, `status_KIND_next`); [`Status::args`] fills their placeholders.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Timestamp;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Status {
    /// A real call succeeded at `proven_at`.
    Connected {
        #[cfg_attr(feature = "bindings", ts(type = "string"))]
        proven_at: Timestamp,
    },
    /// Works, but will lapse at a known time.
    Expiring {
        #[cfg_attr(feature = "bindings", ts(type = "string"))]
        at: Timestamp,
        why: ExpiringWhy,
    },
    /// Only the person can mend it, by signing in.
    NeedsSignIn {
        cause: Cause,
        #[cfg_attr(feature = "bindings", ts(type = "string"))]
        since: Timestamp,
    },
    /// This machine reaches nothing.
    Offline {
        #[cfg_attr(feature = "bindings", ts(type = "string"))]
        since: Timestamp,
    },
    /// The service asked us to wait.
    RateLimited {
        #[cfg_attr(feature = "bindings", ts(type = "string"))]
        until: Timestamp,
    },
    /// The service answers, but not sensibly, or this service alone can't be reached.
    ServiceDown {
        #[cfg_attr(feature = "bindings", ts(type = "string"))]
        since: Timestamp,
    },
    /// The service refuses this call for good although the sign-in is accepted (an API switched off, an administrator's rule).
    Refused {
        reason: RefusedReason,
        #[cfg_attr(feature = "bindings", ts(type = "string"))]
        since: Timestamp,
    },
    /// The keychain holds the grant, but is locked.
    VaultLocked,
    /// This system offers no keychain, and no vault file was chosen.
    NoKeychain,
    /// The person paused it.
    Paused,
    /// The client registration it was made with is gone.
    NotConfigured,
    /// Known, but not yet checked since it was made or brought back.
    Unproven,
}

/// Why only the person can mend it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The provider's token endpoint answered `invalid_grant`: revoked, expired, or the password changed.
    GrantRevoked,
    /// The same, after just the time that the provider gives the sign-ins of apps in testing.
    TrialEnded,
    /// The provider rejects the key itself (a bot token that was replaced).
    TokenRejected,
    /// A single-use refresh token was sent and its answer never came; replaying it would end every sign-in.
    InterruptedRotation,
    /// An administrator's session rule wants a fresh sign-in.
    SessionEnded,
    /// The keychain item is gone: another program or person deleted it.
    GrantMissing,
    /// The keychain item is there, but can't be understood.
    GrantUnreadable,
    /// There is no refresh token, and the access token has run out.
    NotRenewable,
    /// It came with an export that holds no sign-ins.
    Imported,
}

/// Why a service refuses although the sign-in stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum RefusedReason {
    /// The permission was not granted, or was taken back.
    PermissionMissing,
    /// The API is switched off in the client's project.
    ApiDisabled,
    /// An administrator blocks the app.
    BlockedByAdmin,
    /// Anything else the service says no to.
    Other,
}

/// What is known to end the grant.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ExpiringWhy {
    /// The person granted access for a limited time.
    TimeLimited,
    /// The access token can't be renewed.
    NotRenewable,
    /// Earlier sign-ins of this connection ended after as long.
    Rhythm,
}

impl Status {
    /// The stable name, as in `status --json`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Connected { .. } => "connected",
            Self::Expiring { .. } => "expiring",
            Self::NeedsSignIn { .. } => "needs_sign_in",
            Self::Offline { .. } => "offline",
            Self::RateLimited { .. } => "rate_limited",
            Self::ServiceDown { .. } => "service_down",
            Self::Refused { .. } => "refused",
            Self::VaultLocked => "vault_locked",
            Self::NoKeychain => "no_keychain",
            Self::Paused => "paused",
            Self::NotConfigured => "not_configured",
            Self::Unproven => "unproven",
        }
    }

    /// The stable name of the cause, where there is one.
    #[must_use]
    pub const fn cause(&self) -> Option<&'static str> {
        match self {
            Self::NeedsSignIn { cause, .. } => Some(cause.name()),
            Self::Refused { reason, .. } => Some(reason.name()),
            Self::Expiring { why, .. } => Some(why.name()),
            _ => None,
        }
    }

    /// Does the connection do its work?
    #[must_use]
    pub const fn is_up(&self) -> bool {
        matches!(self, Self::Connected { .. } | Self::Expiring { .. })
    }

    /// Is it broken in a way worth telling the person about?
    #[must_use]
    pub const fn is_down(&self) -> bool {
        matches!(
            self,
            Self::NeedsSignIn { .. }
                | Self::Offline { .. }
                | Self::ServiceDown { .. }
                | Self::Refused { .. }
                | Self::VaultLocked
                | Self::NoKeychain
                | Self::NotConfigured
        )
    }

    /// The message keys of its sentence and its next step.
    #[must_use]
    pub fn message_keys(&self) -> (String, String) {
        let stem = match self.cause() {
            Some(cause) => format!("status_{}_{cause}", self.kind()),
            None => format!("status_{}", self.kind()),
        };
        (format!("{stem}_sentence"), format!("{stem}_next"))
    }

    /// What fills the placeholders of its messages.
    #[must_use]
    pub fn args(&self) -> BTreeMap<String, String> {
        let at = match self {
            Self::Connected { proven_at } => Some(proven_at),
            Self::Expiring { at, .. } => Some(at),
            Self::NeedsSignIn { since, .. }
            | Self::Offline { since }
            | Self::ServiceDown { since }
            | Self::Refused { since, .. } => Some(since),
            Self::RateLimited { until } => Some(until),
            Self::VaultLocked
            | Self::NoKeychain
            | Self::Paused
            | Self::NotConfigured
            | Self::Unproven => None,
        };
        at.map(|at| ("at".to_owned(), at.to_string()))
            .into_iter()
            .collect()
    }
}

impl Cause {
    pub const ALL: [Self; 9] = [
        Self::GrantRevoked,
        Self::TrialEnded,
        Self::TokenRejected,
        Self::InterruptedRotation,
        Self::SessionEnded,
        Self::GrantMissing,
        Self::GrantUnreadable,
        Self::NotRenewable,
        Self::Imported,
    ];

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::GrantRevoked => "grant_revoked",
            Self::TrialEnded => "trial_ended",
            Self::TokenRejected => "token_rejected",
            Self::InterruptedRotation => "interrupted_rotation",
            Self::SessionEnded => "session_ended",
            Self::GrantMissing => "grant_missing",
            Self::GrantUnreadable => "grant_unreadable",
            Self::NotRenewable => "not_renewable",
            Self::Imported => "imported",
        }
    }
}

impl RefusedReason {
    pub const ALL: [Self; 4] = [
        Self::PermissionMissing,
        Self::ApiDisabled,
        Self::BlockedByAdmin,
        Self::Other,
    ];

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::PermissionMissing => "permission_missing",
            Self::ApiDisabled => "api_disabled",
            Self::BlockedByAdmin => "blocked_by_admin",
            Self::Other => "other",
        }
    }
}

impl ExpiringWhy {
    pub const ALL: [Self; 3] = [Self::TimeLimited, Self::NotRenewable, Self::Rhythm];

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::TimeLimited => "time_limited",
            Self::NotRenewable => "not_renewable",
            Self::Rhythm => "rhythm",
        }
    }
}
