//! What a connection can do, in words no service owns. Integrations declare which scope opens which.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub enum Capability {
    #[serde(rename = "mail.send")]
    MailSend,
    #[serde(rename = "mail.read")]
    MailRead,
    #[serde(rename = "files.list")]
    FilesList,
    #[serde(rename = "files.upload")]
    FilesUpload,
    #[serde(rename = "files.download")]
    FilesDownload,
    #[serde(rename = "message.send")]
    MessageSend,
    #[serde(rename = "chats.list")]
    ChatsList,
}
