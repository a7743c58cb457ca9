//! Gmail API v1 on the wire, one function a call: <https://developers.google.com/gmail/api/reference/rest>.
//! What is made of the answers is next door: `listing`, `reading`, `sending`, `finding`; many `messages.get` at once
//! are `fetching` by `batch`.

use std::time::Duration;

use reqwest::{RequestBuilder, header};
use serde::{Deserialize, de::DeserializeOwned};
use url::Url;

use super::{
    FOLDER, batch, errors,
    wire::{Headers, List, Message, PartBody},
};
use crate::{
    CallError, Session,
    call::{self, Answer},
    role,
};

/// Scopes that let `users.getProfile` answer; `gmail.send` alone doesn't.
const READ_PROFILE: [&str; 5] = [
    "https://mail.google.com/",
    "https://www.googleapis.com/auth/gmail.modify",
    "https://www.googleapis.com/auth/gmail.readonly",
    "https://www.googleapis.com/auth/gmail.compose",
    "https://www.googleapis.com/auth/gmail.metadata",
];

/// Scopes that let `messages.list` take a search.
const SEARCH: [&str; 3] = [
    "https://mail.google.com/",
    "https://www.googleapis.com/auth/gmail.modify",
    "https://www.googleapis.com/auth/gmail.readonly",
];

/// The longest list is 500 pairs of ids; headers of fifty mails may each name hundreds of people.
const LONGEST_HEADERS: usize = 16 * 1024 * 1024;

/// The text of one mail; what is attached comes by itself.
const LONGEST_MAIL: usize = 32 * 1024 * 1024;

/// The largest mail there can be (35 MiB sent, 50 MB received), in Base64 as JSON carries it.
const LONGEST_ATTACHMENT: usize = 72 * 1024 * 1024;

/// A link slower than this is taken for a dead one: 64 KiB a second.
const SLOWEST: usize = 64 * 1024;

#[derive(Deserialize, Debug, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub(super) struct Profile {
    pub email_address: String,
}

pub(super) fn may_read_profile(granted: &[String]) -> bool {
    holds_one_of(granted, &READ_PROFILE)
}

pub(super) fn may_search(granted: &[String]) -> bool {
    holds_one_of(granted, &SEARCH)
}

fn holds_one_of(granted: &[String], scopes: &[&str]) -> bool {
    granted.iter().any(|scope| scopes.contains(&scope.as_str()))
}

/// `users.getProfile`, one quota unit.
pub(super) async fn profile(session: &Session) -> Result<Profile, CallError> {
    let request = session.http.get(mailbox(session, &["profile"])?);
    let answer = send(session, request.query(&[("fields", "emailAddress")])).await?;
    answer.json()
}

/// `messages.list`, five units.
pub(super) async fn list(
    session: &Session,
    search: &str,
    limit: u32,
    page: Option<&str>,
) -> Result<List, CallError> {
    session.pace(&FOLDER.facts, "mail.list", 1, None).await;
    let mut query = vec![
        ("maxResults", limit.to_string()),
        ("fields", "messages(id,threadId),nextPageToken".to_owned()),
    ];
    if !search.trim().is_empty() {
        query.push(("q", search.to_owned()));
    }
    if let Some(page) = page {
        query.push(("pageToken", page.to_owned()));
    }
    let request = session.http.get(mailbox(session, &["messages"])?);
    let answer = send(session, request.query(&query)).await?;
    answer.json()
}

/// `messages.get` of headers alone, unpaced: whoever asks for many has paced them together.
pub(super) async fn headers(
    session: &Session,
    id: &str,
    wanted: Headers,
) -> Result<Message, CallError> {
    let request = session.http.get(mailbox(session, &["messages", id])?);
    let answer = send(session, request.query(&wanted.query())).await?;
    answer.json()
}

/// The answer to many questions, not yet taken apart.
pub(super) struct Batched {
    pub answer: Answer,
    pub boundary: Option<String>,
}

