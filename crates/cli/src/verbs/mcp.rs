//! `mcp`: serves agents over standard input and output; and the other end, to list and call tools by hand.

use std::{ffi::OsString, process::Command, time::Duration};

use link::{Ahead, ProfilePaths};
use mcp::client::{ClientError, Connected};
use model::{Error, ErrorCode};
use serde_json::Value;

use super::interruptible;
use crate::{
    args::{Globals, McpArguments, McpCallArguments, McpVerb},
    exit::Exit,
    failure::Failure,
    session,
    terminal::Terminal,
    words::Gaps,
};

const FACE: &str = "mcp";

/// Asks the hub what is always asked first, before this program is ready to hear it.
pub(crate) fn ask_ahead(globals: &Globals) -> Option<Ahead> {
    let paths = ProfilePaths::for_profile(&globals.profile(), None).ok()?;
    Ahead::ask(&paths, FACE, mcp::FIRST_QUESTION)
}

pub(super) async fn run(terminal: &Terminal, arguments: McpArguments) -> Result<(), Failure> {
    let patience = arguments.patience;
    match arguments.verb {
        None => serve(terminal, Duration::from_secs(patience), None).await,
        Some(McpVerb::Tools(arguments)) => {
            let command = server(terminal, arguments.command, patience)?;
            interruptible(terminal, tools(terminal, command)).await
        }
        Some(McpVerb::Call(arguments)) => {
            interruptible(terminal, call(terminal, arguments, patience)).await
        }
    }
}

/// Nothing of this program's own may be printed from here on: standard output is the protocol's.
pub(crate) async fn serve(
    terminal: &Terminal,
    patience: Duration,
    ahead: Option<Ahead>,
) -> Result<(), Failure> {
    let session = session::link_as(FACE, &terminal.globals)?.after(ahead);
    tokio::select! {
        () = mcp::serve_stdio(mcp::face(session, patience)) => {}
        // A client that is tired of waiting for our end says so this way.
        () = terminal.ending.asked() => {}
    }
    Ok(())
}

async fn tools(terminal: &Terminal, command: Command) -> Result<(), Failure> {
    let wrong = |error| refused(terminal, error);
    let server = Connected::start(command).await.map_err(wrong)?;
    let listed = server.tools().await.map_err(wrong);
    server.leave().await;
    let listed = listed?;
    if terminal.out.json() {
        terminal.out.object(&serde_json::json!({ "tools": listed }));
        return Ok(());
    }
    for tool in listed {
        let about = tool.description.unwrap_or_default();
        terminal.out.line(&format!("{}  {about}", tool.name));
    }
    Ok(())
}

/// The answer as one line of JSON: what was asked for is data, for people too.
async fn call(
    terminal: &Terminal,
    arguments: McpCallArguments,
    patience: u64,
) -> Result<(), Failure> {
    let given = match serde_json::from_str(arguments.arguments.as_deref().unwrap_or("{}")) {
        Ok(Value::Object(object)) => object,
        Ok(_) => return Err(misfit(terminal, "cli_mcp_no_object", &[])),
        Err(error) => return Err(misfit(terminal, "cli_mcp_no_json", &[("why", &error)])),
    };
    let wrong = |error| refused(terminal, error);
    let command = server(terminal, arguments.command, patience)?;
    let server = Connected::start(command).await.map_err(wrong)?;
    let answered = server.call(arguments.tool, given).await.map_err(wrong);
    server.leave().await;
    let answered = answered?;
    let structured = answered
        .structured_content
        .unwrap_or_else(|| serde_json::to_value(&answered.content).unwrap_or_default());
    if answered.is_error == Some(true) {
        terminal
            .out
            .object(&serde_json::json!({ "error": structured }));
        return Err(Failure::Told(exit(&structured)));
    }
    terminal.out.object(&structured);
    Ok(())
}

/// What the code of a tool's error means everywhere else in this program.
fn exit(structured: &Value) -> Exit {
    let code = serde_json::from_value::<ErrorCode>(structured["code"].clone());
    code.map_or(Exit::Failed, Exit::from)
}

/// Our own server for the same profile, unless another was named.
fn server(terminal: &Terminal, named: Vec<OsString>, patience: u64) -> Result<Command, Failure> {
    let mut named = named.into_iter();
    if let Some(program) = named.next() {
        let mut command = Command::new(program);
        command.args(named);
        return Ok(command);
    }
    let program =
        std::env::current_exe().map_err(|error| Error::new(ErrorCode::Internal).detail(error))?;
    let mut command = Command::new(program);
    command.args(["mcp", "--patience", &patience.to_string()]);
    session::same_profile(&mut command, &terminal.globals);
    Ok(command)
}

fn misfit(terminal: &Terminal, key: &str, gaps: Gaps<'_>) -> Failure {
    let example = r#"--json '{"limit": 5}'"#;
    Failure::usage(
        terminal.words(key, gaps),
        terminal.words("cli_mcp_misfit_next", &[("example", &example)]),
    )
}

fn refused(terminal: &Terminal, error: ClientError) -> Failure {
    match error {
        ClientError::Refused(why) => {
            let list = terminal.command("mcp tools");
            let next = terminal.words("cli_mcp_refused_next", &[("command", &list)]);
            Failure::usage(why, next)
        }
        other => Error::new(ErrorCode::Internal).detail(other).into(),
    }
}
