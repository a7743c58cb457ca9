//! Who asks. The face that received the request says so; nothing in the request itself can.

use serde::{Deserialize, Serialize};

/// One kind each of the hub's callers.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Caller {
    /// Our own window: the only place where rules, clients and the vault change.
    Window,
    /// A program in a terminal, named by the executable the operating system reports for the peer.
    Program { executable: String },
    /// A workflow of ours.
    Workflow { name: String },
    /// An AI agent's program.
    Agent { executable: String },
}

impl Caller {
    /// Only the window may change who may do what.
    #[must_use]
    pub const fn is_window(&self) -> bool {
        matches!(self, Self::Window)
    }
}
