//! One face's connection, from the hub's side: greeting, requests side by side, events, goodbye.
//!
//! Everything is bounded by not reading on: a peer that asks without taking answers only stops itself.

use std::{panic::AssertUnwindSafe, process, sync::Arc, time::Duration};

use futures_util::{FutureExt, StreamExt};
use model::{Caller, Error, ErrorCode, Request, Response};
use tokio::{
    io::{AsyncWriteExt, ReadHalf, WriteHalf},
    sync::{Semaphore, mpsc, watch},
    task::JoinSet,
    time::{Instant, sleep_until, timeout},
};

use crate::{
    caller,
    error::version_mismatch,
    frame::{FrameError, Lines, encode},
    server::Hub,
    socket::{Peer, Stream},
    wire::{Asked, Hello, PROTOCOL, ToFace, ToHub, VERSION, Welcome},
};

/// Requests of one face at a time.
const IN_FLIGHT: usize = 64;

/// Lines waiting to be taken by a face. Few: one may be as long as a frame.
const QUEUE: usize = 8;

/// A peer that connects and says nothing is not one of ours.
const GREETING_WITHIN: Duration = Duration::from_secs(10);

/// For a last line to a peer that may not be reading.
const GOODBYE_WITHIN: Duration = Duration::from_secs(1);

/// Whether the hub is letting go of the profile.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stop {
    No,
    /// What is under way may take until then.
    By(Instant),
}

/// How a connection came to its end.
enum End {
    /// The peer left; nobody waits for its answers.
    Left,
    /// The peer broke the rules.
    Broke(FrameError),
    /// We are stopping.
    Stopping,
}

pub async fn serve(stream: Stream, peer: Peer, hub: Arc<Hub>, mut stop: watch::Receiver<Stop>) {
    let (read, write) = tokio::io::split(stream);
    let (out, queue) = mpsc::channel(QUEUE);
    let mut writer = tokio::spawn(write_lines(write, queue));
    let mut lines = Lines::new(read);

    let greeted = tokio::select! {
        greeted = greet(&mut lines) => greeted,
        () = stopping(&mut stop) => Err(handing_over()),
    };
    let goodbye = match greeted {
        Ok(hello) => {
            say(&out, &welcome(&hub)).await;
            let caller = caller::of(peer.pid, &hello.face);
            tracing::debug!(?caller, version = hello.version, "a face connected");
            let session = Session {
                hub,
                caller,
                out: out.clone(),
                stop,
            };
            session.run(&mut lines).await
        }
        Err(error) => Some(error),
    };
    if let Some(error) = goodbye {
        // It may not be reading, and its queue may be full.
        let _ = timeout(GOODBYE_WITHIN, say(&out, &ToFace::goodbye(error))).await;
    }
    drop(out);
    if timeout(GOODBYE_WITHIN, &mut writer).await.is_err() {
        writer.abort();
    }
}

async fn greet(lines: &mut Lines<ReadHalf<Stream>>) -> Result<Hello, Error> {
    let line = match timeout(GREETING_WITHIN, lines.next()).await {
        Ok(Ok(line)) => line.unwrap_or_default(),
        Ok(Err(error)) => return Err(not_understood(&error)),
        Err(_) => return Err(not_understood(&FrameError::Garbage)),
    };
    let hello = serde_json::from_slice::<ToHub>(&line)
        .ok()
        .and_then(|message| message.hello)
        .ok_or_else(|| not_understood(&FrameError::Garbage))?;
    if hello.protocol == PROTOCOL {
        Ok(hello)
    } else {
        Err(version_mismatch(&hello.version, VERSION))
    }
}

struct Session {
    hub: Arc<Hub>,
    caller: Caller,
    out: mpsc::Sender<Vec<u8>>,
    stop: watch::Receiver<Stop>,
}

impl Session {
    /// Until the peer leaves or we do; what to say at the end, if anything.
    async fn run(mut self, lines: &mut Lines<ReadHalf<Stream>>) -> Option<Error> {
        let mut flights = JoinSet::new();
        let mut events = JoinSet::new();
        match self.read(lines, &mut flights, &mut events).await {
            // Dropping the flights stops waiting for them; a write under way is the hub's to finish.
            End::Left => None,
            End::Broke(error) => Some(not_understood(&error)),
            End::Stopping => {
                // Each ends by the deadline by itself, with an answer. Only then does the goodbye hold.
                while flights.join_next().await.is_some() {}
                events.shutdown().await;
                Some(handing_over())
            }
        }
    }

