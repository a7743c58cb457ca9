//! A face's lasting way to the hub: finds it, starts it where none runs, and finds it again when it changes hands.
//!
//! What a takeover or a crash interrupts is asked again where that is harmless: because the hub promised that it was
//! not begun, because it only reads, or because it carries a name of the caller's own that the hub knows again.

use std::{
    process::Command,
    sync::{Arc, MutexGuard, PoisonError},
    time::Duration,
};

use model::{Error, ErrorCode, Request, Response, door::EventStream};
use tokio::{
    sync::{Mutex, watch},
    time::{Instant, sleep, timeout},
};

use crate::{Ahead, Client, ProfilePaths, start::connect_or_start_as};

/// A hub that is handing over has its successor already: give that one time before starting another.
const SUCCESSOR_WITHIN: Duration = Duration::from_secs(5);
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Takeovers one request may live through.
const TAKEOVERS: usize = 3;
/// How often somebody who only listens looks whether a hub is back.
const LISTENERS_LOOK_EVERY: Duration = Duration::from_secs(2);

/// Makes the commands of which one must become the profile's hub: the next is tried where one doesn't.
type Start = dyn Fn() -> Result<Vec<Command>, Error> + Send + Sync;

/// Clones share the connection. Nothing is opened before the first need.
#[derive(Clone)]
pub struct Session(Arc<Inner>);

struct Inner {
    paths: ProfilePaths,
    face: &'static str,
    start: Box<Start>,
    /// One at a time looks for a hub; the others wait for what it finds.
    client: Mutex<Option<Client>>,
    /// What was asked before there was anybody to wait.
    ahead: std::sync::Mutex<Option<Ahead>>,
    /// Counts connections, so that listeners hear of one that somebody else made.
    made: watch::Sender<u64>,
}

