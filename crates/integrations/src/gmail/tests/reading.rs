//! Mail from strangers: read whatever it is, and harmless whatever it wants.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::{html, reading::text_of};
use super::{INTEGRATION, READ, refused};
use crate::{
    CallError, Mail as _, ReadMail,
    scripted::{self, Scripted},
};

fn data(bytes: &[u8]) -> Value {
    json!({"size": bytes.len(), "data": URL_SAFE_NO_PAD.encode(bytes)})
}

fn part(kind: &str, body: Value) -> Value {
    json!({"mimeType": kind, "filename": "", "headers": [], "body": body})
}

fn multipart(kind: &str, parts: Vec<Value>) -> Value {
    json!({"mimeType": kind, "filename": "", "body": {"size": 0}, "parts": parts})
}

async fn read(payload: Value, more: Vec<Vec<u8>>) -> ReadMail {
    let message = json!({"id": "a1", "threadId": "t", "snippet": "x", "payload": payload});
    let mut answers = vec![scripted::json(&message.to_string())];
    answers.extend(more);
    let gmail = Scripted::start(answers).await;
    INTEGRATION
        .read(&gmail.session(&[READ]), "a1")
        .await
        .unwrap()
}

#[tokio::test]
async fn a_mail_has_its_text_its_html_and_its_files() {
    let file = json!({"mimeType": "application/pdf", "filename": "Plan Ä.pdf",
        "body": {"attachmentId": "ANGjdJ8", "size": 12345}});
    let small = json!({"mimeType": "text/plain", "filename": "note.txt", "body": data(b"ab\xff")});
    let long = part("text/html", json!({"attachmentId": "LONG", "size": 99}));
    let payload = multipart(
        "multipart/mixed",
        vec![
            multipart(
                "multipart/alternative",
                vec![part("text/plain", data("Hej på dig\r\n".as_bytes())), long],
            ),
            file,
            small,
            part("text/plain", data(b"-- \nlist footer")),
        ],
    );
    let page = json!({"data": URL_SAFE_NO_PAD.encode("<p onclick=x()>Hej</p>")});
    let mail = read(payload, vec![scripted::json(&page.to_string())]).await;
    assert_eq!(mail.email.text, "Hej på dig\n-- \nlist footer");
    assert_eq!(mail.email.safe_html.as_deref(), Some("<p>Hej</p>"));
    let named: Vec<_> = mail
        .email
        .attachments
        .iter()
        .map(|file| (file.name.as_str(), file.size))
        .collect();
    assert_eq!(named, [("Plan Ä.pdf", 12345), ("note.txt", 3)]);

    let bytes = json!({"size": 4, "data": "_-8="});
    let gmail = Scripted::start(vec![scripted::json(&bytes.to_string())]).await;
    let session = gmail.session(&[READ]);
    let fetched = INTEGRATION
        .attachment(&session, "a1", &mail.handles[0])
        .await
        .unwrap();
    assert_eq!(fetched, [0xff, 0xef]);
    let kept = INTEGRATION
        .attachment(&session, "a1", &mail.handles[1])
        .await
        .unwrap();
    assert_eq!(kept, b"ab\xff");
    let requests = gmail.requests().await;
    assert_eq!(requests.len(), 1);
    assert!(requests[0].starts_with("GET /gmail/v1/users/me/messages/a1/attachments/ANGjdJ8?"));
}

#[tokio::test]
async fn a_mail_of_html_alone_has_a_text_too() {
    let page = b"<style>p{}</style><p>One</p><p>Two &amp; three</p><script>steal()</script>";
    let mail = read(part("text/html", data(page)), Vec::new()).await;
    assert!(mail.email.text.contains("One") && mail.email.text.contains("Two & three"));
    assert!(!mail.email.text.contains("steal") && !mail.email.text.contains("p{}"));
}

#[tokio::test]
async fn a_mail_nested_fifty_levels_deep_is_read() {
    let mut payload = part("text/plain", data(b"deep"));
    for _ in 0..50 {
        payload = multipart("multipart/mixed", vec![payload]);
    }
    assert_eq!(read(payload, Vec::new()).await.email.text, "deep");
}

#[tokio::test]
async fn a_mail_inside_the_mail_is_a_file_and_not_its_text() {
    let mut inside = multipart(
        "message/rfc822",
        vec![part("text/plain", data(b"forwarded"))],
    );
    inside["body"] = json!({"attachmentId": "EML", "size": 9});
    let payload = multipart(
        "multipart/mixed",
        vec![part("text/plain", data(b"see below")), inside],
    );
    let mail = read(payload, Vec::new()).await;
    assert_eq!(mail.email.text, "see below");
    assert_eq!(mail.email.attachments[0].name, "message.eml");
}

#[tokio::test]
async fn a_mail_of_ten_thousand_parts_is_cut_short() {
    let parts = (0..10_000)
        .map(|_| part("text/plain", data(b"x")))
        .collect();
    let mail = read(multipart("multipart/mixed", parts), Vec::new()).await;
    assert!(mail.email.text.len() < 2_100);
}

