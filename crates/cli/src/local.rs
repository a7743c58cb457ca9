//! Paths as they were typed, made into what the hub can use: absolute, and known to be readable from here.
//!
//! The hub runs in another folder, so a relative path means nothing to it; and a mistyped one is said at once,
//! before anything is asked.

use std::{
    fs::{File, OpenOptions},
    path::{Path, PathBuf},
};

use model::{Error, ErrorCode};

use crate::{failure::Failure, input, terminal::Terminal, words::Gaps};

/// More text than anybody writes; it has to fit a line of the socket beside everything else.
const MAX_TEXT: u64 = 3 * 1024 * 1024;

/// The absolute path of a file that can be read.
pub(crate) fn file(path: &Path) -> Result<String, Error> {
    let readable = File::open(path).and_then(|file| file.metadata());
    match readable {
        Ok(found) if found.is_file() => text(path, ErrorCode::FileUnreadable, "file"),
        Ok(_) => Err(unreadable(path).detail("it is no ordinary file")),
        Err(error) => Err(unreadable(path).detail(error)),
    }
}

pub(crate) fn files(paths: &[PathBuf]) -> Result<Vec<String>, Error> {
    paths.iter().map(|path| file(path)).collect()
}

/// A new file of the person's alone: what it holds concerns nobody else, and nothing is overwritten.
pub(crate) fn new_file(terminal: &Terminal, path: &Path) -> Result<File, Error> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|error| {
        if error.kind() == std::io::ErrorKind::AlreadyExists {
            return Error::new(ErrorCode::FileExists).with("file", path.display());
        }
        let gaps: Gaps<'_> = &[("file", &path.display()), ("error", &error)];
        let reason = terminal.words("cli_file_not_made", gaps);
        Error::new(ErrorCode::InvalidInput).with("reason", reason)
    })
}

/// The absolute path of a folder that is there.
pub(crate) fn folder(path: &Path) -> Result<String, Error> {
    if path.is_dir() {
        text(path, ErrorCode::FolderUnwritable, "folder")
    } else {
        Err(Error::new(ErrorCode::FolderUnwritable).with("folder", path.display()))
    }
}

/// What a file says, or standard input where it is `-`.
pub(crate) async fn contents(terminal: &Terminal, path: &Path) -> Result<String, Failure> {
    if path == Path::new("-") {
        return input::whole(terminal, MAX_TEXT).await;
    }
    let found = std::fs::metadata(path).map_err(|error| unreadable(path).detail(error))?;
    if found.len() > MAX_TEXT {
        return Err(unreadable(path).detail("it is longer than 3 MiB").into());
    }
    let read = std::fs::read_to_string(path);
    Ok(read.map_err(|error| unreadable(path).detail(error))?)
}

/// The text of a mail or message: typed, from a file, or from standard input where that is piped. `None` where nobody
/// gave one.
pub(crate) async fn words(
    terminal: &Terminal,
    typed: Option<String>,
    from: Option<&Path>,
    may_be_piped: bool,
) -> Result<Option<String>, Failure> {
    match (typed, from) {
        (Some(typed), _) => Ok(Some(typed)),
        (None, Some(path)) => contents(terminal, path).await.map(Some),
        (None, None) if may_be_piped && !input::is_terminal() => {
            let piped = input::whole(terminal, MAX_TEXT).await?;
            Ok(Some(piped).filter(|text| !text.is_empty()))
        }
        (None, None) => Ok(None),
    }
}

fn text(path: &Path, code: ErrorCode, argument: &str) -> Result<String, Error> {
    let whole = std::path::absolute(path).map_err(|error| {
        Error::new(code)
            .with(argument, path.display())
            .detail(error)
    })?;
    whole.into_os_string().into_string().map_err(|_| {
        Error::new(code)
            .with(argument, path.display())
            .detail("its name is not valid text")
    })
}

fn unreadable(path: &Path) -> Error {
    Error::new(ErrorCode::FileUnreadable).with("file", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_absolutely_and_must_be_one() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("a.txt");
        std::fs::write(&path, "x").unwrap();
        assert!(Path::new(&file(&path).unwrap()).is_absolute());
        for wrong in [home.path(), &home.path().join("none.txt")] {
            assert_eq!(file(wrong).unwrap_err().code, ErrorCode::FileUnreadable);
        }
        assert!(folder(home.path()).is_ok());
        assert_eq!(folder(&path).unwrap_err().code, ErrorCode::FolderUnwritable);
    }
}
