//! Mail as it goes out: read back by a parser that isn't lettre's, and refused before it goes where it can't.

use mail_parser::{MessageParser, MimeHeaders as _};
use model::{ActionId, Language, SendEmail};
use proptest::prelude::*;

use super::super::mime::{self, Parent};
use crate::{CallError, LocalError, LocalFile, OutgoingMail};

pub(super) fn mail(content: SendEmail) -> OutgoingMail {
    OutgoingMail {
        action: ActionId::generate(),
        from: "anna@example.org".to_owned(),
        from_name: Some("Anna Märta Berg".to_owned()),
        content,
        attachments: Vec::new(),
    }
}

pub(super) fn to_bob() -> SendEmail {
    SendEmail {
        to: vec!["Bob Ström <bob@example.net>".to_owned()],
        subject: "Grüße aus Malmö".to_owned(),
        text: Some("Hej Bob,\nsnart.\n".to_owned()),
        ..SendEmail::default()
    }
}

fn named(name: &str, media_type: &str, size: u64) -> LocalFile {
    LocalFile {
        path: "/nowhere/at/all".into(),
        name: name.to_owned(),
        size,
        sha256: String::new(),
        media_type: media_type.to_owned(),
    }
}

fn written(mail: &OutgoingMail, files: &[&[u8]]) -> Vec<u8> {
    let encoded = files.iter().map(|bytes| mime::encode(bytes)).collect();
    mime::write(mail, &Parent::default(), encoded).unwrap()
}

fn refusal(mail: &OutgoingMail) -> (&'static str, &'static str) {
    match mime::check(mail) {
        Err(CallError::Local(LocalError::Invalid { field, reason })) => (field, reason),
        other => panic!("{other:?}"),
    }
}

#[test]
fn names_subject_and_text_arrive_in_any_script() {
    let mut letter = mail(to_bob());
    letter.content.cc = vec!["\"Ström, Eva\" <eva@example.net>".to_owned()];
    letter.content.bcc = vec!["secret@example.net".to_owned()];
    let whole = written(&letter, &[]);
    assert!(whole.is_ascii());
    let read = MessageParser::default().parse(&whole).unwrap();
    assert_eq!(read.subject(), Some("Grüße aus Malmö"));
    assert_eq!(
        read.from().unwrap().first().unwrap().name(),
        Some("Anna Märta Berg")
    );
    assert_eq!(
        read.to().unwrap().first().unwrap().name(),
        Some("Bob Ström")
    );
    assert_eq!(
        read.cc().unwrap().first().unwrap().name(),
        Some("Ström, Eva")
    );
    assert_eq!(
        read.body_text(0).unwrap().replace("\r\n", "\n"),
        "Hej Bob,\nsnart.\n\n",
        "lettre ends every mail with a line end"
    );
    assert_eq!(
        read.bcc().unwrap().first().unwrap().address(),
        Some("secret@example.net"),
        "Gmail learns the hidden recipients from the header alone"
    );
    assert_eq!(
        read.header_raw("X-Autopilot-Action").map(str::trim),
        Some(letter.action.to_string().as_str())
    );
    assert!(read.date().is_some() && read.message_id().is_some());
}

#[test]
fn html_alone_is_sent_with_a_text_made_from_it() {
    let mut letter = mail(to_bob());
    letter.content.text = None;
    letter.content.html = Some("<p>Hej <b>Bob</b></p><script>x()</script>".to_owned());
    let whole = written(&letter, &[]);
    let read = MessageParser::default().parse(&whole).unwrap();
    assert!(read.is_content_type("multipart", "alternative"));
    let text = read.text_bodies().next().unwrap();
    assert!(text.is_text() && !text.is_text_html());
    assert_eq!(text.text_contents().unwrap().trim(), "Hej Bob");
    assert_eq!(
        read.body_html(0).unwrap().trim_end(),
        "<p>Hej <b>Bob</b></p><script>x()</script>",
        "what the person wrote is sent as it is"
    );
}

#[test]
fn attachments_arrive_byte_by_byte_under_their_names() {
    let every: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    let lines = b"one\ntwo\r\nthree\r";
    let mut letter = mail(to_bob());
    letter.attachments = vec![
        named(
            "Überweisung für «Malmö» – Entwurf 2026.pdf",
            "application/pdf",
            0,
        ),
        named("lines.txt", "text/plain", 0),
        named("kept.eml", "message/rfc822", 0),
        named("a\r\nX-Evil: 1.txt", "no type at all", 0),
        named("empty", "image/png", 0),
    ];
    let whole = written(&letter, &[&every, lines, b"Subject: x\r\n\r\n", b"1", b""]);
    assert!(!String::from_utf8_lossy(&whole).contains("\r\nX-Evil"));
    let read = MessageParser::default().parse(&whole).unwrap();
    let files: Vec<_> = read.attachments().collect();
    assert_eq!(files.len(), 5);
    assert_eq!(
        files[0].attachment_name(),
        Some("Überweisung für «Malmö» – Entwurf 2026.pdf")
    );
    assert_eq!(files[0].contents(), every);
    assert_eq!(files[1].contents(), lines);
    assert_eq!(files[2].contents(), b"Subject: x\r\n\r\n");
    assert!(files[2].is_content_type("application", "octet-stream"));
    assert!(files[3].is_content_type("application", "octet-stream"));
    assert_eq!(files[4].contents(), b"");
}

