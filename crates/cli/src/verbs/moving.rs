//! `autopilot export` and `autopilot import`: the first writes what holds no secret; the second shows the way to the window,
//! where a person sees what would change.

use std::{io::Write, path::Path};

use model::{Error, ErrorCode, OpenTarget, Request};

use crate::{
    args::{MoveInArguments, MoveOutArguments},
    failure::Failure,
    local,
    schema::{MovedOut, MovedOutAnswer},
    session::{Session, answer},
    terminal::Terminal,
};

pub(super) async fn export(
    terminal: &Terminal,
    arguments: MoveOutArguments,
) -> Result<(), Failure> {
    let mut session = Session::open(&terminal.globals).await?;
    let text = answer!(session.ask(Request::Export).await?, Export)?;
    let Some(path) = arguments.file.filter(|path| path != Path::new("-")) else {
        terminal.out.row(text.trim_end());
        return Ok(());
    };
    write(terminal, &path, &text)?;
    let path = path.display().to_string();
    if terminal.out.json() {
        let exported = MovedOut { path };
        terminal.out.object(&MovedOutAnswer { exported });
    } else {
        let said = terminal.words("cli_export_written", &[("file", &path)]);
        terminal.out.line(&said);
    }
    Ok(())
}

pub(super) async fn import(terminal: &Terminal, arguments: MoveInArguments) -> Result<(), Failure> {
    let file = arguments.file.as_deref().map(local::file).transpose()?;
    let mut session = Session::open(&terminal.globals).await?;
    let hub = answer!(session.ask(Request::Hub).await?, Hub)?;
    if hub.headless {
        return Err(ErrorCode::WindowNeeded.into());
    }
    let target = OpenTarget::Moving;
    session.ask(Request::Open { target }).await?;
    terminal.out.line(&match file {
        Some(file) => terminal.words("cli_import_choose_file", &[("file", &file)]),
        None => terminal.words("cli_import_choose", &[]),
    });
    Ok(())
}

/// Whole or not at all, and over nothing.
fn write(terminal: &Terminal, path: &Path, text: &str) -> Result<(), Error> {
    let failed = |error: std::io::Error| {
        let reason = terminal.words(
            "cli_export_not_written",
            &[("file", &path.display()), ("error", &error)],
        );
        Error::new(ErrorCode::InvalidInput).with("reason", reason)
    };
    let mut file = local::new_file(terminal, path)?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(|error| {
            // Ours, and only half of something.
            let _ = std::fs::remove_file(path);
            failed(error)
        })
}
