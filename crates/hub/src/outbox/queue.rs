//! Taking a write in: everything that can be wrong is said now, the files are hashed as they are now, and then it is
//! a row. Nothing is sent here.

use std::{
    io::{ErrorKind, Read},
    path::Path,
    sync::Arc,
    time::Duration,
};

use integrations::open_ordinary;
use model::{
    Action, ActionId, ActionState, ActionView, Caller, Capability, ConnectionRef, Error, ErrorCode,
    Timestamp, Waiting,
};
use sha2::{Digest, Sha256};
use store::{ConnectionRow, OutboxRow, QueuedFile};

use super::{local_file, perform};
use crate::{
    calls::{CallFailure, Whose},
    core::{Core, integration},
    policy::Verdict,
};

/// Longer than anybody waits before meaning it.
const LONGEST_UNDO_S: u32 = 3600;
const HASH_PIECE: usize = 256 * 1024;

impl Core {
    pub(crate) async fn act(
        self: &Arc<Self>,
        (caller, asked_by): (&Caller, &Caller),
        id: ActionId,
        wanted: &ConnectionRef,
        action: Action,
        undo_s: Option<u32>,
    ) -> Result<ActionView, Error> {
        if let Some(view) = self.asked_before(caller, id).await? {
            return Ok(view);
        }
        let connection = self.able(wanted, action.capability())?;
        let chat = match &action {
            Action::SendMessage(message) => Some(self.chat_id(&connection, &message.chat).await?),
            _ => None,
        };
        self.may_take_along(asked_by, &connection, &action, chat.as_deref())?;
        if action.paths().next().is_some() {
            // No file is read for what is refused anyway.
            self.policy_on(caller, asked_by, &connection, &action, chat.as_deref())
                .await?;
        }
        if matches!(&action, Action::UploadFiles(upload) if upload.files.is_empty()) {
            let reason = self.words().plain("reason_no_files");
            return Err(Error::new(ErrorCode::InvalidInput).with("reason", reason));
        }
        let files = fingerprints(&action).await?;
        // What is said now holds. Reading files can take long; meanwhile others wrote, or the same was asked for again.
        let counting = self.outbox.counting().await;
        if let Some(view) = self.asked_before(caller, id).await? {
            return Ok(view);
        }
        let verdict = self
            .policy_on(caller, asked_by, &connection, &action, chat.as_deref())
            .await?;
        let settings = self.settings.get();
        // An upload can be stopped while it runs, so it needs no time in which it could be taken back.
        let uploads = action.capability() == Capability::FilesUpload;
        let undo = undo_s.unwrap_or(if caller.is_window() && !uploads {
            settings.undo_window_s
        } else {
            0
        });
        let now = self.clock.now();
        let not_before = later(now, undo.min(LONGEST_UNDO_S));
        let mut outline = action.outline();
        outline.bytes = files.iter().map(|file| file.size).sum();
        let row = OutboxRow {
            id,
            connection: connection.id,
            integration: connection.integration.clone(),
            account: connection.identity.account.clone(),
            capability: action.capability(),
            caller: caller.clone(),
            created_at: now,
            state: match verdict {
                Verdict::Ask(because) => self.awaiting(because),
                Verdict::Go => ActionState::Queued {
                    not_before,
                    expires: later(not_before, self.waits_s(action.capability())),
                    why: if undo > 0 {
                        Waiting::Undo
                    } else {
                        Waiting::Turn
                    },
                },
            },
            outline,
            content: Some(action),
            files,
            pieces: Vec::new(),
            tries: 0,
            on_wire_at: None,
        };
        let service = integration(&row.integration)?;
        perform::check(service, &connection, &row, chat).map_err(|error| {
            self.call_error(&CallFailure::Call(error), &Whose::from(&connection))
        })?;
        let kept = row.clone();
        let is_new = self
            .db(move |store| {
                // Until it is done, though whoever asked may go away before.
                let _counting = counting;
                store.outbox().insert(&kept)
            })
            .await?;
        if !is_new {
            return self.action(id).await;
        }
        let view = self.show_action(&row);
        self.tell_of_awaiting(&row);
        self.outbox.wake();
        Ok(view)
    }

