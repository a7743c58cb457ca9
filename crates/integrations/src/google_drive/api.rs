//! Drive API v3 on the wire: <https://developers.google.com/drive/api/reference/rest/v3>.

use model::{RemoteFile, RemoteRef};
use reqwest::RequestBuilder;
use serde::{Deserialize, de::DeserializeOwned};
use url::Url;

use super::errors;
use crate::{CallError, Facts, Session, call::Answer, role};

/// A folder is a file of this type.
const FOLDER: &str = "application/vnd.google-apps.folder";

/// Google's own documents have types that begin like this, and no bytes.
const GOOGLE_KIND: &str = "application/vnd.google-apps.";

#[derive(Deserialize, Debug)]
pub(super) struct About {
    pub user: User,
}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "camelCase")]
pub(super) struct User {
    pub permission_id: String,
    pub email_address: String,
    pub display_name: Option<String>,
}

/// A file, as far as it was asked for.
#[derive(Clone, Deserialize, Debug, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct File {
    pub id: String,
    pub name: String,
    pub mime_type: String,
    /// An int64, which Google writes as a string.
    pub size: Option<String>,
    pub modified_time: Option<String>,
    pub sha256_checksum: Option<String>,
    pub md5_checksum: Option<String>,
    pub web_view_link: Option<String>,
    pub capabilities: Option<Capabilities>,
}

#[derive(Clone, Deserialize, Debug, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Capabilities {
    pub can_download: bool,
}

/// What is asked of a file that is shown.
pub(super) const SHOWN: &str =
    "id,name,mimeType,size,modifiedTime,webViewLink,capabilities(canDownload)";

/// What is asked of a file whose bytes are compared.
pub(super) const COMPARED: &str = "id,name,mimeType,size,sha256Checksum,md5Checksum,webViewLink,parents,capabilities(canDownload)";

#[derive(Deserialize, Debug)]
#[serde(rename_all = "camelCase")]
pub(super) struct Page {
    #[serde(default)]
    pub files: Vec<File>,
    pub next_page_token: Option<String>,
}

#[derive(Deserialize, Debug)]
struct Ids {
    ids: Vec<String>,
}

/// `about.get`. It answers 400 unless told which fields are wanted.
pub(super) async fn about(session: &Session) -> Result<About, CallError> {
    let url = session.endpoints.at(role::API, &["drive", "v3", "about"])?;
    let request = session
        .http
        .get(url)
        .query(&[("fields", "user(displayName,emailAddress,permissionId)")]);
    read(&session.send(signed(session, request)).await?)
}

/// `files.list`.
pub(super) async fn list(
    facts: &Facts,
    session: &Session,
    query: &[(&str, String)],
) -> Result<Page, CallError> {
    session.pace(facts, "files.list", 1, None).await;
    let url = session.endpoints.at(role::API, &["drive", "v3", "files"])?;
    let request = session.http.get(url).query(query);
    read(&session.send(signed(session, request)).await?)
}

/// `files.get`.
pub(super) async fn get(
    facts: &Facts,
    session: &Session,
    id: &str,
    fields: &str,
) -> Result<File, CallError> {
    session.pace(facts, "files.get", 1, None).await;
    let request = session
        .http
        .get(file_url(session, id)?)
        .query(&[("fields", fields), ("supportsAllDrives", "true")]);
    read(&session.send(signed(session, request)).await?)
}

/// `files.generateIds`: an id to create one file under, so that it is never created twice.
pub(super) async fn new_id(facts: &Facts, session: &Session) -> Result<String, CallError> {
    session.pace(facts, "files.generateIds", 1, None).await;
    let url = session
        .endpoints
        .at(role::API, &["drive", "v3", "files", "generateIds"])?;
    let query = [("count", "1"), ("space", "drive"), ("type", "files")];
    let answer = session
        .send(signed(session, session.http.get(url).query(&query)))
        .await?;
    let Ids { ids } = read(&answer)?;
    ids.into_iter()
        .find(|id| !id.is_empty())
        .ok_or_else(|| answer.not_understood())
}

/// `files.delete`, of what we created ourselves a moment ago.
pub(super) async fn delete(facts: &Facts, session: &Session, id: &str) -> Result<(), CallError> {
    session.pace(facts, "files.delete", 1, None).await;
    let request = session
        .http
        .delete(file_url(session, id)?)
        .query(&[("supportsAllDrives", "true")]);
    errors::judge(&session.send(signed(session, request)).await?)
}

pub(super) fn file_url(session: &Session, id: &str) -> Result<Url, CallError> {
    Ok(session
        .endpoints
        .at(role::API, &["drive", "v3", "files", id])?)
}

pub(super) fn signed(session: &Session, request: RequestBuilder) -> RequestBuilder {
    request.bearer_auth(session.token.expose())
}

pub(super) fn read<T: DeserializeOwned>(answer: &Answer) -> Result<T, CallError> {
    errors::judge(answer)?;
    answer.json()
}

impl File {
    /// Has it bytes at all, or is it a folder or one of Google's own documents?
    pub fn has_bytes(&self) -> bool {
        !self.mime_type.starts_with(GOOGLE_KIND)
    }

    pub fn bytes(&self) -> Option<u64> {
        self.size.as_ref()?.parse().ok()
    }

    /// It is opened in the person's browser, so it has to be a page.
    fn link(&self) -> Option<String> {
        self.web_view_link
            .clone()
            .filter(|link| link.starts_with("https://"))
    }

    pub fn shown(self) -> RemoteFile {
        let allowed = self
            .capabilities
            .as_ref()
            .is_none_or(|may| may.can_download);
        RemoteFile {
            is_folder: self.mime_type == FOLDER,
            size: self.bytes(),
            modified_at: self
                .modified_time
                .as_ref()
                .and_then(|time| time.parse().ok()),
            link: self.link(),
            can_download: allowed && self.has_bytes(),
            id: self.id,
            name: self.name,
            media_type: self.mime_type,
        }
    }

    pub fn made(&self, folder: Option<&String>) -> RemoteRef {
        RemoteRef {
            id: self.id.clone(),
            within: folder.cloned(),
            link: self.link(),
        }
    }
}
