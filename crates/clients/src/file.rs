//! Reading and replacing one file of the person's. Replaced in one step, so that no reader sees half of it; what a
//! link leads to is replaced and the link stays, because people keep such files elsewhere and link them.

use std::{
    fs::{self, File, Metadata},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

use crate::Trouble;

/// Claude Code keeps its history in the file; nobody's is this long.
pub const LONGEST: u64 = 16 * 1024 * 1024;

/// A file as it was found.
pub struct Found {
    /// Where it really is.
    pub real: PathBuf,
    pub text: String,
    metadata: Metadata,
}

/// `None` where nothing is there.
pub fn read(path: &Path) -> Result<Option<Found>, Trouble> {
    if let Err(error) = fs::symlink_metadata(path) {
        return match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Ok(None),
            _ => Err(Trouble::Unreadable(error)),
        };
    }
    let real = fs::canonicalize(path).map_err(|error| match error.kind() {
        // The link is there, and what it names isn't.
        io::ErrorKind::NotFound => Trouble::NoFile,
        _ => Trouble::Unreadable(error),
    })?;
    let metadata = fs::metadata(&real).map_err(Trouble::Unreadable)?;
    // Before it is opened: opening a pipe waits for its other end.
    if !metadata.is_file() {
        return Err(Trouble::NoFile);
    }
    let file = File::open(&real).map_err(Trouble::Unreadable)?;
    let mut bytes = Vec::new();
    file.take(LONGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(Trouble::Unreadable)?;
    if bytes.len() as u64 > LONGEST {
        return Err(Trouble::TooLong);
    }
    let text = String::from_utf8(bytes).map_err(|_| Trouble::NoText)?;
    Ok(Some(Found {
        real,
        text,
        metadata,
    }))
}

/// Puts `text` where `found` was, with its mode; or makes the file, for its owner alone. `still` is asked right before:
/// its error leaves everything as it is.
pub fn replace(
    path: &Path,
    found: Option<&Found>,
    text: &str,
    still: impl FnOnce() -> Result<(), Trouble>,
) -> Result<(), Trouble> {
    let real = found.map_or(path, |found| &found.real);
    let folder = real.parent().ok_or(Trouble::NoFile)?;
    // Made readable for us alone, and in the same folder, so that it can take the place in one step.
    let mut new = NamedTempFile::new_in(folder).map_err(Trouble::Unwritable)?;
    new.write_all(text.as_bytes())
        .map_err(Trouble::Unwritable)?;
    if let Some(found) = found {
        new.as_file()
            .set_permissions(found.metadata.permissions())
            .map_err(Trouble::Unwritable)?;
    }
    new.as_file().sync_all().map_err(Trouble::Unwritable)?;
    still()?;
    match found {
        Some(_) => new.persist(real).map(drop),
        // Somebody may have made one since.
        None => new.persist_noclobber(real).map(drop),
    }
    .map_err(|failed| match failed.error.kind() {
        io::ErrorKind::AlreadyExists => Trouble::Changed,
        _ => Trouble::Unwritable(failed.error),
    })
}

/// Keeps a copy of `found` at `path`, with its mode; overwrites nothing.
pub fn keep(found: &Found, path: &Path) -> Result<(), Trouble> {
    let folder = path.parent().ok_or(Trouble::NoFile)?;
    let mut copy = NamedTempFile::new_in(folder).map_err(Trouble::Unwritable)?;
    copy.write_all(found.text.as_bytes())
        .map_err(Trouble::Unwritable)?;
    copy.as_file()
        .set_permissions(found.metadata.permissions())
        .map_err(Trouble::Unwritable)?;
    copy.as_file().sync_all().map_err(Trouble::Unwritable)?;
    copy.persist_noclobber(path)
        .map(drop)
        .map_err(|failed| Trouble::Unwritable(failed.error))
}