    async fn read(
        &mut self,
        lines: &mut Lines<ReadHalf<Stream>>,
        flights: &mut JoinSet<()>,
        events: &mut JoinSet<()>,
    ) -> End {
        let places = Arc::new(Semaphore::new(IN_FLIGHT));
        loop {
            while flights.try_join_next().is_some() {}
            let place_and_line = async {
                let place = places.clone().acquire_owned().await;
                (place, lines.next().await)
            };
            let (place, line) = tokio::select! {
                biased;
                () = stopping(&mut self.stop) => return End::Stopping,
                next = place_and_line => next,
            };
            let asked = match line {
                Ok(Some(line)) => Asked::read(&line),
                Ok(None) => return End::Left,
                Err(FrameError::Io(_)) => return End::Left,
                Err(error) => Err(error),
            };
            match asked {
                Ok(Asked::Request { id, request }) => {
                    let flight = self.fly(id, *request);
                    flights.spawn(async move {
                        flight.await;
                        drop(place);
                    });
                }
                Ok(Asked::Subscribe { id }) => {
                    if events.is_empty() {
                        events.spawn(self.pass_on_events());
                    }
                    self.answer(flights, ToFace::answer(id, Ok(Response::Done)));
                }
                Ok(Asked::Unknown { id }) => {
                    let unknown = Error::new(ErrorCode::InvalidInput).with(
                        "reason",
                        "This version of Autopilot doesn't know that request.",
                    );
                    self.answer(flights, ToFace::answer(id, Err(unknown)));
                }
                Err(error) => return End::Broke(error),
            }
        }
    }

    /// What is known without asking anybody: at once where there is room for it, for a task costs more than the answer.
    fn answer(&self, flights: &mut JoinSet<()>, line: ToFace) {
        if let (Ok(place), Ok(line)) = (self.out.try_reserve(), encode(&line)) {
            place.send(line);
            return;
        }
        let out = self.out.clone();
        flights.spawn(async move { say(&out, &line).await });
    }

    /// One request, through the door and back. Always sends an answer.
    fn fly(&self, id: u64, request: Request) -> impl Future<Output = ()> + Send + use<> {
        let (hub, caller) = (self.hub.clone(), self.caller.clone());
        let (out, stop) = (self.out.clone(), self.stop.clone());
        async move {
            // A defect behind the door is one failed request, not a lost connection.
            let asked = async move { hub.door.handle(caller, request).await };
            let answer = tokio::select! {
                answer = AssertUnwindSafe(asked).catch_unwind() => {
                    answer.unwrap_or_else(|_| Err(ErrorCode::Internal.into()))
                }
                () = cut_off(stop) => Err(Error::new(ErrorCode::HubUnreachable)
                    .detail("the hub stopped before this was finished")),
            };
            say(&out, &ToFace::answer(id, answer)).await;
        }
    }

    /// Subscribed before this returns: nothing that happens after the answer is missed.
    fn pass_on_events(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut events = self.hub.door.events(self.caller.clone());
        let out = self.out.clone();
        async move {
            while let Some(event) = events.next().await {
                let line = ToFace {
                    event: Some(event),
                    ..ToFace::default()
                };
                say(&out, &line).await;
            }
        }
    }
}

async fn stopping(stop: &mut watch::Receiver<Stop>) {
    let _ = stop.wait_for(|stop| *stop != Stop::No).await;
}

/// Returns once what is under way has had its time.
async fn cut_off(mut stop: watch::Receiver<Stop>) {
    stopping(&mut stop).await;
    let stop = *stop.borrow();
    if let Stop::By(by) = stop {
        sleep_until(by).await;
    }
}

/// Queues a line. A peer that left gets nothing; one too long for a line is told so instead.
async fn say(out: &mpsc::Sender<Vec<u8>>, line: &ToFace) {
    let encoded = encode(line).or_else(|error| {
        tracing::error!(%error, "an answer doesn't fit the socket");
        let id = line.id.ok_or(error)?;
        encode(&ToFace::answer(id, Err(ErrorCode::Internal.into())))
    });
    if let Ok(encoded) = encoded {
        let _ = out.send(encoded).await;
    }
}

async fn write_lines(mut write: WriteHalf<Stream>, mut queue: mpsc::Receiver<Vec<u8>>) {
    let mut lines = Vec::new();
    // What is there together goes out together.
    while queue.recv_many(&mut lines, QUEUE).await > 0 {
        let written = match &lines[..] {
            [line] => write.write_all(line).await,
            lines => write.write_all(&lines.concat()).await,
        };
        if written.is_err() {
            return;
        }
        lines.clear();
    }
    let _ = write.shutdown().await;
}

fn welcome(hub: &Hub) -> ToFace {
    ToFace {
        welcome: Some(Welcome {
            version: VERSION.to_owned(),
            protocol: PROTOCOL,
            profile: hub.profile.clone(),
            pid: process::id(),
        }),
        ..ToFace::default()
    }
}

fn handing_over() -> Error {
    Error::new(ErrorCode::HandingOver).retry_after(1)
}

fn not_understood(error: &FrameError) -> Error {
    Error::new(ErrorCode::InvalidInput).with("reason", format!("The hub received {error}."))
}
