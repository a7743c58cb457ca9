//! `autopilot workflow …`

use std::path::PathBuf;

use clap::{Args, Subcommand};
use model::ActionId;

#[derive(Debug, Subcommand)]
pub(crate) enum WorkflowVerb {
    /// Run a workflow once
    Run(RunArguments),
}

#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    /// The workflow (TOML)
    pub(crate) file: PathBuf,
    /// What {{input.…}} reads from: JSON, @FILE, or - for standard input
    #[arg(long, value_name = "JSON", default_value = "{}")]
    pub(crate) input: String,
    /// A name for this run (UUID): asking again with it does nothing twice
    #[arg(long, value_name = "UUID")]
    pub(crate) id: Option<ActionId>,
}
