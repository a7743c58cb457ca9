//! The scopes Google knows, how it spells them back, and what its consent page calls them.

/// One scope: its name and what the consent page says.
struct Known(&'static str, &'static str);

pub(crate) const EMAIL: &str = "https://www.googleapis.com/auth/userinfo.email";
pub(crate) const PROFILE: &str = "https://www.googleapis.com/auth/userinfo.profile";
pub(crate) const OPENID: &str = "openid";

const KNOWN: &[Known] = &[
    Known(OPENID, "Know who you are on Google"),
    Known(EMAIL, "See your email address"),
    Known(PROFILE, "See your name and picture"),
    Known(
        "https://mail.google.com/",
        "Read, write, send and permanently delete all your email",
    ),
    Known(
        "https://www.googleapis.com/auth/gmail.readonly",
        "Read your email messages and settings",
    ),
    Known(
        "https://www.googleapis.com/auth/gmail.send",
        "Send email on your behalf",
    ),
    Known(
        "https://www.googleapis.com/auth/gmail.modify",
        "Read, write and send your email",
    ),
    Known(
        "https://www.googleapis.com/auth/gmail.compose",
        "Manage drafts and send email",
    ),
    Known(
        "https://www.googleapis.com/auth/gmail.metadata",
        "See labels and headers of your email, not the text",
    ),
    Known(
        "https://www.googleapis.com/auth/gmail.labels",
        "See and edit your email labels",
    ),
    Known(
        "https://www.googleapis.com/auth/gmail.insert",
        "Add messages to your mailbox",
    ),
    Known(
        "https://www.googleapis.com/auth/drive",
        "See, edit, create and delete all your Google Drive files",
    ),
    Known(
        "https://www.googleapis.com/auth/drive.file",
        "See, edit and create only the Drive files you use with this app",
    ),
    Known(
        "https://www.googleapis.com/auth/drive.appdata",
        "Keep this app's own settings in your Drive",
    ),
    Known(
        "https://www.googleapis.com/auth/drive.readonly",
        "See and download all your Google Drive files",
    ),
    Known(
        "https://www.googleapis.com/auth/drive.metadata",
        "See and change information about your Drive files",
    ),
    Known(
        "https://www.googleapis.com/auth/drive.metadata.readonly",
        "See information about your Drive files",
    ),
];

/// The scopes of a request in Google's own spelling and order, each once. `Err` names an unknown one.
///
/// Google answers `email` and `profile` with their long names; a client that compares strings is meant to trip here.
pub(crate) fn read(list: &str) -> Result<Vec<String>, String> {
    let mut asked = Vec::new();
    for scope in list.split(' ').filter(|scope| !scope.is_empty()) {
        let long = match scope {
            "email" => EMAIL,
            "profile" => PROFILE,
            other => other,
        };
        if !KNOWN.iter().any(|known| known.0 == long) {
            return Err(scope.to_owned());
        }
        asked.push(long);
    }
    Ok(in_order(|scope| asked.contains(&scope)))
}

/// Known scopes that pass, in Google's order rather than the request's.
pub(crate) fn in_order(wanted: impl Fn(&str) -> bool) -> Vec<String> {
    KNOWN
        .iter()
        .filter(|known| wanted(known.0))
        .map(|known| known.0.to_owned())
        .collect()
}

/// Sign-in scopes come with choosing an account; every other one gets its own checkbox.
pub(crate) fn is_sign_in(scope: &str) -> bool {
    [OPENID, EMAIL, PROFILE].contains(&scope)
}

/// What the consent page says about a scope.
pub(crate) fn in_words(scope: &str) -> &'static str {
    KNOWN
        .iter()
        .find(|known| known.0 == scope)
        .map_or("", |known| known.1)
}

/// A scope without the part that nearly all share.
pub(crate) fn short(scope: &str) -> &str {
    scope
        .strip_prefix("https://www.googleapis.com/auth/")
        .unwrap_or(scope)
}
