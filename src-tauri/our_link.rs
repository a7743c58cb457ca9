//! Links of our scheme, and the two kinds there are: what a sign-in comes back with ([`RedirectLink`]), and places in
//! our window. A web page can open either, so a place only ever brings the window there; nothing is begun, and nothing
//! in the link is believed but the few words written here.
//!
//! ```text
//! app.autopilot.desktop:/connect/INTEGRATION
//! app.autopilot.desktop:/approvals
//! app.autopilot.desktop:/agents                 each with ?profile=NAME where it is for another profile
//! ```

use model::{Error, ErrorCode, OpenTarget, ProfileName, Response};

use crate::redirect_link::{RedirectLink, SCHEME};

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OurLink {
    Redirect(RedirectLink),
    Place(PlaceLink),
}

/// A place, and the profile whose window it is in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlaceLink {
    /// `None` when the link names none.
    pub profile: Option<ProfileName>,
    pub target: OpenTarget,
    /// The link itself, for another process.
    pub address: String,
}

impl OurLink {
    /// `None` when `text` isn't an address of our scheme. One that names no place is a sign-in's, for the hub to refuse.
    pub fn read(text: &str) -> Option<Self> {
        PlaceLink::read(text)
            .map(Self::Place)
            .or_else(|| RedirectLink::read(text).map(Self::Redirect))
    }

    pub fn profile(&self) -> Option<&ProfileName> {
        match self {
            Self::Redirect(link) => link.profile.as_ref(),
            Self::Place(link) => link.profile.as_ref(),
        }
    }
}

impl PlaceLink {
    /// Letter by letter rather than as an address: what would have to be tidied first is no link of ours.
    fn read(text: &str) -> Option<Self> {
        let rest = text.strip_prefix(SCHEME)?.strip_prefix(":/")?;
        let (path, query) = match rest.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (rest, None),
        };
        let profile = match query {
            Some(query) => Some(ProfileName::new(query.strip_prefix("profile=")?).ok()?),
            None => None,
        };
        let target = match path.split_once('/') {
            None if path == "approvals" => OpenTarget::Approvals,
            None if path == "agents" => OpenTarget::Agents { caller: None },
            Some(("connect", name)) if could_be_an_integration(name) => OpenTarget::SignIn {
                integration: name.into(),
                connection: None,
            },
            _ => return None,
        };
        Some(Self {
            profile,
            target,
            address: text.to_owned(),
        })
    }
}

/// As the folders of the integrations are named.
fn could_be_an_integration(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    (1..=40).contains(&name.len()) && name.bytes().all(fits)
}

/// The place, if what it is about exists; else the place that says it doesn't. `integrations`: the hub's answer.
pub fn existing(target: OpenTarget, integrations: &Result<Response, Error>) -> OpenTarget {
    let (OpenTarget::SignIn { integration, .. }, Ok(Response::Integrations(known))) =
        (&target, integrations)
    else {
        return target;
    };
    if known.iter().any(|one| one.id == *integration) {
        return target;
    }
    let names: Vec<&str> = known.iter().map(|one| one.id.as_str()).collect();
    let error = Error::new(ErrorCode::UnknownIntegration)
        .with("integration", integration)
        .with("known", names.join(", "));
    OpenTarget::LinkRefused { error }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str) -> Option<OpenTarget> {
        match OurLink::read(text) {
            Some(OurLink::Place(link)) => Some(link.target),
            _ => None,
        }
    }

    #[test]
    fn a_place_is_where_it_says() {
        let gmail = OpenTarget::SignIn {
            integration: "gmail".into(),
            connection: None,
        };
        let agents = OpenTarget::Agents { caller: None };
        for (path, target) in [
            ("connect/gmail", gmail.clone()),
            ("connect/gmail?profile=work", gmail),
            ("approvals", OpenTarget::Approvals),
            ("agents", agents),
        ] {
            assert_eq!(
                place(&format!("app.autopilot.desktop:/{path}")),
                Some(target)
            );
        }
    }

    #[test]
    fn a_place_may_be_in_another_profiles_window() {
        let link = OurLink::read("app.autopilot.desktop:/approvals?profile=work-2").unwrap();
        assert_eq!(link.profile(), ProfileName::new("work-2").ok().as_ref());
        let link = OurLink::read("app.autopilot.desktop:/approvals").unwrap();
        assert_eq!(link.profile(), None);
    }

    #[test]
    fn what_is_no_place_to_the_letter_goes_where_links_are_refused() {
        let long = format!("/connect/{}", "a".repeat(41));
        for path in [
            "",
            "/",
            "//approvals",
            "///approvals",
            "//host/approvals",
            "/approvals/",
            "/approvals#x",
            "/approvals?",
            "/approvals?decide=once",
            "/approvals?profile=",
            "/approvals?profile=../x",
            "/approvals?profile=a&profile=b",
            "/approvals?profile=a%00",
            "/approvals/0198f0",
            "/Approvals",
            "/approvals\n",
            " /approvals",
            "/agents/forget",
            "/connect",
            "/connect/",
            "/connect/gmail/now",
            "/connect/../approvals",
            "/connect/..",
            "/connect/%67mail",
            "/connect/Gmail",
            "/connect/gmail?code=c",
            "/connect/gmail?profile=a#b",
            "/connect/<script>",
            "/connect/gm\u{202e}ail",
            "/connect/gmail\u{0}",
            long.as_str(),
            "/oauth/callback?profile=a",
            "/settings",
            "approvals",
        ] {
            let text = format!("app.autopilot.desktop:{path}");
            assert_eq!(place(&text), None, "{path:?}");
        }
        assert!(matches!(
            OurLink::read("app.autopilot.desktop:/settings"),
            Some(OurLink::Redirect(_))
        ));
    }

    #[test]
    fn other_schemes_and_words_are_no_links() {
        for other in [
            "https://example.org/approvals",
            "app.autopilot.desktop",
            "app.autopilot.desktop2:/approvals",
            "xapp.autopilot.desktop:/approvals",
            "--approvals",
            "/approvals",
            "",
        ] {
            assert_eq!(OurLink::read(other), None, "{other:?}");
        }
    }

    #[test]
    fn a_link_to_an_unknown_service_says_so() {
        let none = Ok(Response::Integrations(Vec::new()));
        let target = place("app.autopilot.desktop:/connect/nothing").unwrap();
        let OpenTarget::LinkRefused { error } = existing(target.clone(), &none) else {
            panic!("not refused")
        };
        assert_eq!(error.code, ErrorCode::UnknownIntegration);
        assert_eq!(error.args["integration"], "nothing");
        // A hub that can't say now lets the page say it.
        let unanswered = Err(ErrorCode::HubUnreachable.into());
        assert_eq!(existing(target.clone(), &unanswered), target);
        assert_eq!(
            existing(OpenTarget::Approvals, &none),
            OpenTarget::Approvals
        );
    }
}
