//! What Google's token endpoint adds to the OAuth errors (its "OAuth 2.0 for desktop apps" guide).

use model::Cause;

use crate::{TokenError, TokenVerdict};

pub(crate) fn judge_token_error(error: &TokenError) -> TokenVerdict {
    let verdict = TokenVerdict::of(error);
    match (verdict, error.error.as_str(), error.subtype.as_deref()) {
        // An organisation's session length ran out: the grant comes back with a fresh sign-in.
        (TokenVerdict::GrantEnded(_), _, Some("invalid_rapt")) => {
            TokenVerdict::GrantEnded(Cause::SessionEnded)
        }
        (TokenVerdict::Refused, "admin_policy_enforced" | "org_internal", _) => {
            TokenVerdict::BlockedByAdmin
        }
        (TokenVerdict::Refused, "deleted_client", _) => TokenVerdict::ClientRefused,
        _ => verdict,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(status: u16, error: &str, subtype: Option<&str>) -> TokenVerdict {
        judge_token_error(&TokenError {
            status,
            error: error.to_owned(),
            subtype: subtype.map(str::to_owned),
        })
    }

    #[test]
    fn every_token_error_google_documents_has_its_verdict() {
        use TokenVerdict::{BlockedByAdmin, ClientRefused, GrantEnded, Refused, Transient};
        let table = [
            (400, "invalid_grant", None, GrantEnded(Cause::GrantRevoked)),
            (
                400,
                "invalid_grant",
                Some("invalid_rapt"),
                GrantEnded(Cause::SessionEnded),
            ),
            (401, "invalid_client", None, ClientRefused),
            (400, "unauthorized_client", None, ClientRefused),
            (401, "deleted_client", None, ClientRefused),
            (400, "invalid_scope", None, Refused),
            (400, "invalid_request", None, Refused),
            (400, "admin_policy_enforced", None, BlockedByAdmin),
            (403, "org_internal", None, BlockedByAdmin),
            (400, "use_dpop_nonce", None, Refused),
            (400, "invalid_dpop_proof", None, Refused),
            (500, "internal_failure", None, Transient),
            (503, "invalid_grant", Some("invalid_rapt"), Transient),
        ];
        for (status, error, subtype, expected) in table {
            assert_eq!(
                verdict(status, error, subtype),
                expected,
                "{status} {error} {subtype:?}"
            );
        }
    }
}
