//! What no service would ever say: a listener on loopback that answers word for word from a script and then goes on
//! misbehaving in one chosen way. For tests of whoever has to survive it; no twin uses it.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use url::Url;

/// How much of an endless body is offered. Nobody who keeps to a bound takes it all.
pub const ENDLESS: u64 = 100 << 20;

/// What becomes of a connection, once its request was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Rudeness {
    /// These bytes, then the end.
    Say(Vec<u8>),
    /// These bytes before anything was asked, and then silence.
    Unasked(Vec<u8>),
    /// Nothing, and the connection stays.
    Silence,
    /// These bytes, then a reset.
    Reset(Vec<u8>),
    /// 200, JSON as far as its head says, and [`ENDLESS`] bytes.
    Endless,
    /// The same, packed into a thousandth.
    Bomb,
}

/// Listens until it is dropped.
pub struct Rude {
    /// `http://127.0.0.1:PORT/`.
    pub base: Url,
    heard: Arc<Heard>,
    running: JoinHandle<()>,
}

#[derive(Default)]
struct Heard {
    requests: Mutex<Vec<String>>,
    written: AtomicU64,
}

impl Heard {
    fn requests(&self) -> MutexGuard<'_, Vec<String>> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rude {
    /// Answers the first connections from the script, and all later ones in that one way; without one nobody listens
    /// any longer.
    pub async fn start(script: Vec<Vec<u8>>, then: Option<Rudeness>) -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let heard = Arc::<Heard>::default();
        let running = tokio::spawn(serve(listener, script, then, Arc::clone(&heard)));
        Ok(Self {
            base: loopback(port)?,
            heard,
            running,
        })
    }

    /// Head and body of every request so far, in the order they came.
    pub fn heard(&self) -> Vec<String> {
        self.heard.requests().clone()
    }

    /// The same, once every answer of the script was given; for a script that nothing follows.
    pub async fn heard_out(mut self) -> Vec<String> {
        // It is never aborted before this is dropped, and its own end carries no news.
        let _ = (&mut self.running).await;
        self.heard()
    }

    /// How many bytes of endless bodies were taken off our hands.
    pub fn written(&self) -> u64 {
        self.heard.written.load(Ordering::SeqCst)
    }
}

impl Drop for Rude {
    fn drop(&mut self) {
        self.running.abort();
    }
}

/// An address at which nobody listens.
pub async fn nobody() -> std::io::Result<Url> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    loopback(listener.local_addr()?.port())
}

fn loopback(port: u16) -> std::io::Result<Url> {
    Url::parse(&format!("http://127.0.0.1:{port}/")).map_err(std::io::Error::other)
}

async fn serve(
    listener: TcpListener,
    script: Vec<Vec<u8>>,
    then: Option<Rudeness>,
    heard: Arc<Heard>,
) {
    for answer in script {
        let Ok((stream, _)) = listener.accept().await else {
            return;
        };
        one(stream, Rudeness::Say(answer), &heard).await;
    }
    let Some(then) = then else { return };
    let mut open = tokio::task::JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let (then, heard) = (then.clone(), Arc::clone(&heard));
        open.spawn(async move { one(stream, then, &heard).await });
    }
}

async fn one(mut stream: TcpStream, rudeness: Rudeness, heard: &Heard) {
    if let Rudeness::Unasked(words) = &rudeness {
        let _ = stream.write_all(words).await;
        let _ = stream.read_to_end(&mut Vec::new()).await;
        return;
    }
    let request = read_request(&mut stream).await;
    heard.requests().push(request);
    // Whoever hangs up before the end has heard enough, which is no trouble of ours.
    match rudeness {
        Rudeness::Say(answer) => {
            let _ = stream.write_all(&answer).await;
            let _ = stream.shutdown().await;
        }
        Rudeness::Silence | Rudeness::Unasked(_) => {
            let _ = stream.read_to_end(&mut Vec::new()).await;
        }
        Rudeness::Reset(answer) => {
            let _ = stream.write_all(&answer).await;
            let _ = stream.flush().await;
            let _ = stream.set_zero_linger();
        }
        Rudeness::Endless => {
            let head = format!("{GOOD_HEAD}content-length: {ENDLESS}\r\n\r\n");
            pour(
                &mut stream,
                head.into_bytes(),
                &vec![b' '; 64 << 10],
                ENDLESS,
                heard,
            )
            .await;
        }
        Rudeness::Bomb => {
            let head = format!("{GOOD_HEAD}content-encoding: gzip\r\n\r\n").into_bytes();
            let packed = bomb(ENDLESS);
            pour(&mut stream, head, &packed, packed.len() as u64, heard).await;
        }
    }
}

const GOOD_HEAD: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n";

async fn pour(stream: &mut TcpStream, head: Vec<u8>, piece: &[u8], total: u64, heard: &Heard) {
    if stream.write_all(&head).await.is_err() {
        return;
    }
    let mut written = 0;
    while written < total {
        if stream.write_all(piece).await.is_err() {
            return;
        }
        written += piece.len() as u64;
        heard
            .written
            .fetch_add(piece.len() as u64, Ordering::SeqCst);
    }
    let _ = stream.shutdown().await;
}

/// Spaces in gzip (RFC 1952), as fixed Huffman codes (RFC 1951 §3.2.6): one of them, and then again and again "the last
/// 258 bytes once more". Its checksum is missing, for whoever gets that far has unpacked all of it.
fn bomb(unpacked: u64) -> Vec<u8> {
    let mut packed = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let mut bits = Bits::default();
    // The last block, of fixed codes.
    bits.push(&mut packed, &[1, 1, 0]);
    // A space is 0x30 + 0x20.
    bits.push(&mut packed, &[0, 1, 0, 1, 0, 0, 0, 0]);
    for _ in 0..unpacked / 258 {
        // Length 258 is code 285, which is 11000101; distance 1 is 00000.
        bits.push(&mut packed, &[1, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0]);
    }
    // The block's end, and what fills its last byte.
    bits.push(&mut packed, &[0; 7]);
    bits.push(&mut packed, &[0; 7]);
    packed
}

#[derive(Default)]
struct Bits {
    byte: u8,
    count: u32,
}

impl Bits {
    /// In the order they stand, from a byte's lowest bit on.
    fn push(&mut self, into: &mut Vec<u8>, bits: &[u8]) {
        for bit in bits {
            self.byte |= bit << self.count;
            self.count += 1;
            if self.count == 8 {
                into.push(std::mem::take(&mut self.byte));
                self.count = 0;
            }
        }
    }
}

/// The head up to its end, and as much body as it announces.
async fn read_request(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    let mut whole = None;
    while whole.is_none_or(|whole| request.len() < whole) {
        let mut piece = vec![0; 64 << 10];
        match stream.read(&mut piece).await {
            Ok(0) | Err(_) => break,
            Ok(read) => request.extend_from_slice(&piece[..read]),
        }
        if whole.is_none() {
            whole = announced(&request);
        }
    }
    String::from_utf8_lossy(&request).into_owned()
}

/// The length of a whole request, once its head is there.
fn announced(request: &[u8]) -> Option<usize> {
    let end = request.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&request[..end]);
    let body = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or(0, |(_, length)| length.trim().parse().unwrap_or(0));
    Some(end + 4 + body)
}

/// A whole answer of the given type.
pub fn answer(status: u16, content_type: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status} X\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
        .into_bytes()
}
