//! What a check can find, and what follows from it alone: how bad it is, and what the window can do.

use serde::{Deserialize, Serialize};

use super::{RemedyAction, Verdict};
use crate::ProviderId;

/// What a check found, good or bad. Texts: `doctor_KIND`, and `doctor_KIND_remedy` where something can be done.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum DoctorCause {
    KeychainWorks,
    KeychainLocked,
    NoKeychain,
    VaultFileOpen,
    VaultFileLocked,
    VaultFailing,

    LinksComeHere,
    /// Nobody is asked to take them, and without a window nobody waits for them.
    LinksNotNeeded,
    LinksNowhere,
    /// Another program takes them.
    LinksElsewhere {
        program: String,
    },
    /// They are ours, and lead to a program that isn't there.
    LinksBroken {
        program: String,
    },

    LoopbackOpen,
    LoopbackBlocked,

    ClockRight,
    ClockAhead {
        #[cfg_attr(feature = "bindings", ts(type = "number"))]
        seconds: u64,
    },
    ClockBehind {
        #[cfg_attr(feature = "bindings", ts(type = "number"))]
        seconds: u64,
    },
    /// Certificates are refused for their dates.
    ClockSuspected,
    ClockUnknown,

    NamesFound,
    /// The profile's services are addresses.
    NamesNotNeeded,
    /// A proxy looks them up.
    NamesByProxy,
    NamesUnknown {
        hosts: Vec<String>,
    },
    NoNamesFound,
    NoNetwork,

    NoProxy,
    ProxyAnswers {
        proxy: String,
    },
    ProxyRefuses {
        proxy: String,
    },
    ProxySilent {
        proxy: String,
    },
    ProxyNotFound {
        proxy: String,
    },
    ProxyWantsSignIn {
        proxy: String,
    },

    NoPortal,
    /// A web page answers in place of these.
    Portal {
        hosts: Vec<String>,
    },
    /// Something between shows a certificate that isn't theirs.
    Intercepted {
        hosts: Vec<String>,
    },
    PortalUnknown,

    ServiceAnswers {
        service: String,
    },
    ServiceUnreachable {
        service: String,
        host: String,
    },
    /// What answers isn't the service.
    ServiceReplaced {
        service: String,
        host: String,
    },
    ServiceTroubled {
        service: String,
        status: u16,
    },

    DiskRoomy {
        #[cfg_attr(feature = "bindings", ts(type = "number"))]
        free_mib: u64,
    },
    DiskWritable,
    DiskLow {
        #[cfg_attr(feature = "bindings", ts(type = "number"))]
        free_mib: u64,
    },
    DiskFull,
    FolderUnwritable,

    DatabaseSound,
    DatabaseDamaged,
    /// It was damaged when this hub began.
    DatabaseSetAside {
        file: String,
    },
    /// It was damaged when this hub began, and what could be read of it is in the new one.
    DatabaseSalvaged {
        file: String,
    },
    /// A later version had written it.
    DatabaseNewer {
        file: String,
    },
    DatabaseUnreachable,

    LedgerWhole,
    LedgerBroken,
    LedgerUnknown,

    ClientRegistered {
        services: Vec<String>,
    },
    ClientMissing {
        provider: ProviderId,
        services: Vec<String>,
    },

    /// The check was given up.
    TookTooLong,
}

/// Beyond this, services may refuse what we sign or say.
const CLOCK_DOUBTFUL_S: u64 = 60;
/// Google and others allow identity tokens five minutes.
const CLOCK_BAD_S: u64 = 300;

