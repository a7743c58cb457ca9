//! One call to a service: a fresh token, the call, and on a rejection one renewal and one repeat.

use std::sync::Arc;

use integrations::{CallError, LocalError, Probe, Session};
use model::{
    Cause, ConnectionId, Error, ErrorCode, IntegrationId, Language, Status, status::RefusedReason,
};
use store::ConnectionRow;
use vault::{Credential, Grant};

use crate::{
    broker::{Fresh, NoToken},
    core::{Core, integration, kept_endpoints},
    oauth::TokenFailure,
    wire,
};

/// Whom a message is about; a first sign-in has no row yet.
#[derive(Clone, Debug)]
pub(crate) struct Whose {
    pub(crate) integration: IntegrationId,
    pub(crate) service: String,
    pub(crate) account: String,
}

impl From<&ConnectionRow> for Whose {
    fn from(row: &ConnectionRow) -> Self {
        Self {
            integration: row.integration.clone(),
            service: Core::service_name(row),
            account: row.identity.account.clone(),
        }
    }
}

/// A probe that worked, and the grant it worked with.
#[derive(Debug)]
pub(crate) struct Proof {
    pub(crate) found: Probe,
    pub(crate) grant: Arc<Grant>,
}

/// Why a call did not work.
#[derive(Debug)]
pub(crate) enum CallFailure {
    Token(NoToken),
    Call(CallError),
}

impl Core {
    /// The probe: is it alive, and whose account is it?
    pub(crate) async fn probe(self: &Arc<Self>, id: ConnectionId) -> Result<Proof, CallFailure> {
        let fresh = self.fresh_token(id).await.map_err(CallFailure::Token)?;
        self.probe_with(id, fresh).await
    }

    pub(crate) async fn probe_with(
        self: &Arc<Self>,
        id: ConnectionId,
        fresh: Fresh,
    ) -> Result<Proof, CallFailure> {
        let service = integration(&fresh.grant.integration)
            .map_err(|error| CallFailure::Token(NoToken::Ours(error)))?;
        let (found, grant) = match service.probe(&self.session(&fresh)).await {
            Err(CallError::TokenRejected) => {
                if matches!(fresh.grant.credential, Credential::Key(_)) {
                    return Err(CallFailure::Token(NoToken::NeedsSignIn(
                        Cause::TokenRejected,
                    )));
                }
                let next = self
                    .another_token(id, &fresh)
                    .await
                    .map_err(CallFailure::Token)?;
                (service.probe(&self.session(&next)).await, next.grant)
            }
            outcome => (outcome, fresh.grant),
        };
        Ok(Proof {
            found: found.map_err(CallFailure::Call)?,
            grant,
        })
    }

    fn session(&self, fresh: &Fresh) -> Session {
        self.play_a_defect(&fresh.grant.integration);
        Session::unpaced(
            self.http.get(),
            fresh.token.clone(),
            kept_endpoints(&fresh.grant.endpoints),
            granted(&fresh.grant),
        )
    }

    /// What a stand-in's integration may be told to do instead of its work, to see what becomes of the rest.
    pub(crate) fn play_a_defect(&self, integration: &IntegrationId) {
        assert!(
            self.played.panics.as_ref() != Some(integration),
            "a defect, as played"
        );
    }

