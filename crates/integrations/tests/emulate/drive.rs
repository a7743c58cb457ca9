//! Files: up and down again, the same byte for byte.

use integrations::{Files, OutgoingFile};
use model::FileQuery;

use crate::peer::{Forgetful, Peer, integration, noise, sha256};

const FILES: &str = "https://www.googleapis.com/auth/drive.file";

fn files() -> &'static dyn Files {
    integration("google_drive").files().unwrap()
}

#[tokio::test]
async fn a_file_goes_up_and_comes_down_byte_for_byte() {
    let peer = Peer::start();
    let session = peer.session(&[FILES]);
    for (seed, length) in [(3, 1), (4, 65_536), (5, 3_000_017)] {
        let bytes = noise(seed, length);
        let name = format!("noise-{length}.bin");
        let outgoing = OutgoingFile {
            file: peer.file(&name, "application/octet-stream", &bytes),
            folder: None,
        };
        files().check(&outgoing).unwrap();
        let made = files()
            .upload(&session, &outgoing, &Forgetful)
            .await
            .unwrap();

        // As the emulator has it, under its own name for it.
        let theirs = named(&peer, &name).await;
        let media = format!("/drive/v3/files/{theirs}?alt=media");
        assert_eq!(sha256(&peer.bare(&media).await), sha256(&bytes));

        let described = files().describe(&session, &made.id).await.unwrap();
        assert_eq!(
            (described.name.as_str(), described.size),
            (name.as_str(), Some(length.try_into().unwrap()))
        );
        let mut came = Vec::new();
        let fetched = files()
            .download(&session, &described, &mut came, &|_, _| {})
            .await
            .unwrap();
        assert_eq!(came, bytes);
        assert_eq!(fetched.sha256, sha256(&bytes));
    }
}

#[tokio::test]
async fn what_went_up_is_in_the_list() {
    let peer = Peer::start();
    let session = peer.session(&[FILES]);
    let outgoing = OutgoingFile {
        file: peer.file("listed.txt", "text/plain", b"here I am"),
        folder: None,
    };
    let made = files()
        .upload(&session, &outgoing, &Forgetful)
        .await
        .unwrap();
    let page = files().list(&session, &FileQuery::default()).await.unwrap();
    let listed = page.files.iter().find(|file| file.id == made.id).unwrap();
    assert_eq!(
        (listed.name.as_str(), listed.size, listed.is_folder),
        ("listed.txt", Some(9), false)
    );
}

/// The emulator's own id of a file.
async fn named(peer: &Peer, name: &str) -> String {
    let list = peer.bare_json("/drive/v3/files?pageSize=1000").await;
    let file = list["files"]
        .as_array()
        .unwrap()
        .iter()
        .find(|file| file["name"] == *name)
        .unwrap();
    file["id"].as_str().unwrap().to_owned()
}
