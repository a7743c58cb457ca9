//! Replacing a file in one step: whole and on the disk, or as it was.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// `path` with something appended to its whole name.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

/// Writes `bytes` to a new file beside `path`, readable by the user alone; reads it back; and lets it take
/// `path`'s place only if `good` says yes to what was read.
///
/// # Errors
/// Any failure of the file system, or `InvalidData` if `good` says no. `path` is then untouched.
pub(super) fn replace(
    path: &Path,
    bytes: &[u8],
    good: impl FnOnce(&[u8]) -> bool,
) -> io::Result<()> {
    let fresh = beside(path, ".new");
    let outcome = write(&fresh, bytes).and_then(|()| {
        if !good(&fs::read(&fresh)?) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "what was read back isn't what was written",
            ));
        }
        fs::rename(&fresh, path)
    });
    if outcome.is_err() {
        // Only ours, and only half of something; whether it can be removed changes nothing.
        let _ = fs::remove_file(&fresh);
        return outcome;
    }
    sync_folder(path)
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // What a crash left behind may have other permissions; ours starts anew.
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// A rename is on the disk only once its folder is. Windows has no such call and needs none.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix)
        && let Some(folder) = path.parent()
    {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}
