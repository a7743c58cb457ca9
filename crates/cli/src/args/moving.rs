//! What `export` and `import` take.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct MoveOutArguments {
    /// A new file, which only you can read; without it, standard output
    #[arg(value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct MoveInArguments {
    /// The export to choose in the window
    #[arg(value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
}
