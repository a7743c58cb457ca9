//! Where a service is spoken to. Fixed when a profile is made and kept with each grant, because a grant may
//! never be sent anywhere else.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

/// The roles an endpoint can have.
pub mod role {
    pub const AUTHORIZE: &str = "authorize";
    pub const TOKEN: &str = "token";
    pub const REVOKE: &str = "revoke";
    pub const USERINFO: &str = "userinfo";
    /// The base of the service's own calls; paths are put behind it.
    pub const API: &str = "api";
    /// The base of uploads, where it differs.
    pub const UPLOAD: &str = "upload";

    pub const ALL: [&str; 6] = [AUTHORIZE, TOKEN, REVOKE, USERINFO, API, UPLOAD];
}

/// Addresses by role: `https`, or `http` on this machine.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<String, Url>")]
pub struct Endpoints(BTreeMap<String, Url>);

#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadEndpoint {
    #[error("\"{0}\" is not a role of an endpoint")]
    UnknownRole(String),
    #[error("{0} must be https, or http on a loopback address such as 127.0.0.1")]
    NotPrivate(String),
    #[error("{0} must be an address alone, without sign-in, query or fragment")]
    NotPlain(String),
}

#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("there is no {role} endpoint")]
pub struct MissingEndpoint {
    pub role: String,
}

impl Endpoints {
    pub fn new(by_role: BTreeMap<String, Url>) -> Result<Self, BadEndpoint> {
        for (role, url) in &by_role {
            if !role::ALL.contains(&role.as_str()) {
                return Err(BadEndpoint::UnknownRole(role.clone()));
            }
            Self::check(url)?;
        }
        Ok(Self(by_role))
    }

    /// The whole address of a role.
    pub fn get(&self, role: &str) -> Result<&Url, MissingEndpoint> {
        self.0.get(role).ok_or_else(|| MissingEndpoint {
            role: role.to_owned(),
        })
    }

    /// A path below the base of a role; each segment is escaped, so none can climb out of it.
    pub fn at(&self, role: &str, segments: &[&str]) -> Result<Url, MissingEndpoint> {
        let mut url = self.get(role)?.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        Ok(url)
    }

    /// May a token be sent there? Only over TLS, or to this very machine by address (a name could lead elsewhere).
    pub fn check(url: &Url) -> Result<(), BadEndpoint> {
        let here = match url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(_)) | None => false,
        };
        let origin = || url.origin().ascii_serialization();
        match url.scheme() {
            "https" => {}
            "http" if here => {}
            _ => return Err(BadEndpoint::NotPrivate(origin())),
        }
        let plain = url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        if plain {
            Ok(())
        } else {
            Err(BadEndpoint::NotPlain(origin()))
        }
    }

    /// These, with the roles that `overrides` names replaced.
    #[must_use]
    pub fn merge(&self, overrides: &Self) -> Self {
        let mut merged = self.0.clone();
        merged.extend(
            overrides
                .0
                .iter()
                .map(|(role, url)| (role.clone(), url.clone())),
        );
        Self(merged)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &Url)> {
        self.0.iter().map(|(role, url)| (role.as_str(), url))
    }
}

impl TryFrom<BTreeMap<String, Url>> for Endpoints {
    type Error = BadEndpoint;

    fn try_from(by_role: BTreeMap<String, Url>) -> Result<Self, Self::Error> {
        Self::new(by_role)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn a_token_only_travels_over_tls_or_within_this_machine() {
        for good in [
            "https://api.example.org",
            "http://127.0.0.1:4010/gmail",
            "http://[::1]:80/",
        ] {
            assert_eq!(Endpoints::check(&url(good)), Ok(()), "{good}");
        }
        for bad in [
            "http://api.example.org",
            "http://localhost:4010",
            "http://10.0.0.7/",
            "ftp://127.0.0.1/",
            "file:///etc/passwd",
        ] {
            assert!(Endpoints::check(&url(bad)).is_err(), "{bad} was accepted");
        }
        for bad in [
            "https://a:b@example.org",
            "https://example.org/?key=1",
            "https://example.org/#x",
        ] {
            assert!(
                matches!(Endpoints::check(&url(bad)), Err(BadEndpoint::NotPlain(_))),
                "{bad} was accepted"
            );
        }
    }

    #[test]
    fn an_unknown_role_is_refused_wherever_it_comes_from() {
        assert!(toml::from_str::<Endpoints>("api = \"https://example.org\"").is_ok());
        assert!(toml::from_str::<Endpoints>("spy = \"https://example.org\"").is_err());
        assert!(toml::from_str::<Endpoints>("api = \"http://example.org\"").is_err());
    }

    #[test]
    fn an_override_replaces_its_role_and_leaves_the_others() {
        let ours: Endpoints =
            toml::from_str("api = \"https://a.example\"\ntoken = \"https://t.example\"").unwrap();
        let theirs: Endpoints = toml::from_str("api = \"http://127.0.0.1:9\"").unwrap();
        let merged = ours.merge(&theirs);
        assert_eq!(
            merged.get(role::API).unwrap().as_str(),
            "http://127.0.0.1:9/"
        );
        assert_eq!(
            merged.get(role::TOKEN).unwrap().as_str(),
            "https://t.example/"
        );
        assert_eq!(
            merged.get(role::REVOKE),
            Err(MissingEndpoint {
                role: "revoke".to_owned()
            })
        );
    }

    #[test]
    fn a_path_goes_below_the_base_and_never_out_of_it() {
        let endpoints: Endpoints =
            toml::from_str("api = \"http://127.0.0.1:9/telegram/\"").unwrap();
        let at = |segments: &[&str]| endpoints.at(role::API, segments).unwrap().to_string();
        assert_eq!(at(&["v1", "me"]), "http://127.0.0.1:9/telegram/v1/me");
        assert_eq!(at(&["a/../b"]), "http://127.0.0.1:9/telegram/a%2F..%2Fb");
    }
}
