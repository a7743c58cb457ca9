//! What the doctor looked at. Each finding has a sentence and, when something is wrong, a remedy.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Good,
    /// Works, but something would be better otherwise.
    Doubtful,
    Bad,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Finding {
    /// Stable name: `vault`, `database`, `loopback`, `client_google` …
    pub check: String,
    pub verdict: Verdict,
    pub sentence: String,
    pub remedy: Option<String>,
}
