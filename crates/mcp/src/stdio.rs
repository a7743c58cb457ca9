//! The pipe to a client: protocol and nothing else on standard output, and gone as soon as standard input ends.
//!
//! rmcp waits up to five seconds for calls under way once the input is over; a client that closed it has stopped
//! reading. What was answered already still gets out.

use std::{io, time::Duration};

use rmcp::{
    RoleServer,
    model::{ClientJsonRpcMessage, ServerJsonRpcMessage, ServerResult},
    service::serve_directly,
    transport::Transport,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt},
    sync::{mpsc, watch},
    time::timeout,
};

pub use crate::frames::MAX_FRAME;
use crate::{
    Face,
    eras::PerMessage,
    frames::{Frame, Frames, Refused},
    offer::Tool,
    schemas,
};

/// Lines waiting to be taken by the client.
const QUEUE: usize = 64;

/// For answers that are being made as the input ends: somebody may have piped in a few requests and no more.
const LAST_ANSWERS: Duration = Duration::from_millis(200);

/// Serves the client at standard input and output, until it is done.
pub async fn serve_stdio(face: Face) {
    let (read, write) = rmcp::transport::stdio_pipes();
    serve_on(face, read, write).await;
}

/// The same over any pair of pipes.
pub async fn serve_on(
    face: Face,
    read: impl AsyncRead + Unpin + Send + 'static,
    write: impl AsyncWrite + Unpin + Send + 'static,
) {
    let (over, mut ended) = watch::channel(false);
    let (out, queue) = mpsc::channel(QUEUE);
    let writing = tokio::spawn(write_lines(write, queue, over.clone()));
    let pipe = Pipe {
        frames: Frames::new(read),
        refusing: None,
        out: Some(out),
        over,
    };
    let running = serve_directly(PerMessage(face.without_schemas()), pipe, None);
    let _ = ended.wait_for(|over| *over).await;
    let _ = timeout(LAST_ANSWERS, running.waiting()).await;
    let _ = timeout(LAST_ANSWERS, writing).await;
}

struct Pipe<R> {
    frames: Frames<R>,
    /// An answer of our own that found no place in the queue yet.
    refusing: Option<Refused>,
    out: Option<mpsc::Sender<Vec<u8>>>,
    over: watch::Sender<bool>,
}

impl<R: AsyncRead + Unpin + Send + 'static> Transport<RoleServer> for Pipe<R> {
    type Error = io::Error;

    /// Done once it is queued: the order is kept from there.
    fn send(
        &mut self,
        message: ServerJsonRpcMessage,
    ) -> impl Future<Output = Result<(), io::Error>> + Send + 'static {
        let out = self.out.clone();
        async move {
            let gone = || io::Error::from(io::ErrorKind::BrokenPipe);
            out.ok_or_else(gone)?
                .send(encode(&message)?)
                .await
                .map_err(|_| gone())
        }
    }

    /// May be dropped while it waits and called again: nothing is taken before there is a place for it.
    async fn receive(&mut self) -> Option<ClientJsonRpcMessage> {
        loop {
            if self.refusing.is_some() {
                let place = self.out.as_ref()?.reserve().await.ok()?;
                if let Some(Refused { id, error }) = self.refusing.take()
                    && let Ok(line) = encode(&ServerJsonRpcMessage::error(error, id))
                {
                    place.send(line);
                }
            }
            match self.frames.next().await {
                Frame::Message(message) => return Some(*message),
                Frame::Refused(refused) => self.refusing = Some(refused),
                Frame::End => {
                    self.over.send_replace(true);
                    return None;
                }
            }
        }
    }

    async fn close(&mut self) -> Result<(), io::Error> {
        self.out = None;
        Ok(())
    }
}

impl<R> Drop for Pipe<R> {
    fn drop(&mut self) {
        self.over.send_replace(true);
    }
}

/// JSON without spaces has no line end inside.
fn encode(message: &ServerJsonRpcMessage) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_string(message)?;
    if let ServerJsonRpcMessage::Response(answer) = message
        && let ServerResult::ListToolsResult(list) = &answer.result
    {
        let tools = list.tools.iter().filter_map(|tool| Tool::named(&tool.name));
        line = schemas::fill_in(&line, tools);
    }
    line.push('\n');
    Ok(line.into_bytes())
}

async fn write_lines(
    mut write: impl AsyncWrite + Unpin,
    mut queue: mpsc::Receiver<Vec<u8>>,
    over: watch::Sender<bool>,
) {
    while let Some(line) = queue.recv().await {
        let written = async {
            write.write_all(&line).await?;
            match queue.is_empty() {
                true => write.flush().await,
                false => Ok(()),
            }
        };
        if written.await.is_err() {
            break;
        }
    }
    // Nobody reads any more.
    over.send_replace(true);
}
