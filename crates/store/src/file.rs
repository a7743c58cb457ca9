//! The database as files: readable by their owner alone, and set aside, never deleted, when they can't be used.

use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};

use jiff::Timestamp;

use crate::StoreError;

/// A former database that could not be used, under its new name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SetAside {
    pub file: PathBuf,
    pub why: SetAsideWhy,
    /// What could be read of it is in the new one.
    pub saved: bool,
}

impl SetAside {
    /// Without its folder, for people.
    #[must_use]
    pub fn file_name(&self) -> String {
        self.file
            .file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SetAsideWhy {
    /// Not a database, or one that contradicts itself.
    Damaged,
    /// Written by a later version of the app.
    Newer,
}

impl SetAsideWhy {
    const fn word(self) -> &'static str {
        match self {
            Self::Damaged => "damaged",
            Self::Newer => "newer",
        }
    }
}

/// Makes folder and file where they are missing. SQLite gives the files beside it the same rights.
pub fn prepare(path: &Path) -> Result<(), StoreError> {
    let failed = |source| StoreError::File {
        path: path.to_owned(),
        source,
    };
    if let Some(folder) = path.parent().filter(|folder| !folder.exists()) {
        private::folder(folder).map_err(failed)?;
    }
    private::file(path).map_err(failed)
}

/// Renames the database and what belongs to it to `NAME.WHY-STAMP`; SQLite still finds them together there.
pub fn set_aside(path: &Path, why: SetAsideWhy, saved: bool) -> Result<SetAside, StoreError> {
    let failed = |source| StoreError::File {
        path: path.to_owned(),
        source,
    };
    let aside = free_name(path, why).map_err(failed)?;
    // The log first: beside a new, empty database SQLite would throw it away.
    for suffix in ["-shm", "-wal", ""] {
        match fs::rename(with_suffix(path, suffix), with_suffix(&aside, suffix)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && !suffix.is_empty() => {}
            outcome => outcome.map_err(failed)?,
        }
    }
    tracing::warn!(file = %aside.display(), why = why.word(), "set the database aside");
    Ok(SetAside {
        file: aside,
        why,
        saved,
    })
}

/// Where what can be read of a damaged database is gathered.
pub fn salvaged(path: &Path) -> PathBuf {
    with_suffix(path, ".salvaged")
}

pub fn remove(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(StoreError::File {
            path: path.to_owned(),
            source,
        }),
        _ => Ok(()),
    }
}

/// What was gathered takes the place of the database that was set aside, also where a crash came between the two. It is
/// never one half written: the damaged one still stands in its place then.
pub fn take_over(path: &Path) -> Result<(), StoreError> {
    let gathered = salvaged(path);
    if path.symlink_metadata().is_ok() || gathered.symlink_metadata().is_err() {
        return Ok(());
    }
    fs::rename(&gathered, path).map_err(|source| StoreError::File {
        path: path.to_owned(),
        source,
    })
}

fn free_name(path: &Path, why: SetAsideWhy) -> io::Result<PathBuf> {
    let stamp = Timestamp::now().strftime("%Y%m%dT%H%M%SZ");
    for n in 1..1000 {
        let tail = match n {
            1 => format!(".{}-{stamp}", why.word()),
            n => format!(".{}-{stamp}-{n}", why.word()),
        };
        let name = with_suffix(path, &tail);
        // A rename would replace what is there.
        let taken = ["", "-wal", "-shm"]
            .iter()
            .any(|suffix| with_suffix(&name, suffix).symlink_metadata().is_ok());
        if !taken {
            return Ok(name);
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

#[cfg(unix)]
mod private {
    use std::{
        fs::{self, DirBuilder, OpenOptions, Permissions},
        io,
        os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
        path::Path,
    };

    pub fn folder(path: &Path) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(path)
    }

    pub fn file(path: &Path) -> io::Result<()> {
        OpenOptions::new()
            .append(true)
            .create(true)
            .mode(0o600)
            .open(path)?;
        fs::set_permissions(path, Permissions::from_mode(0o600))
    }
}

/// Elsewhere the profile's folder inherits rights for its owner alone (`%LOCALAPPDATA%`).
#[cfg(not(unix))]
mod private {
    use std::{fs, io, path::Path};

    pub fn folder(path: &Path) -> io::Result<()> {
        fs::create_dir_all(path)
    }

    pub fn file(path: &Path) -> io::Result<()> {
        fs::OpenOptions::new()
            .append(true)
            .create(true)
            .open(path)
            .map(drop)
    }
}