#[tokio::test]
async fn a_header_with_a_line_end_stays_one_line() {
    let mut payload = part("text/plain", data(b"x"));
    payload["headers"] = json!([{"name": "Subject", "value": "Hi\r\nFrom: boss@example.org"},
        {"name": "Cc", "value": "\u{0}a@example.org"}]);
    let mail = read(payload, Vec::new()).await;
    assert_eq!(mail.email.summary.subject, "Hi From: boss@example.org");
    assert_eq!(mail.email.cc, "a@example.org");
}

#[tokio::test]
async fn an_id_that_is_none_is_asked_for_nowhere() {
    let nowhere = Scripted::start(Vec::new()).await;
    let session = nowhere.session(&[READ]);
    for odd in ["", "..", "a/b", "a?b", &"a".repeat(300)] {
        assert_eq!(
            INTEGRATION.read(&session, odd).await.unwrap_err(),
            refused(404, "notFound")
        );
        assert_eq!(
            INTEGRATION
                .attachment(&session, odd, "id:x")
                .await
                .unwrap_err(),
            refused(404, "notFound")
        );
    }
    for odd in ["", "x", "id:..", "id:", "data:!"] {
        let error = INTEGRATION
            .attachment(&session, "a1", odd)
            .await
            .unwrap_err();
        assert_eq!(error, refused(404, "notFound"), "{odd}");
    }
}

#[tokio::test]
async fn an_attachment_that_is_no_base64_is_not_understood() {
    let gmail = Scripted::start(vec![scripted::json(r#"{"data":"%%%"}"#)]).await;
    let error = INTEGRATION
        .attachment(&gmail.session(&[READ]), "a1", "id:x")
        .await
        .unwrap_err();
    assert_eq!(error, CallError::NotUnderstood { status: 200 });
}

#[test]
fn a_text_is_read_in_the_charset_it_is_really_in() {
    let latin = Some("text/plain; format=flowed; charset=\"ISO-8859-1\"");
    assert_eq!(text_of(b"Gr\xfc\xdfe", latin), "Grüße");
    assert_eq!(
        text_of("Grüße".as_bytes(), latin),
        "Grüße",
        "Gmail converted it already"
    );
    let japanese = Some("text/plain; charset=iso-2022-jp");
    assert_eq!(text_of(b"\x1b$B$3$s\x1b(B", japanese), "こん");
    assert_eq!(
        text_of(b"\x82\xb1\x82\xf1", Some("text/plain; charset=Shift_JIS")),
        "こん"
    );
    assert_eq!(
        text_of(b"a\xffb", Some("text/plain; charset=klingon")),
        "a\u{fffd}b"
    );
    assert_eq!(text_of(b"a\xffb", None), "a\u{fffd}b");
}

#[test]
fn nothing_in_a_mail_runs_or_is_fetched_or_asks_for_input() {
    for (written, gone) in [
        ("<script>x()</script>", "x()"),
        ("<style>@import 'http://e.example'</style>", "e.example"),
        ("<img src=http://e.example/1.gif>", "e.example"),
        ("<img src=\"data:image/png;base64,AA\">", "data:"),
        ("<p style='background:url(http://e.example)'>", "e.example"),
        ("<table background=http://e.example/x>", "e.example"),
        ("<a href='javascript:x()'>y</a>", "javascript"),
        ("<a href='//e.example'>y</a>", "e.example"),
        (
            "<form action=http://e.example><input name=p><button>Go</button></form>",
            "e.example",
        ),
        ("<iframe src=http://e.example></iframe>", "e.example"),
        (
            "<svg onload=x()><use href=http://e.example></svg>",
            "e.example",
        ),
        ("<link rel=stylesheet href=http://e.example>", "e.example"),
        (
            "<meta http-equiv=refresh content='0;url=http://e.example'>",
            "e.example",
        ),
        (
            "<video poster=http://e.example src=http://e.example>",
            "e.example",
        ),
        ("<base href=http://e.example>", "e.example"),
        ("<p onclick=x()>y</p>", "x()"),
    ] {
        let safe = html::safe(written);
        assert!(!safe.contains(gone), "{written} became {safe}");
        assert!(
            !safe.contains("<input") && !safe.contains("<form"),
            "{safe}"
        );
    }
    assert_eq!(
        html::safe("<a href='https://x.example/?a=1' target=_top>y</a>"),
        "<a href=\"https://x.example/?a=1\" rel=\"noopener noreferrer\">y</a>"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Texts are made of whatever was sent: none may stop us.
    #[test]
    fn no_html_breaks_us(written in "(<[a-z/!]{0,6}|>|&#?x?[0-9a-z]{0,9};?|\"|'|<!--|-->|\\PC){0,80}") {
        let safe = html::safe(&written);
        let _ = mail_parser::decoders::html::html_to_text(&safe);
        let _ = mail_parser::decoders::html::html_to_text(&written);
        prop_assert!(!safe.to_lowercase().contains("<script"));
    }

    #[test]
    fn no_bytes_break_us(bytes in proptest::collection::vec(any::<u8>(), 0..200), charset in "[a-z0-9_-]{0,50}") {
        let _ = text_of(&bytes, Some(&format!("text/plain; charset={charset}")));
    }

    #[test]
    fn no_header_breaks_us(value in "(=\\?[a-z0-9-]{0,8}\\?[bq]\\?|\\?=|\\PC|\r|\n|\t){0,60}") {
        let shown = super::super::listing::decoded(&value);
        prop_assert!(!shown.contains(char::is_control));
    }
}
