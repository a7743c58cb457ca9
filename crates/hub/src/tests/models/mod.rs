//! The lifecycles that must never take a wrong turn, led through sequences nobody thought of, and held against models
//! small enough to be read: what may come after what, and what has to be true at the service.
//!
//! One hub and one sandbox serve all sequences of a test. A sequence that fails is made as short as it still fails, and
//! its seed is kept in `proptest-regressions/`, to be tried first from then on.

mod broker;
mod outbox;
mod sign_in;

use std::fmt::Debug;

use proptest::{
    collection,
    strategy::Strategy,
    test_runner::{Config, FileFailurePersistence, TestCaseError, TestRunner},
};
use tokio::runtime::Runtime;

const KEPT: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/proptest-regressions/models.txt"
);

/// Longer ones fail for the reasons that shorter ones fail for.
const MOST_STEPS: usize = 8;

/// Leads `cases` sequences of steps through `live`, which panics where the model says otherwise.
fn hold<S: Strategy, L>(cases: u32, runtime: &Runtime, step: S, live: L)
where
    S::Value: Debug + Clone,
    L: AsyncFn(Vec<S::Value>),
{
    let config = Config {
        cases,
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(KEPT))),
        ..Config::default()
    };
    let steps = collection::vec(step, 1..=MOST_STEPS);
    let mut runner = TestRunner::new(config);
    let outcome = runner.run(&steps, |steps| {
        let led = std::panic::AssertUnwindSafe(|| runtime.block_on(live(steps.clone())));
        std::panic::catch_unwind(led).map_err(|panic| {
            let words = panic
                .downcast_ref::<String>()
                .cloned()
                .or_else(|| panic.downcast_ref::<&str>().map(|word| (*word).to_owned()));
            TestCaseError::fail(words.unwrap_or_default())
        })
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
}