/// Many `messages.get` in one: `batch.rs` says how they are written and read. Unpaced, as [`headers`].
pub(super) async fn batch(
    session: &Session,
    ids: &[&str],
    wanted: Headers,
) -> Result<Batched, CallError> {
    let url = session.endpoints.at(role::API, &["batch", "gmail", "v1"])?;
    let request = session
        .http
        .post(url)
        .header(header::CONTENT_TYPE, batch::content_type())
        .body(batch::write(ids, wanted));
    let request = request.bearer_auth(session.token.expose());
    let response = call::begin(&session.meter, request).await?;
    let boundary = batch::boundary_of(response.headers());
    let answer = call::read(&session.meter, response, LONGEST_HEADERS).await?;
    errors::judge(&answer)?;
    Ok(Batched { answer, boundary })
}

/// `messages.get` of everything but what comes by its own id.
pub(super) async fn mail(session: &Session, id: &str) -> Result<Message, CallError> {
    session.pace(&FOLDER.facts, "mail.get", 1, None).await;
    let query = [
        ("format", "full"),
        ("fields", "id,threadId,snippet,internalDate,payload"),
    ];
    let request = session
        .http
        .get(mailbox(session, &["messages", id])?)
        .query(&query)
        .timeout(patience(LONGEST_MAIL));
    get_long(session, request, LONGEST_MAIL).await
}

/// `messages.attachments.get`.
pub(super) async fn attachment(
    session: &Session,
    id: &str,
    attachment: &str,
) -> Result<PartBody, CallError> {
    session
        .pace(&FOLDER.facts, "mail.attachment", 1, None)
        .await;
    let request = session
        .http
        .get(mailbox(
            session,
            &["messages", id, "attachments", attachment],
        )?)
        .query(&[("fields", "data")])
        .timeout(patience(LONGEST_ATTACHMENT));
    get_long(session, request, LONGEST_ATTACHMENT).await
}

/// `messages.send`: mail as JSON carries it.
pub(super) fn send_raw(
    session: &Session,
    body: &serde_json::Value,
) -> Result<RequestBuilder, CallError> {
    let url = mailbox(session, &["messages", "send"])?;
    let mail = body["raw"].as_str().map_or(0, str::len);
    Ok(session
        .http
        .post(url)
        .query(&[SENT_FIELDS])
        .timeout(patience(mail))
        .json(body))
}

/// `messages.send` by upload, for mail that would grow too big in JSON; `kind` is how it is wrapped.
pub(super) fn send_upload(
    session: &Session,
    kind: &str,
    content_type: &str,
    body: Vec<u8>,
) -> Result<RequestBuilder, CallError> {
    let segments = ["upload", "gmail", "v1", "users", "me", "messages", "send"];
    let url = session.endpoints.at(role::UPLOAD, &segments)?;
    Ok(session
        .http
        .post(url)
        .query(&[("uploadType", kind), SENT_FIELDS])
        .header(header::CONTENT_TYPE, content_type)
        .timeout(patience(body.len()))
        .body(body))
}

const SENT_FIELDS: (&str, &str) = ("fields", "id,threadId");

/// With the token, and judged.
pub(super) async fn send(session: &Session, request: RequestBuilder) -> Result<Answer, CallError> {
    let answer = session
        .send(request.bearer_auth(session.token.expose()))
        .await?;
    errors::judge(&answer)?;
    Ok(answer)
}

async fn get_long<T: DeserializeOwned>(
    session: &Session,
    request: RequestBuilder,
    longest: usize,
) -> Result<T, CallError> {
    let request = request.bearer_auth(session.token.expose());
    let answer = call::send_for(&session.meter, request, longest).await?;
    errors::judge(&answer)?;
    answer.json()
}

fn mailbox(session: &Session, below: &[&str]) -> Result<Url, CallError> {
    let segments = [&["gmail", "v1", "users", "me"], below].concat();
    Ok(session.endpoints.at(role::API, &segments)?)
}

/// How long a request with this many bytes may take: the client's own limit is meant for small ones.
fn patience(bytes: usize) -> Duration {
    const BASE: Duration = Duration::from_secs(60);
    let seconds = u64::try_from(bytes / SLOWEST).unwrap_or(0);
    BASE + Duration::from_secs(seconds)
}

/// Does it look like one of Gmail's ids? Anything else is asked for nowhere: `..` would lead out of the mailbox.
pub(super) fn is_id(id: &str) -> bool {
    (1..=256).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// What Gmail says of a mail that isn't there.
pub(super) fn not_found() -> CallError {
    CallError::Refused {
        status: 404,
        reason: "notFound".to_owned(),
    }
}
