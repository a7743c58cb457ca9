//! A file on this machine that goes out, as it was when it was queued.

use std::{io, path::PathBuf};

use tokio::fs::File;

use super::LocalError;
use crate::CallError;

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
        let file = File::open(&self.path)
            .await
            .map_err(|_| self.unreadable())?;
        let now = file.metadata().await.map_err(|_| self.unreadable())?;
        if now.len() == self.size && now.is_file() {
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
