//! Who signed in, by OpenID Connect's userinfo (Core §5.3): for grants that let us read nothing else.

use serde::Deserialize;

use super::judge;
use crate::{CallError, Session, role};

/// With the `email` scope; the name comes only with `profile`, which we don't ask for.
#[derive(Deserialize)]
pub(crate) struct Userinfo {
    pub email: String,
    pub name: Option<String>,
}

pub(crate) async fn userinfo(session: &Session) -> Result<Userinfo, CallError> {
    let url = session.endpoints.get(role::USERINFO)?.clone();
    let answer = session
        .send(session.http.get(url).bearer_auth(session.token.expose()))
        .await?;
    judge(&answer)?;
    answer.json()
}
