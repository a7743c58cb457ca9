//! How a service lets people in: facts of `integration.toml`, acted on by the hub.

use std::collections::BTreeMap;

use model::RedirectKind;
use serde::Deserialize;

#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Auth {
    /// Sign in through the browser (RFC 6749 §4.1 with PKCE).
    Oauth(OauthFacts),
    /// A key the person brings.
    Form(FormFacts),
}

#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OauthFacts {
    pub rotation: Rotation,
    pub revocation: Reach,
    /// Asked for at every sign-in, and never shown as a permission.
    pub base_scopes: Vec<String>,
    /// Sent with every authorization request beside what OAuth itself asks for.
    pub authorize_params: BTreeMap<String, String>,
    /// What `iss` must say where it is sent (RFC 9207 §2.4).
    pub issuer: Option<String>,
    /// Does the server promise to send `iss`? Then a missing one is refused.
    pub announces_iss: bool,
    /// Does it take `login_hint` to preselect an account?
    pub login_hint: bool,
    /// Days after which it ends every sign-in of an app that is still on trial, without ever saying so.
    #[serde(default)]
    pub trial_days: Option<u32>,
    /// By kind: the client types a person can register.
    pub clients: BTreeMap<String, ClientKind>,
}

#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientKind {
    pub redirect: RedirectKind,
    /// Does the token endpoint want the secret? A shipped one proves nothing (RFC 8252 §8.5).
    pub needs_secret: bool,
}

/// What becomes of a refresh token when it is used.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rotation {
    /// It stays.
    None,
    /// Each use brings a new one, and the old one still works for a while.
    Grace,
    /// Each use brings a new one, and using the old one again ends every token of the sign-in.
    Strict,
}

/// How much ends when the provider is told to revoke.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// Everything this account granted to any client of the registration's project.
    Project,
    /// This grant alone.
    Token,
    /// Nothing: the provider has no such call.
    None,
}

#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormFacts {
    pub revocation: Reach,
    pub fields: Vec<FormField>,
}

#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormField {
    pub id: String,
    /// To be typed behind dots, and never to be echoed.
    pub secret: bool,
}

impl Auth {
    #[must_use]
    pub const fn as_oauth(&self) -> Option<&OauthFacts> {
        match self {
            Self::Oauth(oauth) => Some(oauth),
            Self::Form(_) => None,
        }
    }

    #[must_use]
    pub const fn as_form(&self) -> Option<&FormFacts> {
        match self {
            Self::Form(form) => Some(form),
            Self::Oauth(_) => None,
        }
    }

    #[must_use]
    pub const fn revocation(&self) -> Reach {
        match self {
            Self::Oauth(oauth) => oauth.revocation,
            Self::Form(form) => form.revocation,
        }
    }
}
