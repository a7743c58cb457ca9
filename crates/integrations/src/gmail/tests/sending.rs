//! The one request that sends, and everything before it that may be repeated.

use std::sync::Mutex;

use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::URL_SAFE};
use mail_parser::MessageParser;
use model::{RemoteRef, Secret};

use super::mime::{mail, to_bob};
use super::{INTEGRATION, READ, SEND, error_body};
use crate::{
    CallError, Journal, LocalError, Mail as _,
    scripted::{self, Scripted},
};

/// Keeps what it was told, and may be told to stop.
#[derive(Default)]
struct Notes {
    told: Mutex<Vec<&'static str>>,
    cancelled: bool,
    full: bool,
}

#[async_trait]
impl Journal for Notes {
    async fn on_wire(&self) -> Result<(), CallError> {
        if self.full {
            return Err(LocalError::NotKept.into());
        }
        self.told.lock().unwrap().push("on_wire");
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

    fn progress(&self, _done: u64, _total: u64) {
        self.told.lock().unwrap().push("progress");
    }

    fn is_cancelled(&self) -> bool {
        self.cancelled
    }
}

const SENT: &str = r#"{"id":"19a","threadId":"18f","labelIds":["SENT"]}"#;

fn raw_of(request: &str) -> (Vec<u8>, Option<String>) {
    let (_, body) = request.split_once("\r\n\r\n").unwrap();
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    let raw = URL_SAFE.decode(body["raw"].as_str().unwrap()).unwrap();
    (raw, body["threadId"].as_str().map(str::to_owned))
}

#[tokio::test]
async fn a_mail_is_one_request_told_to_the_journal_before_it_goes() {
    let gmail = Scripted::start(vec![scripted::json(SENT)]).await;
    let notes = Notes::default();
    let letter = mail(to_bob());
    let sent = INTEGRATION
        .send(&gmail.session(&[SEND]), &letter, &notes)
        .await
        .unwrap();
    assert_eq!(
        (sent.id.as_str(), sent.within.as_deref()),
        ("19a", Some("18f"))
    );
    assert_eq!(
        sent.link.as_deref(),
        Some("https://mail.google.com/mail/?authuser=anna%40example.org#all/18f")
    );
    assert_eq!(*notes.told.lock().unwrap(), ["on_wire", "progress"]);
    let requests = gmail.requests().await;
    assert!(requests[0].starts_with("POST /gmail/v1/users/me/messages/send?"));
    let (raw, thread) = raw_of(&requests[0]);
    let read = MessageParser::default().parse(&raw).unwrap();
    assert_eq!(read.subject(), Some("Grüße aus Malmö"));
    assert_eq!(thread, None);
}

#[tokio::test]
async fn an_answer_stands_in_the_thread_of_what_it_answers() {
    let parent = r#"{"id":"18e","threadId":"18f","payload":{"headers":[{"name":"Message-ID","value":"<two@example.net>"},{"name":"References","value":"<one@example.net>\r\nBcc: eve@example.org"},{"name":"Subject","value":"=?utf-8?q?Lunch_p=C3=A5_torsdag?="}]}}"#;
    let gmail = Scripted::start(vec![scripted::json(parent), scripted::json(SENT)]).await;
    let mut letter = mail(to_bob());
    letter.content.reply_to = Some("18e".to_owned());
    letter.content.subject = String::new();
    INTEGRATION
        .send(&gmail.session(&[SEND, READ]), &letter, &Notes::default())
        .await
        .unwrap();
    let requests = gmail.requests().await;
    assert!(requests[0].starts_with("GET /gmail/v1/users/me/messages/18e?format=metadata"));
    let (raw, thread) = raw_of(&requests[1]);
    let read = MessageParser::default().parse(&raw).unwrap();
    assert_eq!(thread.as_deref(), Some("18f"));
    assert_eq!(read.subject(), Some("Re: Lunch på torsdag"));
    assert_eq!(read.in_reply_to().as_text(), Some("two@example.net"));
    assert!(read.bcc().is_none());
}

#[tokio::test]
async fn an_answer_to_a_mail_that_is_gone_is_not_sent() {
    let gone = scripted::answer(404, "application/json", &error_body(404, "notFound"));
    let gmail = Scripted::start(vec![gone]).await;
    let mut letter = mail(to_bob());
    letter.content.reply_to = Some("18e".to_owned());
    let notes = Notes::default();
    let error = INTEGRATION
        .send(&gmail.session(&[SEND, READ]), &letter, &notes)
        .await
        .unwrap_err();
    assert_eq!(error, super::refused(404, "parentNotFound"));
    assert!(notes.told.lock().unwrap().is_empty());
}

#[tokio::test]
async fn nothing_goes_once_it_was_taken_back_or_could_not_be_kept() {
    let taken_back = Notes {
        cancelled: true,
        ..Notes::default()
    };
    let full = Notes {
        full: true,
        ..Notes::default()
    };
    for (notes, expected) in [
        (taken_back, LocalError::Cancelled),
        (full, LocalError::NotKept),
    ] {
        let nowhere = Scripted::start(Vec::new()).await;
        let error = INTEGRATION
            .send(&nowhere.session(&[SEND]), &mail(to_bob()), &notes)
            .await
            .unwrap_err();
        assert_eq!(error, expected.into());
        assert!(!error.may_have_happened());
        assert!(nowhere.requests().await.is_empty());
    }
}

#[tokio::test]
async fn a_lost_answer_may_have_been_sent_and_a_refusal_was_not() {
    let may_have = async |answer: Vec<u8>| {
        let gmail = Scripted::start(vec![answer]).await;
        INTEGRATION
            .send(&gmail.session(&[SEND]), &mail(to_bob()), &Notes::default())
            .await
            .unwrap_err()
            .may_have_happened()
    };
    assert!(may_have(Vec::new()).await);
    assert!(may_have(scripted::answer(503, "text/html", "")).await);
    assert!(may_have(scripted::answer(200, "text/html", "<html>")).await);
    assert!(may_have(scripted::json("{}")).await);
    assert!(
        !may_have(scripted::answer(
            400,
            "application/json",
            &error_body(400, "invalidArgument")
        ))
        .await
    );
    assert!(
        !may_have(scripted::answer(
            429,
            "application/json",
            &error_body(429, "rateLimitExceeded")
        ))
        .await
    );
}

#[tokio::test]
async fn a_file_that_changed_is_noticed_before_anything_goes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.txt");
    std::fs::write(&path, "after").unwrap();
    let mut letter = mail(to_bob());
    letter.attachments = vec![crate::LocalFile {
        path,
        name: "a.txt".to_owned(),
        size: 5,
        sha256: "0".repeat(64),
        media_type: "text/plain".to_owned(),
    }];
    let nowhere = Scripted::start(Vec::new()).await;
    let notes = Notes::default();
    let error = INTEGRATION
        .send(&nowhere.session(&[SEND]), &letter, &notes)
        .await
        .unwrap_err();
    let changed = LocalError::FileChanged {
        name: "a.txt".to_owned(),
    };
    assert_eq!(error, changed.into());
    assert!(notes.told.lock().unwrap().is_empty());
}
