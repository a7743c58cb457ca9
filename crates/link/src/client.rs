//! A face's end of the socket: any number of requests side by side over one connection, and the events.

use std::{
    collections::HashMap,
    fmt, io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures_core::future::BoxFuture;
use model::{Error, ErrorCode, Event, ProfileName, Request, Response, door::EventStream};
use tokio::{
    io::{AsyncWriteExt, ReadHalf, WriteHalf},
    sync::{mpsc, oneshot},
    task::AbortHandle,
    time::{Instant, timeout},
};

use crate::{
    LinkError, ProfilePaths,
    error::from_greeting,
    frame::{Lines, encode},
    socket::{self, Stream},
    wire::{PROTOCOL, ToFace, ToHub, VERSION, Welcome},
};

/// A running hub greets in milliseconds; one that was suspended with its machine may take a moment.
const GREETING_WITHIN: Duration = Duration::from_secs(10);

/// Lines waiting to be taken by the hub.
const QUEUE: usize = 8;

/// A connection to the hub; clones share it. Ends when the last is dropped.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    shared: Arc<Shared>,
    next_id: AtomicU64,
    out: mpsc::Sender<Vec<u8>>,
    welcome: Welcome,
    tasks: [AbortHandle; 2],
}

/// To a question that was asked ahead.
pub(crate) type Answer = BoxFuture<'static, Result<Response, Error>>;

/// What the reading task and those who wait have in common.
#[derive(Default)]
struct Shared(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    answers: HashMap<u64, oneshot::Sender<Result<Response, Error>>>,
    listeners: Vec<mpsc::UnboundedSender<Event>>,
    /// Set once the connection is over: what every further request gets, and since when.
    ended: Option<(Error, Instant)>,
}

impl Client {
    /// Connects to the profile's hub as a terminal program.
    pub async fn connect(paths: &ProfilePaths) -> Result<Self, LinkError> {
        Self::connect_as(paths, "cli").await
    }

    /// As `face`: `cli`, `mcp` or `desktop`. `mcp` makes the caller an agent, whatever program it is.
    pub async fn connect_as(paths: &ProfilePaths, face: &str) -> Result<Self, LinkError> {
        let (stream, peer) = socket::connect(&paths.socket)
            .await
            .map_err(|error| not_connected(&error))?;
        // What is typed here may be a secret: it goes to no other user's process.
        if !peer.same_user {
            return Err(LinkError::Refused);
        }
        let (read, mut write) = tokio::io::split(stream);
        let mut lines = Lines::new(read);
        let welcome = timeout(GREETING_WITHIN, greet(&mut lines, &mut write, face))
            .await
            .map_err(|_| LinkError::Broken("no greeting".to_owned()))??;
        Ok(Self::begin(lines, write, welcome, Waiting::default(), 1))
    }

    /// Of a connection that has said all this already: who is there, that it listens (by one id), and a query (by the
    /// next).
    #[cfg(target_os = "linux")]
    pub(crate) async fn asked_ahead(
        stream: std::os::unix::net::UnixStream,
        [listening, asked]: [u64; 2],
    ) -> Result<(Self, EventStream, Answer), LinkError> {
        let broken = |error: io::Error| LinkError::Broken(error.to_string());
        stream.set_nonblocking(true).map_err(broken)?;
        let stream = Stream::from_std(stream).map_err(broken)?;
        let (read, write) = tokio::io::split(stream);
        let mut lines = Lines::new(read);
        let welcome = timeout(GREETING_WITHIN, welcomed(&mut lines, None))
            .await
            .map_err(|_| LinkError::Broken("no greeting".to_owned()))??;
        let mut waiting = Waiting::default();
        let (listener, heard) = mpsc::unbounded_channel();
        waiting.listeners.push(listener);
        // Nobody waits to hear that we may listen: the answer to the query comes after it.
        waiting.answers.insert(listening, oneshot::channel().0);
        let (answer, answered) = oneshot::channel();
        waiting.answers.insert(asked, answer);
        let client = Self::begin(lines, write, welcome, waiting, listening.max(asked) + 1);
        let shared = Arc::clone(&client.0.shared);
        let answer = async move { answered.await.unwrap_or_else(|_| Err(shared.ended())) };
        Ok((client, stream_of(heard), Box::pin(answer)))
    }

