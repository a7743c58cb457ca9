//! Every call there is: what it is answered when all is well, and where in it something goes wrong.

use std::time::Duration;

use futures_util::{FutureExt as _, future::BoxFuture};
use model::{EmailQuery, FileQuery, RemoteFile, SendEmail, SendMessage};
use serde_json::json;

use super::{Call, Ends};
use crate::{
    Files, Integration, LocalError, LocalFile, Mail, Messages, OutgoingFile, OutgoingMail,
    OutgoingMessage, Session,
    doing::remembered::{self, Remembered},
    scripted::{answer, json as said},
};

const SEND: &str = "https://www.googleapis.com/auth/gmail.send";
const READ: &str = "https://www.googleapis.com/auth/gmail.readonly";

fn service(name: &str) -> &'static dyn Integration {
    crate::find(&name.into()).unwrap()
}

fn mail() -> &'static dyn Mail {
    service("gmail").mail().unwrap()
}

fn files() -> &'static dyn Files {
    service("google_drive").files().unwrap()
}

fn messages() -> &'static dyn Messages {
    service("telegram").messages().unwrap()
}

pub(super) fn all() -> Vec<Call> {
    [gmail(), drive(), telegram()].concat()
}

type Outcome = BoxFuture<'static, Result<(), crate::CallError>>;

fn probe(name: &'static str) -> impl Fn(Session) -> Outcome {
    move |session| async move { service(name).probe(&session).await.map(drop) }.boxed()
}

fn list_mail(session: Session) -> Outcome {
    async move {
        mail()
            .list(&session, &EmailQuery::default())
            .await
            .map(drop)
    }
    .boxed()
}

fn send_mail(session: Session, reply_to: Option<&str>, attached: Option<LocalFile>) -> Outcome {
    let letter = OutgoingMail {
        action: model::ActionId::generate(),
        from: "anna@example.org".to_owned(),
        from_name: None,
        content: SendEmail {
            to: vec!["bob@example.net".to_owned()],
            subject: "Plan".to_owned(),
            text: Some("Here it is.".to_owned()),
            reply_to: reply_to.map(str::to_owned),
            ..SendEmail::default()
        },
        attachments: attached.into_iter().collect(),
    };
    async move {
        let journal = Remembered::default();
        mail().send(&session, &letter, &journal).await.map(drop)
    }
    .boxed()
}

