//! `autopilot ledger export`: every line wanted, newest first, a page at a time, so that memory stays small.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::Path,
};

use model::{Error, ErrorCode, LedgerEntry, LedgerFilter, Texts};

use super::{csv, filter, page};
use crate::{
    args::ExportArguments,
    failure::Failure,
    local,
    output::Output,
    schema::{ExportAnswer, Exported},
    session::Session,
    terminal::Terminal,
    words::counted,
};

const PAGE: u32 = 1000;

pub(super) async fn run(terminal: &Terminal, arguments: ExportArguments) -> Result<(), Failure> {
    if arguments.csv && terminal.out.json() && arguments.output.is_none() {
        return Err(Failure::usage(
            terminal.words("cli_ledger_two_shapes", &[]),
            terminal.words("cli_ledger_two_shapes_next", &[]),
        ));
    }
    let mut session = Session::open(&terminal.globals).await?;
    let mut filter = LedgerFilter {
        limit: Some(PAGE),
        ..filter(&mut session, arguments.which).await?
    };
    let unwritten = |error: io::Error| {
        let reason = terminal.words("cli_ledger_unwritten", &[("error", &error)]);
        Error::new(ErrorCode::InvalidInput).with("reason", reason)
    };
    let mut into = Sink::open(terminal, arguments.output.as_deref())?;
    if arguments.csv {
        into.put(csv::HEAD).map_err(unwritten)?;
    }
    let mut lines = 0_u64;
    loop {
        let entries = page(&mut session, filter.clone()).await?;
        for entry in &entries {
            let line = written(entry, arguments.csv)?;
            into.put(&line).map_err(unwritten)?;
            lines += 1;
        }
        match entries.last() {
            Some(last) if entries.len() >= PAGE as usize => filter.before = Some(last.seq),
            _ => break,
        }
    }
    into.close().map_err(unwritten)?;
    if let Some(path) = arguments.output {
        let path = path.display().to_string();
        if terminal.out.json() {
            let exported = Exported { path, lines };
            terminal.out.object(&ExportAnswer { exported });
        } else {
            terminal.out.line(&told(&terminal.texts, lines, &path));
        }
    }
    Ok(())
}

fn told(texts: &Texts, lines: u64, path: &str) -> String {
    counted(texts, "cli_ledger_written", lines, &[("path", &path)])
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
    fn open(terminal: &Terminal, path: Option<&Path>) -> Result<Self, Error> {
        let Some(path) = path else {
            return Ok(Self::Terminal(terminal.out));
        };
        local::new_file(terminal, path).map(|file| Self::File(BufWriter::new(file)))
    }

    fn put(&mut self, line: &str) -> io::Result<()> {
        match self {
            Self::Terminal(out) => {
                out.row(line);
                Ok(())
            }
            Self::File(file) => writeln!(file, "{line}"),
        }
    }

    fn close(self) -> io::Result<()> {
        match self {
            Self::Terminal(_) => Ok(()),
            Self::File(mut file) => file.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{args::Globals, platform::Ending};

    #[test]
    fn one_line_is_told_as_one() {
        let said = |lines| told(&Texts::english(), lines, "a.csv");
        assert_eq!(said(1), "Wrote one line to a.csv.");
        assert_eq!(said(2), "Wrote 2 lines to a.csv.");
    }

    #[test]
    fn an_export_overwrites_nothing() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("ledger.csv");
        let out = Output::detect(true);
        let terminal = Terminal::new(out, Globals::default(), Ending::never());
        let mut into = Sink::open(&terminal, Some(&path)).unwrap();
        into.put("seq").unwrap();
        into.close().unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "seq\n");
        assert!(Sink::open(&terminal, Some(&path)).is_err());
    }
}