    fn begin(
        lines: Lines<ReadHalf<Stream>>,
        write: WriteHalf<Stream>,
        welcome: Welcome,
        waiting: Waiting,
        next_id: u64,
    ) -> Self {
        let shared = Arc::new(Shared(Mutex::new(waiting)));
        let (out, queue) = mpsc::channel(QUEUE);
        let writing = tokio::spawn(write_lines(write, queue));
        let reading = tokio::spawn(read_lines(lines, shared.clone()));
        Self(Arc::new(Inner {
            shared,
            next_id: AtomicU64::new(next_id),
            out,
            welcome,
            tasks: [writing.abort_handle(), reading.abort_handle()],
        }))
    }

    /// Asks the hub. Dropping the future only stops waiting.
    ///
    /// When the connection ends first: `handing_over` = it was not begun and can be asked again;
    /// `hub_unreachable` = nobody knows.
    pub async fn ask(&self, request: Request) -> Result<Response, Error> {
        self.send(|id| ToHub::question(id, request)).await
    }

    /// Everything that happens from the moment this returns; ends with the connection.
    pub async fn events(&self) -> Result<EventStream, Error> {
        let (listener, heard) = mpsc::unbounded_channel();
        self.0.shared.lock().listeners.push(listener);
        self.send(ToHub::subscription).await?;
        Ok(stream_of(heard))
    }

    /// [`Client::events`] and [`Client::ask`] in one go: what happens after the state that the answer tells is heard.
    pub async fn events_and(
        &self,
        request: Request,
    ) -> Result<(EventStream, Result<Response, Error>), Error> {
        // Polled in this order, so that the hub reads them in this order.
        let (events, answer) = futures_util::future::join(self.events(), self.ask(request)).await;
        Ok((events?, answer))
    }

    /// Can it still be asked?
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.0.shared.lock().ended.is_none()
    }

    /// Since when it can't be asked any more.
    pub(crate) fn ended_at(&self) -> Option<Instant> {
        self.0.shared.lock().ended.as_ref().map(|(_, at)| *at)
    }

    /// Takes no further request; what was asked is still answered.
    pub(crate) fn give_up(&self) {
        let mut waiting = self.0.shared.lock();
        if waiting.ended.is_none() {
            waiting.ended = Some((ErrorCode::HandingOver.into(), Instant::now()));
        }
    }

    /// The hub's version of the app.
    #[must_use]
    pub fn hub_version(&self) -> &str {
        &self.0.welcome.version
    }

    #[must_use]
    pub fn hub_pid(&self) -> u32 {
        self.0.welcome.pid
    }

    #[must_use]
    pub fn profile(&self) -> &ProfileName {
        &self.0.welcome.profile
    }

    async fn send(&self, line: impl FnOnce(u64) -> ToHub) -> Result<Response, Error> {
        let id = self.0.next_id.fetch_add(1, Ordering::Relaxed);
        let line = encode(&line(id)).map_err(|error| {
            Error::new(ErrorCode::InvalidInput).with("reason", format!("This would be {error}."))
        })?;
        let (answer, answered) = oneshot::channel();
        self.0.shared.expect(id, answer)?;
        let _forget = Forget {
            shared: &self.0.shared,
            id,
        };
        if self.0.out.send(line).await.is_err() {
            return Err(self.0.shared.ended());
        }
        answered
            .await
            .unwrap_or_else(|_| Err(self.0.shared.ended()))
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("hub", &self.0.welcome)
            .finish_non_exhaustive()
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// Stops expecting an answer nobody waits for any more.
struct Forget<'a> {
    shared: &'a Shared,
    id: u64,
}

