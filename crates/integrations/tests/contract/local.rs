//! What a write needs of this side: a file, and a journal.

use integrations::{CallError, Journal, LocalFile};
use model::{RemoteRef, Secret};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

/// A file full of sevens, so that the other side knows its checksum without having seen it.
pub struct LocalSevens {
    pub file: LocalFile,
    _folder: TempDir,
}

pub fn sevens(size: usize) -> (Vec<u8>, String) {
    let content = vec![7; size];
    let hash = Sha256::digest(&content);
    let hash = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    (content, hash)
}

impl LocalSevens {
    pub fn new(name: &str, size: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        let (content, sha256) = sevens(size);
        std::fs::write(&path, &content).unwrap();
        Self {
            file: LocalFile {
                path,
                name: name.to_owned(),
                size: u64::try_from(size).unwrap(),
                sha256,
                media_type: "application/octet-stream".to_owned(),
            },
            _folder: folder,
        }
    }
}

/// A journal that is never asked about anything.
pub struct Forgetful;

#[async_trait::async_trait]
impl Journal for Forgetful {
    async fn on_wire(&self) -> Result<(), CallError> {
        Ok(())
    }

    async fn piece_done(&self, _piece: RemoteRef) -> Result<(), CallError> {
        Ok(())
    }

    fn pieces(&self) -> Vec<RemoteRef> {
        Vec::new()
    }

    fn kept(&self) -> Option<Secret> {
        None
    }

    async fn keep(&self, _resume: Secret) -> Result<(), CallError> {
        Ok(())
    }

    fn progress(&self, _done: u64, _total: u64) {}

    fn is_cancelled(&self) -> bool {
        false
    }
}
