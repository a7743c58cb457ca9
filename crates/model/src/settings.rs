//! What a person can choose about how the hub works. Changed in our window alone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::IntegrationId;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(default)]
pub struct Settings {
    /// Seconds in which a person can take back what they send; 0 to 60.
    pub undo_window_s: u32,
    /// Hours a write waits for a service that can't be reached before it expires; 1 to 720.
    pub queue_expiry_h: u32,
    /// Days the ledger is kept; 7 to 3650.
    pub ledger_days: u32,
    /// Minutes a write waits for a person before it expires; 1 to 1440.
    pub approval_expiry_min: u32,
    /// No agent gets anything.
    pub agents_paused: bool,
    /// Units a minute of an integration's own quota, where the person's project has another than the usual.
    pub quotas: BTreeMap<IntegrationId, u32>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            undo_window_s: 10,
            queue_expiry_h: 24,
            ledger_days: 400,
            approval_expiry_min: 60,
            agents_paused: false,
            quotas: BTreeMap::new(),
        }
    }
}
