//! Work that goes on as long as the hub: the ticks, the outbox, the ledger. A defect of ours that ends it is told in the
//! log, and it begins again; one panic must not leave a hub that answers and does nothing any more.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::FutureExt as _;

use crate::core::Core;

/// A defect that comes back at once must not take a whole core.
const PAUSE: Duration = Duration::from_secs(1);

/// Runs `work` until it ends by itself or the hub closes.
pub(crate) fn enduring<F>(
    core: &Arc<Core>,
    name: &'static str,
    work: impl Fn(Arc<Core>) -> F + Send + 'static,
) where
    F: Future<Output = ()> + Send + 'static,
{
    let core = Arc::clone(core);
    tokio::spawn(async move {
        while !core.closing.is_cancelled() {
            let ended = AssertUnwindSafe(work(Arc::clone(&core)))
                .catch_unwind()
                .await;
            if ended.is_ok() {
                return;
            }
            tracing::error!(work = name, "ended in a defect of ours; it begins again");
            tokio::select! {
                () = tokio::time::sleep(PAUSE) => {}
                () = core.closing.cancelled() => {}
            }
        }
    });
}
