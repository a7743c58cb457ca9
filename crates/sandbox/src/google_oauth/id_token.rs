//! ID tokens: well formed, and signed with nothing. The signature is constant bytes, because a client that talks to
//! the token endpoint itself may skip the check (OpenID Connect Core §3.1.3.7, point 6) and ours does.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::grants::Grant;
use super::scopes;
use crate::clock::Millis;
use crate::seed::GoogleAccount;

/// Google's name for itself in tokens, which no endpoint table changes.
pub(crate) const ISSUER: &str = "https://accounts.google.com";

pub(crate) fn make(
    account: &GoogleAccount,
    grant: &Grant,
    access_token: &str,
    now: Millis,
) -> String {
    let has = |scope: &str| grant.scopes.iter().any(|granted| granted == scope);
    let header = json!({ "alg": "RS256", "kid": "sandbox", "typ": "JWT" });
    let mut claims = json!({
        "iss": ISSUER,
        "azp": grant.client_id,
        "aud": grant.client_id,
        "sub": account.sub,
        "at_hash": URL_SAFE_NO_PAD.encode(&Sha256::digest(access_token)[..16]),
        "iat": now / 1000,
        "exp": now / 1000 + 3600,
    });
    if has(scopes::EMAIL) {
        claims["email"] = account.email.clone().into();
        claims["email_verified"] = true.into();
    }
    if has(scopes::PROFILE) {
        claims["name"] = account.name.clone().into();
    }
    if let Some(nonce) = &grant.nonce {
        claims["nonce"] = nonce.clone().into();
    }
    let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!(
        "{}.{}.{}",
        part(header),
        part(claims),
        URL_SAFE_NO_PAD.encode([0x5b; 256])
    )
}
