//! Uploads and downloads against a Drive that answers from a script: what is sent, what is not sent again, and what
//! is said when something else arrives.

use std::sync::atomic::Ordering;

use model::Language;

use super::*;
use crate::{
    LocalError, LocalFile,
    doing::{
        hexadecimal,
        remembered::{self, Remembered},
    },
    scripted::{self, Scripted},
};
use md5::{Digest as _, Md5};
use sha2::Sha256;

const IDS: &str = r#"{"kind":"drive#generatedIds","space":"drive","ids":["1made-ahead"]}"#;
const ROOM: &str = "HTTP/1.1 200 OK\r\nlocation: /upload/drive/v3/files?uploadType=resumable&upload_id=canary\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
const MIB: usize = 1024 * 1024;

fn sha256(bytes: &[u8]) -> String {
    hexadecimal(Sha256::new_with_prefix(bytes))
}

/// What Drive says of a file with these bytes.
fn there(bytes: &[u8]) -> String {
    let (size, hash) = (bytes.len(), sha256(bytes));
    format!(
        r#"{{"id":"1made-ahead","name":"a.txt","mimeType":"text/plain","size":"{size}","sha256Checksum":"{hash}","webViewLink":"https://drive.google.com/file/d/1made-ahead/view"}}"#
    )
}

/// "Go on": everything before `stored` is there.
fn go_on(stored: usize) -> Vec<u8> {
    let range = match stored {
        0 => String::new(),
        stored => format!("range: bytes=0-{}\r\n", stored - 1),
    };
    format!(
        "HTTP/1.1 308 Resume Incomplete\r\n{range}content-length: 0\r\nconnection: close\r\n\r\n"
    )
    .into_bytes()
}

