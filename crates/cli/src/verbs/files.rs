//! `autopilot files`: one file a word.

mod download;
mod list;
mod upload;

use super::interruptible;
use crate::{args::FilesVerb, failure::Failure, terminal::Terminal};

pub(super) async fn run(terminal: &Terminal, verb: FilesVerb) -> Result<(), Failure> {
    match verb {
        FilesVerb::List(arguments) => interruptible(terminal, list::run(terminal, arguments)).await,
        FilesVerb::Upload(arguments) => upload::run(terminal, arguments).await,
        FilesVerb::Download(arguments) => {
            interruptible(terminal, download::run(terminal, arguments)).await
        }
    }
}
