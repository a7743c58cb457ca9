//! Drive: what the app may see, small uploads, search, download.

use reqwest::StatusCode;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::bench::{ANNA, Bench, DRIVE_FILE, bench, send, text};

const OK: StatusCode = StatusCode::OK;
const FILES: &str = "/drive/drive/v3/files";
const UPLOAD: &str = "/drive/upload/drive/v3/files";
const DRIVE: &str = "https://www.googleapis.com/auth/drive.readonly";

pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

async fn create(bench: &Bench, token: &str, metadata: Value) -> (StatusCode, Value) {
    send(
        bench
            .http
            .post(bench.url(FILES))
            .bearer_auth(token)
            .json(&metadata),
    )
    .await
}

async fn multipart(
    bench: &Bench,
    token: &str,
    metadata: &Value,
    bytes: &str,
) -> (StatusCode, Value) {
    let body = format!(
        "--b\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n{metadata}\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\n{bytes}\r\n--b--\r\n"
    );
    let url = bench.url(&format!(
        "{UPLOAD}?uploadType=multipart&fields=id,name,size,md5Checksum,sha256Checksum,parents"
    ));
    let request = bench.http.post(url).bearer_auth(token);
    send(
        request
            .header("content-type", "multipart/related; boundary=b")
            .body(body),
    )
    .await
}

