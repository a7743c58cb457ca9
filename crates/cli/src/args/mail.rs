//! `autopilot mail …`

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Keeping, Through};

#[derive(Debug, Subcommand)]
pub(crate) enum MailVerb {
    /// Send a mail
    Send(SendMailArguments),
    /// List mail, newest first
    List(ListMailArguments),
    /// Read one mail
    Read(ReadMailArguments),
}

#[derive(Debug, Args)]
pub(crate) struct SendMailArguments {
    /// A recipient: anna@example.org or "Anna Berg <anna@example.org>" (repeatable)
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) to: Vec<String>,
    /// Somebody who gets a copy (repeatable)
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) cc: Vec<String>,
    /// Somebody who gets a copy unseen by the others (repeatable)
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) bcc: Vec<String>,
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) subject: String,
    /// The text; without it and --text-file it is read from standard input where that is piped
    #[arg(long, value_name = "TEXT", conflicts_with = "text_file")]
    pub(crate) text: Option<String>,
    /// A file with the text (- is standard input)
    #[arg(long, value_name = "FILE")]
    pub(crate) text_file: Option<PathBuf>,
    /// A file with the same in HTML
    #[arg(long, value_name = "FILE")]
    pub(crate) html_file: Option<PathBuf>,
    /// Files to send along (repeatable)
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) attach: Vec<PathBuf>,
    /// The id of the mail this one answers, as `mail list` shows it
    #[arg(long, value_name = "ID")]
    pub(crate) reply_to: Option<String>,
    #[command(flatten)]
    pub(crate) keeping: Keeping,
    #[command(flatten)]
    pub(crate) through: Through,
}

#[derive(Debug, Args)]
pub(crate) struct ListMailArguments {
    /// What to look for, in the service's own search language; nothing = everything
    #[arg(value_name = "SEARCH")]
    pub(crate) search: Vec<String>,
    /// At most this many
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=500))]
    pub(crate) limit: u32,
    /// Go on from here: what the page before ended with
    #[arg(long, value_name = "TOKEN")]
    pub(crate) page: Option<String>,
    #[command(flatten)]
    pub(crate) through: Through,
}

#[derive(Debug, Args)]
pub(crate) struct ReadMailArguments {
    /// The mail, as `mail list` shows it
    pub(crate) id: String,
    /// Save its attachments in this folder
    #[arg(long, value_name = "FOLDER")]
    pub(crate) save: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) through: Through,
}
