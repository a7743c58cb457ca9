//! What Gmail and Drive share because Google is behind both: the shape of errors, the verdicts of its token
//! endpoint, the client files of its console, and asking who signed in. Nothing here knows either service.

mod client_file;
mod errors;
mod token_errors;
mod userinfo;

use serde::de::DeserializeOwned;
use url::Url;

use crate::{CallError, Session, call};

pub(crate) use client_file::read_client_file;
pub(crate) use errors::judge;
pub(crate) use token_errors::judge_token_error;
pub(crate) use userinfo::userinfo;

/// GET with the session's token; the answer as documented, or what its error means.
pub(crate) async fn get<T: DeserializeOwned>(session: &Session, url: Url) -> Result<T, CallError> {
    let answer = call::send(session.http.get(url).bearer_auth(session.token.expose())).await?;
    judge(&answer)?;
    answer.json()
}
