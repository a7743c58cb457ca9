//! The Bot API on the wire: <https://core.telegram.org/bots/api>.
//!
//! Methods and types come from teloxide-core, the transport does not: its own waits ten seconds after every
//! 5xx, forgets the HTTP status and reads answers of any length, so that a service going down would be noticed
//! too late and for the wrong reason. Sending it ourselves also keeps one client and one set of rules.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use teloxide::{
    payloads::{GetMe, GetWebhookInfo},
    requests::Payload,
    types::{Me, User},
};
use url::Url;

use super::errors;
use crate::{CallError, Session, role};

/// `getMe`.
pub(super) async fn me(session: &Session) -> Result<User, CallError> {
    call::<_, Me>(session, &GetMe::new())
        .await
        .map(|me| me.user)
}

/// The part of `getWebhookInfo` that matters here. teloxide's type fails on update kinds newer than itself,
/// and this must not be missed for such a reason.
#[derive(Deserialize)]
struct Webhook {
    #[serde(default)]
    url: String,
}

/// `getWebhookInfo`: the host that receives this bot's messages, if any does.
pub(super) async fn webhook_host(session: &Session) -> Result<Option<String>, CallError> {
    let webhook: Webhook = call(session, &GetWebhookInfo::new()).await?;
    // The rest of the address may hold a secret of that service.
    Ok(Url::parse(&webhook.url)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned)))
}

async fn call<P: Payload + Serialize + Sync, T: DeserializeOwned>(
    session: &Session,
    payload: &P,
) -> Result<T, CallError> {
    let bot = format!("bot{}", session.token.expose());
    let url = session.endpoints.at(role::API, &[&bot, P::NAME])?;
    errors::read(&session.send(session.http.post(url).json(payload)).await?)
}
