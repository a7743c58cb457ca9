//! One HTTP call and what can become of it. Errors here hold codes and numbers only: an address can hold a
//! token (Telegram's does), so neither it nor the client's own error text is ever kept.

use std::{error::Error, io, time::Duration};

use jiff::{SignedDuration, Timestamp, fmt::rfc2822::DateTimeParser};
use reqwest::{RequestBuilder, header};

use crate::{LocalError, Meter, MissingEndpoint};

/// More than any answer we ask for; a page that goes on for ever must not fill the memory.
const LONGEST_ANSWER: usize = 1024 * 1024;

/// A service that asks for more than a day is asked again after one: a wrong header must not silence it for good.
pub(crate) const LONGEST_PAUSE: Duration = Duration::from_secs(24 * 60 * 60);

/// Why a call to a service brought nothing.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CallError {
    /// The token or key is not accepted.
    #[error("the token is not accepted")]
    TokenRejected,
    /// The call needs a permission that was not granted.
    #[error("a permission is missing")]
    PermissionMissing,
    /// The API is switched off in the client's project.
    #[error("the API is switched off")]
    ApiDisabled,
    #[error("an administrator blocks the app")]
    BlockedByAdmin,
    #[error("the service asks for a pause")]
    RateLimited { retry_after: Option<Duration> },
    /// The service answered that it can't answer.
    #[error("the service is down (HTTP {status})")]
    ServiceDown { status: u16 },
    #[error(transparent)]
    Unreachable(#[from] Unreachable),
    /// Not what the service documents: a captive portal, a proxy's page, a redirect, an answer too long.
    #[error("the answer was not understood (HTTP {status})")]
    NotUnderstood { status: u16 },
    /// The service said no; `reason` is its own code for it, never its free text.
    #[error("the service refuses (HTTP {status}, {reason})")]
    Refused { status: u16, reason: String },
    /// Trouble on this side; no word of the service.
    #[error(transparent)]
    Local(#[from] LocalError),
}

impl From<MissingEndpoint> for CallError {
    /// The profile's endpoints leave the service nowhere to be reached: a defect, and no word of any service.
    fn from(_: MissingEndpoint) -> Self {
        Self::Refused {
            status: 0,
            reason: "no_endpoint".to_owned(),
        }
    }
}

/// No answer came.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
pub enum Unreachable {
    #[error("its name could not be looked up")]
    Dns,
    #[error("no connection could be made")]
    Connect,
    #[error("no secure connection could be made")]
    Tls,
    #[error("it took too long")]
    Timeout,
    /// The connection was lost before the answer was complete.
    #[error("the connection was lost")]
    Broken,
}

impl Unreachable {
    /// Why reqwest brought no answer; the error itself is not kept, for it names the address.
    #[must_use]
    pub fn of(error: &reqwest::Error) -> Self {
        // A connection that took too long to be made was never made: whatever was to be sent did not arrive.
        if failed_handshake(error) {
            Self::Tls
        } else if error.is_dns() {
            Self::Dns
        } else if error.is_connect() {
            Self::Connect
        } else if error.is_timeout() {
            Self::Timeout
        } else {
            Self::Broken
        }
    }
}

/// Is a TLS error anywhere among the causes?
fn failed_handshake(error: &reqwest::Error) -> bool {
    causes(error)
        .any(|cause| cause.is::<rustls::Error>() || cause.downcast_ref().is_some_and(holds_tls))
}

/// An `io::Error` doesn't name what it wraps as its source, and a handshake's is wrapped twice.
fn holds_tls(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| {
        inner.is::<rustls::Error>() || inner.downcast_ref().is_some_and(holds_tls)
    })
}

/// Came all of it, but packed in a way that can't be undone? reqwest calls a cut-off body a decoding error too.
fn was_garbled(error: &reqwest::Error) -> bool {
    error.is_decode()
        && causes(error).any(|cause| {
            cause
                .downcast_ref::<io::Error>()
                .is_some_and(|error| error.kind() == io::ErrorKind::InvalidData)
        })
}

fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    let mut next = error.source();
    std::iter::from_fn(move || {
        let cause = next?;
        next = cause.source();
        Some(cause)
    })
}

