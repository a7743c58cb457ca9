//! Files against the sandbox's Drive: what goes up comes down the same, whatever happens on the way, and is there once.

use std::sync::atomic::Ordering;

use integrations::{CallError, Files, LocalError, LocalFile, OutgoingFile, Session};
use model::{FileOrder, FileQuery, RemoteRef};
use serde_json::{Value, json};

use super::{
    Bench, FILES,
    journal::{Remembered, file, sha256},
};

const MIB: usize = 1024 * 1024;

fn drive() -> &'static dyn Files {
    let drive = integrations::find(&"google_drive".into()).unwrap();
    drive.files().unwrap()
}

async fn signed_in(bench: &Bench) -> Session {
    bench.sign_in("google_drive", &[FILES], &[FILES]).await
}

/// Bytes that are nowhere the same, so that no part can stand in for another.
fn bytes(length: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let word = std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    });
    word.flatten().take(length).collect()
}

async fn upload(
    session: &Session,
    file: &LocalFile,
    journal: &Remembered,
) -> Result<RemoteRef, CallError> {
    let outgoing = OutgoingFile {
        file: file.clone(),
        folder: None,
    };
    drive().upload(session, &outgoing, journal).await
}

/// The files of that name, as Drive has them.
async fn named(bench: &Bench, name: &str) -> Vec<Value> {
    let path = "control/drive/files?account=anna%40example.org";
    let url = bench.sandbox.base_url().join(path).unwrap();
    let files: Vec<Value> = bench
        .http
        .get(url)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    files
        .into_iter()
        .filter(|file| file["name"] == name)
        .collect()
}

async fn strike(bench: &Bench, method: &str, fault: Value, times: u32) {
    let rule = json!({
        "match": {"service": "google_drive", "path_contains": "/upload/", "method": method},
        "fault": fault,
        "times": times,
    });
    bench.control("faults", rule).await;
}

#[tokio::test]
async fn what_goes_up_comes_down_the_same_and_is_listed() {
    let bench = Bench::new().await;
    let session = signed_in(&bench).await;
    for length in [0, 1, 700_000, 12 * MIB + 5] {
        let content = bytes(length);
        let name = format!("it's {length}.bin");
        let (_folder, local) = file(&name, &content);
        let made = upload(&session, &local, &Remembered::default())
            .await
            .unwrap();
        let query = FileQuery {
            search: format!("it's {length}"),
            order: FileOrder::Name,
            ..FileQuery::default()
        };
        let page = drive().list(&session, &query).await.unwrap();
        assert_eq!(page.files.len(), 1, "{page:?}");
        assert_eq!(page.files[0].size, Some(length as u64));
        let there = drive().describe(&session, &made.id).await.unwrap();
        assert_eq!((&there.name, there.can_download), (&name, true));
        let mut down = Vec::new();
        let fetched = drive()
            .download(&session, &there, &mut down, &|_, _| {})
            .await
            .unwrap();
        assert!(down == content);
        assert_eq!(fetched.sha256, sha256(&content));
    }
}

#[tokio::test]
async fn whatever_breaks_on_the_way_there_is_one_file_in_the_end() {
    let bench = Bench::new().await;
    let session = signed_in(&bench).await;
    let (small, large) = (bytes(1000), bytes(17 * MIB));
    let faults = [
        ("POST", json!({"kind": "drop_after"}), &small),
        (
            "POST",
            json!({"kind": "status_after", "status": 500}),
            &small,
        ),
        (
            "POST",
            json!({"kind": "drop_in_body", "bytes": 100}),
            &small,
        ),
        ("POST", json!({"kind": "status", "status": 429}), &small),
        ("PUT", json!({"kind": "drop_after"}), &large),
        ("PUT", json!({"kind": "status", "status": 503}), &large),
        (
            "PUT",
            json!({"kind": "drop_in_body", "bytes": 3_000_000}),
            &large,
        ),
        (
            "PUT",
            json!({"kind": "short_308", "bytes": 1_000_000}),
            &large,
        ),
        ("PUT", json!({"kind": "session_expired"}), &large),
        (
            "PUT",
            json!({"kind": "session_expired", "status": 410}),
            &large,
        ),
        ("PUT", json!({"kind": "html"}), &large),
    ];
    for (number, (method, fault, content)) in faults.into_iter().enumerate() {
        let name = format!("fault {number}.bin");
        let (_folder, local) = file(&name, content);
        strike(&bench, method, fault.clone(), 1).await;
        let made = upload(&session, &local, &Remembered::default()).await;
        assert!(made.is_ok(), "{fault}: {made:?}");
        bench.mend().await;
        let there = named(&bench, &name).await;
        assert_eq!(there.len(), 1, "{fault}");
        assert_eq!(there[0]["sha256"], local.sha256, "{fault}");
    }
}

#[tokio::test]
async fn a_later_try_sends_nothing_again_that_drive_has() {
    let bench = Bench::new().await;
    let session = signed_in(&bench).await;
    let content = bytes(20 * MIB);
    let (_folder, local) = file("later.bin", &content);
    let journal = Remembered::default();
    let rule = json!({
        "match": {"service": "google_drive", "path_contains": "/upload/", "method": "PUT"},
        "fault": {"kind": "status", "status": 401},
        "times": 1,
        "skip": 2,
    });
    bench.control("faults", rule).await;
    let ended = upload(&session, &local, &journal).await;
    assert_eq!(ended, Err(CallError::TokenRejected));
    let again = signed_in(&bench).await;
    upload(&again, &local, &journal).await.unwrap();
    assert!(
        again.meter.bytes_out() < 5 * MIB as u64,
        "{}",
        again.meter.bytes_out()
    );
    let there = named(&bench, "later.bin").await;
    assert_eq!(
        (there.len(), &there[0]["sha256"]),
        (1, &json!(local.sha256))
    );
    // And once more, after it is all there.
    upload(&again, &local, &journal).await.unwrap();
    assert_eq!(named(&bench, "later.bin").await.len(), 1);
}

#[tokio::test]
async fn a_wrong_checksum_a_full_drive_and_a_cancel_are_told_for_what_they_are() {
    let bench = Bench::new().await;
    let session = signed_in(&bench).await;
    let (_folder, local) = file("wrong.bin", &bytes(1000));
    strike(&bench, "POST", json!({"kind": "wrong_checksum"}), 1).await;
    let ended = upload(&session, &local, &Remembered::default()).await;
    assert_eq!(ended, Err(LocalError::ChecksumMismatch.into()));
    bench.mend().await;
    assert_eq!(named(&bench, "wrong.bin").await.len(), 0);

    let cancelled = Remembered::default();
    cancelled.cancelled.store(true, Ordering::SeqCst);
    let (_folder, local) = file("cancelled.bin", &bytes(6 * MIB));
    let ended = upload(&session, &local, &cancelled).await;
    assert_eq!(ended, Err(LocalError::Cancelled.into()));

    let full = json!({"account": "anna@example.org", "limit": 1000});
    bench.control("drive/storage", full).await;
    let Err(CallError::Refused { reason, .. }) =
        upload(&session, &local, &Remembered::default()).await
    else {
        panic!("a full Drive took a file");
    };
    assert_eq!(reason, "storageQuotaExceeded");
}
