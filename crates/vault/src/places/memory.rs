//! A place for tests: it remembers, fails at the step it is told to, and hangs while it is told to.

use std::{
    collections::BTreeMap,
    sync::{Arc, Condvar, Mutex},
};

use zeroize::Zeroizing;

use super::Place;
use crate::error::VaultError;

#[derive(Clone, Default)]
pub(crate) struct Memory {
    inner: Arc<(Mutex<Inner>, Condvar)>,
}

#[derive(Default)]
pub(crate) struct Inner {
    pub(crate) items: BTreeMap<String, Vec<u8>>,
    pub(crate) limit: Option<usize>,
    /// Every call fails with this.
    pub(crate) error: Option<VaultError>,
    /// Every write or deletion after this many fails, as if the machine had stopped.
    pub(crate) writes_left: Option<usize>,
    /// Every call hangs.
    pub(crate) prompting: bool,
    /// Every call panics.
    pub(crate) panics: bool,
    /// How many calls have hung.
    pub(crate) prompts: usize,
}

impl Memory {
    /// Looks at or changes what is there; a hanging call that may go on does.
    pub(crate) fn with<T>(&self, look: impl FnOnce(&mut Inner) -> T) -> T {
        let seen = look(&mut self.inner.0.lock().unwrap());
        self.inner.1.notify_all();
        seen
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.with(|inner| inner.items.keys().cloned().collect())
    }

    fn call<T>(&self, write: bool, act: impl FnOnce(&mut Inner) -> T) -> Result<T, VaultError> {
        let mut inner = self.inner.0.lock().unwrap();
        if inner.prompting {
            inner.prompts += 1;
            inner = self.inner.1.wait_while(inner, |i| i.prompting).unwrap();
        }
        if inner.panics {
            // Not with the lock held: that would spoil it for everyone.
            drop(inner);
            panic!("as it was told to");
        }
        if let Some(error) = &inner.error {
            return Err(error.clone());
        }
        if write && let Some(left) = &mut inner.writes_left {
            *left = left
                .checked_sub(1)
                .ok_or_else(|| VaultError::Failed("stopped".to_owned()))?;
        }
        Ok(act(&mut inner))
    }
}

impl Place for Memory {
    fn get(&mut self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        self.call(false, |inner| {
            inner.items.get(name).cloned().map(Zeroizing::new)
        })
    }

    fn put(&mut self, name: &str, text: &[u8]) -> Result<(), VaultError> {
        assert!(std::str::from_utf8(text).is_ok(), "an item isn't UTF-8");
        self.call(true, |inner| {
            assert!(inner.limit.is_none_or(|limit| text.len() <= limit));
            inner.items.insert(name.to_owned(), text.to_vec());
        })
    }

    fn delete(&mut self, name: &str) -> Result<(), VaultError> {
        self.call(true, |inner| {
            inner.items.remove(name);
        })
    }

    fn limit(&self) -> Option<usize> {
        self.with(|inner| inner.limit)
    }
}