impl DoctorCause {
    /// As in the JSON, and in the names of its texts.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::KeychainWorks => "keychain_works",
            Self::KeychainLocked => "keychain_locked",
            Self::NoKeychain => "no_keychain",
            Self::VaultFileOpen => "vault_file_open",
            Self::VaultFileLocked => "vault_file_locked",
            Self::VaultFailing => "vault_failing",
            Self::LinksComeHere => "links_come_here",
            Self::LinksNotNeeded => "links_not_needed",
            Self::LinksNowhere => "links_nowhere",
            Self::LinksElsewhere { .. } => "links_elsewhere",
            Self::LinksBroken { .. } => "links_broken",
            Self::LoopbackOpen => "loopback_open",
            Self::LoopbackBlocked => "loopback_blocked",
            Self::ClockRight => "clock_right",
            Self::ClockAhead { .. } => "clock_ahead",
            Self::ClockBehind { .. } => "clock_behind",
            Self::ClockSuspected => "clock_suspected",
            Self::ClockUnknown => "clock_unknown",
            Self::NamesFound => "names_found",
            Self::NamesNotNeeded => "names_not_needed",
            Self::NamesByProxy => "names_by_proxy",
            Self::NamesUnknown { .. } => "names_unknown",
            Self::NoNamesFound => "no_names_found",
            Self::NoNetwork => "no_network",
            Self::NoProxy => "no_proxy",
            Self::ProxyAnswers { .. } => "proxy_answers",
            Self::ProxyRefuses { .. } => "proxy_refuses",
            Self::ProxySilent { .. } => "proxy_silent",
            Self::ProxyNotFound { .. } => "proxy_not_found",
            Self::ProxyWantsSignIn { .. } => "proxy_wants_sign_in",
            Self::NoPortal => "no_portal",
            Self::Portal { .. } => "portal",
            Self::Intercepted { .. } => "intercepted",
            Self::PortalUnknown => "portal_unknown",
            Self::ServiceAnswers { .. } => "service_answers",
            Self::ServiceUnreachable { .. } => "service_unreachable",
            Self::ServiceReplaced { .. } => "service_replaced",
            Self::ServiceTroubled { .. } => "service_troubled",
            Self::DiskRoomy { .. } => "disk_roomy",
            Self::DiskWritable => "disk_writable",
            Self::DiskLow { .. } => "disk_low",
            Self::DiskFull => "disk_full",
            Self::FolderUnwritable => "folder_unwritable",
            Self::DatabaseSound => "database_sound",
            Self::DatabaseDamaged => "database_damaged",
            Self::DatabaseSetAside { .. } => "database_set_aside",
            Self::DatabaseSalvaged { .. } => "database_salvaged",
            Self::DatabaseNewer { .. } => "database_newer",
            Self::DatabaseUnreachable => "database_unreachable",
            Self::LedgerWhole => "ledger_whole",
            Self::LedgerBroken => "ledger_broken",
            Self::LedgerUnknown => "ledger_unknown",
            Self::ClientRegistered { .. } => "client_registered",
            Self::ClientMissing { .. } => "client_missing",
            Self::TookTooLong => "took_too_long",
        }
    }

    #[must_use]
    pub const fn verdict(&self) -> Verdict {
        match self {
            Self::KeychainWorks
            | Self::VaultFileOpen
            | Self::LinksComeHere
            | Self::LinksNotNeeded
            | Self::LoopbackOpen
            | Self::ClockRight
            | Self::NamesFound
            | Self::NamesNotNeeded
            | Self::NamesByProxy
            | Self::NoProxy
            | Self::ProxyAnswers { .. }
            | Self::NoPortal
            | Self::ServiceAnswers { .. }
            | Self::DiskRoomy { .. }
            | Self::DiskWritable
            | Self::DatabaseSound
            | Self::LedgerWhole
            | Self::ClientRegistered { .. } => Verdict::Good,
            Self::ClockAhead { seconds } | Self::ClockBehind { seconds } => {
                if *seconds <= CLOCK_DOUBTFUL_S {
                    Verdict::Good
                } else if *seconds <= CLOCK_BAD_S {
                    Verdict::Doubtful
                } else {
                    Verdict::Bad
                }
            }
            Self::LinksNowhere
            | Self::LinksBroken { .. }
            | Self::ServiceTroubled { .. }
            | Self::DiskLow { .. }
            | Self::DatabaseSalvaged { .. }
            | Self::DatabaseNewer { .. }
            | Self::ClientMissing { .. } => Verdict::Doubtful,
            Self::ClockUnknown | Self::PortalUnknown | Self::LedgerUnknown | Self::TookTooLong => {
                Verdict::Unknown
            }
            Self::KeychainLocked
            | Self::NoKeychain
            | Self::VaultFileLocked
            | Self::VaultFailing
            | Self::LinksElsewhere { .. }
            | Self::LoopbackBlocked
            | Self::ClockSuspected
            | Self::NamesUnknown { .. }
            | Self::NoNamesFound
            | Self::NoNetwork
            | Self::ProxyRefuses { .. }
            | Self::ProxySilent { .. }
            | Self::ProxyNotFound { .. }
            | Self::ProxyWantsSignIn { .. }
            | Self::Portal { .. }
            | Self::Intercepted { .. }
            | Self::ServiceUnreachable { .. }
            | Self::ServiceReplaced { .. }
            | Self::DiskFull
            | Self::FolderUnwritable
            | Self::DatabaseDamaged
            | Self::DatabaseSetAside { .. }
            | Self::DatabaseUnreachable
            | Self::LedgerBroken => Verdict::Bad,
        }
    }

    #[must_use]
    pub fn action(&self) -> Option<RemedyAction> {
        match self {
            Self::KeychainLocked
            | Self::NoKeychain
            | Self::VaultFileLocked
            | Self::VaultFailing => Some(RemedyAction::OpenVault),
            Self::LinksNowhere | Self::LinksElsewhere { .. } | Self::LinksBroken { .. } => {
                Some(RemedyAction::RegisterLinks)
            }
            Self::ClientMissing { provider, .. } => Some(RemedyAction::RegisterClient {
                provider: provider.clone(),
            }),
            Self::LedgerBroken => Some(RemedyAction::OpenActivity),
            _ => None,
        }
    }

    /// Is what's wrong between this computer and the services, so that later may help?
    #[must_use]
    pub const fn is_about_network(&self) -> bool {
        matches!(
            self,
            Self::NamesUnknown { .. }
                | Self::NoNamesFound
                | Self::NoNetwork
                | Self::ProxyRefuses { .. }
                | Self::ProxySilent { .. }
                | Self::ProxyNotFound { .. }
                | Self::ProxyWantsSignIn { .. }
                | Self::Portal { .. }
                | Self::Intercepted { .. }
                | Self::ServiceUnreachable { .. }
                | Self::ServiceReplaced { .. }
                | Self::ServiceTroubled { .. }
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_judged_by_how_far_it_is_off() {
        let at = |seconds| DoctorCause::ClockBehind { seconds }.verdict();
        assert_eq!(at(60), Verdict::Good);
        assert_eq!(at(61), Verdict::Doubtful);
        assert_eq!(at(301), Verdict::Bad);
    }

    #[test]
    fn the_kind_is_what_the_json_says() {
        let cause = DoctorCause::LinksElsewhere {
            program: "x".to_owned(),
        };
        let json = serde_json::to_value(&cause).unwrap();
        assert_eq!(json["kind"], cause.kind());
    }
}
