//! What each tool takes. The comments here are the schema's descriptions: they speak to whoever fills it in.
//!
//! Paths may be relative: they are meant from the folder this process was started in, and made absolute here.

use std::path::Path;

use model::{ActionId, Error, ErrorCode, FileOrder, TextFormat};
use schemars::JsonSchema;
use serde::Deserialize;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TestConnection {
    /// The connection: its id, its account, or its integration. Needed only where there are several.
    #[serde(default)]
    pub(crate) connection: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Connect {
    /// What to connect: an integration's name, as list_connections gives it.
    pub(crate) integration: String,
    /// The id of an existing connection to sign in to again.
    #[serde(default)]
    pub(crate) connection: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SendEmail {
    /// Which account sends it: a connection's id, account or integration. Needed only where several could.
    #[serde(default)]
    pub(crate) connection: Option<String>,
    /// Addresses: "anna@example.org" or "Anna Berg <anna@example.org>".
    #[serde(default)]
    pub(crate) to: Vec<String>,
    #[serde(default)]
    pub(crate) cc: Vec<String>,
    #[serde(default)]
    pub(crate) bcc: Vec<String>,
    #[serde(default)]
    pub(crate) subject: String,
    /// The mail as plain text. One of text and html is needed.
    #[serde(default)]
    pub(crate) text: Option<String>,
    /// The mail as HTML.
    #[serde(default)]
    pub(crate) html: Option<String>,
    /// Paths of files on this machine.
    #[serde(default)]
    pub(crate) attachments: Vec<String>,
    /// The id of the mail this one answers, from list_emails: keeps the thread.
    #[serde(default)]
    pub(crate) reply_to: Option<String>,
    /// A UUID of your own. Calling again with it returns the same action and sends nothing twice.
    #[serde(default)]
    #[schemars(with = "Option<String>", extend("format" = "uuid"))]
    pub(crate) idempotency_key: Option<ActionId>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListEmails {
    /// Which account: a connection's id, account or integration. Needed only where several could.
    #[serde(default)]
    pub(crate) connection: Option<String>,
    /// In the service's own search language (Gmail: "from:ben is:unread"); empty = everything.
    #[serde(default)]
    pub(crate) search: String,
    /// At most this many; 50 if absent.
    #[serde(default)]
    #[schemars(range(min = 1, max = 500))]
    pub(crate) limit: Option<u32>,
    /// next_page of the page before.
    #[serde(default)]
    pub(crate) page: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReadEmail {
    /// Which account: a connection's id, account or integration. Needed only where several could.
    #[serde(default)]
    pub(crate) connection: Option<String>,
    /// The mail's id, from list_emails.
    pub(crate) id: String,
    /// An existing folder on this machine that the person allowed; nothing in it is overwritten. Absent = attachments
    /// are only named.
    #[serde(default)]
    pub(crate) save_attachments_to: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListFiles {
    /// Which account: a connection's id, account or integration. Needed only where several could.
    #[serde(default)]
    pub(crate) connection: Option<String>,
    /// The id of a folder; absent = everywhere.
    #[serde(default)]
    pub(crate) folder: Option<String>,
    /// Words the name holds.
    #[serde(default)]
    pub(crate) search: String,
    #[serde(default)]
    pub(crate) order: Order,
    /// At most this many; 100 if absent.
    #[serde(default)]
    #[schemars(range(min = 1, max = 1000))]
    pub(crate) limit: Option<u32>,
    /// next_page of the page before; everything else must stay the same.
    #[serde(default)]
    pub(crate) page: Option<String>,
}

/// Newest change first, by name, or biggest first.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Order {
    #[default]
    Newest,
    Name,
    Size,
}

impl From<Order> for FileOrder {
    fn from(order: Order) -> Self {
        match order {
            Order::Newest => Self::Newest,
            Order::Name => Self::Name,
            Order::Size => Self::Size,
        }
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UploadFiles {
    /// Which account: a connection's id, account or integration. Needed only where several could.
    #[serde(default)]
    pub(crate) connection: Option<String>,
    /// Paths of files on this machine, in a folder the person allowed.
    pub(crate) files: Vec<String>,
    /// The id of a folder at the service; absent = the top.
    #[serde(default)]
    pub(crate) folder: Option<String>,
    /// A UUID of your own. Calling again with it returns the same action and uploads nothing twice.
    #[serde(default)]
    #[schemars(with = "Option<String>", extend("format" = "uuid"))]
    pub(crate) idempotency_key: Option<ActionId>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DownloadFile {
    /// Which account: a connection's id, account or integration. Needed only where several could.
    #[serde(default)]
    pub(crate) connection: Option<String>,
    /// The file's id, from list_files.
    pub(crate) file: String,
    /// An existing folder on this machine that the person allowed; nothing in it is overwritten.
    pub(crate) folder: String,
    /// Another name to save it under; absent = its own, made safe.
    #[serde(default)]
    pub(crate) name: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SendMessage {
    /// Which account sends it: a connection's id, account or integration. Needed only where several could.
    #[serde(default)]
    pub(crate) connection: Option<String>,
    /// The chat's id from list_chats, its title, or @name.
    pub(crate) chat: String,
    #[serde(default)]
    pub(crate) text: String,
    #[serde(default)]
    pub(crate) format: Format,
    /// Path of a file on this machine to send along.
    #[serde(default)]
    pub(crate) file: Option<String>,
    /// Show the file as a picture rather than as a document.
    #[serde(default)]
    pub(crate) as_picture: bool,
    /// The id of the message this one answers.
    #[serde(default)]
    pub(crate) reply_to: Option<String>,
    /// A UUID of your own. Calling again with it returns the same action and sends nothing twice.
    #[serde(default)]
    #[schemars(with = "Option<String>", extend("format" = "uuid"))]
    pub(crate) idempotency_key: Option<ActionId>,
}

/// Plain: every character stands for itself. Markdown: bold, italic, code and links.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Format {
    #[default]
    Plain,
    Markdown,
}

impl From<Format> for TextFormat {
    fn from(format: Format) -> Self {
        match format {
            Format::Plain => Self::Plain,
            Format::Markdown => Self::Markdown,
        }
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListChats {
    /// Which account: a connection's id, account or integration. Needed only where several could.
    #[serde(default)]
    pub(crate) connection: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ActionStatus {
    /// The action, as the call that began it returned it.
    #[schemars(with = "String", extend("format" = "uuid"))]
    pub(crate) action: ActionId,
    /// Seconds to wait for its end; absent = none.
    #[serde(default)]
    #[schemars(range(min = 0, max = 600))]
    pub(crate) wait_s: Option<u64>,
}

/// The absolute path of what the caller means. Whether it is there, and may be used, is the hub's to say.
pub(crate) fn absolute(path: &str, code: ErrorCode, argument: &str) -> Result<String, Error> {
    let refused = |why: &str| Error::new(code).with(argument, path).detail(why);
    let whole = std::path::absolute(Path::new(path)).map_err(|_| refused("it is empty"))?;
    whole
        .into_os_string()
        .into_string()
        .map_err(|_| refused("its name is not valid text"))
}

/// The same for files that are to be sent.
pub(crate) fn files(paths: &[String]) -> Result<Vec<String>, Error> {
    paths.iter().map(|path| file(path)).collect()
}

pub(crate) fn file(path: &str) -> Result<String, Error> {
    absolute(path, ErrorCode::FileUnreadable, "file")
}

/// The same for a folder that something is saved into.
pub(crate) fn folder(path: &str) -> Result<String, Error> {
    absolute(path, ErrorCode::FolderUnwritable, "folder")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relative_path_is_meant_from_where_this_process_was_started() {
        let here = std::env::current_dir().unwrap();
        assert_eq!(
            file("notes/a.txt").unwrap(),
            here.join("notes/a.txt").to_str().unwrap()
        );
        assert_eq!(folder("/tmp").unwrap(), "/tmp");
        assert_eq!(file("").unwrap_err().code, ErrorCode::FileUnreadable);
    }

    #[test]
    fn a_misspelt_argument_is_refused_rather_than_ignored() {
        let sent = serde_json::json!({"to": ["a@example.org"], "subjekt": "x"});
        let refused = serde_json::from_value::<SendEmail>(sent).unwrap_err();
        assert!(refused.to_string().contains("subjekt"));
    }
}
