//! The one door. The hub implements it; every face calls it and nothing else.

use std::pin::Pin;

use futures_core::{Stream, future::BoxFuture};

use crate::{Caller, Error, Event, Request, Response};

pub type EventStream = Pin<Box<dyn Stream<Item = Event> + Send>>;

pub trait Door: Send + Sync + 'static {
    /// Carries out one request for one caller. Dropping the future cancels waiting, not a write under way.
    fn handle(&self, caller: Caller, request: Request) -> BoxFuture<'_, Result<Response, Error>>;

    /// What happens from now on and is this caller's business.
    fn events(&self, caller: Caller) -> EventStream;
}
