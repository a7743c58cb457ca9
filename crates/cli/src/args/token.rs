//! `autopilot token` and `autopilot completions`.

use clap::Args;
use clap_complete::Shell;
use model::ConnectionRef;

use super::connection_ref;

#[derive(Debug, Args)]
pub(crate) struct TokenArguments {
    /// The connection: its account, its id, or its integration when there is only one
    #[arg(value_name = "REF", value_parser = connection_ref)]
    pub(crate) connection: ConnectionRef,
    /// Print it even where it can be seen: on a terminal
    #[arg(long)]
    pub(crate) show: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CompletionsArguments {
    /// Whose: bash, zsh, fish, elvish or powershell
    pub(crate) shell: Shell,
}
