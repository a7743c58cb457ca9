//! `autopilot mail`: one file a word.

mod list;
mod read;
mod send;

use super::interruptible;
use crate::{args::MailVerb, failure::Failure, terminal::Terminal};

pub(super) async fn run(terminal: &Terminal, verb: MailVerb) -> Result<(), Failure> {
    match verb {
        MailVerb::Send(arguments) => send::run(terminal, arguments).await,
        MailVerb::List(arguments) => interruptible(terminal, list::run(terminal, arguments)).await,
        MailVerb::Read(arguments) => interruptible(terminal, read::run(terminal, arguments)).await,
    }
}