impl Drop for Forget<'_> {
    fn drop(&mut self) {
        self.shared.lock().answers.remove(&self.id);
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn expect(
        &self,
        id: u64,
        answer: oneshot::Sender<Result<Response, Error>>,
    ) -> Result<(), Error> {
        let mut waiting = self.lock();
        if let Some((error, _)) = &waiting.ended {
            return Err(error.clone());
        }
        waiting.answers.insert(id, answer);
        Ok(())
    }

    fn ended(&self) -> Error {
        self.lock().ended.as_ref().map_or_else(
            || ErrorCode::HubUnreachable.into(),
            |(error, _)| error.clone(),
        )
    }

    /// One line of the hub; `Err` = it was the last.
    fn take(&self, line: &[u8]) -> Result<(), Error> {
        let message: ToFace = serde_json::from_slice(line).map_err(|_| {
            Error::new(ErrorCode::HubUnreachable).detail("the hub sent what we can't read")
        })?;
        let answer = match (message.response, message.error) {
            (Some(response), None) => Ok(response),
            (None, Some(error)) => Err(error),
            _ => {
                if let Some(event) = message.event {
                    self.lock()
                        .listeners
                        .retain(|listener| listener.send(event.clone()).is_ok());
                }
                return Ok(());
            }
        };
        match (message.id, answer) {
            (Some(id), answer) => {
                if let Some(waiting) = self.lock().answers.remove(&id) {
                    let _ = waiting.send(answer);
                }
                Ok(())
            }
            (None, Err(goodbye)) => Err(goodbye),
            (None, Ok(_)) => Ok(()),
        }
    }

    fn end(&self, error: &Error) {
        let mut waiting = self.lock();
        waiting.ended = Some((error.clone(), Instant::now()));
        waiting.listeners.clear();
        for (_, answer) in waiting.answers.drain() {
            let _ = answer.send(Err(error.clone()));
        }
    }
}

async fn read_lines(mut lines: Lines<ReadHalf<Stream>>, shared: Arc<Shared>) {
    let why = loop {
        match lines.next().await {
            Ok(Some(line)) => {
                if let Err(error) = shared.take(&line) {
                    break error;
                }
            }
            Ok(None) => {
                break Error::new(ErrorCode::HubUnreachable).detail("the hub went away");
            }
            Err(error) => break Error::new(ErrorCode::HubUnreachable).detail(error),
        }
    };
    shared.end(&why);
}

async fn write_lines(mut write: WriteHalf<Stream>, mut queue: mpsc::Receiver<Vec<u8>>) {
    while let Some(line) = queue.recv().await {
        // The reading task learns why, and tells everyone who waits.
        if write.write_all(&line).await.is_err() {
            return;
        }
    }
}

fn stream_of(mut heard: mpsc::UnboundedReceiver<Event>) -> EventStream {
    Box::pin(futures_util::stream::poll_fn(move |cx| heard.poll_recv(cx)))
}

async fn greet(
    lines: &mut Lines<ReadHalf<Stream>>,
    write: &mut WriteHalf<Stream>,
    face: &str,
) -> Result<Welcome, LinkError> {
    let hello =
        encode(&ToHub::greeting(face)).map_err(|error| LinkError::Broken(error.to_string()))?;
    // A hub that refuses may have closed already; what it said is still there to be read.
    let written = write.write_all(&hello).await;
    welcomed(lines, written.err()).await
}

async fn welcomed(
    lines: &mut Lines<ReadHalf<Stream>>,
    not_written: Option<io::Error>,
) -> Result<Welcome, LinkError> {
    let line = lines
        .next()
        .await
        .map_err(|error| LinkError::Broken(error.to_string()))?;
    let Some(line) = line else {
        let reason = not_written.map_or_else(
            || "the hub closed the connection".to_owned(),
            |error| error.to_string(),
        );
        return Err(LinkError::Broken(reason));
    };
    let message: ToFace = serde_json::from_slice(&line)
        .map_err(|_| LinkError::Broken("no greeting of ours".to_owned()))?;
    match message {
        ToFace {
            welcome: Some(welcome),
            ..
        } if welcome.protocol == PROTOCOL => Ok(welcome),
        ToFace {
            welcome: Some(welcome),
            ..
        } => Err(LinkError::VersionMismatch {
            ours: VERSION.to_owned(),
            theirs: welcome.version,
        }),
        ToFace {
            error: Some(error), ..
        } => Err(from_greeting(&error)),
        _ => Err(LinkError::Broken("no greeting".to_owned())),
    }
}

fn not_connected(error: &io::Error) -> LinkError {
    match error.kind() {
        // No socket, or one whose process is gone.
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => LinkError::NotRunning,
        io::ErrorKind::PermissionDenied => LinkError::Refused,
        _ => LinkError::Broken(error.to_string()),
    }
}
