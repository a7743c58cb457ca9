//! What was uploaded, in files: a twin that holds 2 GiB has to stay as small as one that holds nothing.
//!
//! The files lie beside the state file and live as long as it does, or in a temporary folder that goes with the
//! sandbox. Hashes are taken as the bytes come, so that the end of a large upload is answered at once.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use md5::Md5;
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use sha2::{Digest, Sha256};

/// Google keeps resumable uploads in units of this size; what came after the last full one is lost with a connection.
pub(crate) const BLOCK: usize = 256 * 1024;

/// A complete file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Blob {
    /// Its file's name in the folder.
    pub name: String,
    pub size: u64,
    pub md5: String,
    pub sha1: String,
    pub sha256: String,
}

pub(crate) struct Blobs {
    folder: PathBuf,
    temporary: bool,
}

impl Blobs {
    /// The folder is made when the first file is.
    pub fn beside(state_file: Option<&Path>) -> Blobs {
        match state_file {
            Some(file) => {
                let mut folder = file.as_os_str().to_owned();
                folder.push(".blobs");
                Blobs {
                    folder: folder.into(),
                    temporary: false,
                }
            }
            None => Blobs {
                folder: std::env::temp_dir()
                    .join(format!("autopilot-sandbox-{}", uuid::Uuid::new_v4())),
                temporary: true,
            },
        }
    }

    /// Keeps bytes that are in memory already.
    pub fn put(&self, bytes: &[u8]) -> io::Result<Blob> {
        let mut spool = self.begin()?;
        spool.push(bytes)?;
        spool.finish()
    }

    /// A new, empty file.
    pub fn begin(&self) -> io::Result<Spool> {
        std::fs::create_dir_all(&self.folder)?;
        let name = uuid::Uuid::new_v4().simple().to_string();
        let mut options = std::fs::OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(self.folder.join(&name))?;
        Ok(Spool::new(name, file))
    }

    /// Goes on with a file after a restart. What is there is hashed again, up to its last full block.
    pub fn resume(&self, name: &str) -> io::Result<Spool> {
        let mut options = std::fs::OpenOptions::new();
        options.read(true).write(true);
        let mut file = options.open(self.folder.join(name))?;
        let whole = file.metadata()?.len() / BLOCK as u64 * BLOCK as u64;
        file.set_len(whole)?;
        file.rewind()?;
        let mut spool = Spool::new(name.to_owned(), file);
        let mut block = vec![0; BLOCK];
        while spool.stored < whole {
            spool.file.read_exact(&mut block)?;
            spool.hash(&block);
            spool.stored += BLOCK as u64;
        }
        Ok(spool)
    }

    pub fn file(&self, name: &str) -> io::Result<File> {
        File::open(self.folder.join(name))
    }

    /// A whole file. For messages, which have a limit.
    pub fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        std::fs::read(self.folder.join(name))
    }

    pub fn remove(&self, name: &str) {
        // One that is gone already is as good.
        let _ = std::fs::remove_file(self.folder.join(name));
    }

    pub fn clear(&self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Drop for Blobs {
    fn drop(&mut self) {
        if self.temporary {
            self.clear();
        }
    }
}

/// A file that is being written.
pub(crate) struct Spool {
    name: String,
    file: File,
    stored: u64,
    pending: Vec<u8>,
    md5: Md5,
    sha1: Sha1,
    sha256: Sha256,
}

impl Spool {
    fn new(name: String, file: File) -> Spool {
        Spool {
            name,
            file,
            stored: 0,
            pending: Vec::new(),
            md5: Md5::new(),
            sha1: Sha1::new(),
            sha256: Sha256::new(),
        }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// Bytes that are safe: always whole blocks until the end.
    pub fn stored(&self) -> u64 {
        self.stored
    }

    /// Takes bytes in. Only whole blocks are safe afterwards.
    pub fn push(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let (taken, rest) = bytes.split_at(bytes.len().min(BLOCK - self.pending.len()));
            self.pending.extend_from_slice(taken);
            bytes = rest;
            if self.pending.len() == BLOCK {
                self.flush()?;
            }
        }
        Ok(())
    }

    /// What came after the last whole block is gone, as after a broken connection.
    pub fn forget_pending(&mut self) {
        self.pending.clear();
    }

    /// Makes what is left safe and tells what the whole is.
    pub fn finish(&mut self) -> io::Result<Blob> {
        self.flush()?;
        Ok(Blob {
            name: self.name.clone(),
            size: self.stored,
            md5: hex(&self.md5.clone().finalize()),
            sha1: hex(&self.sha1.clone().finalize()),
            sha256: hex(&self.sha256.clone().finalize()),
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        let bytes = std::mem::take(&mut self.pending);
        self.file.seek(SeekFrom::Start(self.stored))?;
        self.file.write_all(&bytes)?;
        self.hash(&bytes);
        self.stored += bytes.len() as u64;
        self.pending = bytes;
        self.pending.clear();
        Ok(())
    }

    fn hash(&mut self, bytes: &[u8]) {
        self.md5.update(bytes);
        self.sha1.update(bytes);
        self.sha256.update(bytes);
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_was_broken_off_goes_on_at_its_last_whole_block() {
        let blobs = Blobs::beside(None);
        let bytes: Vec<u8> = (0..BLOCK * 2 + 1000).map(|at| at as u8).collect();
        let mut first = blobs.begin().unwrap();
        first.push(&bytes[..BLOCK + 17]).unwrap();
        let name = first.name().to_owned();
        drop(first);
        let mut again = blobs.resume(&name).unwrap();
        assert_eq!(again.stored(), BLOCK as u64);
        again.push(&bytes[BLOCK..]).unwrap();
        let blob = again.finish().unwrap();
        assert_eq!(blob.size, bytes.len() as u64);
        assert_eq!(blob.sha256, hex(&Sha256::digest(&bytes)));
        assert_eq!(blobs.read(&name).unwrap(), bytes);
    }

    #[test]
    fn a_sandbox_without_a_state_file_leaves_nothing_behind() {
        let blobs = Blobs::beside(None);
        blobs.put(b"x").unwrap();
        let folder = blobs.folder.clone();
        assert!(folder.exists());
        drop(blobs);
        assert!(!folder.exists());
    }
}
