//! What the twins remember, one section a service, and the file that lets it outlive a restart.
//!
//! Sections are opened lazily by type, so a new service adds none of its own names here. Tokens reach a section
//! only as their SHA-256: the file must be worthless to whoever finds it.

use std::any::Any;
use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::seed::Seed;

/// What one service remembers.
pub(crate) trait Section: Serialize + DeserializeOwned + Default + Send + 'static {
    const NAME: &'static str;
}

/// The whole memory of a sandbox.
pub(crate) struct State {
    seed: Seed,
    file: Option<PathBuf>,
    memory: Mutex<Memory>,
}

#[derive(Default)]
struct Memory {
    open: HashMap<&'static str, Box<dyn Any + Send>>,
    saved: Saved,
}

/// The file's shape.
#[derive(Default, Serialize, Deserialize)]
struct Saved {
    port: Option<u16>,
    #[serde(default)]
    sections: BTreeMap<String, Value>,
}

impl State {
    /// A file that exists but can't be read is an error and stays as it is.
    pub fn open(file: Option<PathBuf>, seed: Seed) -> io::Result<State> {
        let saved = match file.as_deref().map(std::fs::read) {
            Some(Ok(bytes)) => serde_json::from_slice(&bytes)?,
            Some(Err(error)) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => Saved::default(),
        };
        Ok(State {
            seed,
            file,
            memory: Mutex::new(Memory {
                open: HashMap::new(),
                saved,
            }),
        })
    }

    pub fn seed(&self) -> &Seed {
        &self.seed
    }

    pub fn remembered_port(&self) -> Option<u16> {
        self.lock().saved.port
    }

    pub fn remember_port(&self, port: u16) -> io::Result<()> {
        let mut memory = self.lock();
        memory.saved.port = Some(port);
        self.file
            .as_deref()
            .map_or(Ok(()), |file| write_atomically(file, &memory.saved))
    }

    pub fn read<S: Section, R>(&self, look: impl FnOnce(&S) -> R) -> R {
        let mut memory = self.lock();
        let section = take::<S>(&mut memory);
        let result = look(&section);
        memory.open.insert(S::NAME, section);
        result
    }

    /// Looks at a section that fills in what it doesn't save, such as the seed. Nothing is written.
    pub fn visit<S: Section, R>(&self, look: impl FnOnce(&mut S) -> R) -> R {
        let mut memory = self.lock();
        let mut section = take::<S>(&mut memory);
        let result = look(&mut section);
        memory.open.insert(S::NAME, section);
        result
    }

    /// Changes a section and saves it before the lock is released: an answer is never ahead of the file.
    pub fn write<S: Section, R>(&self, change: impl FnOnce(&mut S) -> R) -> R {
        let mut memory = self.lock();
        let mut section = take::<S>(&mut memory);
        let result = change(&mut section);
        if let Some(file) = &self.file {
            match serde_json::to_value(&*section) {
                Ok(value) => {
                    memory.saved.sections.insert(S::NAME.into(), value);
                    if let Err(error) = write_atomically(file, &memory.saved) {
                        tracing::warn!(%error, "the sandbox's state could not be saved");
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, section = S::NAME, "the sandbox's state could not be saved")
                }
            }
        }
        memory.open.insert(S::NAME, section);
        result
    }

    /// Back to the seed.
    pub fn reset(&self) {
        let mut memory = self.lock();
        memory.open.clear();
        memory.saved.sections.clear();
        if let Some(file) = &self.file
            && let Err(error) = write_atomically(file, &memory.saved)
        {
            tracing::warn!(%error, "the sandbox's state could not be saved");
        }
    }

    fn lock(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes a section out of memory, or out of the file the first time. A panic while it is out loses only what was not
/// saved.
fn take<S: Section>(memory: &mut Memory) -> Box<S> {
    if let Some(section) = memory
        .open
        .remove(S::NAME)
        .and_then(|section| section.downcast::<S>().ok())
    {
        return section;
    }
    let Some(value) = memory.saved.sections.get(S::NAME) else {
        return Box::default();
    };
    match S::deserialize(value) {
        Ok(section) => Box::new(section),
        Err(error) => {
            tracing::warn!(%error, section = S::NAME, "a saved section can't be read and starts empty");
            Box::default()
        }
    }
}

/// Readers see the old file or the new one. It is not synced to disk: a sandbox has to survive a kill, not a power cut.
fn write_atomically(file: &Path, saved: &Saved) -> io::Result<()> {
    let mut beside = file.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut new = options.open(&beside)?;
    new.write_all(&serde_json::to_vec_pretty(saved)?)?;
    drop(new);
    std::fs::rename(&beside, file)
}

/// SHA-256 in hexadecimal: how tokens are kept.
pub(crate) fn fingerprint(token: &str) -> String {
    Sha256::digest(token.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// 244 random bits with a readable beginning.
pub(crate) fn fresh_token(prefix: &str) -> String {
    format!(
        "{prefix}{}{}",
        uuid::Uuid::new_v4().simple(),
        uuid::Uuid::new_v4().simple()
    )
}