    /// What a failure says about the connection.
    pub(crate) fn verdict(&self, failure: &CallFailure, row: &ConnectionRow) -> Status {
        let now = self.clock.now();
        let refused = |reason| Status::Refused { reason, since: now };
        match failure {
            CallFailure::Token(NoToken::NeedsSignIn(cause)) => Status::NeedsSignIn {
                cause: *cause,
                since: now,
            },
            CallFailure::Token(NoToken::NotConfigured) => Status::NotConfigured,
            CallFailure::Token(NoToken::BlockedByAdmin)
            | CallFailure::Call(CallError::BlockedByAdmin) => {
                refused(RefusedReason::BlockedByAdmin)
            }
            CallFailure::Token(NoToken::Vault(error)) => match error.code {
                ErrorCode::NoKeychain => Status::NoKeychain,
                _ => Status::VaultLocked,
            },
            // Our own trouble says nothing about the service: what was known stays.
            CallFailure::Token(NoToken::Ours(_)) | CallFailure::Call(CallError::Local(_)) => {
                row.status.clone()
            }
            CallFailure::Token(NoToken::Transient(TokenFailure::Unreachable { why, .. }))
            | CallFailure::Call(CallError::Unreachable(why)) => {
                if self.seems_offline(&row.integration, *why) {
                    Status::Offline { since: now }
                } else {
                    Status::ServiceDown { since: now }
                }
            }
            CallFailure::Token(NoToken::Transient(_))
            | CallFailure::Call(CallError::ServiceDown { .. } | CallError::NotUnderstood { .. }) => {
                Status::ServiceDown { since: now }
            }
            CallFailure::Call(CallError::RateLimited { retry_after }) => {
                let wait = retry_after.map_or(60, |wait| wait.as_secs().clamp(1, 24 * 3600));
                let wait = jiff::SignedDuration::from_secs(i64::try_from(wait).unwrap_or(60));
                Status::RateLimited {
                    until: now.checked_add(wait).unwrap_or(now),
                }
            }
            CallFailure::Call(CallError::PermissionMissing) => {
                refused(RefusedReason::PermissionMissing)
            }
            CallFailure::Call(CallError::ApiDisabled) => refused(RefusedReason::ApiDisabled),
            // Rejected right after a renewal: the token is fine, so it is the service that says no.
            CallFailure::Call(CallError::TokenRejected | CallError::Refused { .. }) => {
                refused(RefusedReason::Other)
            }
        }
    }

    /// A loopback twin that doesn't answer is down; it can't be the network.
    fn seems_offline(&self, id: &IntegrationId, why: integrations::Unreachable) -> bool {
        integration(id).is_ok()
            && !self.is_stand_in(id)
            && (why == integrations::Unreachable::Dns || !wire::has_network())
    }

    /// Is the service of this profile a stand-in on this machine?
    pub(crate) fn is_stand_in(&self, id: &IntegrationId) -> bool {
        integration(id).is_ok_and(|service| {
            self.endpoints(service).get("api").is_ok_and(|url| {
                url.host_str()
                    .is_some_and(|host| host == "127.0.0.1" || host == "[::1]")
            })
        })
    }

    /// The same failure for a caller who waits for an answer.
    pub(crate) fn call_error(&self, failure: &CallFailure, whose: &Whose) -> Error {
        let about = |code| {
            Error::new(code)
                .with("service", &whose.service)
                .with("account", &whose.account)
        };
        match failure {
            CallFailure::Token(NoToken::NeedsSignIn(cause)) => {
                about(ErrorCode::SignInNeeded).with("cause", cause.name())
            }
            CallFailure::Token(NoToken::Vault(error) | NoToken::Ours(error)) => error.clone(),
            CallFailure::Token(NoToken::NotConfigured) => about(ErrorCode::NotConfigured),
            CallFailure::Token(NoToken::BlockedByAdmin) => about(ErrorCode::BlockedByAdmin),
            CallFailure::Token(NoToken::Transient(TokenFailure::Unreachable { why, .. })) => {
                self.unreachable_error(whose, *why, about)
            }
            CallFailure::Token(NoToken::Transient(TokenFailure::NoVerdict { status })) => {
                about(no_verdict_code(*status)).detail(format!("token endpoint: HTTP {status}"))
            }
            CallFailure::Token(NoToken::Transient(TokenFailure::Verdict { error, .. })) => {
                about(ErrorCode::ServiceRefused)
                    .with(
                        "why",
                        self.words().plain("error_service_refused_unexplained"),
                    )
                    .detail(format!("token endpoint: {error}"))
            }
            CallFailure::Token(NoToken::Transient(TokenFailure::Misconfigured)) => {
                about(ErrorCode::NotConfigured)
            }
            CallFailure::Call(error) => self.service_error(error, whose, about),
        }
    }

