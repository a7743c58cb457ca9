//! Uploads under way that can be resumed: whoever knows a session's address can write into the account.

use std::collections::BTreeMap;

use model::Secret;
use serde::{Deserialize, Serialize};

use super::{exposed, sheet::stored_as};

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct UploadSession {
    /// By the file's place in the action: what the integration needs to go on with it.
    pub parts: BTreeMap<u32, Secret>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "UploadSession")]
struct UploadSessionText {
    #[serde(with = "exposed::by_number")]
    parts: BTreeMap<u32, Secret>,
}

stored_as!(UploadSession, UploadSessionText, "upload", 1);
