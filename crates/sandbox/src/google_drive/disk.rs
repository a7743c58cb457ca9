//! What an account keeps in its Drive.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::seed;
use crate::blobs::Blob;
use crate::clock::Millis;
use crate::server::App;
use crate::state::Section;

pub(crate) const FOLDER: &str = "application/vnd.google-apps.folder";
/// Files of Google's own editors have no bytes.
pub(crate) const EDITOR_PREFIX: &str = "application/vnd.google-apps.";

#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Drive {
    disks: BTreeMap<String, Disk>,
}

impl Section for Drive {
    const NAME: &'static str = "google_drive";
}

#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Disk {
    pub items: BTreeMap<String, Item>,
    /// Ids given out by `generateIds`; no other may be chosen.
    pub issued: BTreeSet<String>,
    /// Bytes; absent = 15 GiB.
    pub limit: Option<u64>,
    seeded: bool,
    last_version: u64,
}

#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Item {
    pub id: String,
    pub name: String,
    pub mime_type: String,
    pub parents: Vec<String>,
    pub description: Option<String>,
    pub app_properties: BTreeMap<String, String>,
    pub properties: BTreeMap<String, String>,
    pub starred: bool,
    pub trashed: bool,
    pub created: Millis,
    pub modified: Millis,
    pub blob: Option<Blob>,
    /// What an editor file says; only to be exported.
    pub text: Option<String>,
    pub version: u64,
    /// The app made it, or a person picked it.
    pub ours: bool,
    /// Its checksums are another file's.
    pub wrong: bool,
}

impl Item {
    pub fn size(&self) -> u64 {
        self.blob.as_ref().map_or(0, |blob| blob.size)
    }

    pub fn is_folder(&self) -> bool {
        self.mime_type == FOLDER
    }

    pub fn is_editor_file(&self) -> bool {
        self.mime_type.starts_with(EDITOR_PREFIX) && !self.is_folder()
    }
}

impl Disk {
    pub fn root(account: &str) -> String {
        format!("0A{}", &crate::state::fingerprint(account)[..17])
    }

    /// `root` stands for the id of My Drive.
    pub fn resolve(account: &str, id: &str) -> String {
        if id == "root" {
            Disk::root(account)
        } else {
            id.to_owned()
        }
    }

    pub fn used(&self) -> u64 {
        self.items.values().map(Item::size).sum()
    }

    /// Puts a new or changed file in its place.
    pub fn put(&mut self, mut item: Item) -> Item {
        self.last_version += 1;
        item.version = self.last_version;
        self.items.insert(item.id.clone(), item.clone());
        item
    }

    /// A file and everything below it; returns the names of their blobs.
    pub fn delete(&mut self, id: &str) -> Vec<String> {
        let mut gone = vec![id.to_owned()];
        let mut at = 0;
        while at < gone.len() {
            let children = self
                .items
                .values()
                .filter(|item| item.parents.contains(&gone[at]))
                .map(|item| item.id.clone());
            let children: Vec<String> = children.collect();
            gone.extend(children);
            at += 1;
        }
        gone.iter()
            .filter_map(|id| self.items.remove(id)?.blob)
            .map(|blob| blob.name)
            .collect()
    }

    fn ready(&mut self, app: &App, account: &str) {
        if !self.seeded {
            self.seeded = true;
            for item in seed::items(app, account) {
                self.put(item);
            }
        }
    }
}

/// Looks at an account's Drive.
pub(crate) fn look<R>(app: &App, account: &str, look: impl FnOnce(&Disk) -> R) -> R {
    app.state.visit::<Drive, _>(|drive| {
        let disk = drive.disks.entry(account.to_owned()).or_default();
        disk.ready(app, account);
        look(disk)
    })
}

/// Changes an account's Drive.
pub(crate) fn change<R>(app: &App, account: &str, change: impl FnOnce(&mut Disk) -> R) -> R {
    app.state.write::<Drive, _>(|drive| {
        let disk = drive.disks.entry(account.to_owned()).or_default();
        disk.ready(app, account);
        change(disk)
    })
}

/// Files that the app can't see until a person picks them.
pub(crate) fn pickable(app: &App, account: &str) -> Vec<Item> {
    look(app, account, |disk| {
        let hidden = disk
            .items
            .values()
            .filter(|item| !item.ours && !item.trashed);
        hidden.cloned().collect()
    })
}

/// The app may see these from now on. Returns those that exist.
pub(crate) fn pick(app: &App, account: &str, ids: &[String]) -> Vec<String> {
    change(app, account, |disk| {
        let mut picked = Vec::new();
        for id in ids {
            if let Some(item) = disk.items.get_mut(id) {
                item.ours = true;
                picked.push(id.clone());
            }
        }
        picked
    })
}

/// An id of the length and letters that Google's have.
pub(crate) fn fresh_id() -> String {
    format!("1{}", uuid::Uuid::new_v4().simple())
}
