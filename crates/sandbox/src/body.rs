//! Bodies that are not simply read or written whole: a request that is tapped on its way to the handler, an answer
//! that trickles.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes};
use axum::http::header;
use axum::response::Response;
use futures_util::{Stream, StreamExt, stream};
use tokio::sync::Mutex;

/// Why a body can't be had whole.
#[derive(Debug)]
pub(crate) enum NotWhole {
    TooLarge,
    /// The peer went away, or a fault wants it to look so.
    Broken,
}

/// What a handler sees when a fault cuts a body.
#[derive(Debug, thiserror::Error)]
#[error("a fault cut this body")]
struct Cut;

/// A request's body, in the hands of the server also while the handler reads it.
#[derive(Clone)]
pub(crate) struct Tap {
    source: Arc<Mutex<BodyDataStream>>,
    /// Bytes that came, also of a body that broke off.
    came: Arc<AtomicU64>,
}

impl Tap {
    pub fn new(body: Body) -> Tap {
        Tap {
            source: Arc::new(Mutex::new(body.into_data_stream())),
            came: Arc::default(),
        }
    }

    /// Goes on counting while the body comes.
    pub fn came(&self) -> Arc<AtomicU64> {
        self.came.clone()
    }

    async fn next(&self) -> Option<Result<Bytes, axum::Error>> {
        let piece = self.source.lock().await.next().await;
        if let Some(Ok(piece)) = &piece {
            self.came.fetch_add(piece.len() as u64, Ordering::Relaxed);
        }
        piece
    }

    /// For the handler, as it comes; with `bytes` it breaks off after so many.
    pub fn body(&self, bytes: Option<u64>) -> Body {
        let pieces = stream::unfold(self.clone(), async |source| {
            let piece = source.next().await?;
            Some((piece, source))
        });
        match bytes {
            Some(bytes) => Body::from_stream(broken_off(pieces, bytes)),
            None => Body::from_stream(pieces),
        }
    }

    /// Reads and forgets what nobody read.
    pub async fn drain(&self) {
        while let Some(Ok(_)) = self.next().await {}
    }
}

const UNDER_WAY: Duration = Duration::from_millis(20);

/// The first bytes, then an error.
fn broken_off(
    pieces: impl Stream<Item = Result<Bytes, axum::Error>> + Send + 'static,
    bytes: u64,
) -> impl Stream<Item = Result<Bytes, axum::Error>> + Send + 'static {
    stream::unfold((Box::pin(pieces), bytes), async |(mut pieces, left)| {
        if left == 0 {
            // What came before has to be on its way, or it would be lost with the connection.
            tokio::time::sleep(UNDER_WAY).await;
            return Some((Err(axum::Error::new(Cut)), (pieces, left)));
        }
        let mut piece = pieces.next().await?;
        if let Ok(piece) = &mut piece {
            piece.truncate(usize::try_from(left).unwrap_or(usize::MAX));
        }
        let taken = piece.as_ref().map_or(0, |piece| piece.len() as u64);
        Some((piece, (pieces, left - taken)))
    })
}

/// The same answer up to some byte of its body, where the connection breaks.
pub(crate) fn cut(response: Response, bytes: u64) -> Response {
    response.map(|body| Body::from_stream(broken_off(body.into_data_stream(), bytes)))
}

/// The same answer, a byte at a time.
pub(crate) fn trickle(response: Response, interval: Duration) -> Response {
    let (mut parts, body) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    let bytes = body.into_data_stream().flat_map(|piece| match piece {
        Ok(piece) => stream::iter(
            (0..piece.len())
                .map(move |at| Ok(piece.slice(at..=at)))
                .collect::<Vec<_>>(),
        ),
        Err(error) => stream::iter(vec![Err(error)]),
    });
    let slow = bytes.then(move |byte| async move {
        tokio::time::sleep(interval).await;
        byte
    });
    Response::from_parts(parts, Body::from_stream(slow))
}

/// All of a body.
pub(crate) async fn whole(body: Body, limit: usize) -> Result<Bytes, NotWhole> {
    let mut all = Vec::new();
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|_| NotWhole::Broken)?;
        if all.len() + piece.len() > limit {
            return Err(NotWhole::TooLarge);
        }
        all.extend_from_slice(&piece);
    }
    Ok(all.into())
}
