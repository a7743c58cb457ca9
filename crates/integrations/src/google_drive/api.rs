//! Drive API v3 on the wire: <https://developers.google.com/drive/api/reference/rest/v3>.

use serde::Deserialize;

use super::errors;
use crate::{CallError, Session, role};

#[derive(Deserialize, Debug)]
pub(super) struct About {
    pub user: User,
}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "camelCase")]
pub(super) struct User {
    pub permission_id: String,
    pub email_address: String,
    pub display_name: Option<String>,
}

/// `about.get`, five quota units. It answers 400 unless told which fields are wanted.
pub(super) async fn about(session: &Session) -> Result<About, CallError> {
    let url = session.endpoints.at(role::API, &["drive", "v3", "about"])?;
    let request = session
        .http
        .get(url)
        .query(&[("fields", "user(displayName,emailAddress,permissionId)")]);
    let answer = session.send(request.bearer_auth(session.token.expose())).await?;
    errors::judge(&answer)?;
    answer.json()
}
