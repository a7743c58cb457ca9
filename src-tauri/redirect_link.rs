//! The address the browser ended on, when it comes to us as a link. Reads which profile it is for, and nothing else
//! out of it; the address itself is kept as a [`SecretInput`], so it can't be printed.

use model::{ProfileName, SecretInput};
use url::Url;

/// Our private scheme (RFC 8252 §7.1).
pub const SCHEME: &str = "app.autopilot.desktop";

/// One link, and the profile whose sign-in it answers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RedirectLink {
    /// From the tag in front of `state`; `None` when the link names no profile that could exist.
    pub profile: Option<ProfileName>,
    pub url: SecretInput,
}

impl RedirectLink {
    /// `None` when `text` isn't an address of our scheme.
    pub fn read(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        if url.scheme() != SCHEME {
            return None;
        }
        Some(Self {
            profile: profile_of(&url),
            url: SecretInput::new(text),
        })
    }
}

/// `state` is `<profile>.<random>`, so that the process that gets the link knows whose it is.
fn profile_of(url: &Url) -> Option<ProfileName> {
    let state = url.query_pairs().find(|(name, _)| name == "state")?.1;
    let (tag, _) = state.split_once('.')?;
    ProfileName::new(tag).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_says_which_profile_it_answers() {
        let link = RedirectLink::read(
            "app.autopilot.desktop:/oauth/callback?code=c&state=work-2.Zm9v&iss=https%3A%2F%2Fx",
        )
        .unwrap();
        assert_eq!(link.profile, ProfileName::new("work-2").ok());
    }

    #[test]
    fn a_link_without_a_possible_profile_is_still_a_link() {
        for query in [
            "",
            "?error=access_denied",
            "?state=plain",
            "?state=..%2Fetc.x",
            "?state=A.b",
            "?state=.x",
        ] {
            let link = RedirectLink::read(&format!("app.autopilot.desktop:/oauth/callback{query}"))
                .unwrap();
            assert_eq!(link.profile, None, "{query:?}");
        }
    }

    #[test]
    fn other_schemes_are_not_ours() {
        for other in [
            "https://example.org/?state=default.x",
            "app.autopilot.desktop",
            "app.autopilot.desktop2:/oauth/callback",
            "--hidden",
        ] {
            assert_eq!(RedirectLink::read(other), None, "{other:?}");
        }
    }

    #[test]
    fn a_link_is_never_printed() {
        let link =
            RedirectLink::read("app.autopilot.desktop:/oauth/callback?code=canary&state=a.canary");
        assert!(!format!("{link:?}").contains("canary"));
    }
}
