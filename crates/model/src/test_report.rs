//! What a test of one connection found, step by step.

use serde::{Deserialize, Serialize};

use crate::{ConnectionId, ConnectionView, Error};

/// The steps of a test, in order.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum TestStep {
    /// The grant is read from the vault.
    Vault,
    /// A fresh token is at hand, renewed if it had to be.
    Token,
    /// The service answers, and says whose account it is.
    Service,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct TestProgress {
    pub connection: ConnectionId,
    pub step: TestStep,
    /// `None` while the step runs.
    pub ok: Option<bool>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct TestReport {
    pub connection: ConnectionView,
    /// Steps that were finished, with milliseconds.
    pub steps: Vec<StepResult>,
    /// Why the last step failed; `None` = everything worked.
    pub error: Option<Error>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct StepResult {
    pub step: TestStep,
    pub ok: bool,
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub milliseconds: u64,
}
