//! What a call of a service is for the fault table: how it is made, how it is answered when all is well, and what it may
//! cost and come to when it isn't.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use crate::{CallError, LocalError, Session, Unreachable};

type Run = Arc<dyn Fn(Session) -> BoxFuture<'static, Result<(), CallError>> + Send + Sync>;

/// One request of one call.
#[derive(Clone)]
pub struct Call {
    pub name: &'static str,
    pub run: Run,
    pub granted: &'static str,
    /// What it is answered before, when all is well, and after that.
    pub before: Vec<Vec<u8>>,
    pub well: Vec<u8>,
    pub then: Vec<Vec<u8>>,
    /// Requests, while the fault lasts.
    pub most: u64,
    pub writes: bool,
    /// Between its tries it waits longer than a test does.
    pub waits: bool,
    /// MiB of an answer that it takes.
    pub longest: u64,
    pub always_fine: bool,
    pub but: Vec<(&'static str, Ends)>,
}

/// What a call comes to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ends {
    Well,
    Unreachable(Unreachable),
    NotUnderstood(u16),
    Down(u16),
    /// With a pause that somebody can wait for.
    Limited,
    Local(LocalError),
}

impl Call {
    pub fn new<F>(name: &'static str, run: F) -> Self
    where
        F: Fn(Session) -> BoxFuture<'static, Result<(), CallError>> + Send + Sync + 'static,
    {
        Self {
            name,
            run: Arc::new(run),
            granted: "https://www.googleapis.com/auth/gmail.readonly",
            before: Vec::new(),
            well: Vec::new(),
            then: Vec::new(),
            most: 1,
            writes: false,
            waits: false,
            longest: 1,
            always_fine: false,
            but: Vec::new(),
        }
    }

    pub fn granted(self, granted: &'static str) -> Self {
        Self { granted, ..self }
    }

    pub fn after(mut self, answer: Vec<u8>) -> Self {
        self.before.push(answer);
        self
    }

    pub fn well(self, well: Vec<u8>) -> Self {
        Self { well, ..self }
    }

    pub fn then(mut self, answer: Vec<u8>) -> Self {
        self.then.push(answer);
        self
    }

    pub fn most(self, most: u64) -> Self {
        Self { most, ..self }
    }

    pub fn waits(self, most: u64) -> Self {
        let waits = true;
        Self {
            most,
            waits,
            ..self
        }
    }

    pub fn writes(self) -> Self {
        let writes = true;
        Self { writes, ..self }
    }

    pub fn longest(self, longest: u64) -> Self {
        Self { longest, ..self }
    }

    pub fn always_fine(self) -> Self {
        let always_fine = true;
        Self {
            always_fine,
            ..self
        }
    }

    pub fn but(mut self, fault: &'static str, ends: Ends) -> Self {
        self.but.push((fault, ends));
        self
    }

    pub fn ends(&self, fault: &str, usually: &Ends) -> Ends {
        if self.always_fine {
            return Ends::Well;
        }
        let otherwise = self.but.iter().find(|(name, _)| *name == fault);
        otherwise.map_or(usually, |(_, ends)| ends).clone()
    }
}
