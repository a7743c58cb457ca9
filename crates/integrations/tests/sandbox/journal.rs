//! A journal that forgets nothing, and files to send.

use std::sync::{
    Mutex,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use async_trait::async_trait;
use integrations::{CallError, Journal, LocalFile};
use model::{RemoteRef, Secret};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

#[derive(Default)]
pub struct Remembered {
    pub pieces: Mutex<Vec<RemoteRef>>,
    pub kept: Mutex<Option<String>>,
    pub progress: Mutex<Vec<(u64, u64)>>,
    pub wires: AtomicUsize,
    pub cancelled: AtomicBool,
}

#[async_trait]
impl Journal for Remembered {
    async fn on_wire(&self) -> Result<(), CallError> {
        self.wires.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    async fn piece_done(&self, piece: RemoteRef) -> Result<(), CallError> {
        self.pieces.lock().unwrap().push(piece);
        Ok(())
    }

    fn pieces(&self) -> Vec<RemoteRef> {
        self.pieces.lock().unwrap().clone()
    }

    fn kept(&self) -> Option<Secret> {
        self.kept.lock().unwrap().clone().map(Secret::new)
    }

    async fn keep(&self, resume: Secret) -> Result<(), CallError> {
        *self.kept.lock().unwrap() = Some(resume.expose().to_owned());
        Ok(())
    }

    fn progress(&self, done: u64, total: u64) {
        self.progress.lock().unwrap().push((done, total));
    }

    fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::SeqCst)
    }
}

/// A file of this content, which is there for as long as the folder is.
pub fn file(name: &str, bytes: &[u8]) -> (TempDir, LocalFile) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    let local = LocalFile {
        path,
        name: name.to_owned(),
        size: bytes.len() as u64,
        sha256: sha256(bytes),
        media_type: "text/plain".to_owned(),
    };
    (folder, local)
}

pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
