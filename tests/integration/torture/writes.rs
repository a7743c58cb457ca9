//! The writes the hub is killed over, and how often each arrived.

use std::{
    fs,
    path::{Path, PathBuf},
};

use autopilot_tests::{ANNA, BEN, World};
use model::{Action, ActionId, ConnectionRef, Request, SendEmail, UploadFiles};
use serde_json::Value;

use super::dice::Dice;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// From an account that may not look at what it sent.
    MailUnseen,
    /// From one that may.
    MailSeen,
    /// Small enough for one request.
    FileAtOnce,
    /// Falls into chunks, and is gone on with.
    FileResumed,
}

/// The connections, by id.
pub struct Places {
    pub unseen: String,
    pub seen: String,
    pub files: String,
}

#[derive(Debug)]
pub struct Write {
    pub id: ActionId,
    connection: String,
    pub kind: Kind,
    pub size: u64,
    file: Option<PathBuf>,
    /// The hub answered that it keeps it.
    pub is_accepted: bool,
    pub was_on_wire: bool,
    pub was_unknown: bool,
    /// By the person: nobody else could.
    pub was_decided: bool,
}

impl Write {
    pub fn roll(world: &World, places: &Places, dice: &mut Dice) -> Self {
        let id = ActionId::generate();
        let (kind, size) = match dice.below(8) {
            0 | 1 => (Kind::MailUnseen, 0),
            2 | 3 => (Kind::MailSeen, 0),
            4 | 5 => (Kind::FileAtOnce, 1 + dice.below(2_000_000)),
            _ => (Kind::FileResumed, 18_000_000 + dice.below(12_000_000)),
        };
        let file = (size > 0).then(|| make(world.root(), id, size));
        let connection = match kind {
            Kind::MailUnseen => &places.unseen,
            Kind::MailSeen => &places.seen,
            Kind::FileAtOnce | Kind::FileResumed => &places.files,
        };
        Self {
            id,
            connection: connection.clone(),
            kind,
            size,
            file,
            is_accepted: false,
            was_on_wire: false,
            was_unknown: false,
            was_decided: false,
        }
    }

    pub fn request(&self) -> Request {
        let action = match &self.file {
            Some(file) => Action::UploadFiles(UploadFiles {
                files: vec![file.display().to_string()],
                folder: None,
            }),
            None => Action::SendEmail(SendEmail {
                to: vec!["carla@example.net".to_owned()],
                subject: self.id.to_string(),
                text: Some("Once is enough.".to_owned()),
                ..SendEmail::default()
            }),
        };
        Request::Act {
            id: self.id,
            connection: ConnectionRef::new(self.connection.as_str()),
            action,
            undo_s: None,
        }
    }

    /// How often it is at the service.
    pub fn arrived(&self, world: &World) -> usize {
        let (account, what, key) = match self.kind {
            Kind::MailUnseen => (BEN, "gmail/sent", "subject"),
            Kind::MailSeen => (ANNA, "gmail/sent", "subject"),
            Kind::FileAtOnce | Kind::FileResumed => (ANNA, "drive/files", "name"),
        };
        let all = world.peer().get(&format!("{what}?account={account}"));
        let named = |one: &&Value| one[key].as_str() == Some(&self.id.to_string());
        let mine: Vec<&Value> = all.as_array().unwrap().iter().filter(named).collect();
        if self.file.is_some() {
            for file in &mine {
                assert_eq!(file["size"], self.size, "{self:?} arrived as {file}");
            }
        }
        mine.len()
    }
}

/// Named after its action; sparse, since nobody looks inside.
fn make(folder: &Path, id: ActionId, size: u64) -> PathBuf {
    let path = folder.join(id.to_string());
    fs::File::create(&path)
        .and_then(|file| file.set_len(size))
        .unwrap();
    path
}
