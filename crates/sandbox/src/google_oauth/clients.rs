//! The two client registrations of the sandbox's one Cloud project, and which redirects each accepts.
//! Source: "OAuth 2.0 for Mobile & Desktop Apps".

use url::Url;

/// A client of type "Desktop app".
pub const DESKTOP_CLIENT_ID: &str = "sandbox-desktop.apps.googleusercontent.com";
/// Its "secret", which every copy of an app would hold: it proves nothing, and Google wants it all the same.
pub const DESKTOP_CLIENT_SECRET: &str = "GOCSPX-sandbox-desktop-secret";
/// A client of type "iOS": no secret, custom scheme.
pub const IOS_CLIENT_ID: &str = "sandbox-ios.apps.googleusercontent.com";
/// A redirect the iOS client accepts: its scheme is the bundle id.
pub const IOS_REDIRECT: &str = "app.autopilot.desktop:/oauth/callback";

/// The bundle id and the reversed client id; Google takes no other scheme.
const IOS_SCHEMES: [&str; 2] = [
    "app.autopilot.desktop",
    "com.googleusercontent.apps.sandbox-ios",
];

/// One registration.
pub(crate) struct Client {
    pub id: &'static str,
    pub name: &'static str,
    pub secret: Option<&'static str>,
    kind: Kind,
}

enum Kind {
    Desktop,
    Ios,
}

const CLIENTS: [Client; 2] = [
    Client {
        id: DESKTOP_CLIENT_ID,
        name: "Autopilot",
        secret: Some(DESKTOP_CLIENT_SECRET),
        kind: Kind::Desktop,
    },
    Client {
        id: IOS_CLIENT_ID,
        name: "Autopilot",
        secret: None,
        kind: Kind::Ios,
    },
];

pub(crate) fn find(id: &str) -> Option<&'static Client> {
    CLIENTS.iter().find(|client| client.id == id)
}

/// Why a redirect is refused: the error code and a sentence for the page.
pub(crate) type RefusedRedirect = (&'static str, &'static str);

impl Client {
    /// Checks the URI as sent, since a URL parser would tidy away what must be refused.
    pub fn check_redirect(&self, uri: &str) -> Result<(), RefusedRedirect> {
        let Ok(url) = Url::parse(uri) else {
            return Err(("invalid_request", "The redirect_uri is not a URI."));
        };
        if uri.contains('#')
            || uri
                .chars()
                .any(|letter| letter.is_whitespace() || letter.is_control())
        {
            return Err((
                "invalid_request",
                "The redirect_uri has a fragment, a space or a control character.",
            ));
        }
        match self.kind {
            Kind::Desktop if url.scheme() == "http" => {
                if is_loopback(uri) {
                    Ok(())
                } else {
                    Err((
                        "redirect_uri_mismatch",
                        "A desktop client redirects to http on a loopback address.",
                    ))
                }
            }
            Kind::Desktop if url.scheme() == "https" => Err((
                "redirect_uri_mismatch",
                "A desktop client redirects to http on a loopback address.",
            )),
            Kind::Desktop => Err((
                "invalid_request",
                "A desktop client can't redirect to a custom scheme.",
            )),
            Kind::Ios if url.scheme() == "http" => Err((
                "invalid_request",
                "The loopback flow is blocked for iOS clients.",
            )),
            Kind::Ios => check_scheme(uri),
        }
    }
}

/// `http://127.0.0.1`, `http://[::1]` or `http://localhost`, then a port, a path or a query.
fn is_loopback(uri: &str) -> bool {
    ["http://127.0.0.1", "http://[::1]", "http://localhost"]
        .iter()
        .any(|base| {
            uri.strip_prefix(base).is_some_and(|rest| {
                // Anything else would make the base a part of a longer name, or user information before an `@`.
                let authority_end = rest.find(['/', '?']).unwrap_or(rest.len());
                let port = &rest[..authority_end];
                port.is_empty()
                    || port
                        .strip_prefix(':')
                        .is_some_and(|port| port.parse::<u16>().is_ok_and(|port| port != 0))
            })
        })
}

/// RFC 8252 §7.1: a reverse-DNS scheme, one slash, no authority.
fn check_scheme(uri: &str) -> Result<(), RefusedRedirect> {
    let Some((scheme, rest)) = uri.split_once(':') else {
        return Err(("invalid_request", "The redirect_uri is not a URI."));
    };
    if !scheme.contains('.') {
        Err((
            "invalid_request",
            "A custom scheme has to be a reversed domain name.",
        ))
    } else if !rest.starts_with('/') || rest.starts_with("//") {
        Err((
            "invalid_request",
            "A custom scheme is followed by one slash.",
        ))
    } else if IOS_SCHEMES.contains(&scheme) {
        Ok(())
    } else {
        Err((
            "redirect_uri_mismatch",
            "The scheme is neither the bundle id nor the reversed client id.",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(id: &str, uri: &str) -> bool {
        find(id).unwrap().check_redirect(uri).is_ok()
    }

    #[test]
    fn a_desktop_client_redirects_to_any_port_and_path_on_loopback() {
        for uri in [
            "http://127.0.0.1:49152",
            "http://127.0.0.1:49152/",
            "http://127.0.0.1:1/any/path?x=y",
            "http://[::1]:5000/",
            "http://localhost:5000/",
            "http://127.0.0.1/",
        ] {
            assert!(accepts(DESKTOP_CLIENT_ID, uri), "{uri}");
        }
    }

    #[test]
    fn a_desktop_client_redirects_nowhere_else() {
        for uri in [
            "http://127.0.0.1.evil.example/",
            "http://127.0.0.1@evil.example/",
            "http://127.0.0.1:5000@evil.example/",
            "http://127.1:5000/",
            "http://0.0.0.0:5000/",
            "http://example.org/",
            "https://127.0.0.1:5000/",
            "http://127.0.0.1:5000/#fragment",
            "http://127.0.0.1:70000/",
            IOS_REDIRECT,
            "urn:ietf:wg:oauth:2.0:oob",
        ] {
            assert!(!accepts(DESKTOP_CLIENT_ID, uri), "{uri}");
        }
    }

    #[test]
    fn an_ios_client_redirects_to_its_own_scheme_with_one_slash() {
        assert!(accepts(IOS_CLIENT_ID, IOS_REDIRECT));
        assert!(accepts(
            IOS_CLIENT_ID,
            "com.googleusercontent.apps.sandbox-ios:/oauth2redirect"
        ));
        for uri in [
            "app.autopilot.desktop://oauth/callback",
            "app.autopilot.desktop:oauth",
            "autopilot:/oauth/callback",
            "org.someone.else:/oauth/callback",
            "http://127.0.0.1:5000/",
        ] {
            assert!(!accepts(IOS_CLIENT_ID, uri), "{uri}");
        }
    }
}
