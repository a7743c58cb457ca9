//! What can be typed for the program that holds profiles, which this one becomes for it.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// What the program that holds profiles is for.
#[derive(Debug, Subcommand)]
pub enum Work {
    /// Hold the profile without a window, until stopped
    Hub(HubArguments),
    /// Serve loopback twins of the services, until stopped
    Sandbox(SandboxArguments),
}

#[derive(Clone, Copy, Debug, Args)]
pub struct HubArguments {
    /// Only say whether --sandbox or --endpoints fit the profile; hold nothing
    #[arg(long)]
    pub check: bool,
}

#[derive(Debug, Args)]
pub struct SandboxArguments {
    /// TCP port on 127.0.0.1; 0 takes the one the state file remembers, or any
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub port: u16,
    /// Where its accounts' grants outlive a restart
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
}
