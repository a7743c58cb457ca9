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

impl Capability {
    pub const ALL: [Self; 7] = [
        Self::MailSend,
        Self::MailRead,
        Self::FilesList,
        Self::FilesUpload,
        Self::FilesDownload,
        Self::MessageSend,
        Self::ChatsList,
    ];

    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::MailSend => "mail.send",
            Self::MailRead => "mail.read",
            Self::FilesList => "files.list",
            Self::FilesUpload => "files.upload",
            Self::FilesDownload => "files.download",
            Self::MessageSend => "message.send",
            Self::ChatsList => "chats.list",
        }
    }

    /// Does using it change something at the service?
    #[must_use]
    pub const fn is_write(self) -> bool {
        match self {
            Self::MailSend | Self::FilesUpload | Self::MessageSend => true,
            Self::MailRead | Self::FilesList | Self::FilesDownload | Self::ChatsList => false,
        }
    }
}

impl std::fmt::Display for Capability {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
