//! One question to one service, without any key, and what the answer shows of the way there.
//!
//! Nothing of a person's is in it, so it may go wherever the way leads.

use std::{error::Error as StdError, io, time::Duration};

use model::Timestamp;
use reqwest::{StatusCode, header};
use rustls::CertificateError;
use url::Url;

use crate::clock::Clock;

/// A service that takes longer is as good as gone.
const PATIENCE: Duration = Duration::from_secs(8);

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Question {
    /// Something that is answered in JSON, whoever asks.
    Api(Url),
    /// A token endpoint, asked for nothing.
    Token(Url),
}

impl Question {
    pub(super) fn url(&self) -> &Url {
        match self {
            Self::Api(url) | Self::Token(url) => url,
        }
    }

    pub(super) fn host(&self) -> String {
        self.url().host_str().unwrap_or_default().to_owned()
    }
}

#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) host: String,
    pub(super) shows: Shows,
    /// How far our clock is ahead of the answer's, in milliseconds, and how far that may be wrong.
    pub(super) ahead: Option<(i64, i64)>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Shows {
    /// It is the service, whatever it thinks of the question.
    Theirs,
    /// A web page, or the way to one, where the service would have said JSON.
    Page,
    Troubled(u16),
    ProxySignIn,
    /// A certificate that isn't theirs.
    Untrusted,
    /// A certificate that is over, or not yet valid.
    Dated,
    Nothing,
}

pub(super) async fn ask(http: &reqwest::Client, clock: &Clock, question: &Question) -> Answer {
    let host = question.host();
    let request = match question {
        Question::Api(url) => http.get(url.clone()),
        Question::Token(url) => http.post(url.clone()).form(&[("grant_type", "")]),
    };
    let (began, waited) = (clock.now(), tokio::time::Instant::now());
    let answer = match tokio::time::timeout(PATIENCE, request.send()).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => {
            return Answer {
                host,
                shows: distrust(&error).unwrap_or(Shows::Nothing),
                ahead: None,
            };
        }
        Err(_) => {
            return Answer {
                host,
                shows: Shows::Nothing,
                ahead: None,
            };
        }
    };
    let ahead = date(&answer).map(|theirs| ahead(began, waited.elapsed(), theirs));
    Answer {
        host,
        shows: judge(answer).await,
        ahead,
    }
}

async fn judge(mut answer: reqwest::Response) -> Shows {
    let status = answer.status();
    if status == StatusCode::PROXY_AUTHENTICATION_REQUIRED {
        return Shows::ProxySignIn;
    }
    if status.is_redirection() || status == StatusCode::NETWORK_AUTHENTICATION_REQUIRED {
        return Shows::Page;
    }
    if status.is_server_error() {
        return Shows::Troubled(status.as_u16());
    }
    // A service may refuse in any form it likes; only a page that says "all is well" isn't its own.
    if status.is_success() && is_page(&mut answer).await {
        return Shows::Page;
    }
    Shows::Theirs
}

async fn is_page(answer: &mut reqwest::Response) -> bool {
    let says_html = answer
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.to_ascii_lowercase().contains("html"));
    if says_html {
        return true;
    }
    let beginning = tokio::time::timeout(PATIENCE, answer.chunk()).await;
    let Ok(Ok(Some(beginning))) = beginning else {
        return false;
    };
    beginning.trim_ascii_start().starts_with(b"<")
}

fn date(answer: &reqwest::Response) -> Option<Timestamp> {
    let text = answer.headers().get(header::DATE)?.to_str().ok()?;
    jiff::fmt::rfc2822::parse(text)
        .ok()
        .map(|zoned| zoned.timestamp())
}

/// The answer was dated somewhere between question and answer, to the second.
fn ahead(began: Timestamp, took: Duration, theirs: Timestamp) -> (i64, i64) {
    const RESOLUTION_MS: i64 = 1000;
    let took = i64::try_from(took.as_millis()).unwrap_or(i64::MAX);
    let middle = began.as_millisecond().saturating_add(took / 2);
    let theirs = theirs.as_millisecond().saturating_add(RESOLUTION_MS / 2);
    (
        middle.saturating_sub(theirs),
        took / 2 + RESOLUTION_MS / 2 + 1,
    )
}

/// What a failed handshake says of who answered, or of the date.
fn distrust(error: &reqwest::Error) -> Option<Shows> {
    let mut cause: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(one) = cause {
        // An `io::Error` tells the source of what it carries, and not what it carries.
        let carried = one
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
            .and_then(|inner| inner.downcast_ref::<rustls::Error>());
        let found = carried.or_else(|| one.downcast_ref::<rustls::Error>());
        if let Some(rustls::Error::InvalidCertificate(why)) = found {
            return Some(match why {
                CertificateError::Expired
                | CertificateError::ExpiredContext { .. }
                | CertificateError::NotValidYet
                | CertificateError::NotValidYetContext { .. } => Shows::Dated,
                _ => Shows::Untrusted,
            });
        }
        cause = one.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_there_and_back_is_allowed_for() {
        let began: Timestamp = "2026-11-26T10:00:00Z".parse().unwrap();
        // Four seconds under way, dated in the middle: no difference beyond what can't be known.
        let theirs: Timestamp = "2026-11-26T10:00:02Z".parse().unwrap();
        let (off, unsure) = ahead(began, Duration::from_secs(4), theirs);
        assert!(off.abs() <= unsure, "{off} {unsure}");
        let yesterday: Timestamp = "2026-11-25T10:00:00Z".parse().unwrap();
        let (off, _) = ahead(began, Duration::from_millis(10), yesterday);
        assert_eq!((off + 500) / 1000, 86_400);
    }
}
