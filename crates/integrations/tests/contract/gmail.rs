//! Every call Gmail can be made to send, with answers that make it go on.

use integrations::{Integration, Mail, OutgoingMail};
use model::{ActionId, EmailQuery, SendEmail};
use url::Url;

use super::{
    local::{Forgetful, LocalSevens},
    recorder::{Answer, Recorder, Request, split_multipart},
};

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
    mail.find_sent(&session, &[ActionId::generate()], since)
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
    let file = LocalSevens::new("Überweisung.bin", bytes);
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
        attachments: vec![file.file.clone()],
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
