//! A server on loopback that keeps every request whole and answers by a rule.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, Once},
};

use integrations::{Endpoints, Session};
use model::Secret;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use url::Url;

/// A request, or the part of a multipart: the names of its headers are in lower case.
#[derive(Clone, Default)]
pub struct Request {
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// Status, headers, body.
pub type Answer = (u16, Vec<(&'static str, String)>, Vec<u8>);

pub struct Recorder {
    base: Url,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Recorder {
    /// `answer` is also told the server's own address.
    pub async fn start(answer: fn(&Request, &Url) -> Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let requests: Arc<Mutex<Vec<Request>>> = Arc::default();
        let (kept, own) = (Arc::clone(&requests), base.clone());
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(stream, answer, own.clone(), Arc::clone(&kept)));
            }
        });
        Self { base, requests }
    }

    /// Where an integration's endpoints are, each on this server under the path it really has.
    pub fn session(&self, integration: &str) -> Session {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| {
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        let facts = integrations::find(&integration.into()).unwrap().facts();
        let endpoints: BTreeMap<String, Url> = facts
            .endpoints
            .iter()
            .map(|(role, real)| {
                let mut here = self.base.clone();
                here.set_path(real.path());
                (role.to_owned(), here)
            })
            .collect();
        Session::unpaced(
            reqwest::Client::builder().no_proxy().build().unwrap(),
            Secret::new("token".to_owned()),
            Endpoints::new(endpoints).unwrap(),
            facts
                .scopes
                .iter()
                .map(|scope| scope.scope.clone())
                .collect(),
        )
    }

    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

async fn serve(
    mut stream: TcpStream,
    answer: fn(&Request, &Url) -> Answer,
    own: Url,
    kept: Arc<Mutex<Vec<Request>>>,
) {
    let mut bytes = Vec::new();
    loop {
        let mut piece = vec![0; 256 * 1024];
        let read = stream.read(&mut piece).await.unwrap_or(0);
        bytes.extend_from_slice(&piece[..read]);
        let request = Request::read(&bytes).filter(|request| request.is_whole());
        if let Some(request) = request {
            let (status, headers, body) = answer(&request, &own);
            kept.lock().unwrap().push(request);
            let mut head = format!("HTTP/1.1 {status} X\r\nconnection: close\r\n");
            for (name, value) in headers {
                head.push_str(&format!("{name}: {value}\r\n"));
            }
            head.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
            let _ = stream.write_all(head.as_bytes()).await;
            let _ = stream.write_all(&body).await;
            let _ = stream.shutdown().await;
            return;
        }
        if read == 0 {
            return;
        }
    }
}

impl Request {
    /// As far as it is there; `None` while its head isn't.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
        let head = std::str::from_utf8(&bytes[..end]).ok()?;
        let mut words = head.lines().next()?.split(' ');
        let mut request = Self {
            method: words.next()?.to_owned(),
            target: words.next()?.to_owned(),
            headers: headers(head),
            body: bytes[end + 4..].to_vec(),
        };
        if request.header("transfer-encoding").is_some() {
            request.body = unchunk(&request.body)?;
        }
        Some(request)
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    fn is_whole(&self) -> bool {
        let announced = self.header("content-length").unwrap_or("0");
        self.body.len() >= announced.parse().unwrap()
    }
}

fn headers(head: &str) -> Vec<(String, String)> {
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned()))
        .collect()
}

/// A body sent in chunks, once all of them are there.
fn unchunk(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|window| window == b"\r\n")?;
        let length = std::str::from_utf8(&rest[..end]).ok()?;
        let length = usize::from_str_radix(length.trim(), 16).ok()?;
        rest = &rest[end + 2..];
        if length == 0 {
            return Some(body);
        }
        body.extend_from_slice(rest.get(..length)?);
        rest = rest.get(length + 2..)?;
    }
}

/// The parts of a body of that type.
pub fn split_multipart(kind: &str, body: &[u8]) -> Result<Vec<Request>, String> {
    let (_, boundary) = kind
        .split_once("boundary=")
        .ok_or("a multipart names its boundary")?;
    let delimiter = format!("--{}", boundary.trim_matches('"'));
    let mut parts = Vec::new();
    let mut rest = body
        .strip_prefix(delimiter.as_bytes())
        .ok_or("it doesn't begin with its boundary")?;
    let delimiter = format!("\r\n{delimiter}");
    loop {
        if rest.starts_with(b"--") {
            return Ok(parts);
        }
        let end = rest
            .windows(delimiter.len())
            .position(|window| window == delimiter.as_bytes())
            .ok_or("it ends in the middle of a part")?;
        let part = rest[..end]
            .strip_prefix(b"\r\n")
            .ok_or("a boundary isn't alone on its line")?;
        let head = part
            .windows(4)
            .position(|window| window == b"\r\n\r\n")
            .ok_or("a part has no end of its head")?;
        parts.push(Request {
            headers: headers(&String::from_utf8_lossy(&part[..head])),
            body: part[head + 4..].to_vec(),
            ..Request::default()
        });
        rest = &rest[end + delimiter.len()..];
    }
}