async fn names(bench: &Bench, token: &str, q: &str) -> Vec<String> {
    let request = bench.http.get(bench.url(FILES)).bearer_auth(token);
    let (status, list) = send(request.query(&[("q", q), ("orderBy", "folder,name")])).await;
    assert_eq!(status, OK, "{q}: {list}");
    list["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| text(file, "name"))
        .collect()
}

#[tokio::test]
async fn the_app_sees_what_it_made_and_nothing_else() {
    let bench = bench().await;
    let (token, _) = bench.grant(DRIVE_FILE).await;
    assert_eq!(
        names(&bench, &token, "").await,
        [
            "Autopilot",
            "Reports",
            "Report November.csv",
            "Report October.csv",
            "Welcome.txt"
        ]
    );
    let (status, body) = bench.get(&format!("{FILES}/1annaFileBudget"), &token).await;
    assert_eq!(
        (status, body["error"]["errors"][0]["reason"].as_str()),
        (StatusCode::NOT_FOUND, Some("notFound"))
    );
    let (whole, _) = bench.grant(DRIVE).await;
    assert_eq!(
        bench
            .get(&format!("{FILES}/1annaFileBudget"), &whole)
            .await
            .0,
        OK
    );
    assert!(names(&bench, &whole, "").await.len() > 10);
}

#[tokio::test]
async fn a_chosen_id_makes_a_repeat_harmless() {
    let bench = bench().await;
    let (token, _) = bench.grant(DRIVE_FILE).await;
    let ids = bench
        .got(
            &format!("{FILES}/generateIds?count=2&space=drive&type=files"),
            &token,
        )
        .await;
    let id = text(&json!({ "id": ids["ids"][0] }), "id");
    let metadata = json!({ "id": id, "name": "once.txt", "parents": ["root"], "appProperties": { "job": "7" } });
    let (status, file) = multipart(&bench, &token, &metadata, "content").await;
    assert_eq!(
        (status, file["id"].as_str(), file["size"].as_str()),
        (OK, Some(id.as_str()), Some("7"))
    );
    assert_eq!(file["sha256Checksum"], sha256(b"content"));
    let (status, body) = multipart(&bench, &token, &metadata, "content").await;
    assert_eq!(
        (status, body["error"]["errors"][0]["reason"].as_str()),
        (StatusCode::CONFLICT, Some("fileIdInUse"))
    );
    assert_eq!(
        names(
            &bench,
            &token,
            "appProperties has { key='job' and value='7' }"
        )
        .await,
        ["once.txt"]
    );
    let (status, _) = multipart(&bench, &token, &json!({ "id": "mine" }), "x").await;
    assert_eq!(
        status,
        StatusCode::BAD_REQUEST,
        "only ids that were given out"
    );
}

#[tokio::test]
async fn folders_hold_files_and_are_searched_moved_and_deleted() {
    let bench = bench().await;
    let (token, _) = bench.grant(DRIVE_FILE).await;
    let (status, folder) = create(
        &bench,
        &token,
        json!({ "name": "Box", "mimeType": "application/vnd.google-apps.folder" }),
    )
    .await;
    assert_eq!((status, folder["kind"].as_str()), (OK, Some("drive#file")));
    let id = text(&folder, "id");
    let (_, file) = multipart(
        &bench,
        &token,
        &json!({ "name": "in it's box.txt", "parents": [id] }),
        "x",
    )
    .await;
    let inside = format!("'{id}' in parents and trashed = false");
    assert_eq!(names(&bench, &token, &inside).await, ["in it's box.txt"]);
    assert_eq!(
        names(&bench, &token, "name = 'in it\\'s box.txt'")
            .await
            .len(),
        1
    );
    let path = format!(
        "{FILES}/{}?removeParents={id}&addParents=root",
        text(&file, "id")
    );
    let patch = bench
        .http
        .patch(bench.url(&path))
        .bearer_auth(&token)
        .json(&json!({ "name": "out.txt" }));
    assert_eq!(send(patch).await.1["name"], "out.txt");
    assert!(names(&bench, &token, &inside).await.is_empty());
    let gone = bench
        .http
        .delete(bench.url(&format!("{FILES}/{id}")))
        .bearer_auth(&token)
        .send()
        .await
        .unwrap();
    assert_eq!(gone.status(), StatusCode::NO_CONTENT);
    for (metadata, status) in [
        (json!({ "name": "x", "parents": [id] }), 404),
        (json!({ "name": "x", "parents": ["root", "root"] }), 400),
        (
            json!({ "name": "x", "parents": ["1annaFolderGarden"] }),
            404,
        ),
        (json!({ "title": "x" }), 400),
        (json!({ "name": 7 }), 400),
    ] {
        assert_eq!(
            create(&bench, &token, metadata.clone()).await.0.as_u16(),
            status,
            "{metadata}"
        );
    }
}

#[tokio::test]
async fn a_list_tells_its_next_page_when_it_is_asked_to() {
    let bench = bench().await;
    let (token, _) = bench.grant(DRIVE_FILE).await;
    let fields = "fields=nextPageToken,files(id,name,size,modifiedTime,capabilities(canDownload),appProperties)";
    let mut seen = Vec::new();
    let mut page = String::new();
    loop {
        let list = bench
            .got(
                &format!("{FILES}?pageSize=2&orderBy=name&{fields}{page}"),
                &token,
            )
            .await;
        seen.extend(
            list["files"]
                .as_array()
                .unwrap()
                .iter()
                .map(|file| text(file, "name")),
        );
        match list["nextPageToken"].as_str() {
            Some(next) => page = format!("&pageToken={next}"),
            None => break,
        }
    }
    assert_eq!(seen.len(), 5);
    let without = bench
        .got(&format!("{FILES}?pageSize=2&fields=files(id)"), &token)
        .await;
    assert!(without.get("nextPageToken").is_none());
    for wrong in [
        "pageSize=0",
        "pageSize=1001",
        "orderBy=size",
        "q=nonsense",
        "fields=items",
        "maxResults=2",
        "supportsAllDrives=1",
    ] {
        assert_eq!(
            bench.get(&format!("{FILES}?{wrong}"), &token).await.0,
            StatusCode::BAD_REQUEST,
            "{wrong}"
        );
    }
    let other = format!("{FILES}?pageSize=2&orderBy=name%20desc{page}");
    assert_eq!(
        bench.get(&other, &token).await.0,
        StatusCode::BAD_REQUEST,
        "a token fits its own question only"
    );
}

#[tokio::test]
async fn a_download_comes_whole_or_in_a_range() {
    let bench = bench().await;
    let (token, _) = bench.grant(DRIVE_FILE).await;
    let url = bench.url(&format!("{FILES}/1annaFileWelcome?alt=media"));
    let get = |range: Option<&str>| {
        let request = bench.http.get(&url).bearer_auth(&token);
        match range {
            Some(range) => request.header("range", range.to_owned()),
            None => request,
        }
    };
    let whole = get(None).send().await.unwrap();
    assert_eq!(whole.headers()["content-type"], "text/plain");
    let whole = whole.bytes().await.unwrap();
    for (range, from, to) in [
        ("bytes=3-6", 3, 7),
        ("bytes=10-", 10, whole.len()),
        ("bytes=-4", whole.len() - 4, whole.len()),
    ] {
        let part = get(Some(range)).send().await.unwrap();
        assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT, "{range}");
        let told = format!("bytes {from}-{}/{}", to - 1, whole.len());
        assert_eq!(part.headers()["content-range"], told.as_str());
        assert_eq!(part.bytes().await.unwrap(), whole[from..to]);
    }
    assert_eq!(
        get(Some("bytes=999999-")).send().await.unwrap().status(),
        StatusCode::RANGE_NOT_SATISFIABLE
    );
    let (status, _) = bench
        .get(&format!("{FILES}/1annaFolderReports?alt=media"), &token)
        .await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let (whole, _) = bench.grant(DRIVE).await;
    let export = format!("{FILES}/1annaFileNotes/export?mimeType=text/plain");
    let text = bench
        .http
        .get(bench.url(&export))
        .bearer_auth(&whole)
        .send()
        .await
        .unwrap();
    assert!(text.text().await.unwrap().contains("orchard"));
}