fn refusal(status: u16, reason: &str) -> Vec<u8> {
    let body = format!(r#"{{"error":{{"code":{status},"errors":[{{"reason":"{reason}"}}]}}}}"#);
    scripted::answer(status, "application/json", &body)
}

fn outgoing(file: &LocalFile) -> OutgoingFile {
    OutgoingFile {
        file: file.clone(),
        folder: Some("1folder".to_owned()),
    }
}

async fn upload(
    answers: Vec<Vec<u8>>,
    file: &LocalFile,
    journal: &Remembered,
) -> (Result<RemoteRef, CallError>, Vec<String>) {
    let drive = Scripted::start(answers).await;
    let ended = INTEGRATION
        .upload(&drive.session(&[]), &outgoing(file), journal)
        .await;
    (ended, drive.requests().await)
}

/// The method, the path's end and, where there is one, the range.
fn outline(requests: &[String]) -> Vec<String> {
    let line = |request: &String| {
        let (head, _) = request.split_once("\r\n\r\n").unwrap();
        let mut words = head.split(' ');
        let (method, path) = (words.next().unwrap(), words.next().unwrap());
        let last = path.split('?').next().unwrap().rsplit('/').next().unwrap();
        let range = head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find(|(name, _)| matches!(*name, "content-range" | "range"))
            .map(|(_, range)| format!(" {range}"));
        format!("{method} {last}{}", range.unwrap_or_default())
    };
    requests.iter().map(line).collect()
}

fn text(length: usize) -> Vec<u8> {
    (0..length)
        .map(|at| b'a' + (at / 1000 % 26) as u8)
        .collect()
}

#[tokio::test]
async fn a_small_file_goes_in_one_request_under_an_id_that_was_kept_first() {
    let (_folder, file) = remembered::file("a.txt", b"hello\r\n");
    let journal = Remembered::default();
    let answers = vec![scripted::json(IDS), scripted::json(&there(b"hello\r\n"))];
    let (made, asked) = upload(answers, &file, &journal).await;
    let made = made.unwrap();
    assert_eq!(made.id, "1made-ahead");
    assert_eq!(made.within.as_deref(), Some("1folder"));
    assert!(made.link.unwrap().starts_with("https://drive.google.com/"));
    assert_eq!(outline(&asked), ["GET generateIds", "POST files"]);
    assert!(asked[1].contains("uploadType=multipart"), "{}", asked[1]);
    assert!(
        asked[1].contains(
            r#"{"id":"1made-ahead","mimeType":"text/plain","name":"a.txt","parents":["1folder"]}"#
        ),
        "{}",
        asked[1]
    );
    assert!(
        asked[1].contains("Content-Type: text/plain\r\n\r\nhello\r\n\r\n--"),
        "{}",
        asked[1]
    );
    assert!(journal.kept.lock().unwrap()[0].contains("1made-ahead"));
    assert_eq!(journal.wires(), 1);
    assert_eq!(*journal.progress.lock().unwrap(), [(7, 7)]);
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_and_never_makes_a_second_file() {
    let (_folder, file) = remembered::file("a.txt", b"hello");
    let answers = vec![
        scripted::json(IDS),
        Vec::new(),
        refusal(409, "fileIdInUse"),
        scripted::json(&there(b"hello")),
    ];
    let (made, asked) = upload(answers, &file, &Remembered::default()).await;
    assert_eq!(made.unwrap().id, "1made-ahead");
    assert_eq!(
        outline(&asked),
        [
            "GET generateIds",
            "POST files",
            "POST files",
            "GET 1made-ahead"
        ]
    );
}

#[tokio::test]
async fn what_is_there_under_the_id_and_is_another_is_said_and_left_alone() {
    let (_folder, file) = remembered::file("a.txt", b"hello");
    let answers = vec![
        scripted::json(IDS),
        refusal(409, "fileIdInUse"),
        scripted::json(&there(b"other")),
    ];
    let (made, asked) = upload(answers, &file, &Remembered::default()).await;
    assert_eq!(made, Err(LocalError::ChecksumMismatch.into()));
    assert_eq!(asked.len(), 3);
}

#[tokio::test]
async fn what_was_just_made_and_is_another_is_said_and_removed() {
    let (_folder, file) = remembered::file("a.txt", b"hello");
    let answers = vec![
        scripted::json(IDS),
        scripted::json(&there(b"hellO")),
        scripted::answer(204, "text/plain", ""),
    ];
    let (made, asked) = upload(answers, &file, &Remembered::default()).await;
    assert_eq!(made, Err(LocalError::ChecksumMismatch.into()));
    assert_eq!(outline(&asked)[2], "DELETE 1made-ahead");
}

#[tokio::test]
async fn without_the_stronger_checksum_the_weaker_is_compared() {
    let (_folder, file) = remembered::file("a.txt", b"hello");
    for (said, same) in [(&b"hello"[..], true), (b"hellO", false)] {
        let md5 = hexadecimal(Md5::new_with_prefix(said));
        let body = format!(r#"{{"id":"1made-ahead","size":"5","md5Checksum":"{md5}"}}"#);
        let gone = scripted::answer(204, "text/plain", "");
        let mut answers = vec![scripted::json(IDS), scripted::json(&body)];
        answers.extend((!same).then_some(gone));
        let (made, _) = upload(answers, &file, &Remembered::default()).await;
        assert_eq!(made.is_ok(), same);
    }
}

#[tokio::test]
async fn a_large_file_goes_on_from_what_drive_has_whatever_was_sent() {
    let bytes = text(9 * MIB);
    let (_folder, file) = remembered::file("a.txt", &bytes);
    let journal = Remembered::default();
    let answers = vec![
        scripted::json(IDS),
        ROOM.into(),
        // Half of the first chunk, then a line that breaks, then a service that is down for a moment.
        go_on(4 * MIB),
        Vec::new(),
        scripted::answer(503, "text/plain", ""),
        go_on(8 * MIB),
        scripted::json(&there(&bytes)),
    ];
    let (made, asked) = upload(answers, &file, &journal).await;
    assert_eq!(made.unwrap().id, "1made-ahead");
    assert_eq!(
        outline(&asked),
        [
            "GET generateIds",
            "POST files",
            "PUT files bytes 0-8388607/9437184",
            "PUT files bytes 4194304-9437183/9437184",
            "PUT files bytes */9437184",
            "PUT files bytes */9437184",
            "PUT files bytes 8388608-9437183/9437184",
        ]
    );
    let sent = asked[6].split_once("\r\n\r\n").unwrap().1;
    assert!(sent.as_bytes() == &bytes[8 * MIB..]);
    let kept = journal.kept.lock().unwrap();
    assert!(!kept[0].contains("canary") && kept[1].contains("canary"));
    let told = journal.progress.lock().unwrap();
    assert_eq!(told.last(), Some(&(9_437_184, 9_437_184)));
    assert!(told.contains(&(4_194_304, 9_437_184)), "{told:?}");
}

#[tokio::test]
async fn after_a_crash_or_a_new_token_it_goes_on_where_it_ended() {
    let bytes = text(9 * MIB);
    let (_folder, file) = remembered::file("a.txt", &bytes);
    let journal = Remembered::default();
    let answers = vec![
        scripted::json(IDS),
        ROOM.into(),
        go_on(8 * MIB),
        refusal(401, "authError"),
    ];
    let (ended, _) = upload(answers, &file, &journal).await;
    assert_eq!(ended, Err(CallError::TokenRejected));

    // The room's address is the other server's, and no token goes there: a new room for the same id.
    let answers = vec![ROOM.into(), go_on(8 * MIB), refusal(401, "authError")];
    let (_, asked) = upload(answers, &file, &journal).await;
    assert_eq!(outline(&asked)[0], "POST files");

    let drive = Scripted::start(vec![go_on(8 * MIB), scripted::json(&there(&bytes))]).await;
    let kept = journal.kept.lock().unwrap().last().unwrap().clone();
    let mut kept: serde_json::Value = serde_json::from_str(&kept).unwrap();
    kept["room"] = drive.base.join("/room").unwrap().as_str().into();
    journal.kept.lock().unwrap().push(kept.to_string());
    let made = INTEGRATION
        .upload(&drive.session(&[]), &outgoing(&file), &journal)
        .await;
    assert_eq!(made.unwrap().id, "1made-ahead");
    let asked = drive.requests().await;
    let expected = [
        "PUT room bytes */9437184",
        "PUT room bytes 8388608-9437183/9437184",
    ];
    assert_eq!(outline(&asked), expected);
}

#[tokio::test]
async fn a_room_that_is_gone_is_replaced_under_the_same_id_but_not_for_ever() {
    let bytes = text(6 * MIB);
    let (_folder, file) = remembered::file("a.txt", &bytes);
    let gone = || refusal(404, "notFound");
    let answers = vec![
        scripted::json(IDS),
        ROOM.into(),
        gone(),
        ROOM.into(),
        scripted::json(&there(&bytes)),
    ];
    let (made, asked) = upload(answers, &file, &Remembered::default()).await;
    assert!(made.is_ok());
    assert!(asked[3].contains("1made-ahead"), "{}", asked[3]);

    let mut answers = vec![scripted::json(IDS)];
    for _ in 0..3 {
        answers.extend([ROOM.into(), gone()]);
    }
    let (ended, _) = upload(answers, &file, &Remembered::default()).await;
    assert!(
        matches!(ended, Err(CallError::Refused { status: 404, .. })),
        "{ended:?}"
    );
}

#[tokio::test]
async fn a_room_elsewhere_gets_neither_bytes_nor_token() {
    let (_folder, file) = remembered::file("a.txt", &text(6 * MIB));
    let elsewhere = "HTTP/1.1 200 OK\r\nlocation: https://example.com/room\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let mut answers = vec![scripted::json(IDS)];
    answers.extend((0..6).map(|_| elsewhere.into()));
    let (ended, asked) = upload(answers, &file, &Remembered::default()).await;
    assert_eq!(ended, Err(CallError::NotUnderstood { status: 200 }));
    assert_eq!(asked.len(), 7);
}

#[tokio::test]
async fn a_file_that_changed_or_was_taken_back_never_becomes_one_at_drive() {
    let (_folder, file) = remembered::file("a.txt", &text(6 * MIB));
    std::fs::write(&file.path, vec![b'z'; 6 * MIB]).unwrap();
    let tidy = || scripted::answer(499, "text/plain", "");
    let answers = vec![scripted::json(IDS), ROOM.into(), Vec::new(), tidy()];
    let (ended, asked) = upload(answers, &file, &Remembered::default()).await;
    assert_eq!(ended, Err(file.changed()));
    assert_eq!(outline(&asked)[3], "DELETE files");
    assert!(asked[2].len() < 6 * MIB, "all of it was sent");

    let (_folder, file) = remembered::file("a.txt", &text(9 * MIB));
    let journal = Remembered::default();
    let (ended, _) = upload(
        vec![scripted::json(IDS), ROOM.into(), refusal(401, "authError")],
        &file,
        &journal,
    )
    .await;
    assert_eq!(ended, Err(CallError::TokenRejected));
    journal.cancelled.store(true, Ordering::SeqCst);
    let drive = Scripted::start(vec![tidy()]).await;
    let kept = journal.kept.lock().unwrap().last().unwrap().clone();
    let mut kept: serde_json::Value = serde_json::from_str(&kept).unwrap();
    kept["room"] = drive.base.join("/room").unwrap().as_str().into();
    journal.kept.lock().unwrap().push(kept.to_string());
    let ended = INTEGRATION
        .upload(&drive.session(&[]), &outgoing(&file), &journal)
        .await;
    assert_eq!(ended, Err(LocalError::Cancelled.into()));
    assert_eq!(outline(&drive.requests().await), ["DELETE room"]);
}

fn remote() -> RemoteFile {
    api::File {
        id: "1made-ahead".to_owned(),
        ..api::File::default()
    }
    .shown()
}

async fn download(answers: Vec<Vec<u8>>) -> (Result<Fetched, CallError>, Vec<u8>, Vec<String>) {
    let drive = Scripted::start(answers).await;
    let mut into = Vec::new();
    let fetched = INTEGRATION
        .download(&drive.session(&[]), &remote(), &mut into, &|_, _| {})
        .await;
    (fetched, into, drive.requests().await)
}

#[tokio::test]
async fn a_download_is_taken_up_where_the_line_broke_and_compared() {
    let half = b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\nconnection: close\r\n\r\n01234".to_vec();
    let rest = b"HTTP/1.1 206 Partial Content\r\ncontent-range: bytes 5-9/10\r\ncontent-length: 5\r\nconnection: close\r\n\r\n56789".to_vec();
    let answers = vec![scripted::json(&there(b"0123456789")), half.clone(), rest];
    let (fetched, into, asked) = download(answers).await;
    let fetched = fetched.unwrap();
    assert_eq!((fetched.size, into.as_slice()), (10, &b"0123456789"[..]));
    assert_eq!(fetched.sha256, sha256(b"0123456789"));
    assert_eq!(outline(&asked)[2], "GET 1made-ahead bytes=5-");

    // A server that knows no ranges sends all of it again.
    let all = scripted::answer(200, "text/plain", "0123456789");
    let answers = vec![scripted::json(&there(b"0123456789")), half, all];
    let (fetched, into, _) = download(answers).await;
    assert_eq!(
        (fetched.is_ok(), into.as_slice()),
        (true, &b"0123456789"[..])
    );
}

#[tokio::test]
async fn bytes_that_are_not_the_files_are_refused() {
    for wrong in ["012345678X", "0123456789 and more"] {
        let wrong = scripted::answer(200, "text/plain", wrong);
        let answers = vec![scripted::json(&there(b"0123456789")), wrong];
        let (fetched, ..) = download(answers).await;
        assert_eq!(fetched, Err(LocalError::ChecksumMismatch.into()));
    }
}

#[tokio::test]
async fn an_empty_file_is_fetched_and_a_document_of_googles_own_kind_refused_by_name() {
    let (fetched, into, _) = download(vec![scripted::json(&there(b""))]).await;
    assert_eq!((fetched.unwrap().size, into.len()), (0, 0));
    let document =
        r#"{"id":"1made-ahead","name":"Plan","mimeType":"application/vnd.google-apps.document"}"#;
    let (fetched, ..) = download(vec![scripted::json(document)]).await;
    let Err(CallError::Refused { reason, .. }) = fetched else {
        panic!("{fetched:?}");
    };
    assert!(
        INTEGRATION
            .explain_refusal(&reason, Language::English)
            .is_some()
    );
}
