//! Files of a person's choosing: read up to a size, written whole, for the person alone, and over nothing that nobody
//! agreed to replace.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use integrations::open_ordinary;
use model::{Error, ErrorCode};
use zeroize::Zeroizing;

use super::refusal::Refusal;

/// A thousand connections with their grants and rules are a few megabytes.
pub(super) const LARGEST: u64 = 8 * 1024 * 1024;

/// The path, if it is whole: nobody's current folder counts here.
pub(super) fn whole(path: &str) -> Result<PathBuf, Error> {
    let path = PathBuf::from(path);
    if path.is_absolute() && path.file_name().is_some() {
        Ok(path)
    } else {
        Err(Error::new(ErrorCode::FileUnreadable).with("file", path.display()))
    }
}

/// Reads it all, or refuses before it has read more than [`LARGEST`].
pub(super) fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, Trouble> {
    let file = match open_ordinary(path) {
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
            return Err(Refusal::new("reason_import_not_ours").into());
        }
        opened => opened?,
    };
    let size = file.metadata()?.len();
    if size > LARGEST {
        return Err(too_large());
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(size).unwrap_or(0) + 1));
    // It may grow meanwhile, or lie about its size.
    file.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(too_large());
    }
    Ok(bytes)
}

#[derive(Debug)]
pub(super) enum Trouble {
    Disk(io::Error),
    Refused(Refusal),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Disk(error)
    }
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

fn too_large() -> Trouble {
    Refusal::new("reason_import_too_large")
        .with("megabytes", LARGEST / (1024 * 1024))
        .into()
}

/// Writes beside, reads back, then takes the name. A crash leaves the former file, or none.
pub(super) fn write(path: &Path, bytes: &[u8], replace: bool) -> Result<(), Error> {
    let failed = |error: io::Error| {
        let folder = path.parent().unwrap_or(path).display();
        Error::new(ErrorCode::FolderUnwritable)
            .with("folder", folder)
            .detail(error.kind())
    };
    let exists = || Error::new(ErrorCode::FileExists).with("file", path.display());
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => return Err(failed(io::ErrorKind::IsADirectory.into())),
        Ok(_) if !replace => return Err(exists()),
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    let beside = Beside::write(path, bytes).map_err(failed)?;
    if !replace {
        // The name is taken first, so that moving onto it replaces nothing but our own empty file.
        match create_new(path) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(exists()),
            Err(error) => return Err(failed(error)),
        }
    }
    beside.take_place_of(path).map_err(|error| {
        if !replace {
            // The name was ours, and empty.
            let _ = fs::remove_file(path);
        }
        failed(error)
    })
}

/// A file of ours beside the one meant; gone again unless it took its place.
struct Beside(Option<PathBuf>);

impl Beside {
    fn write(path: &Path, bytes: &[u8]) -> io::Result<Self> {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}.part", uuid::Uuid::new_v4().simple()));
        let part = path.with_file_name(name);
        let mut file = create_new(&part)?;
        let beside = Self(Some(part.clone()));
        file.write_all(bytes)?;
        file.sync_all()?;
        drop(file);
        if fs::read(&part)? != bytes {
            return Err(io::ErrorKind::InvalidData.into());
        }
        Ok(beside)
    }

    fn take_place_of(mut self, path: &Path) -> io::Result<()> {
        if let Some(part) = &self.0 {
            // Replaces a link, never what it leads to.
            fs::rename(part, path)?;
            self.0 = None;
        }
        // On the disk only once its folder is. Windows has no such call and needs none.
        if cfg!(unix)
            && let Some(folder) = path.parent()
        {
            File::open(folder)?.sync_all()?;
        }
        Ok(())
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        if let Some(part) = self.0.take() {
            let _ = fs::remove_file(part);
        }
    }
}

/// Fails where anything of that name is, a link included.
fn create_new(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_only_where_the_person_agreed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        write(&path, b"first", false).unwrap();
        let refused = write(&path, b"second", false).unwrap_err();
        assert_eq!(refused.code, ErrorCode::FileExists);
        assert_eq!(fs::read(&path).unwrap(), b"first");
        write(&path, b"second", true).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn what_is_written_is_the_persons_alone_and_follows_no_link() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let (mine, link) = (folder.path().join("mine"), folder.path().join("link"));
        fs::write(&mine, "mine").unwrap();
        std::os::unix::fs::symlink(&mine, &link).unwrap();
        assert!(write(&link, b"theirs", false).is_err());
        write(&link, b"theirs", true).unwrap();
        assert_eq!(fs::read(&mine).unwrap(), b"mine");
        let mode = fs::metadata(&link).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn neither_a_folder_nor_a_huge_file_is_read() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(read(folder.path()), Err(Trouble::Refused(_))));
        // Sparse: it takes no room, and would take eight gigabytes of memory.
        let huge = folder.path().join("huge");
        File::create(&huge).unwrap().set_len(8 << 30).unwrap();
        assert!(matches!(read(&huge), Err(Trouble::Refused(_))));
        File::create(&huge).unwrap().set_len(LARGEST).unwrap();
        assert_eq!(read(&huge).unwrap().len() as u64, LARGEST);
    }
}
