//! Mail against the sandbox's Gmail: what is sent arrives, what is listed costs what it must, and what was lost on the
//! way is found again.

use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use integrations::{CallError, Journal, LocalFile, Mail, OutgoingMail, Session, Unreachable};
use mail_parser::{MessageParser, MimeHeaders as _};
use model::{ActionId, EmailQuery, RemoteRef, Secret, SendEmail, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use super::{Bench, READ, SEND};

fn gmail() -> &'static dyn Mail {
    integrations::find(&"gmail".into()).unwrap().mail().unwrap()
}

/// Only remembers whether something may have happened.
#[derive(Default)]
struct Notes {
    on_wire: AtomicBool,
}

#[async_trait]
impl Journal for Notes {
    async fn on_wire(&self) -> Result<(), CallError> {
        self.on_wire.store(true, Ordering::Relaxed);
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

fn letter(subject: &str) -> OutgoingMail {
    OutgoingMail {
        action: ActionId::generate(),
        from: "anna@example.org".to_owned(),
        from_name: Some("Anna Berg".to_owned()),
        content: SendEmail {
            to: vec!["Ben Okoro <ben@example.org>".to_owned()],
            bcc: vec!["gus@example.org".to_owned()],
            subject: subject.to_owned(),
            text: Some("Hej på dig".to_owned()),
            html: Some("<p>Hej på dig</p>".to_owned()),
            ..SendEmail::default()
        },
        attachments: Vec::new(),
    }
}

fn file(folder: &TempDir, name: &str, content: &[u8]) -> LocalFile {
    let path = folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    LocalFile {
        path,
        name: name.to_owned(),
        size: u64::try_from(content.len()).unwrap(),
        sha256: Sha256::digest(content)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect(),
        media_type: "application/octet-stream".to_owned(),
    }
}

impl Bench {
    async fn anna(&self) -> Session {
        self.sign_in("gmail", &[SEND, READ], &[SEND, READ]).await
    }

    async fn seen(&self, path: &str) -> reqwest::Response {
        let url = self.sandbox.base_url().join(&format!("control/{path}"));
        self.http.get(url.unwrap()).send().await.unwrap()
    }

    /// What anna sent, as the sandbox received it.
    async fn sent(&self) -> Vec<Value> {
        let answer = self.seen("gmail/sent?account=anna@example.org").await;
        answer.json().await.unwrap()
    }

    async fn raw(&self, id: &str) -> Vec<u8> {
        let path = format!("gmail/raw?account=anna@example.org&id={id}");
        self.seen(&path).await.bytes().await.unwrap().to_vec()
    }
}

fn search(text: &str, limit: u32) -> EmailQuery {
    EmailQuery {
        search: text.to_owned(),
        limit: Some(limit),
        page: None,
    }
}

#[tokio::test]
async fn a_mail_with_two_attachments_arrives_byte_by_byte_small_or_large() {
    let bench = Bench::new().await;
    let session = bench.anna().await;
    let folder = tempfile::tempdir().unwrap();
    let parent = gmail()
        .list(&session, &search("from:ben@example.org -in:spam", 1))
        .await
        .unwrap()
        .emails
        .remove(0);
    for (size, reply_to) in [
        (3_000, None),
        (6_000_000, None),
        (6_000_000, Some(parent.id.clone())),
    ] {
        let bytes: Vec<u8> = (0..=255).cycle().take(size).collect();
        let mut mail = letter("Grüße aus Malmö");
        mail.content.reply_to.clone_from(&reply_to);
        if reply_to.is_some() {
            mail.content.subject.clear();
        }
        mail.attachments = vec![
            file(&folder, "Überweisung.bin", &bytes),
            file(&folder, "lines.txt", b"one\ntwo\r\nthree\r"),
        ];
        gmail().check(&mail).unwrap();
        let sent = gmail()
            .send(&session, &mail, &Notes::default())
            .await
            .unwrap();
        let raw = bench.raw(&sent.id).await;
        let read = MessageParser::default().parse(&raw).unwrap();
        let files: Vec<_> = read.attachments().collect();
        assert_eq!(files[0].attachment_name(), Some("Überweisung.bin"));
        assert!(files[0].contents() == bytes, "{size} bytes came otherwise");
        assert_eq!(files[1].contents(), b"one\ntwo\r\nthree\r");
        if reply_to.is_some() {
            assert_eq!(sent.within, parent.thread);
            assert!(read.subject().unwrap().starts_with("Re: "));
        } else {
            assert_eq!(read.subject(), Some("Grüße aus Malmö"));
        }
        let seen = bench.sent().await.pop().unwrap();
        let mut recipients: Vec<&str> = seen["recipients"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one.as_str().unwrap())
            .collect();
        recipients.sort_unstable();
        assert_eq!(recipients, ["ben@example.org", "gus@example.org"]);
    }
}

#[tokio::test]
async fn a_hundred_headers_are_three_requests_and_looking_again_is_one() {
    let bench = Bench::new().await;
    let session = bench.anna().await;
    let page = gmail().list(&session, &search("", 100)).await.unwrap();
    assert_eq!(page.emails.len(), 100);
    assert_eq!(session.meter.requests(), 3);
    assert!(page.emails.is_sorted_by(|a, b| a.date >= b.date));
    assert!(
        page.emails
            .iter()
            .all(|one| one.date.is_some() && !one.from.is_empty())
    );
    assert!(page.emails.iter().all(|one| !one.subject.contains("=?")));
    assert_eq!(
        gmail().list(&session, &search("", 100)).await.unwrap(),
        page
    );
    assert_eq!(session.meter.requests(), 4);

    let mut next = search("", 100);
    next.page = page.next;
    let second = gmail().list(&session, &next).await.unwrap();
    assert!(second.emails.iter().all(|one| !page.emails.contains(one)));

    for (text, fits) in [
        ("from:ben@example.org", "ben@example.org"),
        ("subject:orchard", "orchard"),
        ("is:unread", ""),
    ] {
        let found = gmail().list(&session, &search(text, 20)).await.unwrap();
        assert!(!found.emails.is_empty(), "{text}");
        for one in found.emails {
            let shown = format!("{} {}", one.from, one.subject).to_lowercase();
            assert!(shown.contains(fits), "{text}: {shown}");
        }
    }
}

#[tokio::test]
async fn a_mail_is_read_without_its_teeth_and_its_file_comes_whole() {
    let bench = Bench::new().await;
    let session = bench.anna().await;
    let with_file = gmail()
        .list(&session, &search("has:attachment filename:plan.pdf", 1))
        .await
        .unwrap();
    let id = &with_file.emails[0].id;
    let mail = gmail().read(&session, id).await.unwrap();
    assert!(mail.email.text.contains("this is message"));
    assert_eq!(mail.email.attachments[0].name, "plan.pdf");
    let bytes = gmail()
        .attachment(&session, id, &mail.handles[0])
        .await
        .unwrap();
    assert!(bytes.starts_with(b"%PDF-1.4\n") && bytes.ends_with(b"%%EOF\n"));
    assert_eq!(
        u64::try_from(bytes.len()).unwrap(),
        mail.email.attachments[0].size
    );

    let all = gmail().list(&session, &search("", 30)).await.unwrap();
    let mut with_html = 0;
    for one in &all.emails {
        let mail = gmail().read(&session, &one.id).await.unwrap();
        assert!(!mail.email.text.trim().is_empty());
        let Some(html) = mail.email.safe_html else {
            continue;
        };
        with_html += 1;
        assert!(html.contains("<b>message") && html.contains("https://harvest.example/"));
        for gone in ["script", "track.example", "onload", "color"] {
            assert!(!html.contains(gone), "{html}");
        }
    }
    assert!(with_html > 1);
    let gone = gmail().read(&session, "18ffffffffffffff").await;
    assert!(
        matches!(&gone, Err(CallError::Refused { status: 404, .. })),
        "{gone:?}"
    );
}

#[tokio::test]
async fn what_became_of_a_mail_whose_answer_was_lost_is_found_in_the_mailbox() {
    let bench = Bench::new().await;
    let session = bench.anna().await;
    let since = Timestamp::now();
    for (fault, arrived) in [
        (json!({"kind": "drop_after"}), true),
        (json!({"kind": "status_after", "status": 500}), true),
        (json!({"kind": "drop_before"}), false),
        (json!({"kind": "status", "status": 500}), false),
        (json!({"kind": "html"}), false),
    ] {
        let mail = letter("Lost");
        bench.fault("gmail", fault.clone()).await;
        let notes = Notes::default();
        let error = gmail().send(&session, &mail, &notes).await.unwrap_err();
        bench.mend().await;
        assert!(notes.on_wire.load(Ordering::Relaxed));
        assert!(error.may_have_happened(), "{fault}: {error:?}");
        let found = gmail()
            .find_sent(&session, &[mail.action], since)
            .await
            .unwrap()
            .found;
        assert_eq!(found.contains_key(&mail.action), arrived, "{fault}");
        if let Some(found) = found.get(&mail.action) {
            assert_eq!(bench.sent().await.pop().unwrap()["id"], json!(found.id));
        }
    }
}

#[tokio::test]
async fn what_cannot_have_been_sent_is_told_as_that() {
    let bench = Bench::new().await;
    let session = bench.anna().await;
    let send = async |session: &Session| {
        gmail()
            .send(session, &letter("x"), &Notes::default())
            .await
            .unwrap_err()
    };
    bench
        .fault(
            "gmail",
            json!({"kind": "status", "status": 429, "retry_after_s": 9}),
        )
        .await;
    let limited = send(&session).await;
    bench.mend().await;
    assert!(
        matches!(limited, CallError::RateLimited { retry_after: Some(wait) } if wait.as_secs() == 9)
    );
    let reader = bench.sign_in("gmail", &[READ], &[READ]).await;
    assert_eq!(send(&reader).await, CallError::PermissionMissing);
    bench.control("expire_access_tokens", json!({})).await;
    let expired = send(&session).await;
    assert_eq!(expired, CallError::TokenRejected);
    for error in [limited, expired] {
        assert!(!error.may_have_happened());
    }
    assert!(bench.sent().await.is_empty());
}

#[tokio::test]
async fn a_grant_that_may_only_send_lists_nothing_and_is_not_asked_about_the_past() {
    let bench = Bench::new().await;
    let session = bench.sign_in("gmail", &[SEND], &[SEND]).await;
    assert!(!gmail().can_find_sent(&session.granted));
    let listed = gmail().list(&session, &search("", 1)).await;
    assert_eq!(listed, Err(CallError::PermissionMissing));
    gmail()
        .send(&session, &letter("x"), &Notes::default())
        .await
        .unwrap();
}

#[tokio::test]
async fn a_batch_that_meets_trouble_is_asked_again_and_brings_all() {
    let bench = Bench::new().await;
    let session = bench.anna().await;
    for fault in [
        json!({"kind": "status", "status": 503}),
        json!({"kind": "status", "status": 429}),
    ] {
        bench
            .control(
                "faults",
                json!({"match": {"service": "gmail", "path_contains": "batch"}, "fault": fault, "times": 1}),
            )
            .await;
        let page = gmail().list(&session, &search("in:inbox", 20)).await;
        assert_eq!(page.unwrap().emails.len(), 20);
    }
    bench.fault("gmail", json!({"kind": "drop_before"})).await;
    assert_eq!(
        gmail().list(&session, &search("", 5)).await,
        Err(Unreachable::Broken.into())
    );
}
