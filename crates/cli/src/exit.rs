//! The exit status of the program: one table, nothing else decides it.

use model::ErrorCode;

/// What a script can tell apart without reading a word.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Exit {
    Done,
    /// Anything the others don't name.
    Failed,
    /// The command line, or something given with it, doesn't fit.
    Usage,
    /// Only a person signing in helps.
    SignInNeeded,
    /// Offline, or the service is down or asked for a pause: later may help.
    Unreachable,
    /// The hub's policy says no.
    Refused,
    /// It may have happened; asking again could do it twice.
    OutcomeUnknown,
    /// The vault is locked, missing or failing.
    Vault,
    /// Ctrl-C.
    Interrupted,
}

impl Exit {
    pub const ALL: [Self; 9] = [
        Self::Done,
        Self::Failed,
        Self::Usage,
        Self::SignInNeeded,
        Self::Unreachable,
        Self::Refused,
        Self::OutcomeUnknown,
        Self::Vault,
        Self::Interrupted,
    ];

    /// The number the process ends with.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::SignInNeeded => 3,
            Self::Unreachable => 4,
            Self::Refused => 5,
            Self::OutcomeUnknown => 6,
            Self::Vault => 7,
            // 128 + SIGINT, as shells report it.
            Self::Interrupted => 130,
        }
    }

    /// What another program of ours ended with; anything it doesn't end with is a failure.
    pub(crate) fn from_code(code: Option<i32>) -> Self {
        let known = |exit: &&Self| code == Some(i32::from(exit.code()));
        Self::ALL
            .iter()
            .find(known)
            .copied()
            .unwrap_or(Self::Failed)
    }
}

impl From<ErrorCode> for Exit {
    /// Exhaustive on purpose: a new code doesn't compile until somebody decides.
    fn from(code: ErrorCode) -> Self {
        use ErrorCode as Code;
        match code {
            Code::InvalidInput
            | Code::UnknownIntegration
            | Code::AmbiguousConnection
            | Code::UnknownChat
            | Code::TooLarge
            | Code::FileUnreadable
            | Code::FolderUnwritable
            | Code::FileExists
            | Code::ImportRefused
            | Code::WorkflowInvalid
            | Code::EndpointsFixed => Self::Usage,

            Code::SignInNeeded
            | Code::NotConnected
            | Code::PermissionMissing
            | Code::CapabilityMissing => Self::SignInNeeded,

            Code::Offline | Code::ServiceDown | Code::RateLimited | Code::NotUnderstood => {
                Self::Unreachable
            }

            Code::RefusedCaller
            | Code::NotAdmitted
            | Code::DeniedByPolicy
            | Code::ApprovalDenied
            | Code::ApprovalUnavailable
            | Code::LimitReached
            | Code::AgentsPaused
            | Code::FolderNotAllowed
            | Code::TokenNotAllowed
            | Code::WindowNeeded => Self::Refused,

            Code::OutcomeUnknown => Self::OutcomeUnknown,

            Code::VaultLocked
            | Code::NoKeychain
            | Code::VaultFailed
            | Code::WrongPassphrase
            | Code::PassphraseNeeded => Self::Vault,

            Code::UnknownConnection
            | Code::NotConfigured
            | Code::SignInDenied
            | Code::SignInCancelled
            | Code::SignInExpired
            | Code::SignInUnknown
            | Code::SignInUsed
            | Code::SignInWrongIssuer
            | Code::NothingGranted
            | Code::WrongAccount
            | Code::SignInRefused
            | Code::BlockedByAdmin
            | Code::ApiDisabled
            | Code::LoopbackBlocked
            | Code::ServiceRefused
            | Code::Paused
            | Code::UnknownAction
            | Code::TooLate
            | Code::FileChanged
            | Code::ChecksumMismatch
            | Code::ListenedElsewhere
            | Code::StoreFailed
            | Code::HubUnreachable
            | Code::AlreadyRunning
            | Code::VersionMismatch
            | Code::DesktopRefused
            | Code::HandingOver
            | Code::Internal => Self::Failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_the_documented_ones() {
        let numbers: Vec<u8> = Exit::ALL.iter().map(|exit| exit.code()).collect();
        assert_eq!(numbers, [0, 1, 2, 3, 4, 5, 6, 7, 130]);
    }

    #[test]
    fn no_error_ends_as_done_or_interrupted() {
        for code in ErrorCode::ALL {
            let exit = Exit::from(*code);
            assert!(
                !matches!(exit, Exit::Done | Exit::Interrupted),
                "{}",
                code.name()
            );
        }
    }

    #[test]
    fn each_promise_of_the_page_holds() {
        for (code, number) in [
            (ErrorCode::SignInNeeded, 3),
            (ErrorCode::Offline, 4),
            (ErrorCode::ServiceDown, 4),
            (ErrorCode::RefusedCaller, 5),
            (ErrorCode::VaultLocked, 7),
            (ErrorCode::NoKeychain, 7),
            (ErrorCode::Internal, 1),
        ] {
            assert_eq!(Exit::from(code).code(), number, "{}", code.name());
        }
    }
}
