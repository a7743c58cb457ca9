//! What crosses the door when something did not work: a stable code, arguments, retry advice.
//!
//! Each code has a sentence and a next step in `messages/LANG.json` (`error_CODE_sentence`,
//! `error_CODE_next`). Nobody matches on the words.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)+) => {
        /// Stable names; a code is here only because a face or a caller tells it from the others.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
        #[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
        pub enum ErrorCode {
            $($(#[$doc])* #[serde(rename = $name)] $variant,)+
        }

        impl ErrorCode {
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }
        }
    };
}

codes! {
    /// Something typed or given doesn't fit; `reason` says which part and why.
    InvalidInput = "invalid_input",
    UnknownIntegration = "unknown_integration",
    UnknownConnection = "unknown_connection",
    /// The integration exists, but no account is connected through it.
    NotConnected = "not_connected",
    AmbiguousConnection = "ambiguous_connection",
    /// No client registration to sign in with.
    NotConfigured = "not_configured",
    /// This caller may not ask that.
    RefusedCaller = "refused_caller",

    /// The person pressed Cancel at the provider.
    SignInDenied = "sign_in_denied",
    /// The person cancelled here.
    SignInCancelled = "sign_in_cancelled",
    SignInExpired = "sign_in_expired",
    /// The address belongs to no sign-in of ours (foreign `state`).
    SignInUnknown = "sign_in_unknown",
    /// The address was used before.
    SignInUsed = "sign_in_used",
    /// `iss` names another server (RFC 9207 §2.4).
    SignInWrongIssuer = "sign_in_wrong_issuer",
    /// Every permission was left unticked.
    NothingGranted = "nothing_granted",
    /// Signed in as somebody else than the connection is for.
    WrongAccount = "wrong_account",
    /// The provider refused the client or the code.
    SignInRefused = "sign_in_refused",
    BlockedByAdmin = "blocked_by_admin",
    /// The service's API was never switched on for the registration's project.
    ApiDisabled = "api_disabled",
    /// The loopback port could not be opened.
    LoopbackBlocked = "loopback_blocked",

    /// Nobody has let this caller in yet.
    NotAdmitted = "not_admitted",
    /// A rule says no.
    DeniedByPolicy = "denied_by_policy",
    /// A person looked at it and said no.
    ApprovalDenied = "approval_denied",
    /// A person would have to be asked, and there is no window to ask in.
    ApprovalUnavailable = "approval_unavailable",
    /// This caller has used up what it may do for now.
    LimitReached = "limit_reached",
    AgentsPaused = "agents_paused",
    /// No rule lets this caller take files from, or save them into, that folder.
    FolderNotAllowed = "folder_not_allowed",
    /// The person hasn't allowed this connection's token to be given out.
    TokenNotAllowed = "token_not_allowed",

    SignInNeeded = "sign_in_needed",
    PermissionMissing = "permission_missing",
    /// The service said no for a reason of its own.
    ServiceRefused = "service_refused",
    Offline = "offline",
    ServiceDown = "service_down",
    RateLimited = "rate_limited",
    /// The answer is not what the service documents (a captive portal, a proxy's page).
    NotUnderstood = "not_understood",
    Paused = "paused",

    /// The connection has no such ability, or the permission for it was left unticked.
    CapabilityMissing = "capability_missing",
    UnknownAction = "unknown_action",
    /// The action is past the point where that could be done.
    TooLate = "too_late",
    /// No chat of that name or id is known.
    UnknownChat = "unknown_chat",
    /// The mail, message or file is bigger than the service takes.
    TooLarge = "too_large",
    /// A file isn't there or can't be read.
    FileUnreadable = "file_unreadable",
    /// A file changed after it was queued.
    FileChanged = "file_changed",
    /// Something can't be written into the folder.
    FolderUnwritable = "folder_unwritable",
    /// A file of that name is there, and nobody agreed to replacing it.
    FileExists = "file_exists",
    /// An export that can't be imported; `reason` says why.
    ImportRefused = "import_refused",
    /// The export is encrypted.
    PassphraseNeeded = "passphrase_needed",
    /// Only a person at our window can do it, and this hub has none.
    WindowNeeded = "window_needed",
    /// What arrived isn't what was sent.
    ChecksumMismatch = "checksum_mismatch",
    /// It was sent, and no answer tells what became of it.
    OutcomeUnknown = "outcome_unknown",
    /// Somebody else listens for this bot's messages.
    ListenedElsewhere = "listened_elsewhere",
    /// A workflow's text or its input doesn't fit.
    WorkflowInvalid = "workflow_invalid",

    VaultLocked = "vault_locked",
    NoKeychain = "no_keychain",
    VaultFailed = "vault_failed",
    WrongPassphrase = "wrong_passphrase",
    StoreFailed = "store_failed",

    /// No hub runs and none could be started.
    HubUnreachable = "hub_unreachable",
    /// Another process holds this profile.
    AlreadyRunning = "already_running",
    /// The hub is of another version.
    VersionMismatch = "version_mismatch",
    /// Endpoints are fixed when a profile is created.
    EndpointsFixed = "endpoints_fixed",
    /// The desktop didn't do what the window asked of it.
    DesktopRefused = "desktop_refused",
    /// The hub is handing the profile over; ask again.
    HandingOver = "handing_over",
    /// A defect of ours.
    Internal = "internal",
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Error {
    pub code: ErrorCode,
    /// Fill the placeholders of the code's messages; never secrets.
    #[serde(default)]
    pub args: BTreeMap<String, String>,
    /// Seconds after which asking again makes sense; absent = it doesn't by itself.
    #[serde(default)]
    #[cfg_attr(feature = "bindings", ts(type = "number | null"))]
    pub retry_after_s: Option<u64>,
    /// For the details pane: what the service or system said, shortened and redacted.
    #[serde(default)]
    pub detail: Option<String>,
}

impl Error {
    #[must_use]
    pub fn new(code: ErrorCode) -> Self {
        Self {
            code,
            args: BTreeMap::new(),
            retry_after_s: None,
            detail: None,
        }
    }

    #[must_use]
    pub fn with(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.args.insert(name.to_owned(), value.to_string());
        self
    }

    #[must_use]
    pub const fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    #[must_use]
    pub fn detail(mut self, detail: impl fmt::Display) -> Self {
        self.detail = Some(detail.to_string());
        self
    }
}

impl From<ErrorCode> for Error {
    fn from(code: ErrorCode) -> Self {
        Self::new(code)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.name())
    }
}

impl std::error::Error for Error {}
