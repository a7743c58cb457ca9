//! `autopilot ledger export`: every line wanted, newest first, a page at a time, so that memory stays small.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::Path,
};

use model::{Error, ErrorCode, LedgerEntry, LedgerFilter};

use super::{csv, filter, page};
use crate::{
    args::ExportArguments,
    failure::Failure,
    local,
    output::Output,
    schema::{ExportAnswer, Exported},
    session::Session,
    terminal::Terminal,
};

const PAGE: u32 = 1000;

pub(super) async fn run(terminal: &Terminal, arguments: ExportArguments) -> Result<(), Failure> {
    if arguments.csv && terminal.out.json() && arguments.output.is_none() {
        return Err(Failure::usage(
            "Standard output can't be JSON and comma-separated at once.",
            "Leave out --json or --csv, or name a file with --output.",
        ));
    }
    let mut session = Session::open(&terminal.globals).await?;
    let mut filter = LedgerFilter {
        limit: Some(PAGE),
        ..filter(&mut session, arguments.which).await?
    };
    let mut into = Sink::open(terminal.out, arguments.output.as_deref())?;
    if arguments.csv {
        into.put(csv::HEAD)?;
    }
    let mut lines = 0_u64;
    loop {
        let entries = page(&mut session, filter.clone()).await?;
        for entry in &entries {
            into.put(&written(entry, arguments.csv)?)?;
            lines += 1;
        }
        match entries.last() {
            Some(last) if entries.len() >= PAGE as usize => filter.before = Some(last.seq),
            _ => break,
        }
    }
    into.close()?;
    if let Some(path) = arguments.output {
        let path = path.display().to_string();
        if terminal.out.json() {
            let exported = Exported { path, lines };
            terminal.out.object(&ExportAnswer { exported });
        } else {
            terminal
                .out
                .line(&format!("Wrote {lines} lines to {path}."));
        }
    }
    Ok(())
}

fn written(entry: &LedgerEntry, csv: bool) -> Result<String, Error> {
    if csv {
        return Ok(csv::row(entry));
    }
    serde_json::to_string(entry).map_err(|error| Error::new(ErrorCode::Internal).detail(error))
}

/// Where the lines go.
enum Sink {
    Terminal(Output),
    File(BufWriter<File>),
}

impl Sink {
    fn open(out: Output, path: Option<&Path>) -> Result<Self, Error> {
        let Some(path) = path else {
            return Ok(Self::Terminal(out));
        };
        local::new_file(path).map(|file| Self::File(BufWriter::new(file)))
    }

    fn put(&mut self, line: &str) -> Result<(), Error> {
        match self {
            Self::Terminal(out) => {
                out.row(line);
                Ok(())
            }
            Self::File(file) => writeln!(file, "{line}").map_err(|error| unwritten(&error)),
        }
    }

    fn close(self) -> Result<(), Error> {
        match self {
            Self::Terminal(_) => Ok(()),
            Self::File(mut file) => file.flush().map_err(|error| unwritten(&error)),
        }
    }
}

fn unwritten(error: &std::io::Error) -> Error {
    let reason = format!("The file can't be written: {error}.");
    Error::new(ErrorCode::InvalidInput).with("reason", reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_export_overwrites_nothing() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("ledger.csv");
        let out = Output::detect(false);
        let mut into = Sink::open(out, Some(&path)).unwrap();
        into.put("seq").unwrap();
        into.close().unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "seq\n");
        assert!(Sink::open(out, Some(&path)).is_err());
    }
}
