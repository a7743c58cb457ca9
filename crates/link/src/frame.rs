//! One JSON object a line. Reads from a peer that may be hostile: too long, torn or not JSON is an error,
//! never a panic and never more memory than one frame.

use std::io;

use serde::Serialize;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

/// The longest line, in bytes: a page of mail fits many times; a runaway peer doesn't.
pub const MAX_FRAME: usize = 4 * 1024 * 1024;

#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    #[error("a message longer than {MAX_FRAME} bytes")]
    TooLong,
    #[error("a message that is not what was agreed")]
    Garbage,
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// The lines of a peer.
pub struct Lines<R> {
    reader: BufReader<R>,
    line: Vec<u8>,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    pub fn new(reader: R) -> Self {
        Self {
            reader: BufReader::new(reader),
            line: Vec::new(),
        }
    }

    /// The next line, without its end; `None` when the peer is done. Can be dropped and called again.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, FrameError> {
        loop {
            let chunk = self.reader.fill_buf().await?;
            if chunk.is_empty() {
                // The end between two lines is a goodbye; inside one it's a peer that died.
                return match self.line.is_empty() {
                    true => Ok(None),
                    false => Err(FrameError::Garbage),
                };
            }
            let end = chunk.iter().position(|byte| *byte == b'\n');
            let part = &chunk[..end.unwrap_or(chunk.len())];
            if self.line.len() + part.len() > MAX_FRAME {
                return Err(FrameError::TooLong);
            }
            self.line.extend_from_slice(part);
            let used = part.len() + usize::from(end.is_some());
            self.reader.consume(used);
            if end.is_some() {
                return Ok(Some(std::mem::take(&mut self.line)));
            }
        }
    }
}

/// A message as its line, end included. JSON without spaces has no line end inside.
pub fn encode<T: Serialize>(message: &T) -> Result<Vec<u8>, FrameError> {
    let mut line = serde_json::to_vec(message).map_err(|_| FrameError::Garbage)?;
    if line.len() > MAX_FRAME {
        return Err(FrameError::TooLong);
    }
    line.push(b'\n');
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn lines_of(bytes: &[u8]) -> Vec<Result<Option<Vec<u8>>, FrameError>> {
        let mut lines = Lines::new(bytes);
        let mut all = vec![];
        loop {
            let line = lines.next().await;
            let over = !matches!(line, Ok(Some(_)));
            all.push(line);
            if over {
                return all;
            }
        }
    }

    #[tokio::test]
    async fn lines_come_one_by_one_and_end_cleanly() {
        let all = lines_of(b"{}\n\n[1]\n").await;
        let read: Vec<_> = all
            .into_iter()
            .map(|line| line.unwrap().unwrap_or_default())
            .collect();
        assert_eq!(read, [&b"{}"[..], b"", b"[1]", b""]);
    }

    #[tokio::test]
    async fn a_line_cut_off_in_the_middle_is_an_error() {
        let all = lines_of(b"{}\n{\"id\":").await;
        assert!(matches!(all.last(), Some(Err(FrameError::Garbage))));
    }

    #[tokio::test]
    async fn a_line_that_never_ends_is_given_up_at_the_limit() {
        let mut lines = Lines::new(tokio::io::repeat(b'x'));
        assert!(matches!(lines.next().await, Err(FrameError::TooLong)));
        assert!(lines.line.capacity() <= 2 * MAX_FRAME);
    }

    #[tokio::test]
    async fn the_longest_line_is_still_read() {
        let mut bytes = vec![b'x'; MAX_FRAME];
        bytes.push(b'\n');
        let mut lines = Lines::new(&bytes[..]);
        assert_eq!(lines.next().await.unwrap().unwrap().len(), MAX_FRAME);
    }

    #[test]
    fn a_message_beyond_the_limit_is_not_sent() {
        assert!(matches!(
            encode(&"x".repeat(MAX_FRAME)),
            Err(FrameError::TooLong)
        ));
    }
}
