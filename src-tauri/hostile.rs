//! Links of our scheme that anybody may open, and what must hold whatever they say. Compiled for tests and for `fuzz/`
//! alone, which names this file and those it uses by path: a program's modules can't be reached otherwise.

use model::OpenTarget;

use crate::our_link::OurLink;
use crate::redirect_link::SCHEME;

/// A word a program is started with when somebody opened a link.
pub fn deep_link(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let Some(link) = OurLink::read(&text) else {
        return;
    };
    match &link {
        OurLink::Place(place) => {
            assert_eq!(place.address, text);
            // Letter by letter: these and no others.
            let rest = text.strip_prefix(SCHEME).unwrap_or_default();
            assert!(rest.starts_with(":/") && rest.is_ascii());
            if let OpenTarget::SignIn {
                integration,
                connection,
            } = &place.target
            {
                assert!(connection.is_none());
                assert!(rest.starts_with(&format!(":/connect/{integration}")));
            }
        }
        OurLink::Redirect(redirect) => {
            assert_eq!(format!("{:?}", redirect.url), "SecretInput(…)");
            assert!(redirect.url.clone().into_secret().expose() == &*text);
        }
    }
    if let Some(profile) = link.profile() {
        let name = profile.as_str();
        assert!((1..=32).contains(&name.len()) && !name.contains(['/', '.', '\\']));
    }
}

#[cfg(test)]
#[path = "../fuzz/replay.rs"]
mod replay;

#[cfg(test)]
mod tests {
    use super::replay::replay;

    #[test]
    fn no_link_ever_found_is_more_than_shown_or_refused() {
        replay("deep_links", super::deep_link);
    }
}
