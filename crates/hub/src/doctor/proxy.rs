//! The proxies on the way, by the rules of the client that makes our calls, and whether they let anybody through.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use model::{Proxy, doctor::DoctorCause};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use url::Url;

use super::{
    Check, NETWORK_DEADLINE,
    answers::Answers,
    asking::{Question, Shows},
};
use crate::wire;

const PATIENCE: Duration = Duration::from_secs(5);

/// What the person chose, else what the environment and the system say, as reqwest understands it: it asks the same code.
pub(super) struct Proxies(Matcher);

/// One proxy, and a place beyond it.
struct Way {
    intercept: Intercept,
    beyond: Question,
}

impl Proxies {
    pub(super) fn chosen(proxy: &Proxy) -> Self {
        Self(match proxy {
            Proxy::System => Matcher::from_system(),
            Proxy::None => Matcher::builder().build(),
            Proxy::Own { url } => Matcher::builder().all(url.as_str()).no(wire::HERE).build(),
        })
    }

    pub(super) fn for_url(&self, url: &Url) -> Option<Intercept> {
        self.0.intercept(&url.as_str().parse().ok()?)
    }
}

pub(super) fn check(answers: &Answers) -> Check {
    let answers = answers.clone();
    Check::new("proxy", NETWORK_DEADLINE, look(answers))
}

async fn look(answers: Answers) -> DoctorCause {
    let proxies = Arc::clone(&answers.proxies);
    let mut ways: Vec<Way> = Vec::new();
    for question in answers.questions() {
        let Some(intercept) = proxies.for_url(question.url()) else {
            continue;
        };
        if !ways.iter().any(|way| address(way) == place(&intercept)) {
            let beyond = question.clone();
            ways.push(Way { intercept, beyond });
        }
    }
    let mut found = DoctorCause::NoProxy;
    for way in &ways {
        found = try_out(way, &answers).await;
        if !matches!(found, DoctorCause::ProxyAnswers { .. }) {
            break;
        }
    }
    found
}

async fn try_out(way: &Way, answers: &Answers) -> DoctorCause {
    let (host, port) = place(&way.intercept);
    // Never more of its address: that may hold a password.
    let proxy = format!("{host}:{port}");
    let found: Vec<SocketAddr> = match tokio::time::timeout(
        PATIENCE,
        tokio::net::lookup_host((host.as_str(), port)),
    )
    .await
    {
        Ok(Ok(found)) => found.collect(),
        _ => Vec::new(),
    };
    if found.is_empty() {
        return DoctorCause::ProxyNotFound { proxy };
    }
    let connected = tokio::time::timeout(PATIENCE, TcpStream::connect(&found[..])).await;
    let stream = match connected {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionRefused => {
            return DoctorCause::ProxyRefuses { proxy };
        }
        Ok(Err(_)) | Err(_) => return DoctorCause::ProxySilent { proxy },
    };
    let url = way.beyond.url();
    let speaks_http = way.intercept.uri().scheme_str() == Some("http");
    let status = if speaks_http && url.scheme() == "https" {
        match tokio::time::timeout(PATIENCE, tunnel(stream, url, &way.intercept)).await {
            Ok(Ok(status)) => status,
            Ok(Err(_)) | Err(_) => return DoctorCause::ProxySilent { proxy },
        }
    } else {
        asked_through(answers, &way.beyond).await
    };
    match status {
        407 => DoctorCause::ProxyWantsSignIn { proxy },
        400..=499 => DoctorCause::ProxyRefuses { proxy },
        // What it says of the other side is the service's finding.
        _ => DoctorCause::ProxyAnswers { proxy },
    }
}

/// Without a tunnel the proxy's refusal is the answer to the question itself.
async fn asked_through(answers: &Answers, question: &Question) -> u16 {
    let shows = match answers.answer(question) {
        Some(asked) => asked.await.shows,
        None => Shows::Nothing,
    };
    if shows == Shows::ProxySignIn {
        407
    } else {
        200
    }
}

/// Asks for a way through, as reqwest does (RFC 9110 §9.3.6), and reads the status.
async fn tunnel(mut stream: TcpStream, to: &Url, intercept: &Intercept) -> io::Result<u16> {
    let host = to.host_str().unwrap_or_default();
    let port = to.port_or_known_default().unwrap_or(443);
    let mut ask = format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n").into_bytes();
    if let Some(auth) = intercept.basic_auth() {
        ask.extend_from_slice(b"Proxy-Authorization: ");
        ask.extend_from_slice(auth.as_bytes());
        ask.extend_from_slice(b"\r\n");
    }
    ask.extend_from_slice(b"\r\n");
    stream.write_all(&ask).await?;
    // "HTTP/1.1 200"
    let mut line = [0; 12];
    stream.read_exact(&mut line).await?;
    let status = line
        .strip_prefix(b"HTTP/1.")
        .and_then(|rest| rest.get(2..5));
    status
        .and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok())
        .ok_or_else(|| io::ErrorKind::InvalidData.into())
}

fn address(way: &Way) -> (String, u16) {
    place(&way.intercept)
}

fn place(intercept: &Intercept) -> (String, u16) {
    let uri = intercept.uri();
    let usual = match uri.scheme_str() {
        Some("https") => 443,
        Some(scheme) if scheme.starts_with("socks") => 1080,
        _ => 80,
    };
    let host = uri.host().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    (host.to_owned(), uri.port_u16().unwrap_or(usual))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(proxy: &str, to: &str) -> Way {
        let matcher = Matcher::builder().all(proxy).build();
        Way {
            intercept: matcher.intercept(&to.parse().unwrap()).unwrap(),
            beyond: Question::Api(Url::parse(to).unwrap()),
        }
    }

    /// A proxy that reads one request and says this.
    async fn proxy_that_says(answer: &'static [u8]) -> u16 {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
            .await
            .unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut heard = vec![0; 4096];
            let _ = stream.read(&mut heard).await.unwrap();
            stream.write_all(answer).await.unwrap();
        });
        port
    }

    async fn found(answer: &'static [u8]) -> DoctorCause {
        let port = proxy_that_says(answer).await;
        let way = way(&format!("http://127.0.0.1:{port}"), "https://api.example/");
        try_out(&way, &Answers::none()).await
    }

    #[tokio::test]
    async fn a_proxy_is_judged_by_whether_it_lets_us_through() {
        for (answer, kind) in [
            (
                &b"HTTP/1.1 200 Connection established\r\n\r\n"[..],
                "proxy_answers",
            ),
            (
                b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
                "proxy_wants_sign_in",
            ),
            (b"HTTP/1.1 403 Forbidden\r\n\r\n", "proxy_refuses"),
            (b"HTTP/1.0 502 Bad Gateway\r\n\r\n", "proxy_answers"),
            (b"SSH-2.0-something\r\n", "proxy_silent"),
        ] {
            assert_eq!(found(answer).await.kind(), kind);
        }
    }

    #[tokio::test]
    async fn the_password_of_a_proxy_is_never_told() {
        let way = way(
            "http://anna:canary-password@127.0.0.1:1",
            "https://api.example/",
        );
        let found = try_out(&way, &Answers::none()).await;
        let proxy = "127.0.0.1:1".to_owned();
        assert_eq!(found, DoctorCause::ProxyRefuses { proxy });
    }
}
