//! Picking existing files while staying on `drive.file`.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::bench::{ANNA, Bench, DRIVE_FILE, READONLY, bench, parameter, text};

const PICKING: &[(&str, &str)] = &[
    ("trigger_onepick", "true"),
    ("allow_multiple", "true"),
    ("prompt", "consent"),
];

async fn redirect(bench: &Bench, picked: &[&str]) -> String {
    let url = bench.authorize_url(DRIVE_FILE, PICKING);
    let body = json!({ "url": url, "account": ANNA, "picked": picked });
    text(&bench.control("consent", body).await, "redirect")
}

#[tokio::test]
async fn a_picked_file_is_named_in_the_redirect_and_visible_from_then_on() {
    let bench = bench().await;
    let hidden = bench
        .get_control(&format!("drive/pickable?account={ANNA}"))
        .await;
    assert!(hidden.to_string().contains("1annaFileBudget"));
    let redirect = redirect(&bench, &["1annaFileBudget", "1annaFileSeeds"]).await;
    assert_eq!(
        parameter(&redirect, "picked_file_ids").as_deref(),
        Some("1annaFileBudget,1annaFileSeeds")
    );
    let (_, body) = bench
        .exchange(&parameter(&redirect, "code").unwrap(), &[])
        .await;
    let token = text(&body, "access_token");
    let file = bench
        .got(
            "/drive/drive/v3/files/1annaFileBudget?fields=name,isAppAuthorized",
            &token,
        )
        .await;
    assert_eq!(
        file,
        json!({ "name": "Budget 2026.csv", "isAppAuthorized": true })
    );
    let (status, _) = bench
        .get("/drive/drive/v3/files/1annaFileOrchard", &token)
        .await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_page_offers_a_box_for_each_file_and_escapes_its_name() {
    let bench = bench().await;
    let page = bench
        .http
        .get(bench.authorize_url(DRIVE_FILE, PICKING))
        .send()
        .await
        .unwrap();
    let page = page.text().await.unwrap();
    let (_, request) = page.split_once("name=\"request\" value=\"").unwrap();
    let request = request.split('"').next().unwrap().to_owned();
    let chosen = [("request", request.as_str()), ("account", ANNA)];
    bench
        .http
        .post(bench.url("/google/consent/account"))
        .form(&chosen)
        .send()
        .await
        .unwrap();
    let url = bench.url(&format!("/google/consent?request={request}"));
    let page = bench
        .http
        .get(url)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(
        page.contains("id=\"pick-1annaFileBudget\"") && !page.contains("pick-1annaFolderGarden")
    );
    assert!(page.contains("&lt;img src=x onerror=alert(1)&gt;.txt") && !page.contains("<img"));
    let decided = [
        ("request", request.as_str()),
        ("decision", "allow"),
        ("scope", DRIVE_FILE),
        ("pick", "1annaFileHostile"),
    ];
    let answer = bench
        .http
        .post(bench.url("/google/consent/decide"))
        .form(&decided)
        .send()
        .await
        .unwrap();
    let location = answer.headers()["location"].to_str().unwrap();
    assert_eq!(
        parameter(location, "picked_file_ids").as_deref(),
        Some("1annaFileHostile")
    );
}

#[tokio::test]
async fn picking_goes_with_drive_file_alone_and_only_what_was_offered() {
    let bench = bench().await;
    let refused = async |url: String, picked: Value| {
        let body = json!({ "url": url, "account": ANNA, "picked": picked });
        let url = bench.url("/control/consent");
        bench
            .http
            .post(url)
            .json(&body)
            .send()
            .await
            .unwrap()
            .status()
    };
    let bad = StatusCode::BAD_REQUEST;
    let two = format!("{DRIVE_FILE} {READONLY}");
    assert_eq!(
        refused(bench.authorize_url(&two, PICKING), json!([])).await,
        bad
    );
    let quiet = bench.authorize_url(DRIVE_FILE, &[("trigger_onepick", "true")]);
    assert_eq!(refused(quiet, json!([])).await, bad);
    let usual = bench.authorize_url(DRIVE_FILE, &[]);
    assert_eq!(refused(usual, json!(["1annaFileBudget"])).await, bad);
    let picking = bench.authorize_url(DRIVE_FILE, PICKING);
    assert_eq!(
        refused(picking, json!(["1annaFolderGarden"])).await,
        bad,
        "folders were not asked for"
    );
}
