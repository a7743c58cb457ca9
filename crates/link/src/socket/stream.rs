//! A Unix socket that listens for what comes, and for room to write only while there is none.
//!
//! Tokio's own listens for both all the time, and the system reports room whenever the peer has taken something: each
//! question and each answer then wakes its sender a second time, for nothing.

use std::{
    io::{self, Read, Write},
    net::Shutdown,
    os::unix::net::UnixStream,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf, unix::AsyncFd};

pub struct Stream {
    reading: AsyncFd<UnixStream>,
    /// The same socket by another descriptor, while what is to be written waits for room.
    room: Option<AsyncFd<UnixStream>>,
}

impl Stream {
    /// Of a socket that doesn't block. Must be called on a Tokio runtime.
    pub fn from_std(socket: UnixStream) -> io::Result<Self> {
        let reading = listening(socket, Interest::READABLE)?;
        Ok(Self {
            reading,
            room: None,
        })
    }

    /// Until there is room. May be early, as any waking.
    fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let room = match self.room.take() {
            Some(room) => room,
            None => {
                let socket = self.reading.get_ref().try_clone()?;
                listening(socket, Interest::WRITABLE)?
            }
        };
        match room.poll_write_ready(cx) {
            Poll::Ready(ready) => ready.map(|_| ()).into(),
            Poll::Pending => {
                self.room = Some(room);
                Poll::Pending
            }
        }
    }
}

#[expect(
    deprecated,
    reason = "its successor is unsafe, and asks for a descriptor that stays open and the same: the standard library's \
              socket is one"
)]
fn listening(socket: UnixStream, interest: Interest) -> io::Result<AsyncFd<UnixStream>> {
    AsyncFd::with_interest(socket, interest)
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            let mut ready = ready!(self.reading.poll_read_ready(cx))?;
            let free = into.initialize_unfilled();
            let wanted = free.len();
            match ready.try_io(|socket| socket.get_ref().read(free)) {
                Ok(Ok(read)) => {
                    // Less than there was place for: all there was, so the next look is for something new.
                    if 0 < read && read < wanted {
                        ready.clear_ready();
                    }
                    into.advance(read);
                    return Poll::Ready(Ok(()));
                }
                Ok(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(Err(error)) => return Poll::Ready(Err(error)),
                Err(_would_block) => {}
            }
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        loop {
            match self.reading.get_ref().write(bytes) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    ready!(self.poll_room(cx))?;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                written => {
                    self.room = None;
                    return Poll::Ready(written);
                }
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.reading.get_ref().shutdown(Shutdown::Write))
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    /// More than a socket holds, by far.
    const LONG: usize = 8 * 1024 * 1024;

    fn pair() -> (Stream, Stream) {
        let (one, other) = UnixStream::pair().unwrap();
        (nonblocking(one), nonblocking(other))
    }

    fn nonblocking(socket: UnixStream) -> Stream {
        socket.set_nonblocking(true).unwrap();
        Stream::from_std(socket).unwrap()
    }

    fn long() -> Vec<u8> {
        (0..LONG)
            .map(|at| u8::try_from(at % 251).unwrap())
            .collect()
    }

    #[tokio::test]
    async fn what_finds_no_room_goes_on_once_there_is_some() {
        let (mut one, mut other) = pair();
        let sent = long();
        let expected = sent.clone();
        let sending = tokio::spawn(async move {
            one.write_all(&sent).await.unwrap();
            one.shutdown().await.unwrap();
            assert!(one.room.is_none(), "it no longer listens for room");
        });
        let mut got = Vec::new();
        other.read_to_end(&mut got).await.unwrap();
        sending.await.unwrap();
        assert!(got == expected, "every byte came, in its order");
    }

    #[tokio::test]
    async fn both_directions_can_be_full_at_once() {
        let (one, other) = pair();
        let halves = |stream| async move {
            let (mut read, mut write) = tokio::io::split(stream);
            let sending = tokio::spawn(async move {
                write.write_all(&long()).await.unwrap();
                write.shutdown().await.unwrap();
            });
            let mut got = Vec::new();
            read.read_to_end(&mut got).await.unwrap();
            sending.await.unwrap();
            got
        };
        let (one, other) = tokio::join!(halves(one), halves(other));
        assert!(one == long() && other == long());
    }

    #[tokio::test]
    async fn who_waits_for_room_hears_that_the_peer_is_gone() {
        let (mut one, other) = pair();
        let sending = tokio::spawn(async move { one.write_all(&long()).await });
        tokio::task::yield_now().await;
        drop(other);
        let error = sending.await.unwrap().unwrap_err();
        assert!(
            matches!(
                error.kind(),
                io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset
            ),
            "{error}"
        );
    }

    #[tokio::test]
    async fn who_reads_is_woken_by_each_word_and_by_the_end() {
        let (mut one, mut other) = pair();
        let reading = tokio::spawn(async move {
            let mut words = Vec::new();
            let mut word = [0; 64];
            loop {
                match other.read(&mut word).await.unwrap() {
                    0 => return words,
                    read => words.push(word[..read].to_vec()),
                }
                other.write_all(b"yes").await.unwrap();
            }
        });
        let mut answer = [0; 3];
        for word in [&b"first"[..], b"second", &[b'x'; 64], b"last"] {
            one.write_all(word).await.unwrap();
            one.read_exact(&mut answer).await.unwrap();
        }
        drop(one);
        assert_eq!(reading.await.unwrap().len(), 4);
    }
}