#[test]
fn what_can_not_be_sent_is_told_before_it_is_queued() {
    let with = |change: &dyn Fn(&mut SendEmail)| {
        let mut content = to_bob();
        change(&mut content);
        refusal(&mail(content))
    };
    assert_eq!(with(&|mail| mail.to.clear()), ("to", "mail_no_recipient"));
    assert_eq!(
        with(&|mail| mail.bcc = vec!["a@example.org".to_owned(); 500]),
        ("to", "mail_too_many_recipients")
    );
    assert_eq!(
        with(&|mail| mail.subject = "Hi\r\nBcc: eve@example.org".to_owned()),
        ("subject", "mail_subject_odd")
    );
    assert_eq!(with(&|mail| mail.text = None), ("text", "mail_empty"));
    assert_eq!(
        with(&|mail| mail.reply_to = Some("..".to_owned())),
        ("reply_to", "mail_reply_to_odd")
    );
    for odd in [
        "",
        "bob",
        "bob@",
        "a@example.org, b@example.org",
        "Bob\r\nBcc: eve@example.org <bob@example.org>",
        "bob@example.org\n",
    ] {
        assert_eq!(
            with(&|mail| mail.to = vec![odd.to_owned()]).0,
            "to",
            "{odd}"
        );
        assert_eq!(
            with(&|mail| mail.cc = vec![odd.to_owned()]).0,
            "cc",
            "{odd}"
        );
        assert_eq!(
            with(&|mail| mail.bcc = vec![odd.to_owned()]).0,
            "bcc",
            "{odd}"
        );
    }
}

#[test]
fn every_reason_given_is_a_sentence_of_the_texts() {
    for reason in [
        "mail_no_recipient",
        "mail_too_many_recipients",
        "mail_address_odd",
        "mail_from_odd",
        "mail_subject_odd",
        "mail_empty",
        "mail_reply_to_odd",
    ] {
        let texts = super::FOLDER.words.of(Language::English);
        assert!(texts.plain(reason).ends_with('.'), "{reason}");
    }
}

#[test]
fn a_mail_too_big_is_told_by_its_files_sizes_alone() {
    let mut letter = mail(to_bob());
    letter.attachments = vec![named("small.zip", "application/zip", 26_000_000)];
    assert_eq!(mime::check(&letter), Ok(()));
    letter.attachments = vec![named("film.mp4", "video/mp4", 27_000_000)];
    let error = mime::check(&letter).unwrap_err();
    assert!(
        matches!(
            error,
            CallError::Local(LocalError::TooLarge {
                limit: 36_700_160,
                ..
            })
        ),
        "{error:?}"
    );
    letter.attachments = vec![named("sparse", "application/x", u64::MAX)];
    assert!(mime::check(&letter).is_err());
}

#[test]
fn the_size_foretold_is_the_size_sent() {
    for size in [1_usize, 57, 58, 56, 114, 4_000] {
        let bytes = vec![7; size];
        assert_eq!(
            mime::encoded_len(size as u64),
            mime::encode(&bytes).len() as u64,
            "{size}"
        );
    }
    assert_eq!(mime::encoded_len(0), 0);
}

#[test]
fn an_answer_names_what_it_answers_and_keeps_its_subject() {
    let parent = Parent {
        message_id: Some("<two@example.net>".to_owned()),
        references: vec!["<one@example.net>".to_owned()],
        subject: "Lunch på torsdag?".to_owned(),
    };
    let mut letter = mail(to_bob());
    letter.content.subject = String::new();
    let whole = mime::write(&letter, &parent, Vec::new()).unwrap();
    let read = MessageParser::default().parse(&whole).unwrap();
    assert_eq!(read.subject(), Some("Re: Lunch på torsdag?"));
    assert_eq!(read.in_reply_to().as_text(), Some("two@example.net"));
    assert_eq!(
        read.references().as_text_list().unwrap(),
        ["one@example.net", "two@example.net"]
    );
    letter.content.subject = "Something else".to_owned();
    let whole = mime::write(&letter, &parent, Vec::new()).unwrap();
    let read = MessageParser::default().parse(&whole).unwrap();
    assert_eq!(read.subject(), Some("Something else"));
    let again = Parent {
        subject: "RE: Lunch".to_owned(),
        ..parent
    };
    letter.content.subject = String::new();
    let whole = mime::write(&letter, &again, Vec::new()).unwrap();
    let read = MessageParser::default().parse(&whole).unwrap();
    assert_eq!(read.subject(), Some("RE: Lunch"));
}

#[test]
fn message_ids_from_outside_bring_nothing_else_along() {
    assert_eq!(
        mime::message_ids("<a@b>\r\n <c@d> nonsense <> <é@x> <e@f"),
        ["<a@b>", "<c@d>"]
    );
    let many: String = (0..1000).map(|n| format!("<{n}@x> ")).collect();
    let kept = mime::message_ids(&many);
    assert_eq!(kept.len(), 20);
    assert_eq!((kept[0].as_str(), kept[19].as_str()), ("<0@x>", "<999@x>"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever a person types: it is refused, or it arrives as typed and adds no header.
    #[test]
    fn no_subject_or_name_begins_a_header(subject in ".{0,120}", name in ".{0,60}") {
        let mut letter = mail(to_bob());
        letter.content.subject.clone_from(&subject);
        letter.from_name = Some(name);
        if mime::check(&letter).is_ok() {
            let whole = written(&letter, &[]);
            let read = MessageParser::default().parse(&whole).unwrap();
            let headers = read.headers().len();
            letter.content.subject = "x".to_owned();
            letter.from_name = None;
            let plain = written(&letter, &[]);
            let plain = MessageParser::default().parse(&plain).unwrap();
            let empty = usize::from(subject.trim().is_empty());
            prop_assert!(headers == plain.headers().len() || headers + empty == plain.headers().len());
        }
    }
}
