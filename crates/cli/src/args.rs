//! What can be typed. Facts only; what a verb does is in [`crate::verbs`].

mod files;
mod hosting;
mod ledger;
mod mail;
mod mcp;
mod message;
mod moving;
mod outbox;
mod token;
mod workflow;

use std::{ffi::OsString, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum, error::ErrorKind};
use model::{ActionId, ConnectionRef, ProfileName, RedirectKind};

pub(crate) use files::{DownloadArguments, FilesVerb, ListFilesArguments, UploadArguments};
pub use hosting::{HubArguments, SandboxArguments, Work};
pub(crate) use ledger::{ExportArguments, LedgerVerb, ListLedgerArguments, UsageArguments, Which};
pub(crate) use mail::{ListMailArguments, MailVerb, ReadMailArguments, SendMailArguments};
pub(crate) use mcp::{McpArguments, McpCallArguments, McpVerb, json_is_the_arguments};
pub(crate) use message::{MessageVerb, SendMessageArguments};
pub(crate) use moving::{MoveInArguments, MoveOutArguments};
pub(crate) use outbox::{ListOutboxArguments, OutboxVerb, RetryArguments};
pub(crate) use token::{CompletionsArguments, TokenArguments};
pub(crate) use workflow::{RunArguments, WorkflowVerb};

use crate::{exit::Exit, failure::Failure, output::Output, platform::Ending, terminal};

/// Keeps your services connected, and says where each connection stands.
#[derive(Debug, Parser)]
#[command(
    name = "autopilot",
    version,
    propagate_version = true,
    disable_help_subcommand = true,
    after_help = "Exit status: 0 done, 1 failed, 2 usage, 3 sign-in needed, 4 offline or service down,\n\
                  5 refused by policy, 6 outcome unknown, 7 vault locked or missing, 130 interrupted."
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    pub(crate) verb: Word,
}

#[derive(Clone, Debug, Default, Args)]
pub struct Globals {
    /// The profile: its own connections, keychain items and hub
    #[arg(long, global = true, value_name = "NAME")]
    pub profile: Option<ProfileName>,
    /// Use the built-in sandbox instead of the real services
    #[arg(long, global = true, conflicts_with = "endpoints")]
    pub sandbox: bool,
    /// Print JSON instead of words
    #[arg(long, global = true)]
    pub json: bool,
    /// Where the services are, when this creates the profile (TOML; refused on any other profile)
    #[arg(long, global = true, value_name = "FILE")]
    pub endpoints: Option<PathBuf>,
    /// Log to standard error too (hub)
    #[arg(long, short, global = true)]
    pub verbose: bool,
}

impl Globals {
    /// The profile meant: the one named, else the sandbox's or the person's own.
    pub fn profile(&self) -> ProfileName {
        let unnamed = || {
            if self.sandbox {
                ProfileName::sandbox()
            } else {
                ProfileName::personal()
            }
        };
        self.profile.clone().unwrap_or_else(unnamed)
    }
}

/// The first word: whose it is.
#[expect(
    clippy::large_enum_variant,
    reason = "there is one, and it is taken apart at once"
)]
#[derive(Debug, Subcommand)]
pub(crate) enum Word {
    /// Another program's, which serves until it is stopped.
    #[command(flatten)]
    Hosting(Work),
    #[command(flatten)]
    Asking(Verb),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Say where every connection stands
    Status(StatusArguments),
    /// List what can be connected
    Integrations,
    /// Connect an account, or sign in again
    Connect(ConnectArguments),
    /// End a connection, and its access at the service
    Disconnect(DisconnectArguments),
    /// Call a connection something of your own
    Rename(RenameArguments),
    /// Make one real call through a connection, step by step
    Test(TestArguments),
    /// Send, list and read mail
    #[command(subcommand)]
    Mail(MailVerb),
    /// List, upload and download files
    #[command(subcommand)]
    Files(FilesVerb),
    /// Send messages, and make chats known
    #[command(subcommand)]
    Message(MessageVerb),
    /// What is to be sent, is being sent, or needs a decision
    #[command(subcommand)]
    Outbox(OutboxVerb),
    /// What happened: who, what, when, with which result
    #[command(subcommand)]
    Ledger(LedgerVerb),
    /// Calls, failures, time and bytes, a day at a time
    Usage(UsageArguments),
    /// Run workflows
    #[command(subcommand)]
    Workflow(WorkflowVerb),
    /// Print a connection's token, for a program that must hold one
    Token(TokenArguments),
    /// Serve agents over standard input and output, or call tools by hand
    Mcp(McpArguments),
    /// Print a script that completes this command line in a shell
    Completions(CompletionsArguments),
    /// Write connections, rules and settings to a file, without secrets
    Export(MoveOutArguments),
    /// Open the window where an export is imported
    Import(MoveInArguments),
    /// Look at everything a sign-in or a call needs, and say what to do
    Doctor(DoctorArguments),
    /// The vault file, where no keychain is used
    #[command(subcommand)]
    Vault(VaultVerb),
}

