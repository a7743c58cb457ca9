//! `autopilot outbox …`

use clap::{Args, Subcommand};
use model::ActionId;

use super::Through;

#[derive(Debug, Subcommand)]
pub(crate) enum OutboxVerb {
    /// List what isn't over, or needs a decision
    List(ListOutboxArguments),
    /// Show one action
    Show { id: ActionId },
    /// Send it again after its outcome stayed unknown, or now instead of later
    Retry(RetryArguments),
    /// Let an action rest whose outcome stayed unknown
    Discard { id: ActionId },
    /// Take it back, while it isn't sent
    Cancel { id: ActionId },
}

#[derive(Debug, Args)]
pub(crate) struct ListOutboxArguments {
    /// Also those that are over
    #[arg(long)]
    pub(crate) all: bool,
    /// At most this many
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub(crate) limit: u32,
    #[command(flatten)]
    pub(crate) through: Through,
}

#[derive(Debug, Args)]
pub(crate) struct RetryArguments {
    pub(crate) id: ActionId,
    /// Don't wait for its end
    #[arg(long)]
    pub(crate) no_wait: bool,
}
