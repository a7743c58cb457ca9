//! Gmail API v1 on the wire: <https://developers.google.com/gmail/api/reference/rest>.

use serde::Deserialize;

use super::errors;
use crate::{CallError, Session, role};

/// Scopes that let `users.getProfile` answer; `gmail.send` alone doesn't.
const READ_PROFILE: [&str; 5] = [
    "https://mail.google.com/",
    "https://www.googleapis.com/auth/gmail.modify",
    "https://www.googleapis.com/auth/gmail.readonly",
    "https://www.googleapis.com/auth/gmail.compose",
    "https://www.googleapis.com/auth/gmail.metadata",
];

#[derive(Deserialize, Debug, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub(super) struct Profile {
    pub email_address: String,
}

pub(super) fn may_read_profile(granted: &[String]) -> bool {
    granted
        .iter()
        .any(|scope| READ_PROFILE.contains(&scope.as_str()))
}

/// `users.getProfile`, one quota unit.
pub(super) async fn profile(session: &Session) -> Result<Profile, CallError> {
    let url = session
        .endpoints
        .at(role::API, &["gmail", "v1", "users", "me", "profile"])?;
    let request = session.http.get(url).query(&[("fields", "emailAddress")]);
    let answer = session.send(request.bearer_auth(session.token.expose())).await?;
    errors::judge(&answer)?;
    answer.json()
}
