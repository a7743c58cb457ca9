//! Every call Gmail can be made to send, with answers that make it go on.

use integrations::{CallError, Integration, Journal, LocalFile, Mail, OutgoingMail};
use model::{ActionId, EmailQuery, RemoteRef, Secret, SendEmail};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::recorder::{Answer, Recorder, Request, split_multipart};

pub async fn every_request() -> Vec<Request> {
    let gmail = integrations::find(&"gmail".into()).unwrap();
    let recorder = Recorder::start(answer).await;
    with_mail(gmail, &recorder).await;
    let mut requests = recorder.requests();
    // Again where there are no batches.
    let recorder = Recorder::start(|request, own| {
        if request.target.starts_with("/batch") {
            (404, Vec::new(), Vec::new())
        } else {
            answer(request, own)
        }
    })
    .await;
    let session = recorder.session("gmail");
    let mail = gmail.mail().unwrap();
    mail.list(&session, &EmailQuery::default()).await.unwrap();
    requests.extend(
        recorder
            .requests()
            .into_iter()
            .filter(|request| !request.target.starts_with("/batch")),
    );
    requests
}

async fn with_mail(gmail: &dyn Integration, recorder: &Recorder) {
    let session = recorder.session("gmail");
    gmail.probe(&session).await.unwrap();
    let mail = gmail.mail().unwrap();
    for (bytes, reply_to) in [
        (10, None),
        (10, Some("18e".to_owned())),
        (5_000_000, None),
        (5_000_000, Some("18e".to_owned())),
    ] {
        send(mail, recorder, bytes, reply_to).await;
    }
    let since = "2026-11-26T00:00:00Z".parse().unwrap();
    mail.find_sent(&session, ActionId::generate(), since)
        .await
        .unwrap();
    let query = EmailQuery {
        search: "from:bob@example.net is:unread".to_owned(),
        limit: Some(500),
        page: Some("p".to_owned()),
    };
    assert!(!mail.list(&session, &query).await.unwrap().emails.is_empty());
    let read = mail.read(&session, "18e").await.unwrap();
    let handle = read.handles.first().unwrap();
    mail.attachment(&session, "18e", handle).await.unwrap();
}

async fn send(mail: &dyn Mail, recorder: &Recorder, bytes: usize, reply_to: Option<String>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("Überweisung.bin");
    let content = vec![7; bytes];
    std::fs::write(&path, &content).unwrap();
    let hash = Sha256::digest(&content);
    let outgoing = OutgoingMail {
        action: ActionId::generate(),
        from: "anna@example.org".to_owned(),
        from_name: Some("Anna".to_owned()),
        content: SendEmail {
            to: vec!["bob@example.net".to_owned()],
            bcc: vec!["eve@example.net".to_owned()],
            subject: "Grüße".to_owned(),
            text: Some("Hej".to_owned()),
            html: Some("<p>Hej".to_owned()),
            reply_to,
            ..SendEmail::default()
        },
        attachments: vec![LocalFile {
            path,
            name: "Überweisung.bin".to_owned(),
            size: u64::try_from(bytes).unwrap(),
            sha256: hash.iter().map(|byte| format!("{byte:02x}")).collect(),
            media_type: "application/octet-stream".to_owned(),
        }],
    };
    mail.send(&recorder.session("gmail"), &outgoing, &Forgetful)
        .await
        .unwrap();
}

fn answer(request: &Request, _own: &Url) -> Answer {
    if request.target.starts_with("/batch") {
        return batch(request);
    }
    let path = request.path();
    let body = if path.ends_with("/profile") {
        r#"{"emailAddress":"anna@example.org"}"#.to_owned()
    } else if path.ends_with("/messages") {
        r#"{"messages":[{"id":"18e","threadId":"18e"},{"id":"18f","threadId":"18e"}]}"#.to_owned()
    } else if path.contains("/attachments/") {
        r#"{"data":"AAAA"}"#.to_owned()
    } else {
        message(path.rsplit('/').next().unwrap_or_default())
    };
    (
        200,
        vec![("content-type", "application/json".to_owned())],
        body.into_bytes(),
    )
}

fn message(id: &str) -> String {
    serde_json::json!({"id": id, "threadId": "18e", "payload": {
        "mimeType": "image/png", "filename": "a.png", "body": {"attachmentId": "AN_g-1", "size": 3},
        "headers": [{"name": "Message-ID", "value": "<one@example.net>"}, {"name": "Subject", "value": "Hej"}],
    }})
    .to_string()
}

fn batch(request: &Request) -> Answer {
    let kind = request.header("content-type").unwrap();
    let mut body = String::new();
    for part in split_multipart(kind, &request.body).unwrap() {
        let label = part
            .header("content-id")
            .unwrap()
            .replace('<', "<response-");
        let inner = Request::read(&part.body).unwrap();
        let message = message(inner.path().rsplit('/').next().unwrap());
        body.push_str(&format!(
            "--b\r\nContent-Type: application/http\r\nContent-ID: {label}\r\n\r\nHTTP/1.1 200 OK\r\n\r\n{message}\r\n"
        ));
    }
    body.push_str("--b--\r\n");
    (
        200,
        vec![("content-type", "multipart/mixed; boundary=b".to_owned())],
        body.into_bytes(),
    )
}

/// A journal that is never asked about anything.
struct Forgetful;

#[async_trait::async_trait]
impl Journal for Forgetful {
    async fn on_wire(&self) -> Result<(), CallError> {
        Ok(())
    }

    async fn piece_done(&self, _piece: RemoteRef) -> Result<(), CallError> {
        Ok(())
    }

    fn pieces(&self) -> Vec<RemoteRef> {
        Vec::new()
    }

    fn kept(&self) -> Option<Secret> {
        None
    }

    async fn keep(&self, _resume: Secret) -> Result<(), CallError> {
        Ok(())
    }

    fn progress(&self, _done: u64, _total: u64) {}

    fn is_cancelled(&self) -> bool {
        false
    }
}