#[derive(Debug, Args)]
pub(crate) struct DoctorArguments {
    /// Write a report without names, addresses and secrets to this file; "-" or nothing: to standard output
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "-")]
    pub(crate) report: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct StatusArguments {
    /// Check every connection first
    #[arg(long)]
    pub(crate) check: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ConnectArguments {
    /// What to connect: gmail, google_drive, telegram …
    pub(crate) integration: String,
    /// Print the address, and open no browser
    #[arg(long)]
    pub(crate) no_browser: bool,
    /// How the browser's answer comes back
    #[arg(long, value_name = "KIND")]
    pub(crate) redirect: Option<Redirect>,
    /// Sign in again to this connection: its account or id
    #[arg(long, visible_alias = "account", value_name = "REF", value_parser = connection_ref)]
    pub(crate) connection: Option<ConnectionRef>,
    /// Ask for these permissions only: short names (send,readonly) or whole scopes
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub(crate) scopes: Vec<String>,
    /// Read the key from standard input
    #[arg(long)]
    pub(crate) token_stdin: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Redirect {
    /// A local port
    Loopback,
    /// A link that opens Autopilot
    DeepLink,
}

impl From<Redirect> for RedirectKind {
    fn from(redirect: Redirect) -> Self {
        match redirect {
            Redirect::Loopback => Self::Loopback,
            Redirect::DeepLink => Self::DeepLink,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct DisconnectArguments {
    /// The connection: its account, its id, or its integration when there is only one
    #[arg(value_name = "REF", value_parser = connection_ref)]
    pub(crate) connection: ConnectionRef,
    /// Remove it here only, and leave the access at the service
    #[arg(long, visible_alias = "remove-here-only")]
    pub(crate) keep_remote: bool,
    /// Only say what would end
    #[arg(long, conflicts_with = "yes")]
    pub(crate) preview: bool,
    /// Don't ask
    #[arg(long, short)]
    pub(crate) yes: bool,
}

#[derive(Debug, Args)]
pub(crate) struct TestArguments {
    /// The connection: its account, its id, or its integration when there is only one
    #[arg(value_name = "REF", value_parser = connection_ref)]
    pub(crate) connection: ConnectionRef,
}

#[derive(Debug, Args)]
pub(crate) struct RenameArguments {
    /// The connection: its account, its id, its name, or its integration when there is only one
    #[arg(value_name = "REF", value_parser = connection_ref)]
    pub(crate) connection: ConnectionRef,
    /// What to call it; none = by its account again
    pub(crate) name: Option<String>,
}

#[derive(Clone, Copy, Debug, Subcommand)]
pub(crate) enum VaultVerb {
    /// Open the vault file for this run; the passphrase comes on standard input
    Unlock,
}

/// Which connection does it; not needed where only one can.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Through {
    /// The connection: its account, its id, or its integration (needed only where several could do it)
    #[arg(long, short = 'c', value_name = "REF", value_parser = connection_ref)]
    pub(crate) connection: Option<ConnectionRef>,
}

/// How a write is kept and waited for.
#[derive(Clone, Copy, Debug, Default, Args)]
pub(crate) struct Keeping {
    /// A name for this write (UUID): asking again with it does nothing twice
    #[arg(long, value_name = "UUID")]
    pub(crate) id: Option<ActionId>,
    /// Leave once it is kept, and don't wait for its end
    #[arg(long)]
    pub(crate) no_wait: bool,
    /// Seconds in which it can be taken back before it goes out
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(0..=60))]
    pub(crate) undo: Option<u32>,
}

/// `google-drive` and `Google Drive` mean `google_drive` wherever an integration may stand.
fn connection_ref(text: &str) -> Result<ConnectionRef, String> {
    match text.trim() {
        "" => Err("a connection is named by its account, its id or its integration".to_owned()),
        name => Ok(ConnectionRef::new(name)),
    }
}

/// Says what is wrong with the arguments, or prints the help that was asked for.
pub(crate) fn refuse(refused: &clap::Error, arguments: &[OsString]) -> Exit {
    let json = arguments.iter().any(|argument| argument == "--json");
    match refused.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            Output::detect(false).help(&refused.render());
            Exit::Done
        }
        _ if json => {
            let whole = refused.render().to_string();
            let first = whole.lines().next().unwrap_or_default();
            let sentence = first.strip_prefix("error: ").unwrap_or(first).to_owned();
            let failure = Failure::Usage {
                sentence,
                next_step: terminal::SEE_HELP.to_owned(),
            };
            terminal::Terminal::new(Output::detect(true), Globals::default(), Ending::never())
                .fail(&failure)
        }
        _ => {
            Output::detect(false).misuse(&refused.render());
            Exit::Usage
        }
    }
}

#[cfg(test)]
mod tests;
