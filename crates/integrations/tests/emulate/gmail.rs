//! Mail: two attachments arrive as they were, and lists hold what the search asked for.

use std::collections::BTreeSet;

use integrations::{Mail, OutgoingMail};
use model::{ActionId, EmailPage, EmailQuery, SendEmail};

use crate::peer::{ANNA, Forgetful, Peer, integration, noise, sha256};

const SEND: &str = "https://www.googleapis.com/auth/gmail.send";
const READ: &str = "https://www.googleapis.com/auth/gmail.readonly";

fn mail() -> &'static dyn Mail {
    integration("gmail").mail().unwrap()
}

async fn list(peer: &Peer, search: &str, limit: u32, page: Option<String>) -> EmailPage {
    let query = EmailQuery {
        search: search.to_owned(),
        limit: Some(limit),
        page,
    };
    mail()
        .list(&peer.session(&[SEND, READ]), &query)
        .await
        .unwrap()
}

#[tokio::test]
async fn two_attachments_arrive_byte_for_byte() {
    let peer = Peer::start();
    let session = peer.session(&[SEND, READ]);
    let contents = [noise(1, 70_001), noise(2, 1_300_000)];
    let attachments = vec![
        peer.file("report.pdf", "application/pdf", &contents[0]),
        peer.file("picture.png", "image/png", &contents[1]),
    ];
    let outgoing = OutgoingMail {
        action: ActionId::generate(),
        from: ANNA.to_owned(),
        from_name: Some("Anna Berg".to_owned()),
        content: SendEmail {
            to: vec!["Ben Ode <ben@example.org>".to_owned()],
            subject: "Two files".to_owned(),
            text: Some("Here they are.".to_owned()),
            attachments: attachments
                .iter()
                .map(|file| file.path.display().to_string())
                .collect(),
            ..SendEmail::default()
        },
        attachments,
    };
    mail().check(&outgoing).unwrap();
    let sent = mail().send(&session, &outgoing, &Forgetful).await.unwrap();

    // As the emulator has it, asked without us.
    let messages = "/gmail/v1/users/me/messages";
    let theirs = peer.bare_json(&format!("{messages}/{}", sent.id)).await;
    assert!(
        theirs["labelIds"]
            .as_array()
            .unwrap()
            .contains(&"SENT".into()),
        "{theirs}"
    );
    let raw = peer
        .bare_json(&format!("{messages}/{}?format=raw", sent.id))
        .await;
    let arrived = mail_parser::MessageParser::default()
        .parse(&decoded(raw["raw"].as_str().unwrap()))
        .unwrap()
        .into_owned();
    let names: Vec<&str> = arrived
        .attachments()
        .map(|part| mail_parser::MimeHeaders::attachment_name(part).unwrap())
        .collect();
    assert_eq!(names, ["report.pdf", "picture.png"]);
    let hashes: Vec<String> = arrived
        .attachments()
        .map(|part| sha256(part.contents()))
        .collect();
    assert_eq!(hashes, contents.each_ref().map(|bytes| sha256(bytes)));
    assert_eq!(arrived.subject(), Some("Two files"));

    // And as we read it back, in the emulator's own taking apart of it.
    let read = mail().read(&session, &sent.id).await.unwrap();
    assert_eq!(read.email.text.trim(), "Here they are.");
    assert_eq!(read.email.summary.subject, "Two files");
    assert_eq!(read.handles.len(), 2);
    for (handle, content) in read.handles.iter().zip(&contents) {
        let bytes = mail().attachment(&session, &sent.id, handle).await.unwrap();
        assert_eq!(sha256(&bytes), sha256(content));
    }
}

#[tokio::test]
async fn a_list_holds_what_the_search_asked_for() {
    let peer = Peer::start();
    // As `google.mjs` seeds: every fourth from Carla, every sixth an invoice, every third unread.
    for (search, expected) in [
        ("from:carla@example.net", 30),
        ("subject:invoice", 20),
        ("is:unread", 40),
        ("from:carla@example.net subject:invoice is:unread", 10),
    ] {
        let page = list(&peer, search, 500, None).await;
        assert_eq!(page.emails.len(), expected, "{search}");
        assert_eq!(page.next, None, "{search}");
    }
    let both = list(&peer, "from:carla subject:invoice", 500, None).await;
    for email in &both.emails {
        assert_eq!(email.from, "Carla Diaz <carla@example.net>");
        assert!(email.subject.starts_with("Invoice "), "{email:?}");
        assert!(
            email.snippet.starts_with("This is letter number "),
            "{email:?}"
        );
    }
    assert!(
        list(&peer, "from:nobody", 500, None)
            .await
            .emails
            .is_empty()
    );
}

#[tokio::test]
async fn a_hundred_headers_come_newest_first_and_the_rest_on_the_next_page() {
    let peer = Peer::start();
    let first = list(&peer, "in:inbox", 100, None).await;
    assert_eq!(first.emails.len(), 100);
    assert!(
        first
            .emails
            .iter()
            .all(|email| email.to == ANNA && !email.subject.is_empty() && email.date.is_some())
    );
    assert!(first.emails.is_sorted_by(|one, next| one.date >= next.date));
    let second = list(&peer, "in:inbox", 100, first.next.clone()).await;
    assert_eq!(second.next, None);
    let ids: BTreeSet<&str> = first
        .emails
        .iter()
        .chain(&second.emails)
        .map(|email| email.id.as_str())
        .collect();
    // The emulator has a few of its own besides our 120.
    assert_eq!(ids.len(), first.emails.len() + second.emails.len());
    assert!(ids.len() >= 120, "{}", ids.len());
}

fn decoded(raw: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(raw.trim_end_matches('='))
        .unwrap()
}
