//! Workflows: steps from a TOML text, run in order through the one door.
//!
//! A run is one pass over the steps, by a caller of its own ([`model::Caller::Workflow`]): what policy and ledger say
//! of actions holds for its steps too. Everything that can be known ahead is checked before the first step begins.
//! Each step's action has an id that follows from the run's, so that asking for the same run again does nothing twice
//! and goes on where it stopped.
//!
//! [`parse`] reads the text, [`template`] puts values in, [`plan`] checks, [`run`] goes through the steps.

mod parse;
mod plan;
mod run;
mod template;
#[cfg(test)]
mod tests;

use model::{Error, ErrorCode};

/// The workflow can't be run for this reason: a sentence.
fn invalid(reason: impl std::fmt::Display) -> Error {
    Error::new(ErrorCode::WorkflowInvalid).with("reason", reason)
}

/// The same, at a line of its text.
fn invalid_at(line: usize, reason: impl std::fmt::Display) -> Error {
    invalid(format!("line {line}: {reason}"))
}