    fn service_error(
        &self,
        error: &CallError,
        whose: &Whose,
        about: impl Fn(ErrorCode) -> Error,
    ) -> Error {
        match error {
            CallError::Unreachable(why) => self.unreachable_error(whose, *why, about),
            CallError::ServiceDown { status } => {
                about(ErrorCode::ServiceDown).detail(format!("HTTP {status}"))
            }
            CallError::NotUnderstood { status } => {
                about(ErrorCode::NotUnderstood).detail(format!("HTTP {status}"))
            }
            CallError::RateLimited { retry_after } => about(ErrorCode::RateLimited)
                .retry_after(retry_after.map_or(60, |wait| wait.as_secs())),
            CallError::PermissionMissing => about(ErrorCode::PermissionMissing),
            CallError::BlockedByAdmin => about(ErrorCode::BlockedByAdmin),
            CallError::ApiDisabled => about(ErrorCode::ApiDisabled),
            CallError::TokenRejected => about(ErrorCode::ServiceRefused)
                .with(
                    "why",
                    self.words().plain("error_service_refused_unexplained"),
                )
                .detail("the renewed token was rejected"),
            CallError::Refused { status, reason } => {
                let why = integration(&whose.integration)
                    .ok()
                    .and_then(|service| service.explain_refusal(reason, self.language()));
                about(ErrorCode::ServiceRefused)
                    .with(
                        "why",
                        why.unwrap_or_else(|| {
                            self.words().plain("error_service_refused_unexplained")
                        }),
                    )
                    .detail(format!("HTTP {status} {reason}"))
            }
            CallError::Local(error) => local_error(error, whose, self.language(), about),
        }
    }

    fn unreachable_error(
        &self,
        whose: &Whose,
        why: integrations::Unreachable,
        about: impl Fn(ErrorCode) -> Error,
    ) -> Error {
        let code = if self.seems_offline(&whose.integration, why) {
            ErrorCode::Offline
        } else {
            ErrorCode::ServiceDown
        };
        about(code).detail(format!("{why:?}").to_ascii_lowercase())
    }
}

/// Trouble on this side of the wire.
fn local_error(
    error: &LocalError,
    whose: &Whose,
    language: Language,
    about: impl Fn(ErrorCode) -> Error,
) -> Error {
    match error {
        // Told by the action's own state; a caller only meets it when both happen at once.
        LocalError::Cancelled => about(ErrorCode::TooLate).with("state", "cancelled"),
        LocalError::NotKept => about(ErrorCode::StoreFailed),
        LocalError::FileUnreadable { name } => about(ErrorCode::FileUnreadable).with("file", name),
        LocalError::FileChanged { name } => about(ErrorCode::FileChanged).with("file", name),
        LocalError::TooLarge { what, limit } => about(ErrorCode::TooLarge)
            .with("what", what.say(language))
            .with("limit", readable_bytes(*limit)),
        LocalError::ChecksumMismatch => about(ErrorCode::ChecksumMismatch),
        LocalError::Invalid { field, reason } => {
            let said = integration(&whose.integration)
                .map(|service| service.texts(language).plain(reason))
                .unwrap_or_default();
            about(ErrorCode::InvalidInput)
                .with("reason", said)
                .with("field", field)
        }
        LocalError::Unwritable => about(ErrorCode::FolderUnwritable),
    }
}

/// `35 MiB`: limits are whole numbers of these.
fn readable_bytes(bytes: u64) -> String {
    const MIB: u64 = 1024 * 1024;
    if bytes >= MIB {
        format!("{} MiB", bytes / MIB)
    } else {
        format!("{} KiB", bytes / 1024)
    }
}

fn no_verdict_code(status: u16) -> ErrorCode {
    match status {
        429 => ErrorCode::RateLimited,
        500.. => ErrorCode::ServiceDown,
        _ => ErrorCode::NotUnderstood,
    }
}

/// The permissions a grant really holds.
pub(crate) fn granted(grant: &Grant) -> Vec<String> {
    match &grant.credential {
        Credential::Oauth(oauth) => oauth.granted.clone(),
        Credential::Key(_) => Vec::new(),
    }
}