#[tokio::test]
async fn a_download_that_breaks_off_can_go_on_where_it_ended() {
    let bench = bench().await;
    let (token, _) = bench.grant(DRIVE_FILE).await;
    let url = bench.url(&format!("{FILES}/1annaFileWelcome?alt=media"));
    let drop = json!({ "kind": "drop_in_answer", "bytes": 10 });
    bench
        .fault(json!({ "service": "google_drive" }), drop, 1)
        .await;
    let mut broken = bench
        .http
        .get(&url)
        .bearer_auth(&token)
        .send()
        .await
        .unwrap();
    assert_eq!(broken.status(), OK);
    let mut got = Vec::new();
    while let Ok(Some(piece)) = broken.chunk().await {
        got.extend_from_slice(&piece);
    }
    assert_eq!(got.len(), 10);
    let rest = bench
        .http
        .get(&url)
        .bearer_auth(&token)
        .header("range", "bytes=10-");
    got.extend_from_slice(&rest.send().await.unwrap().bytes().await.unwrap());
    assert_eq!(got, b"Files that Autopilot makes are kept here.\n");
}

#[tokio::test]
async fn a_full_drive_refuses_and_about_tells_how_full() {
    let bench = bench().await;
    let (token, _) = bench.grant(DRIVE_FILE).await;
    bench
        .control("drive/storage", json!({ "account": ANNA, "limit": 600 }))
        .await;
    let (status, body) = multipart(
        &bench,
        &token,
        &json!({ "name": "large" }),
        &"x".repeat(600),
    )
    .await;
    assert_eq!(
        (status, body["error"]["errors"][0]["reason"].as_str()),
        (StatusCode::FORBIDDEN, Some("storageQuotaExceeded"))
    );
    let about = bench
        .got(
            "/drive/drive/v3/about?fields=storageQuota(limit,usage)",
            &token,
        )
        .await;
    assert_eq!(about["storageQuota"]["limit"], "600");
    assert_ne!(about["storageQuota"]["usage"], "0");
}

#[tokio::test]
async fn more_than_five_megabytes_need_a_resumable_upload() {
    let bench = bench().await;
    let (token, _) = bench.grant(DRIVE_FILE).await;
    let upload = |length: usize| {
        let url = bench.url(&format!("{UPLOAD}?uploadType=media"));
        bench
            .http
            .post(url)
            .bearer_auth(&token)
            .header("content-type", "image/png")
            .body(vec![7_u8; length])
    };
    let (status, file) = send(upload(5 * 1024 * 1024)).await;
    assert_eq!(
        (status, file["name"].as_str(), file["mimeType"].as_str()),
        (OK, Some("Untitled"), Some("image/png"))
    );
    assert_eq!(
        send(upload(5 * 1024 * 1024 + 1)).await.0,
        StatusCode::PAYLOAD_TOO_LARGE
    );
}
