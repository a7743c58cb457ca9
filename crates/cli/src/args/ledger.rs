//! `autopilot ledger …` and `autopilot usage`

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use model::{Capability, ConnectionRef, EntryKind, Timestamp};

use super::{Through, connection_ref};

#[derive(Debug, Subcommand)]
pub(crate) enum LedgerVerb {
    /// List what happened, newest first
    List(ListLedgerArguments),
    /// Check that no line was changed or taken out
    Verify,
    /// Write out every line, newest first
    Export(ExportArguments),
}

#[derive(Debug, Args)]
pub(crate) struct ListLedgerArguments {
    #[command(flatten)]
    pub(crate) which: Which,
    /// At most this many
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) limit: u32,
    /// Only lines before this one: the last of the page before
    #[arg(long, value_name = "SEQ")]
    pub(crate) before: Option<u64>,
}

#[derive(Debug, Args)]
pub(crate) struct ExportArguments {
    #[command(flatten)]
    pub(crate) which: Which,
    /// As comma-separated values rather than a JSON object a line
    #[arg(long)]
    pub(crate) csv: bool,
    /// Into this new file rather than to standard output
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// Which lines.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Which {
    /// Only lines of this kind
    #[arg(long, value_name = "KIND")]
    pub(crate) kind: Option<Kind>,
    /// Only what used this: mail.send, files.list …
    #[arg(long, value_name = "NAME", value_parser = capability)]
    pub(crate) capability: Option<Capability>,
    /// Only lines that tell of a failure
    #[arg(long)]
    pub(crate) failures: bool,
    /// Only from this moment on (RFC 3339)
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<Timestamp>,
    /// Only before this moment (RFC 3339)
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<Timestamp>,
    #[command(flatten)]
    pub(crate) through: Through,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Kind {
    /// A read, or one try of a write
    Call,
    /// How a write ended
    Outcome,
    /// Checks of a connection, counted by the hour
    Probes,
    /// A connection's status changed
    Status,
    /// A connection was made or ended
    Connection,
}

impl From<Kind> for EntryKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Call => Self::Call,
            Kind::Outcome => Self::Outcome,
            Kind::Probes => Self::Probes,
            Kind::Status => Self::Status,
            Kind::Connection => Self::Connection,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct UsageArguments {
    /// Only this connection: its account, its id, or its integration
    #[arg(value_name = "REF", value_parser = connection_ref)]
    pub(crate) connection: Option<ConnectionRef>,
    /// Days back from today
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=400))]
    pub(crate) days: u32,
}

fn capability(text: &str) -> Result<Capability, String> {
    Capability::ALL
        .into_iter()
        .find(|one| one.name() == text)
        .ok_or_else(|| {
            let known: Vec<&str> = Capability::ALL.iter().map(|one| one.name()).collect();
            format!("there are {}", known.join(", "))
        })
}
