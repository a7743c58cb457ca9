//! Every call Drive can be made to send, with answers that make it go on.

use integrations::{CallError, LocalError, OutgoingFile};
use model::{FileOrder, FileQuery};
use serde_json::{Value, json};
use url::Url;

use super::{
    local::{Forgetful, LocalSevens, sevens},
    recorder::{Answer, Recorder, Request, split_multipart},
};

/// Above what goes in one request.
const LARGE: usize = 9_000_000;

pub async fn every_request() -> Vec<Request> {
    let drive = integrations::find(&"google_drive".into()).unwrap();
    let recorder = Recorder::start(answer).await;
    let session = recorder.session("google_drive");
    drive.probe(&session).await.unwrap();
    let files = drive.files().unwrap();
    for order in [FileOrder::Newest, FileOrder::Name, FileOrder::Size] {
        let query = FileQuery {
            folder: Some("1abc".to_owned()),
            search: "it's".to_owned(),
            order,
            limit: Some(1000),
            page: Some("p".to_owned()),
        };
        files.list(&session, &query).await.unwrap();
    }
    files.list(&session, &FileQuery::default()).await.unwrap();
    for (size, folder) in [
        (10, None),
        (10, Some("1abc")),
        (LARGE, None),
        (LARGE, Some("1abc")),
    ] {
        let local = LocalSevens::new("Überweisung.bin", size);
        let outgoing = OutgoingFile {
            file: local.file.clone(),
            folder: folder.map(str::to_owned),
        };
        files.upload(&session, &outgoing, &Forgetful).await.unwrap();
    }
    // What arrived otherwise is taken away again.
    let local = LocalSevens::new("wrong.bin", 10);
    let outgoing = OutgoingFile {
        file: local.file.clone(),
        folder: None,
    };
    let wrong = files.upload(&session, &outgoing, &Forgetful).await;
    assert_eq!(
        wrong.unwrap_err(),
        CallError::Local(LocalError::ChecksumMismatch)
    );

    let file = files.describe(&session, "1abc").await.unwrap();
    let mut into = Vec::new();
    files
        .download(&session, &file, &mut into, &|_, _| {})
        .await
        .unwrap();
    recorder.requests()
}

fn answer(request: &Request, own: &Url) -> Answer {
    let says = |name: &str, value: &str| {
        request
            .pairs()
            .iter()
            .any(|(known, said)| known == name && said == value)
    };
    let path = request.path();
    if says("alt", "media") {
        return (200, Vec::new(), sevens(3).0);
    }
    if path.ends_with("/generateIds") {
        return told(&json!({"ids": ["1abc"]}));
    }
    if path.ends_with("/about") {
        let user =
            json!({"displayName": "Anna", "emailAddress": "anna@example.org", "permissionId": "1"});
        return told(&json!({"user": user}));
    }
    match request.method.as_str() {
        "DELETE" => (204, Vec::new(), Vec::new()),
        "POST" if says("uploadType", "resumable") => {
            let mut room = own.join(path).unwrap();
            room.set_query(Some("uploadType=resumable&upload_id=x"));
            (200, vec![("location", room.into())], Vec::new())
        }
        "POST" => {
            let kind = request.header("content-type").unwrap();
            let parts = split_multipart(kind, &request.body).unwrap();
            let metadata: Value = serde_json::from_slice(&parts[0].body).unwrap();
            let size = parts[1].body.len();
            let wrong = metadata["name"] == "wrong.bin";
            told(&file(if wrong { size + 1 } else { size }))
        }
        "PUT" => put(request),
        _ if path.ends_with("/files") => told(&json!({"files": [file(3)]})),
        _ => told(&file(3)),
    }
}

/// A chunk: more is wanted until the last byte is there.
fn put(request: &Request) -> Answer {
    let range = request.header("content-range").unwrap();
    let (range, total) = range
        .strip_prefix("bytes ")
        .unwrap()
        .split_once('/')
        .unwrap();
    let (_, last) = range.split_once('-').unwrap();
    let (last, total): (usize, usize) = (last.parse().unwrap(), total.parse().unwrap());
    if last + 1 == total {
        told(&file(total))
    } else {
        (308, vec![("range", format!("bytes=0-{last}"))], Vec::new())
    }
}

fn file(size: usize) -> Value {
    json!({"id": "1abc", "name": "a.bin", "mimeType": "application/octet-stream", "size": size.to_string(),
        "sha256Checksum": sevens(size).1, "capabilities": {"canDownload": true}})
}

fn told(body: &Value) -> Answer {
    let kind = ("content-type", "application/json".to_owned());
    (200, vec![kind], body.to_string().into_bytes())
}
