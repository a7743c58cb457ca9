//! Who may do what. Behind the door, so that no face can forget it.
//!
//! [`admission`] lets callers in and turns them away; [`judge`] is what the rules say of one write, and pure;
//! [`writes`] asks it, with folders and counts; [`approval`] is a person's word on one write; [`taint`] remembers who
//! was told text from outside; [`budget`] keeps a caller from using up what others need; [`rules`] is what the window
//! changes; [`file`] is the same for hubs without one; [`hearing`] decides who hears which event; [`token`] gives raw
//! tokens out.
//!
//! Nothing here is decided by what a caller says of itself.

mod admission;
mod approval;
mod budget;
mod file;
mod folders;
mod hearing;
mod judge;
mod rules;
mod taint;
mod token;
mod writes;

use std::{
    collections::{BTreeSet, HashMap},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use model::{Admission, Caller, ClientInfo, Timestamp};
use store::{CallerRow, Store, StoreError};
use tokio::{sync::OwnedMutexGuard, time::Instant};

pub(crate) use admission::is_direction;
pub(crate) use budget::Reserves;
pub(crate) use file::PolicyFile;
pub(crate) use rules::rules_fit;
pub(crate) use writes::Verdict;

/// What the hub knows of its callers, in memory; the table is written first.
#[derive(Debug)]
pub(crate) struct Policy {
    known: Mutex<HashMap<Caller, CallerRow>>,
    /// One change of a caller's row at a time, from reading it to keeping it: rows are kept whole, so that of two at once
    /// the later would undo the other.
    changing: Arc<tokio::sync::Mutex<()>>,
    /// What `policy.toml` adds where there is no window.
    file: PolicyFile,
    /// Where it is, for messages.
    file_path: PathBuf,
    /// No real account is behind this profile: programs are let in from the start.
    trial: bool,
    present: Mutex<HashMap<Caller, Presence>>,
    budget: budget::Spent,
    told: Mutex<Option<Instant>>,
}

/// What is only true while the hub runs.
#[derive(Clone, Debug, Default)]
struct Presence {
    listening: u32,
    last_seen: Option<Timestamp>,
    client: Option<ClientInfo>,
}

impl Policy {
    pub(crate) fn load(
        store: &Store,
        data_dir: &Path,
        file: PolicyFile,
        trial: bool,
    ) -> Result<Self, StoreError> {
        let rows = store.callers().all()?;
        Ok(Self {
            known: Mutex::new(
                rows.into_iter()
                    .map(|row| (row.caller.clone(), row))
                    .collect(),
            ),
            changing: Arc::default(),
            file,
            file_path: data_dir.join(file::NAME),
            trial,
            present: Mutex::default(),
            budget: budget::Spent::default(),
            told: Mutex::default(),
        })
    }

    fn known(&self) -> MutexGuard<'_, HashMap<Caller, CallerRow>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The turn to change callers' rows. Whoever has it must not ask for it again.
    pub(crate) async fn turn(&self) -> OwnedMutexGuard<()> {
        Arc::clone(&self.changing).lock_owned().await
    }

    /// Callers nobody has decided about.
    pub(crate) fn waiting(&self) -> usize {
        let waits = |row: &&CallerRow| matches!(row.admission, Admission::Waiting { .. });
        self.known().values().filter(waits).count()
    }

    fn row(&self, caller: &Caller) -> Option<CallerRow> {
        self.known().get(caller).cloned()
    }

    /// Callers a person has decided about here.
    pub(crate) fn decided(&self) -> BTreeSet<Caller> {
        let known = self.known();
        let decided = known
            .values()
            .filter(|row| !matches!(row.admission, Admission::Waiting { .. }));
        decided.map(|row| row.caller.clone()).collect()
    }

    fn present(&self) -> MutexGuard<'_, HashMap<Caller, Presence>> {
        self.present.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The name a person may know a caller by.
pub(crate) fn name_of(caller: &Caller) -> String {
    match caller {
        Caller::Window => "Autopilot".to_owned(),
        Caller::Workflow { name } => name.clone(),
        Caller::Program { executable } | Caller::Agent { executable } => {
            let path = executable.rsplit(['/', '\\']).next();
            path.filter(|name| !name.is_empty())
                .unwrap_or(executable)
                .to_owned()
        }
    }
}