impl Session {
    /// As `face`: `cli`, `mcp` or `desktop`.
    pub fn new(
        paths: ProfilePaths,
        face: &'static str,
        start: impl Fn() -> Result<Vec<Command>, Error> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(Inner {
            paths,
            face,
            start: Box::new(start),
            client: Mutex::new(None),
            ahead: std::sync::Mutex::new(None),
            made: watch::Sender::new(0),
        }))
    }

    /// Goes on with what was asked ahead, once somebody wants to know just that.
    #[must_use]
    pub fn after(self, ahead: Option<Ahead>) -> Self {
        *self.ahead() = ahead;
        self
    }

    fn ahead(&self) -> MutexGuard<'_, Option<Ahead>> {
        let ahead = self.0.ahead.lock();
        ahead.unwrap_or_else(PoisonError::into_inner)
    }

    /// Connects where there is no living connection: to the hub that took over, or to one started now.
    pub async fn connect(&self) -> Result<(), Error> {
        self.client().await.map(drop)
    }

    /// Asks, and asks again where the hub changed hands before it took the request.
    pub async fn ask(&self, request: Request) -> Result<Response, Error> {
        for _ in 0..TAKEOVERS {
            let client = self.client().await?;
            match client.ask(request.clone()).await {
                Err(error) if moved(&error, &request) => self.lost(&client).await,
                answer => return answer,
            }
        }
        self.client().await?.ask(request).await
    }

    /// Everything that happens from the moment this returns; ends when the hub does.
    pub async fn events(&self) -> Result<EventStream, Error> {
        for _ in 0..TAKEOVERS {
            let client = self.client().await?;
            match client.events().await {
                Err(error) if moved(&error, &Request::Hub) => self.lost(&client).await,
                events => return events,
            }
        }
        self.client().await?.events().await
    }

    /// [`Session::events`] and the answer to a query, in one go: what happens after what it tells is heard.
    pub async fn events_and(
        &self,
        query: Request,
    ) -> Result<(EventStream, Result<Response, Error>), Error> {
        if let Some(both) = self.answered_ahead(&query).await {
            return Ok(both);
        }
        for _ in 0..TAKEOVERS {
            let client = self.client().await?;
            match client.events_and(query.clone()).await {
                Err(error) | Ok((_, Err(error))) if moved(&error, &query) => {
                    self.lost(&client).await;
                }
                both => return both,
            }
        }
        self.client().await?.events_and(query).await
    }

    /// `None`: it wasn't asked, or came to nothing; the ordinary way says why.
    async fn answered_ahead(
        &self,
        query: &Request,
    ) -> Option<(EventStream, Result<Response, Error>)> {
        // Whoever asks meanwhile waits for this connection instead of making another.
        let mut current = self.0.client.lock().await;
        let ahead = self.ahead().take()?;
        if ahead.query() != query || current.is_some() {
            return None;
        }
        let (client, events, answer) = ahead.follow().await.ok()?;
        *current = Some(client);
        self.0.made.send_modify(|made| *made += 1);
        drop(current);
        match answer.await {
            Err(error) if moved(&error, query) => None,
            answer => Some((events, answer)),
        }
    }

    /// Waits for a living connection without starting a hub: whoever only listens doesn't bring back what a person
    /// has just closed.
    pub async fn wait_for_hub(&self) {
        let mut made = self.0.made.subscribe();
        loop {
            if self.look().await {
                return;
            }
            // Somebody with a request may have brought one up meanwhile.
            let _ = timeout(LISTENERS_LOOK_EVERY, made.changed()).await;
        }
    }

    async fn look(&self) -> bool {
        let mut current = self.0.client.lock().await;
        if current.as_ref().is_some_and(Client::is_alive) {
            return true;
        }
        match Client::connect_as(&self.0.paths, self.0.face).await {
            Ok(client) => {
                *current = Some(client);
                self.0.made.send_modify(|made| *made += 1);
                true
            }
            Err(_) => false,
        }
    }

    async fn client(&self) -> Result<Client, Error> {
        let mut current = self.0.client.lock().await;
        let ended = match current.as_ref() {
            Some(client) if client.is_alive() => return Ok(client.clone()),
            Some(client) => client.ended_at(),
            None => None,
        };
        // Apart, so that what is hardly ever done takes no room in each of the questions that are asked.
        let found = Box::pin(self.find(ended)).await?;
        *current = Some(found.clone());
        self.0.made.send_modify(|made| *made += 1);
        Ok(found)
    }

    /// The hub that took over from the one that ended then, or one started now.
    async fn find(&self, ended: Option<Instant>) -> Result<Client, Error> {
        let client = match ended {
            Some(ended) => self.successor(ended + SUCCESSOR_WITHIN).await,
            None => None,
        };
        match client {
            Some(client) => Ok(client),
            None => self.start().await,
        }
    }

    async fn start(&self) -> Result<Client, Error> {
        let mut why = Error::new(ErrorCode::HubUnreachable);
        for command in (self.0.start)()? {
            match connect_or_start_as(&self.0.paths, self.0.face, command).await {
                Err(error) if error.code == ErrorCode::HubUnreachable => why = error,
                answer => return answer,
            }
        }
        Err(why)
    }

    async fn successor(&self, until: Instant) -> Option<Client> {
        while Instant::now() < until {
            if let Ok(client) = Client::connect_as(&self.0.paths, self.0.face).await {
                return Some(client);
            }
            sleep(LOOK_EVERY).await;
        }
        None
    }

    /// A connection whose hub said that it moves is as good as over, even while it still stands.
    async fn lost(&self, client: &Client) {
        let still_stood = client.is_alive();
        client.give_up();
        // Its successor needs a moment, and three tries shouldn't be over before it had one.
        if still_stood {
            sleep(LOOK_EVERY).await;
        }
    }
}

/// Did the hub go away without taking the request? A change that may have been taken is never repeated, but for those
/// that carry a name of the caller's own, and those that come to the same.
fn moved(error: &Error, request: &Request) -> bool {
    match error.code {
        ErrorCode::HandingOver => true,
        ErrorCode::HubUnreachable => {
            request.access() == model::Access::Query
                || matches!(
                    request,
                    Request::Act { .. }
                        | Request::RunWorkflow { .. }
                        | Request::CancelAction { .. }
                        | Request::Test { .. }
                )
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_with_a_name_of_the_callers_own_may_be_asked_again() {
        let send = Request::Act {
            id: model::ActionId::generate(),
            connection: "telegram".into(),
            action: model::Action::SendMessage(model::SendMessage::default()),
            undo_s: None,
        };
        assert!(moved(&ErrorCode::HubUnreachable.into(), &send));
    }

    #[test]
    fn a_change_that_may_have_been_taken_is_not_repeated() {
        let disconnect = Request::Disconnect {
            connection: "telegram".into(),
            revoke: true,
        };
        assert!(!moved(&ErrorCode::HubUnreachable.into(), &disconnect));
        assert!(moved(&ErrorCode::HandingOver.into(), &disconnect));
        assert!(moved(
            &ErrorCode::HubUnreachable.into(),
            &Request::ListConnections
        ));
    }
}
