//! `autopilot files …`

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use model::FileOrder;

use super::{Keeping, Through};

#[derive(Debug, Subcommand)]
pub(crate) enum FilesVerb {
    /// List files and folders
    List(ListFilesArguments),
    /// Upload files
    Upload(UploadArguments),
    /// Download a file
    Download(DownloadArguments),
}

#[derive(Debug, Args)]
pub(crate) struct ListFilesArguments {
    /// Words the name holds; nothing = everything
    #[arg(value_name = "SEARCH")]
    pub(crate) search: Vec<String>,
    /// The id of a folder; without it, everywhere
    #[arg(long, value_name = "ID")]
    pub(crate) folder: Option<String>,
    #[arg(long, value_name = "ORDER", default_value = "newest")]
    pub(crate) order: Order,
    /// At most this many
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) limit: u32,
    /// Go on from here: what the page before ended with
    #[arg(long, value_name = "TOKEN")]
    pub(crate) page: Option<String>,
    #[command(flatten)]
    pub(crate) through: Through,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Order {
    /// Newest change first
    Newest,
    Name,
    /// Biggest first
    Size,
}

impl From<Order> for FileOrder {
    fn from(order: Order) -> Self {
        match order {
            Order::Newest => Self::Newest,
            Order::Name => Self::Name,
            Order::Size => Self::Size,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct UploadArguments {
    /// The files
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// The id of the folder they go into; without it, the top
    #[arg(long, value_name = "ID")]
    pub(crate) folder: Option<String>,
    #[command(flatten)]
    pub(crate) keeping: Keeping,
    #[command(flatten)]
    pub(crate) through: Through,
}

#[derive(Debug, Args)]
pub(crate) struct DownloadArguments {
    /// The file, as `files list` shows it
    #[arg(value_name = "ID")]
    pub(crate) file: String,
    /// The folder it goes into; without it, this one
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    pub(crate) to: PathBuf,
    /// The name it gets; without it, its own
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    #[command(flatten)]
    pub(crate) through: Through,
}
