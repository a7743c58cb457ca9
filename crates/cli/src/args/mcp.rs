//! What can be typed after `mcp`.

use std::ffi::OsString;

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub(crate) struct McpArguments {
    #[command(subcommand)]
    pub(crate) verb: Option<McpVerb>,
    /// Seconds a call waits for the end of a write before it returns how to follow it
    #[arg(long, value_name = "SECONDS", default_value_t = mcp::PATIENCE.as_secs(), value_parser = clap::value_parser!(u64).range(0..=3600))]
    pub(crate) patience: u64,
}

impl Default for McpArguments {
    /// As when nothing is typed after `mcp`.
    fn default() -> Self {
        Self {
            verb: None,
            patience: mcp::PATIENCE.as_secs(),
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum McpVerb {
    /// List the tools of our server, or of the one after --
    Tools(McpToolsArguments),
    /// Call a tool of our server, or of the one after --
    Call(McpCallArguments),
}

#[derive(Debug, Args)]
pub(crate) struct McpToolsArguments {
    /// The command of another server
    #[arg(last = true, value_name = "COMMAND")]
    pub(crate) command: Vec<OsString>,
}

#[derive(Debug, Args)]
pub(crate) struct McpCallArguments {
    /// The tool's name
    pub(crate) tool: String,
    /// Its arguments, as a JSON object; --json '{…}' means the same here
    #[arg(long, value_name = "JSON")]
    pub(crate) arguments: Option<String>,
    /// The command of another server
    #[arg(last = true, value_name = "COMMAND")]
    pub(crate) command: Vec<OsString>,
}

/// `mcp call TOOL --json '{…}'` is how every other such program has it, and everywhere else here `--json` says how to
/// print; clap gives a name one meaning. An object after it can't be anything else than the arguments.
pub(crate) fn json_is_the_arguments(words: &mut [OsString]) {
    let typed = words.iter().position(|word| word == "--");
    let (words, _) = words.split_at_mut(typed.unwrap_or(words.len()));
    let is_call = words
        .windows(2)
        .any(|pair| pair[0] == "mcp" && pair[1] == "call");
    if !is_call {
        return;
    }
    for at in 0..words.len() {
        let text = words[at].to_string_lossy();
        let next_is_object = words
            .get(at + 1)
            .is_some_and(|next| next.to_string_lossy().trim_start().starts_with('{'));
        let renamed = match text.strip_prefix("--json") {
            Some("") if next_is_object => "--arguments".to_owned(),
            Some(rest) if rest.starts_with("={") => format!("--arguments{rest}"),
            _ => continue,
        };
        words[at] = renamed.into();
    }
}
