//! How a file looks from outside, with every field that this twin knows.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::disk::{Disk, Item};
use crate::clock::Millis;
use crate::seed::GoogleAccount;

/// What comes without a mask.
pub(crate) const USUAL: &str = "kind,id,name,mimeType";

pub(crate) fn time(at: Millis) -> String {
    let at = Timestamp::from_millisecond(at).unwrap_or(Timestamp::UNIX_EPOCH);
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// `wrong`: show another file's checksums.
pub(crate) fn file(item: &Item, account: &GoogleAccount, wrong: bool) -> Value {
    let user = json!({
        "kind": "drive#user",
        "displayName": account.name,
        "me": true,
        "permissionId": account.sub.get(1..).unwrap_or_default(),
        "emailAddress": account.email,
    });
    let link = if item.is_folder() {
        format!("https://drive.google.com/drive/folders/{}", item.id)
    } else {
        format!("https://drive.google.com/file/d/{}/view", item.id)
    };
    let mut file = json!({
        "kind": "drive#file",
        "id": item.id,
        "name": item.name,
        "mimeType": item.mime_type,
        "starred": item.starred,
        "trashed": item.trashed,
        "explicitlyTrashed": item.trashed,
        "parents": item.parents,
        "spaces": ["drive"],
        "version": item.version.to_string(),
        "webViewLink": link,
        "iconLink": "",
        "hasThumbnail": false,
        "viewedByMe": true,
        "createdTime": time(item.created),
        "modifiedTime": time(item.modified),
        "modifiedByMeTime": time(item.modified),
        "ownedByMe": true,
        "shared": false,
        "owners": [user],
        "lastModifyingUser": user,
        "capabilities": {
            "canDownload": !item.is_folder(),
            "canEdit": true,
            "canDelete": true,
            "canTrash": true,
            "canRename": true,
            "canCopy": !item.is_folder(),
            "canShare": true,
            "canAddChildren": item.is_folder(),
            "canListChildren": item.is_folder(),
        },
        "quotaBytesUsed": item.size().to_string(),
        "isAppAuthorized": item.ours,
        "writersCanShare": true,
        "copyRequiresWriterPermission": false,
    });
    if let Some(description) = &item.description {
        file["description"] = description.clone().into();
    }
    if !item.app_properties.is_empty() {
        file["appProperties"] = json!(item.app_properties);
    }
    if !item.properties.is_empty() {
        file["properties"] = json!(item.properties);
    }
    if let Some(blob) = &item.blob {
        let shown = |sum: &str| -> String {
            if wrong || item.wrong {
                sum.chars().rev().collect()
            } else {
                sum.to_owned()
            }
        };
        file["size"] = blob.size.to_string().into();
        file["md5Checksum"] = shown(&blob.md5).into();
        file["sha1Checksum"] = shown(&blob.sha1).into();
        file["sha256Checksum"] = shown(&blob.sha256).into();
        file["headRevisionId"] = format!("0B{}", &blob.name).into();
        file["originalFilename"] = item.name.clone().into();
        let extension = item.name.rsplit_once('.').map_or("", |(_, end)| end);
        file["fileExtension"] = extension.into();
        file["fullFileExtension"] = extension.into();
        file["webContentLink"] =
            format!("https://drive.google.com/uc?id={}&export=download", item.id).into();
    }
    if item.is_editor_file() {
        file["exportLinks"] = json!({});
    }
    file
}

/// My Drive itself.
pub(crate) fn root(account: &GoogleAccount) -> Item {
    Item {
        id: Disk::root(&account.email),
        name: "My Drive".into(),
        mime_type: super::disk::FOLDER.into(),
        ..Item::default()
    }
}

/// A file that has every field, to read masks against.
pub(crate) fn whole(account: &GoogleAccount) -> Value {
    let some = || [("a".to_owned(), "b".to_owned())].into();
    let blob = crate::blobs::Blob {
        name: String::new(),
        size: 0,
        md5: String::new(),
        sha1: String::new(),
        sha256: String::new(),
    };
    let every = Item {
        parents: vec!["a".into()],
        description: Some(String::new()),
        app_properties: some(),
        properties: some(),
        blob: Some(blob),
        ..Item::default()
    };
    let mut whole = file(&every, account, false);
    whole["exportLinks"] = json!({});
    whole
}
