//! Listens, counts, obeys its standard input, and ends with it.

use std::{
    convert::Infallible,
    io::{BufRead, Write},
    net::SocketAddr,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use http_body_util::Full;
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader, copy_bidirectional},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;

use super::{drive, mail};

pub type Answer = Response<Full<Bytes>>;

/// What the service was told and what it saw.
#[derive(Default)]
pub struct Seen {
    delay_ms: AtomicU64,
    requests: AtomicU64,
    bytes: AtomicU64,
    pub file: Mutex<Expected>,
    /// Bytes of each upload session, by its number.
    pub sessions: Mutex<Vec<u64>>,
}

#[derive(Clone, Default)]
pub struct Expected {
    pub size: u64,
    pub md5: String,
    pub sha256: String,
}

impl Seen {
    pub fn received(&self, bytes: usize) {
        self.bytes
            .fetch_add(u64::try_from(bytes).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    async fn begin(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let delay = self.delay_ms.load(Ordering::Relaxed);
        if delay > 0 {
            tokio::time::sleep(Duration::from_millis(delay)).await;
        }
    }

    fn obey(&self, order: &str) -> String {
        let words: Vec<&str> = order.split_whitespace().collect();
        match *words.as_slice() {
            ["delay", ms] => {
                let ms = ms.parse().expect("a delay is a number");
                self.delay_ms.store(ms, Ordering::Relaxed);
            }
            ["file", size, md5, sha256] => {
                *self.file.lock().expect("nothing panicked") = Expected {
                    size: size.parse().expect("a size is a number"),
                    md5: md5.to_owned(),
                    sha256: sha256.to_owned(),
                };
            }
            ["count"] => {
                let requests = self.requests.swap(0, Ordering::Relaxed);
                let bytes = self.bytes.swap(0, Ordering::Relaxed);
                return format!("{requests} {bytes}");
            }
            _ => panic!("the stub doesn't know `{order}`"),
        }
        "ok".to_owned()
    }
}

/// `figures stub FOLDER`: the certificate's authority goes to the folder.
pub fn serve(folder: &Path) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime can be had");
    let seen = Arc::new(Seen::default());
    let tls = acceptor(folder);
    let places = runtime.block_on(async {
        let (mail, drive, proxy) = (listener().await, listener().await, listener().await);
        let port = |listener: &TcpListener| address(listener).port();
        let places = json!({
            "mail": format!("http://127.0.0.1:{}", port(&mail)),
            "drive": format!("https://localhost:{}", port(&drive)),
            "proxy": format!("http://127.0.0.1:{}", port(&proxy)),
        });
        tokio::spawn(lead(proxy, address(&drive)));
        tokio::spawn(listen(mail, None, Arc::clone(&seen)));
        tokio::spawn(listen(drive, Some(tls), Arc::clone(&seen)));
        places
    });
    println!("{places}");
    for order in std::io::stdin().lock().lines().map_while(Result::ok) {
        println!("{}", seen.obey(&order));
        let _ = std::io::stdout().flush();
    }
}

async fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0")
        .await
        .expect("there is a free port")
}

fn address(listener: &TcpListener) -> SocketAddr {
    listener.local_addr().expect("it listens")
}

async fn listen(listener: TcpListener, tls: Option<TlsAcceptor>, seen: Arc<Seen>) {
    while let Ok((stream, _)) = listener.accept().await {
        let _ = stream.set_nodelay(true);
        let (tls, seen) = (tls.clone(), Arc::clone(&seen));
        tokio::spawn(async move {
            match tls {
                None => talk(stream, seen).await,
                // A handshake that fails shows on the other side.
                Some(tls) => {
                    if let Ok(stream) = tls.accept(stream).await {
                        talk(stream, seen).await;
                    }
                }
            }
        });
    }
}

async fn talk(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, seen: Arc<Seen>) {
    let service = service_fn(move |request| {
        let seen = Arc::clone(&seen);
        async move { Ok::<_, Infallible>(answer(request, &seen).await) }
    });
    // Whoever has heard enough hangs up.
    let _ = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn answer(request: Request<Incoming>, seen: &Seen) -> Answer {
    seen.begin().await;
    if request.uri().path().contains("gmail") {
        mail::answer(request, seen).await
    } else {
        drive::answer(request, seen).await
    }
}

/// A proxy for `CONNECT`: whatever is asked for, it is the stub.
async fn lead(listener: TcpListener, to: SocketAddr) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(async move {
            let mut stream = BufReader::new(stream);
            let mut line = String::new();
            while stream.read_line(&mut line).await.is_ok_and(|read| read > 2) {
                line.clear();
            }
            if let Ok(mut there) = TcpStream::connect(to).await
                && stream
                    .write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")
                    .await
                    .is_ok()
            {
                let _ = copy_bidirectional(&mut stream, &mut there).await;
            }
        });
    }
}

/// A certificate for ourselves and, for rclone's sake, for Google; its authority is trusted by nobody but the measured.
fn acceptor(folder: &Path) -> TlsAcceptor {
    use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

    let names = ["localhost", "www.googleapis.com", "oauth2.googleapis.com"];
    let authority_key = KeyPair::generate().expect("a key can be made");
    let mut params = CertificateParams::new(Vec::new()).expect("no names are fine names");
    // Otherwise both have rcgen's own name, and OpenSSL takes the second for signed by itself.
    params
        .distinguished_name
        .push(DnType::CommonName, "authority of the stub");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = params
        .self_signed(&authority_key)
        .expect("it can sign itself");
    std::fs::write(folder.join("ca.pem"), authority.pem()).expect("the folder is ours");
    let issuer = Issuer::new(params, authority_key);
    let key = KeyPair::generate().expect("a key can be made");
    let certificate = CertificateParams::new(names.map(str::to_owned))
        .expect("these are names")
        .signed_by(&key, &issuer)
        .expect("the authority signs it");
    let key = rustls::pki_types::PrivatePkcs8KeyDer::from(key.serialize_der());
    let config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key.into())
        .expect("key and certificate belong together");
    TlsAcceptor::from(Arc::new(config))
}