fn gmail() -> Vec<Call> {
    const SENT: &str = r#"{"id":"19a","threadId":"18f"}"#;
    let message = json!({"id": "a1", "threadId": "t", "snippet": "x", "payload":
        {"mimeType": "text/plain", "filename": "", "headers": [], "body": {"size": 2, "data": "SGk"}}});
    let page = format!(
        "--sep\r\nContent-Type: application/http\r\nContent-ID: <response-item-0>\r\n\r\n\
         HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{message}\r\n--sep--\r\n"
    );
    let page = answer(200, "multipart/mixed; boundary=sep", &page);
    vec![
        Call::new("gmail: whose mailbox", probe("gmail"))
            .granted(READ)
            .well(said(r#"{"emailAddress":"anna@example.org"}"#)),
        Call::new("gmail: who signed in", probe("gmail"))
            .granted(SEND)
            .well(said(r#"{"sub":"1","email":"anna@example.org"}"#)),
        Call::new("gmail: list", list_mail).well(said(r#"{"messages":[]}"#)),
        Call::new("gmail: many headers at once", list_mail)
            .after(said(r#"{"messages":[{"id":"a1","threadId":"t"}]}"#))
            .well(page)
            .waits(6)
            // What stands between the parts is said by the type.
            .but("wrong content type", Ends::NotUnderstood(200))
            .longest(16),
        Call::new("gmail: read", |session| {
            async move { mail().read(&session, "a1").await.map(drop) }.boxed()
        })
        .well(said(&message.to_string()))
        .longest(32),
        Call::new("gmail: attachment", |session| {
            async move { mail().attachment(&session, "a1", "id:x").await.map(drop) }.boxed()
        })
        .well(said(r#"{"data":"SGk"}"#))
        .longest(72),
        Call::new("gmail: send", |session| send_mail(session, None, None))
            .well(said(SENT))
            .writes(),
        Call::new("gmail: send by upload", |session| {
            let (folder, file) = remembered::file("big.txt", &vec![b'x'; 6 << 20]);
            let sending = send_mail(session, None, Some(file));
            sending.inspect(move |_| drop(folder)).boxed()
        })
        .well(said(SENT))
        .writes(),
        Call::new("gmail: what is answered", |session| {
            send_mail(session, Some("a1"), None)
        })
        .well(said(&message.to_string()))
        .then(said(SENT))
        .waits(6),
        Call::new("gmail: look for what was sent", |session| {
            let action = model::ActionId::generate();
            let since = jiff::Timestamp::UNIX_EPOCH;
            async move { mail().find_sent(&session, &[action], since).await.map(drop) }.boxed()
        })
        .well(said(r#"{"messages":[]}"#)),
    ]
}

/// Of the bytes that every Drive here holds.
const THERE: &str = r#"{"id":"1made","name":"a.txt","mimeType":"text/plain","size":"10","sha256Checksum":"84d89877f0d4041efb6bf91a16f0248f2fd573e6af05c19f96bedb9f882f7882"}"#;
const TEN: &[u8] = b"0123456789";
/// More than goes at once.
const BIG: usize = 6 << 20;

fn upload(session: Session, bytes: &[u8]) -> Outcome {
    let (folder, file) = remembered::file("a.txt", bytes);
    async move {
        let _folder = folder;
        let outgoing = OutgoingFile { file, folder: None };
        let journal = Remembered::default();
        files()
            .upload(&session, &outgoing, &journal)
            .await
            .map(drop)
    }
    .boxed()
}

fn download(session: Session) -> Outcome {
    let file: RemoteFile = serde_json::from_value(json!({
        "id": "1made", "name": "a.txt", "media_type": "text/plain", "size": 10,
        "modified_at": null, "is_folder": false, "can_download": true, "link": null,
    }))
    .unwrap();
    async move {
        let mut into = Vec::new();
        let nothing = |_: u64, _: Option<u64>| {};
        let fetched = files().download(&session, &file, &mut into, &nothing).await;
        assert!(into.len() <= TEN.len(), "{} bytes arrived", into.len());
        fetched.map(drop)
    }
    .boxed()
}

/// A transfer bears five failures in a row.
const TRANSFER: u64 = 6;

fn drive() -> Vec<Call> {
    const IDS: &str = r#"{"ids":["1made"]}"#;
    const ROOM: &str = "HTTP/1.1 200 OK\r\nlocation: /upload/drive/v3/files?upload_id=canary\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let bare = r#"{"id":"1made","name":"a.txt","mimeType":"text/plain","size":"10"}"#;
    let big = vec![b'x'; BIG];
    let big_there =
        json!({"id": "1made", "name": "a.txt", "mimeType": "text/plain", "size": BIG.to_string(),
        "sha256Checksum": remembered::file("a.txt", &big).1.sha256})
        .to_string();
    let mismatch = || Ends::Local(LocalError::ChecksumMismatch);
    vec![
        Call::new("drive: whose files", probe("google_drive")).well(said(
            r#"{"user":{"permissionId":"1","emailAddress":"anna@example.org","displayName":"Anna"}}"#,
        )),
        Call::new("drive: list", |session| {
            async move { files().list(&session, &FileQuery::default()).await.map(drop) }.boxed()
        })
        .well(said(r#"{"files":[]}"#)),
        Call::new("drive: describe", |session| {
            async move { files().describe(&session, "1made").await.map(drop) }.boxed()
        })
        .well(said(THERE)),
        Call::new("drive: a new id", |session| upload(session, TEN))
            .well(said(IDS))
            .then(said(THERE))
            .most(TRANSFER),
        Call::new("drive: upload at once", |session| upload(session, TEN))
            .after(said(IDS))
            .well(said(THERE))
            .most(TRANSFER),
        Call::new("drive: open an upload", |session| upload(session, &vec![b'x'; BIG]))
            .after(said(IDS))
            .well(ROOM.into())
            .then(said(&big_there))
            .most(TRANSFER),
        Call::new("drive: a piece of an upload", |session| upload(session, &vec![b'x'; BIG]))
            .after(said(IDS))
            .after(ROOM.into())
            .well(said(&big_there))
            .most(TRANSFER),
        // The size came with the answer to the upload; that the checksum can't be asked for says nothing against it.
        Call::new("drive: compare an upload", |session| upload(session, TEN))
            .after(said(IDS))
            .after(said(bare))
            .well(said(THERE))
            .most(TRANSFER)
            .always_fine(),
        Call::new("drive: before a download", download)
            .well(said(THERE))
            .then(answer(200, "text/plain", "0123456789"))
            .most(TRANSFER),
        Call::new("drive: download", download)
            .after(said(THERE))
            .well(answer(200, "text/plain", "0123456789"))
            // Once more, because something came before the line broke.
            .most(TRANSFER + 1)
            .but("HTML", mismatch())
            .but("garbage", mismatch())
            .but("100 MB", mismatch())
            .but("gzip bomb", mismatch()),
    ]
}

fn send_message(session: Session, file: Option<LocalFile>) -> Outcome {
    let message = OutgoingMessage {
        chat: "123456789".to_owned(),
        content: SendMessage {
            text: "Hello".to_owned(),
            ..SendMessage::default()
        },
        file,
    };
    async move {
        let journal = Remembered::default();
        messages()
            .send(&session, &message, &journal)
            .await
            .map(drop)
    }
    .boxed()
}

fn telegram() -> Vec<Call> {
    const SENT: &str = r#"{"ok":true,"result":{"message_id":7,"date":1,"chat":{"id":123456789,"type":"private","first_name":"Anna"},"text":"x"}}"#;
    let me = include_str!("../telegram/fixtures/get_me.json");
    let no_webhook = include_str!("../telegram/fixtures/no_webhook.json");
    vec![
        Call::new("telegram: who the bot is", probe("telegram"))
            .well(said(me))
            .then(said(no_webhook)),
        // The bot has answered by then; what isn't known about its webhook doesn't make it less alive.
        Call::new("telegram: who else hears the bot", probe("telegram"))
            .after(said(me))
            .well(said(no_webhook))
            .always_fine(),
        Call::new("telegram: send", |session| send_message(session, None))
            .well(said(SENT))
            .writes(),
        Call::new("telegram: send a file", |session| {
            let (folder, file) = remembered::file("a.txt", TEN);
            let sending = send_message(session, Some(file));
            sending.inspect(move |_| drop(folder)).boxed()
        })
        .well(said(SENT))
        .writes(),
        Call::new("telegram: listen for a claim", |session| {
            async move {
                let wait = Duration::from_secs(1);
                let mut position = None;
                let listened = messages().listen_for_claim(&session, "p", &mut position, wait);
                listened.await.map(drop)
            }
            .boxed()
        })
        .well(said(r#"{"ok":true,"result":[]}"#)),
    ]
}
