//! Secrets: text that can't be printed, serialised or compared carelessly.
//!
//! [`Secret`] is for what we hold (tokens, codes, verifiers, client secrets); nothing here turns it
//! into anything but a borrowed `&str`, at places that are easy to find by the word `expose`.
//! [`ReleasedToken`] is the one outbound exception, for programs the person allowed to hold a raw token.
//! [`SecretInput`] is the one inbound exception: what a person types or pastes crosses the door once.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use zeroize::Zeroize;

/// Secret text, wiped when dropped.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(SecretString::from(text))
    }

    /// The text itself, for the wire or the vault; never for a message.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl PartialEq for Secret {
    /// Constant-time for equal lengths.
    fn eq(&self, other: &Self) -> bool {
        self.expose()
            .as_bytes()
            .ct_eq(other.expose().as_bytes())
            .into()
    }
}

impl Eq for Secret {}

/// A secret on its way in: typed into a form or pasted as an address. Crosses webview, IPC and socket
/// once, is turned into a [`Secret`] behind the door, and is never part of an answer.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(type = "string"))]
#[serde(transparent)]
pub struct SecretInput(String);

impl SecretInput {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    #[must_use]
    pub fn into_secret(mut self) -> Secret {
        Secret::new(std::mem::take(&mut self.0))
    }
}

impl fmt::Debug for SecretInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretInput(…)")
    }
}

impl Drop for SecretInput {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// A connection's token on its way to a program the person allowed to hold it raw (`autopilot token`). The one
/// outbound exception: it crosses the local socket, and is refused to the window and to agents behind the door.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(type = "never"))]
#[serde(transparent)]
pub struct ReleasedToken(String);

impl ReleasedToken {
    #[must_use]
    pub fn new(secret: &Secret) -> Self {
        Self(secret.expose().to_owned())
    }

    #[must_use]
    pub fn into_secret(mut self) -> Secret {
        Secret::new(std::mem::take(&mut self.0))
    }
}

impl fmt::Debug for ReleasedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReleasedToken(…)")
    }
}

impl Drop for ReleasedToken {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_cannot_be_printed() {
        let secret = Secret::new("canary-7".to_owned());
        let input = SecretInput::new("canary-7");
        let released = ReleasedToken::new(&secret);
        assert!(!format!("{secret:?} {input:?} {released:?}").contains("canary"));
    }

    #[test]
    fn secrets_compare_by_content() {
        assert_eq!(Secret::new("a".into()), Secret::new("a".into()));
        assert_ne!(Secret::new("a".into()), Secret::new("ab".into()));
    }
}