/// A whole answer, not yet judged.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub status: u16,
    pub retry_after: Option<Duration>,
    pub body: Vec<u8>,
}

/// Sends, and reads the whole answer up to [`LONGEST_ANSWER`].
pub(crate) async fn send(meter: &Meter, request: RequestBuilder) -> Result<Answer, CallError> {
    send_for(meter, request, LONGEST_ANSWER).await
}

/// The same with another limit, for answers that hold a file.
pub(crate) async fn send_for(
    meter: &Meter,
    request: RequestBuilder,
    longest: usize,
) -> Result<Answer, CallError> {
    let response = begin(meter, request).await?;
    read(meter, response, longest).await
}

/// Sends, and returns once the answer's head is there.
pub(crate) async fn begin(
    meter: &Meter,
    request: RequestBuilder,
) -> Result<reqwest::Response, CallError> {
    let lost = |error: reqwest::Error| CallError::from(Unreachable::of(&error));
    let (client, request) = request.build_split();
    let request = request.map_err(lost)?;
    // A body that is streamed is counted by whoever streams it.
    let body = request.body().and_then(reqwest::Body::as_bytes);
    meter.request(body.map_or(0, |bytes| u64::try_from(bytes.len()).unwrap_or(u64::MAX)));
    client.execute(request).await.map_err(lost)
}

/// The rest of an answer that has begun.
pub(crate) async fn read(
    meter: &Meter,
    mut response: reqwest::Response,
    longest: usize,
) -> Result<Answer, CallError> {
    let lost = |error: reqwest::Error| CallError::from(Unreachable::of(&error));
    let status = response.status().as_u16();
    let retry_after = response
        .headers()
        .get(header::RETRY_AFTER)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| retry_after(value, Timestamp::now()));
    // What is promised is not yet there.
    let promised = response.content_length().unwrap_or(0);
    let promised = usize::try_from(promised).unwrap_or(usize::MAX);
    let mut body = Vec::with_capacity(promised.min(LONGEST_ANSWER));
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > longest => {
                return Err(CallError::NotUnderstood { status });
            }
            Ok(Some(chunk)) => {
                meter.received(chunk.len());
                body.extend_from_slice(&chunk);
            }
            Ok(None) => {
                return Ok(Answer {
                    status,
                    retry_after,
                    body,
                });
            }
            Err(error) if was_garbled(&error) => return Err(CallError::NotUnderstood { status }),
            Err(error) => return Err(lost(error)),
        }
    }
}

impl Answer {
    /// What the status alone settles, before anything service-specific is read.
    ///
    /// 511 is how a network says that it wants a sign-in first (RFC 6585 §6), so it is no word of the service.
    pub fn common_error(&self) -> Option<CallError> {
        match self.status {
            511 | 100..=199 | 300..=399 => Some(CallError::NotUnderstood {
                status: self.status,
            }),
            500..=599 => Some(CallError::ServiceDown {
                status: self.status,
            }),
            429 => Some(CallError::RateLimited {
                retry_after: self.retry_after,
            }),
            _ => None,
        }
    }

    /// The body as documented JSON; anything else came from somewhere in between.
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T, CallError> {
        // What isn't UTF-8 isn't JSON (RFC 8259 §8.1), also where nobody reads it.
        let text = str::from_utf8(&self.body).map_err(|_| self.not_understood())?;
        serde_json::from_str(text).map_err(|_| self.not_understood())
    }

    pub const fn not_understood(&self) -> CallError {
        CallError::NotUnderstood {
            status: self.status,
        }
    }
}

/// A service's own code as it is passed on: one word, whatever it sent. Codes are shown and logged.
#[must_use]
pub fn code_word(sent: &str) -> String {
    const LONGEST: usize = 64;
    let plain = |letter: &char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.');
    let word: String = sent.chars().filter(plain).take(LONGEST).collect();
    match word.is_empty() {
        true => "unstated".to_owned(),
        false => word,
    }
}

