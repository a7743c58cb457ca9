//! The Bot API on the wire: <https://core.telegram.org/bots/api>.
//!
//! Methods and types come from teloxide-core, the transport does not: its own waits ten seconds after every
//! 5xx, forgets the HTTP status and reads answers of any length, so that a service going down would be noticed
//! too late and for the wrong reason. Sending it ourselves also keeps one client and one set of rules.

use std::time::Duration;

use reqwest::{
    header::{self, HeaderMap, HeaderValue},
    multipart::{Form, Part},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use teloxide::{
    payloads::{GetMe, GetUpdates, GetWebhookInfo, SendMessage},
    requests::Payload,
    types::{Me, User},
};
use url::Url;

use super::errors;
use crate::{CallError, LocalFile, Session, call::Answer, doing::Pieces, role};

/// For the largest file over a line of half a megabit a second.
const FILE_TIME: Duration = Duration::from_secs(15 * 60);

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

/// A message that was sent, as far as it matters here: teloxide's type would fail on kinds newer than itself, and an
/// answer that isn't understood would pass for an unknown outcome.
#[derive(Deserialize, Debug)]
pub(super) struct Sent {
    pub message_id: i64,
    pub chat: SentTo,
}

#[derive(Deserialize, Debug)]
pub(super) struct SentTo {
    pub id: i64,
    pub username: Option<String>,
}

/// What became of a message.
pub(super) enum Answered {
    Sent(Sent),
    /// Refused: the group goes by this id since it became a supergroup.
    Moved(i64),
}

/// `sendMessage`.
pub(super) async fn send_text(
    session: &Session,
    payload: &SendMessage,
) -> Result<Answered, CallError> {
    answered(&post(session, payload).await?)
}

/// `sendDocument` or `sendPhoto`: the payload's own fields, and the file as the part named `field`.
pub(super) async fn send_file<P: Payload + Serialize + Sync>(
    session: &Session,
    payload: &P,
    field: &'static str,
    file: &LocalFile,
) -> Result<Answered, CallError> {
    let url = method::<P>(session)?;
    let pieces = Pieces::of(file).await?;
    let (body, fate) = pieces.body(0, file.size, &session.meter);
    let mut part = Part::stream_with_length(body, file.size).file_name(file.name.clone());
    if let Ok(media_type) = HeaderValue::from_str(&file.media_type) {
        part = part.headers(HeaderMap::from_iter([(header::CONTENT_TYPE, media_type)]));
    }
    let form = fields(payload, field)
        .into_iter()
        .fold(Form::new(), |form, (name, value)| form.text(name, value))
        .part(field, part);
    let request = session.http.post(url).multipart(form).timeout(FILE_TIME);
    let answer = session.send(request).await;
    // A body that broke off because of the file looks like a lost connection, and was never complete.
    match pieces.fault(&fate) {
        Some(fault) => Err(fault),
        None => answered(&answer?),
    }
}

/// A payload as the fields of a form: texts as they are, everything else as JSON.
fn fields<P: Serialize>(payload: &P, without: &str) -> Vec<(String, String)> {
    let Ok(Value::Object(fields)) = serde_json::to_value(payload) else {
        return Vec::new();
    };
    fields
        .into_iter()
        .filter(|(name, _)| name != without)
        .map(|(name, value)| match value {
            Value::String(text) => (name, text),
            other => (name, other.to_string()),
        })
        .collect()
}

pub(super) fn answered(answer: &Answer) -> Result<Answered, CallError> {
    match errors::moved_to(answer) {
        Some(id) => Ok(Answered::Moved(id)),
        None => errors::read(answer).map(Answered::Sent),
    }
}

/// `getUpdates`: holds the line for as long as the payload says when there is nothing to tell. Updates come as they
/// are, because there are more kinds than anybody knows.
pub(super) async fn updates(
    session: &Session,
    payload: &GetUpdates,
    time: Duration,
) -> Result<Vec<Value>, CallError> {
    let url = method::<GetUpdates>(session)?;
    let request = session.http.post(url).json(payload).timeout(time);
    errors::read(&session.send(request).await?)
}

async fn call<P: Payload + Serialize + Sync, T: DeserializeOwned>(
    session: &Session,
    payload: &P,
) -> Result<T, CallError> {
    errors::read(&post(session, payload).await?)
}

async fn post<P: Payload + Serialize + Sync>(
    session: &Session,
    payload: &P,
) -> Result<Answer, CallError> {
    let url = method::<P>(session)?;
    session.send(session.http.post(url).json(payload)).await
}

fn method<P: Payload>(session: &Session) -> Result<Url, CallError> {
    let bot = format!("bot{}", session.token.expose());
    Ok(session.endpoints.at(role::API, &[&bot, P::NAME])?)
}
