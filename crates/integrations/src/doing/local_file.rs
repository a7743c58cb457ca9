//! A file on this machine that goes out, as it was when it was queued.

use std::{
    fs::{self, OpenOptions},
    io,
    path::{Path, PathBuf},
};

use tokio::fs::File;

use super::LocalError;
use crate::CallError;

/// Opens an ordinary file to read it. A pipe would wait for somebody to write into it, and a device for anything: so it
/// is looked at first, and one that takes the file's place in between doesn't wait.
///
/// # Errors
/// `InvalidInput` for what is no ordinary file, and what the system says.
pub fn open_ordinary(path: &Path) -> io::Result<fs::File> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut how = OpenOptions::new();
    how.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        how.custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
    }
    let file = how.open(path)?;
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::ErrorKind::InvalidInput.into())
    }
}

/// Hashed when it was queued; a file that is no longer that is not sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LocalFile {
    pub path: PathBuf,
    /// The name it goes out under.
    pub name: String,
    pub size: u64,
    /// SHA-256, lower-case hexadecimal.
    pub sha256: String,
    /// From the name's ending; `application/octet-stream` where that says nothing.
    pub media_type: String,
}

impl LocalFile {
    /// Opens it, and refuses one whose size is another by now. The bytes are compared with the hash by whoever sends
    /// them, as they go or at the end.
    pub async fn open(&self) -> Result<File, CallError> {
        let path = self.path.clone();
        let opened = tokio::task::spawn_blocking(move || open_ordinary(&path)).await;
        let file = match opened {
            Ok(Ok(file)) => File::from_std(file),
            // What is another kind of thing by now.
            Ok(Err(error)) if error.kind() == io::ErrorKind::InvalidInput => {
                return Err(self.changed());
            }
            Ok(Err(_)) | Err(_) => return Err(self.unreadable()),
        };
        let now = file.metadata().await.map_err(|_| self.unreadable())?;
        if now.len() == self.size {
            Ok(file)
        } else {
            Err(self.changed())
        }
    }

    /// All of it, checked against the hash: for what is sent in one piece.
    pub async fn read(&self) -> Result<Vec<u8>, CallError> {
        use sha2::{Digest, Sha256};
        use tokio::io::AsyncReadExt;

        let mut bytes = Vec::new();
        // One more than it should be, so that a file that grew is seen.
        self.open()
            .await?
            .take(self.size + 1)
            .read_to_end(&mut bytes)
            .await
            .map_err(|_| self.unreadable())?;
        let hash = Sha256::digest(&bytes);
        let same = hash
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
            == self.sha256;
        if same { Ok(bytes) } else { Err(self.changed()) }
    }

    #[must_use]
    pub fn unreadable(&self) -> CallError {
        LocalError::FileUnreadable {
            name: self.name.clone(),
        }
        .into()
    }

    #[must_use]
    pub fn changed(&self) -> CallError {
        LocalError::FileChanged {
            name: self.name.clone(),
        }
        .into()
    }
}

impl From<io::Error> for LocalError {
    /// Where a download is written to; nothing else here is written.
    fn from(_: io::Error) -> Self {
        Self::Unwritable
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_pipe_is_refused_at_once_instead_of_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, mode).unwrap();
        for other in [pipe.as_path(), folder.path(), Path::new("/dev/null")] {
            let refused = open_ordinary(other).unwrap_err();
            assert_eq!(refused.kind(), io::ErrorKind::InvalidInput, "{other:?}");
        }
        let file = folder.path().join("file");
        fs::write(&file, "text").unwrap();
        assert!(open_ordinary(&file).is_ok());
    }
}