/// Reads a `Retry-After`: seconds, or a date (RFC 9110 §10.2.3). At most a day.
#[must_use]
pub fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    let wait = if value.bytes().all(|byte| byte.is_ascii_digit()) && !value.is_empty() {
        Duration::from_secs(value.parse().unwrap_or(u64::MAX))
    } else {
        let until = DateTimeParser::new().parse_timestamp(value).ok()?;
        let wait: SignedDuration = until.duration_since(now);
        Duration::try_from(wait).unwrap_or(Duration::ZERO)
    };
    Some(wait.min(LONGEST_PAUSE))
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use url::Url;

    use super::*;
    use crate::scripted::{self, Scripted};

    #[test]
    fn a_pause_is_read_in_seconds_or_as_a_date_and_never_exceeds_a_day() {
        let now: Timestamp = "2026-11-23T10:00:00Z".parse().unwrap();
        let read = |value: &str| retry_after(value, now).map(|wait| wait.as_secs());
        assert_eq!(read("120"), Some(120));
        assert_eq!(read("Mon, 23 Nov 2026 10:01:30 GMT"), Some(90));
        assert_eq!(read("Mon, 23 Nov 2026 09:00:00 GMT"), Some(0));
        assert_eq!(read("99999999999999999999999"), Some(86_400));
        assert_eq!(read("soon"), None);
        assert_eq!(read(""), None);
    }

    #[test]
    fn a_network_that_wants_a_sign_in_is_not_taken_for_the_service() {
        let answer = |status| Answer {
            status,
            retry_after: None,
            body: Vec::new(),
        };
        assert_eq!(
            answer(511).common_error(),
            Some(CallError::NotUnderstood { status: 511 })
        );
        assert_eq!(
            answer(302).common_error(),
            Some(CallError::NotUnderstood { status: 302 })
        );
        assert_eq!(
            answer(502).common_error(),
            Some(CallError::ServiceDown { status: 502 })
        );
        assert_eq!(answer(404).common_error(), None);
    }

    async fn sent(url: &str) -> CallError {
        let session = scripted::session(&Url::parse("http://127.0.0.1:9").unwrap(), &[]);
        session
            .send(session.http.get(url).timeout(Duration::from_secs(20)))
            .await
            .map(|_| ())
            .unwrap_err()
    }

    #[tokio::test]
    async fn an_answer_without_end_is_cut_off_rather_than_read() {
        let endless = format!(
            "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{}",
            "x".repeat(LONGEST_ANSWER + 1)
        );
        let server = Scripted::start(vec![endless.into_bytes()]).await;
        assert_eq!(
            sent(server.base.as_str()).await,
            CallError::NotUnderstood { status: 200 }
        );
    }

    #[tokio::test]
    async fn half_an_answer_is_a_lost_connection() {
        let half = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"emailAddress\"".to_vec();
        let server = Scripted::start(vec![half]).await;
        assert_eq!(sent(server.base.as_str()).await, Unreachable::Broken.into());
    }

    #[tokio::test]
    async fn a_body_that_cannot_be_unpacked_is_not_understood() {
        let garbled =
            b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\nnope".to_vec();
        let server = Scripted::start(vec![garbled]).await;
        assert_eq!(
            sent(server.base.as_str()).await,
            CallError::NotUnderstood { status: 200 }
        );
    }

    #[tokio::test]
    async fn each_way_of_not_arriving_is_told_from_the_others() {
        // A server that takes the connection and never answers.
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let silent_url = format!("http://{}", silent.local_addr().unwrap());
        let session = scripted::session(&Url::parse(&silent_url).unwrap(), &[]);
        let request = session
            .http
            .get(&silent_url)
            .timeout(Duration::from_millis(50));
        assert_eq!(
            session.send(request).await.map(|_| ()).unwrap_err(),
            Unreachable::Timeout.into()
        );

        let plain = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let secure = format!("https://{}/", plain.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut stream, _) = plain.accept().await.unwrap();
            stream
                .write_all(b"220 this is a mail server\r\n")
                .await
                .unwrap();
            // Held until the other side has heard and hangs up.
            let _ = stream.read_to_end(&mut Vec::new()).await;
        });
        assert_eq!(sent(&secure).await, Unreachable::Tls.into());

        // Reserved so that it never exists (RFC 6761 §6.4).
        assert_eq!(
            sent("http://autopilot.invalid/").await,
            Unreachable::Dns.into()
        );
    }
}
