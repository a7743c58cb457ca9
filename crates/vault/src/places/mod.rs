//! The places a secret can rest in, behind one small trait. Nothing here knows records or generations.

use zeroize::Zeroizing;

use crate::error::VaultError;

pub(crate) mod codes;
pub(crate) mod file;
pub(crate) mod keychain;
#[cfg(test)]
pub(crate) mod memory;
mod platform;
mod replace;

/// A store of small texts by name. Every value given to it is UTF-8 (KDE Wallet takes nothing else).
///
/// Calls may block for as long as the system likes; deadlines are the desk's business.
pub(crate) trait Place {
    /// `None` if nothing has that name.
    fn get(&mut self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError>;

    /// Creates or replaces in one step; an error leaves the former value.
    fn put(&mut self, name: &str, text: &[u8]) -> Result<(), VaultError>;

    /// Nothing to delete is a success.
    fn delete(&mut self, name: &str) -> Result<(), VaultError>;

    /// Would using it put a question to the person now? Asks nobody itself.
    fn would_ask(&mut self) -> bool {
        false
    }

    /// The most bytes one item may hold, where the system has such a limit.
    fn limit(&self) -> Option<usize>;
}