    /// Asked before, perhaps by somebody whose connection to us broke: the same action, whatever became of it.
    async fn asked_before(
        &self,
        caller: &Caller,
        id: ActionId,
    ) -> Result<Option<ActionView>, Error> {
        let Some(row) = self.quick_db(move |store| store.outbox().get(id)).await? else {
            return Ok(None);
        };
        if matches!(caller, Caller::Agent { .. }) && row.caller != *caller {
            return Err(Error::new(ErrorCode::InvalidInput)
                .with("reason", self.words().plain("reason_id_taken")));
        }
        Ok(Some(self.action_view(&row)))
    }

    /// Looked up again when it is sent: a chat can get another id meanwhile.
    pub(crate) async fn chat_id(
        &self,
        connection: &ConnectionRow,
        chat: &str,
    ) -> Result<String, Error> {
        let chat = chat.trim().to_owned();
        let (id, name) = (connection.id, chat.clone());
        let found = self.db(move |store| store.chats().find(id, &name)).await?;
        let about = |code| {
            Error::new(code)
                .with("chat", &chat)
                .with("account", &connection.identity.account)
        };
        match found.as_slice() {
            [one] => Ok(one.id.clone()),
            [] => {
                let direct = integrations::find(&connection.integration)
                    .and_then(|service| service.messages())
                    .is_some_and(|messages| messages.is_chat_id(&chat));
                if direct {
                    Ok(chat)
                } else {
                    Err(about(ErrorCode::UnknownChat))
                }
            }
            several => {
                let choices: Vec<&str> = several.iter().map(|one| one.id.as_str()).collect();
                let args = [("choices".to_owned(), choices.join(", "))].into();
                let reason = self.words().say("reason_chat_name", &args);
                Err(about(ErrorCode::InvalidInput).with("reason", reason))
            }
        }
    }
}

pub(crate) fn later(at: Timestamp, seconds: u32) -> Timestamp {
    at.checked_add(jiff::SignedDuration::from_secs(i64::from(seconds)))
        .unwrap_or(at)
}

pub(super) fn later_by(at: Timestamp, wait: Duration) -> Timestamp {
    let wait = jiff::SignedDuration::try_from(wait).unwrap_or(jiff::SignedDuration::ZERO);
    at.checked_add(wait).unwrap_or(at)
}

/// The files as they are now; one at a time, for a disk reads no faster by being asked twice.
async fn fingerprints(action: &Action) -> Result<Vec<QueuedFile>, Error> {
    let paths: Vec<String> = match action {
        Action::SendEmail(mail) => mail.attachments.clone(),
        Action::UploadFiles(upload) => upload.files.clone(),
        Action::SendMessage(message) => message.file.iter().cloned().collect(),
    };
    if paths.is_empty() {
        return Ok(Vec::new());
    }
    tokio::task::spawn_blocking(move || paths.into_iter().map(fingerprint).collect())
        .await
        .map_err(|_| Error::new(ErrorCode::Internal))?
}

fn fingerprint(path: String) -> Result<QueuedFile, Error> {
    let unreadable = |detail: String| {
        Error::new(ErrorCode::FileUnreadable)
            .with("file", &path)
            .detail(detail)
    };
    if !Path::new(&path).is_absolute() {
        return Err(unreadable("not an absolute path".to_owned()));
    }
    let name = Path::new(&path)
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .ok_or_else(|| unreadable("no file name".to_owned()))?;
    let mut file = open_ordinary(Path::new(&path)).map_err(|error| match error.kind() {
        // A pipe or device would be read for ever; a folder is not one file.
        ErrorKind::InvalidInput => unreadable("not an ordinary file".to_owned()),
        kind => unreadable(kind.to_string()),
    })?;
    let mut hash = Sha256::new();
    let mut size = 0_u64;
    let mut piece = vec![0; HASH_PIECE];
    loop {
        match file.read(&mut piece) {
            Ok(0) => break,
            Ok(read) => {
                hash.update(&piece[..read]);
                size += u64::try_from(read).unwrap_or(0);
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(unreadable(error.kind().to_string())),
        }
    }
    let media_type = mime_guess::from_path(&name)
        .first_or_octet_stream()
        .essence_str()
        .to_owned();
    Ok(QueuedFile {
        path,
        name,
        size,
        sha256: hex::encode(hash.finalize()),
        media_type,
    })
}

/// The files of a row, ready to go out.
pub(super) fn outgoing(row: &OutboxRow) -> Vec<integrations::LocalFile> {
    row.files.iter().map(local_file).collect()
}
