//! What a token endpoint's refusal means for the grant (RFC 6749 §5.2).

use model::Cause;

/// An OAuth error as it came: HTTP status and the JSON's codes. Its free text is left behind.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TokenError {
    pub status: u16,
    pub error: String,
    pub subtype: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TokenVerdict {
    /// Only signing in again helps.
    GrantEnded(Cause),
    /// The client registration is refused; the grant itself may be sound.
    ClientRefused,
    BlockedByAdmin,
    /// No verdict: try again later.
    Transient,
    /// Refused for a reason that says nothing about the grant.
    Refused,
}

impl TokenVerdict {
    /// What the codes mean wherever a provider says nothing else.
    ///
    /// Only a 4xx is a verdict, and only `invalid_grant` ends a grant.
    #[must_use]
    pub fn of(error: &TokenError) -> Self {
        if !(400..500).contains(&error.status) || matches!(error.status, 408 | 425 | 429) {
            return Self::Transient;
        }
        match error.error.as_str() {
            "invalid_grant" => Self::GrantEnded(Cause::GrantRevoked),
            "invalid_client" | "unauthorized_client" => Self::ClientRefused,
            "temporarily_unavailable" | "server_error" | "slow_down" => Self::Transient,
            _ => Self::Refused,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(status: u16, error: &str) -> TokenVerdict {
        TokenVerdict::of(&TokenError {
            status,
            error: error.to_owned(),
            subtype: None,
        })
    }

    #[test]
    fn only_invalid_grant_ends_a_grant() {
        assert_eq!(
            verdict(400, "invalid_grant"),
            TokenVerdict::GrantEnded(Cause::GrantRevoked)
        );
        for error in [
            "invalid_client",
            "invalid_request",
            "invalid_scope",
            "server_error",
            "",
            "whatever",
        ] {
            assert!(
                !matches!(verdict(400, error), TokenVerdict::GrantEnded(_)),
                "{error} ended a grant"
            );
        }
    }

    #[test]
    fn a_server_error_is_no_verdict_whatever_it_says() {
        for status in [200, 302, 408, 429, 500, 503] {
            assert_eq!(
                verdict(status, "invalid_grant"),
                TokenVerdict::Transient,
                "{status}"
            );
        }
    }
}
