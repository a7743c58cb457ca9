//! What reads and lists print: mail, files, chats, the ledger, usage. Names and texts in it come from outside.

use model::{
    Caller, Chat, ConnectionId, Downloaded, Email, EmailSummary, IntegrationId, LedgerCheck,
    LedgerEntry, Progress, RemoteFile, Timestamp, UsageRow,
};
use serde::Serialize;

use super::ErrorShape;

#[derive(Serialize, Debug)]
pub(crate) struct EmailsAnswer {
    pub(crate) emails: Vec<EmailSummary>,
    /// What `--page` takes to go on; none at the end.
    pub(crate) next: Option<String>,
}

#[derive(Serialize, Debug)]
pub(crate) struct EmailAnswer {
    pub(crate) email: Email,
}

#[derive(Serialize, Debug)]
pub(crate) struct FilesAnswer {
    pub(crate) files: Vec<RemoteFile>,
    pub(crate) next: Option<String>,
}

/// One line each of `files download --json`.
#[derive(Serialize, Debug)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum DownloadEvent {
    Progress { progress: Progress },
    Downloaded { file: Downloaded },
}

#[derive(Serialize, Debug)]
pub(crate) struct ChatsAnswer {
    pub(crate) chats: Vec<Chat>,
}

/// One line each of `message claim --json`.
#[derive(Serialize, Debug)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum ClaimEvent {
    Open {
        link: String,
        group_link: Option<String>,
        expires_at: Timestamp,
    },
    Claimed {
        chat: Chat,
    },
    Expired,
    Cancelled,
    Failed {
        code: &'static str,
        error: ErrorShape,
    },
}

#[derive(Serialize, Debug)]
pub(crate) struct LedgerAnswer {
    pub(crate) entries: Vec<LedgerEntry>,
}

#[derive(Serialize, Debug)]
pub(crate) struct LedgerCheckAnswer {
    pub(crate) ledger: LedgerCheck,
}

#[derive(Serialize, Debug)]
pub(crate) struct ExportAnswer {
    pub(crate) exported: Exported,
}

#[derive(Serialize, Debug)]
pub(crate) struct Exported {
    pub(crate) path: String,
    pub(crate) lines: u64,
}

#[derive(Serialize, Debug)]
pub(crate) struct MovedOutAnswer {
    pub(crate) exported: MovedOut,
}

#[derive(Serialize, Debug)]
pub(crate) struct MovedOut {
    pub(crate) path: String,
}

#[derive(Serialize, Debug)]
pub(crate) struct UsageAnswer {
    pub(crate) usage: Vec<UsageShape>,
}

#[derive(Serialize, Debug)]
pub(crate) struct UsageShape {
    day: String,
    connection: Option<ConnectionId>,
    account: Option<String>,
    integration: Option<IntegrationId>,
    caller: Option<Caller>,
    calls: u64,
    errors: u64,
    /// All calls together.
    milliseconds: u64,
    bytes_out: u64,
    bytes_in: u64,
}

impl From<UsageRow> for UsageShape {
    fn from(row: UsageRow) -> Self {
        Self {
            day: row.day,
            connection: row.connection,
            account: row.account,
            integration: row.integration,
            caller: row.caller,
            calls: row.calls,
            errors: row.errors,
            milliseconds: row.millis,
            bytes_out: row.bytes_out,
            bytes_in: row.bytes_in,
        }
    }
}
