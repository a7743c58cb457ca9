//! `autopilot message …`

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Keeping, Through};

#[derive(Debug, Subcommand)]
pub(crate) enum MessageVerb {
    /// Send a message
    Send(SendMessageArguments),
    /// List the chats that messages can be sent to
    Chats(Through),
    /// Make a chat known: show a link, and wait until somebody opens it
    Claim(Through),
}

#[derive(Debug, Args)]
pub(crate) struct SendMessageArguments {
    /// The chat: its id, its name as `message chats` shows it, or @name
    pub(crate) chat: String,
    /// The text; without it and --text-file it is read from standard input where that is piped
    #[arg(conflicts_with = "text_file")]
    pub(crate) text: Option<String>,
    /// A file with the text (- is standard input)
    #[arg(long, value_name = "FILE")]
    pub(crate) text_file: Option<PathBuf>,
    /// Read **bold**, _italic_, `code` and [links](https://…) in the text
    #[arg(long)]
    pub(crate) markdown: bool,
    /// A file to send with it
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// Show the file as a picture
    #[arg(long, requires = "file")]
    pub(crate) picture: bool,
    /// The id of the message this one answers
    #[arg(long, value_name = "ID")]
    pub(crate) reply_to: Option<String>,
    #[command(flatten)]
    pub(crate) keeping: Keeping,
    #[command(flatten)]
    pub(crate) through: Through,
}
