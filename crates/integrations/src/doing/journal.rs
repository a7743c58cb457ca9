//! What a write tells while it is under way, and what it was told before a crash.

use async_trait::async_trait;
use model::{RemoteRef, Secret};

use crate::CallError;

/// Kept by the hub; whatever it returns `Ok` for outlives a crash.
#[async_trait]
pub trait Journal: Send + Sync {
    /// Called right before a request that may do the thing. Everything before it can be repeated without a thought.
    async fn on_wire(&self) -> Result<(), CallError>;

    /// A piece of a write that falls into several was answered for.
    async fn piece_done(&self, piece: RemoteRef) -> Result<(), CallError>;

    /// The pieces that were done in earlier tries, in order: they are not done again.
    fn pieces(&self) -> Vec<RemoteRef>;

    /// What an earlier try kept, to go on from.
    fn kept(&self) -> Option<Secret>;

    /// Keeps what a later try goes on from; an upload's address is as good as a token, so it rests in the vault.
    async fn keep(&self, resume: Secret) -> Result<(), CallError>;

    /// Bytes the service has; told often, shown now and then.
    fn progress(&self, done: u64, total: u64);

    /// The person took it back: stop between two requests with [`crate::LocalError::Cancelled`].
    fn is_cancelled(&self) -> bool;
}
