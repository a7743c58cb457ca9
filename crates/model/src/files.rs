//! Files at a service, in words no service owns: listing, uploading, downloading.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct FileQuery {
    /// Id of a folder; `None` = everywhere that can be seen.
    #[serde(default)]
    pub folder: Option<String>,
    /// Words the name holds.
    #[serde(default)]
    pub search: String,
    #[serde(default)]
    pub order: FileOrder,
    /// At most this many, 1 to 1000; `None` = 100.
    #[serde(default)]
    pub limit: Option<u32>,
    /// `FilePage::next` of the page before; everything else must stay the same.
    #[serde(default)]
    pub page: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum FileOrder {
    /// Newest change first.
    #[default]
    Newest,
    Name,
    /// Biggest first.
    Size,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct FilePage {
    pub files: Vec<RemoteFile>,
    pub next: Option<String>,
}

/// A file or folder at a service; its name is text from outside.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct RemoteFile {
    pub id: String,
    pub name: String,
    pub is_folder: bool,
    pub media_type: String,
    /// Bytes; documents of the service's own kind have none.
    #[cfg_attr(feature = "bindings", ts(type = "number | null"))]
    pub size: Option<u64>,
    #[cfg_attr(feature = "bindings", ts(type = "string | null"))]
    pub modified_at: Option<Timestamp>,
    /// An address for the person's browser.
    pub link: Option<String>,
    pub can_download: bool,
}

/// Files to be uploaded, all into one folder.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct UploadFiles {
    /// Absolute paths on this machine.
    pub files: Vec<String>,
    /// Id of a folder at the service; `None` = the top.
    #[serde(default)]
    pub folder: Option<String>,
}

/// A file that was brought here.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Downloaded {
    /// The absolute path it was saved as.
    pub path: String,
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub size: u64,
    /// SHA-256, lower-case hexadecimal; compared with what the service states where it states one.
    pub sha256: String,
}
