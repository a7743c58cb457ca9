//! `autopilot message`: one file a word.

mod chats;
mod claim;
mod send;

use super::interruptible;
use crate::{args::MessageVerb, failure::Failure, terminal::Terminal};

pub(super) async fn run(terminal: &Terminal, verb: MessageVerb) -> Result<(), Failure> {
    match verb {
        MessageVerb::Send(arguments) => send::run(terminal, arguments).await,
        MessageVerb::Chats(through) => interruptible(terminal, chats::run(terminal, through)).await,
        MessageVerb::Claim(through) => claim::run(terminal, through).await,
    }
}
