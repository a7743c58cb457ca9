//! Faults, clock and log, and who may turn them.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use autopilot_sandbox::DEMO_BOT_TOKEN;
use reqwest::StatusCode;
use reqwest::header::DATE;
use serde_json::{Value, json};

use crate::bench::{Bench, READONLY, bench};

async fn fault(bench: &Bench, service: &str, fault: Value) {
    bench
        .control(
            "faults",
            json!({ "match": { "service": service }, "fault": fault, "times": 1 }),
        )
        .await;
}

/// What comes back, byte for byte, until the peer closes.
async fn raw(bench: &Bench, request: String) -> Vec<u8> {
    let port = bench.sandbox.base_url().port().unwrap();
    let exchange = move || {
        let mut stream = TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], port))).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        // A reset is a way to close, too.
        let _ = stream.read_to_end(&mut answer);
        answer
    };
    tokio::task::spawn_blocking(exchange).await.unwrap()
}

fn get(path: &str, host: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
}

fn get_me() -> String {
    get(&format!("/telegram/bot{DEMO_BOT_TOKEN}/getMe"), "127.0.0.1")
}

#[tokio::test]
async fn a_dropped_connection_carries_not_one_byte() {
    let bench = bench().await;
    for kind in ["drop_before", "drop_after"] {
        fault(&bench, "telegram", json!({ "kind": kind })).await;
        assert_eq!(raw(&bench, get_me()).await, b"", "{kind}");
        assert!(
            raw(&bench, get_me()).await.starts_with(b"HTTP/1.1 200"),
            "once only"
        );
    }
}

#[tokio::test]
async fn a_drop_before_changes_nothing_and_a_drop_after_does() {
    let bench = bench().await;
    bench
        .control("oauth", json!({ "rotation": "rotating" }))
        .await;
    let (_, refresh) = bench.grant(READONLY).await;
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", autopilot_sandbox::DESKTOP_CLIENT_ID),
        ("client_secret", autopilot_sandbox::DESKTOP_CLIENT_SECRET),
        ("refresh_token", &refresh),
    ];
    let request = || {
        bench
            .http
            .post(bench.url("/google/token"))
            .form(&form)
            .send()
    };

    fault(&bench, "google_oauth", json!({ "kind": "drop_before" })).await;
    assert!(request().await.is_err());
    let next = request().await.unwrap().json::<Value>().await.unwrap();
    let next = next["refresh_token"].as_str().unwrap().to_owned();

    fault(&bench, "google_oauth", json!({ "kind": "drop_after" })).await;
    let dropped = [form[0], form[1], form[2], ("refresh_token", next.as_str())];
    assert!(
        bench
            .http
            .post(bench.url("/google/token"))
            .form(&dropped)
            .send()
            .await
            .is_err()
    );
    let (status, _) = bench.refresh(&next, &[]).await;
    assert_eq!(
        status,
        StatusCode::BAD_REQUEST,
        "it was spent although nobody heard"
    );
}

#[tokio::test]
async fn a_status_comes_in_the_services_own_shape_or_as_given() {
    let bench = bench().await;
    fault(
        &bench,
        "gmail",
        json!({ "kind": "status", "status": 503, "retry_after_s": 9 }),
    )
    .await;
    let answer = bench
        .http
        .get(bench.url("/gmail/gmail/v1/users/me/profile"))
        .send()
        .await
        .unwrap();
    assert_eq!(
        (
            answer.status().as_u16(),
            answer.headers()["retry-after"].to_str().unwrap()
        ),
        (503, "9")
    );
    assert_eq!(answer.json::<Value>().await.unwrap()["error"]["code"], 503);

    let body = json!({ "error": "invalid_grant" });
    fault(
        &bench,
        "google_oauth",
        json!({ "kind": "status", "status": 400, "body": body }),
    )
    .await;
    assert_eq!(
        bench.refresh("x", &[]).await,
        (StatusCode::BAD_REQUEST, body)
    );

    fault(
        &bench,
        "google_oauth",
        json!({ "kind": "status", "status": 503 }),
    )
    .await;
    let answer = bench
        .http
        .post(bench.url("/google/token"))
        .send()
        .await
        .unwrap();
    assert!(
        answer.json::<Value>().await.is_err(),
        "an outage is no OAuth error"
    );
}

#[tokio::test]
async fn captive_portals_and_garbage_are_a_200_that_means_nothing() {
    let bench = bench().await;
    for (kind, media) in [("html", "text/html"), ("garbage", "application/json")] {
        fault(&bench, "*", json!({ "kind": kind })).await;
        let answer = bench
            .http
            .get(bench.url("/drive/drive/v3/about"))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        assert!(
            answer.headers()["content-type"]
                .to_str()
                .unwrap()
                .starts_with(media)
        );
        assert!(answer.json::<Value>().await.is_err());
    }
}

#[tokio::test]
async fn a_delay_comes_before_the_answer_and_before_another_fault() {
    let bench = bench().await;
    fault(&bench, "telegram", json!({ "kind": "delay", "ms": 120 })).await;
    fault(
        &bench,
        "telegram",
        json!({ "kind": "status", "status": 500 }),
    )
    .await;
    let begun = Instant::now();
    let url = bench.url(&format!("/telegram/bot{DEMO_BOT_TOKEN}/getMe"));
    assert_eq!(bench.http.get(&url).send().await.unwrap().status(), 500);
    assert!(begun.elapsed() >= Duration::from_millis(120));
    assert_eq!(bench.http.get(&url).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_fault_hits_only_what_it_matches_and_as_often_as_told() {
    let bench = bench().await;
    let rule = json!({
        "match": { "service": "google_oauth", "path_contains": "/token" },
        "fault": { "kind": "status", "status": 500 },
    });
    let id = bench.control("faults", rule).await["id"].as_u64().unwrap();
    let status = async |path: &str| {
        bench
            .http
            .post(bench.url(path))
            .send()
            .await
            .unwrap()
            .status()
            .as_u16()
    };
    assert_eq!(
        (status("/google/token").await, status("/google/token").await),
        (500, 500),
        "until it is cleared"
    );
    assert_eq!(status("/google/revoke").await, 400);
    let removed = bench
        .http
        .delete(bench.url(&format!("/control/faults/{id}")))
        .send()
        .await
        .unwrap();
    assert_eq!(removed.status(), StatusCode::OK);
    assert_eq!(status("/google/token").await, 400);
}

#[tokio::test]
async fn a_misspelt_fault_is_refused() {
    let bench = bench().await;
    for rule in [
        json!({ "match": { "service": "gmial" }, "fault": { "kind": "html" } }),
        json!({ "match": { "service": "gmail" }, "fault": { "kind": "explode" } }),
        json!({ "match": { "service": "gmail" }, "fault": { "kind": "html" }, "time": 1 }),
        json!({ "match": { "service": "gmail" }, "fault": { "kind": "status", "status": 7 } }),
    ] {
        let answer = bench
            .http
            .post(bench.url("/control/faults"))
            .json(&rule)
            .send()
            .await
            .unwrap();
        assert!(answer.status().is_client_error(), "{rule}");
    }
}

#[tokio::test]
async fn the_log_counts_token_requests_by_grant_type() {
    let bench = bench().await;
    let (_, refresh) = bench.grant(READONLY).await;
    bench.refresh(&refresh, &[]).await;
    bench.refresh(&refresh, &[]).await;
    fault(&bench, "google_oauth", json!({ "kind": "drop_before" })).await;
    let _ = bench
        .http
        .get(bench.url("/google/v1/userinfo"))
        .send()
        .await;
    let log = bench.get_control("log").await;
    let log = log.as_array().unwrap();
    let of = |kind: &str| {
        log.iter()
            .filter(|entry| entry["grant_type"] == kind)
            .count()
    };
    assert_eq!((of("authorization_code"), of("refresh_token")), (1, 2));
    let last = log.last().unwrap();
    assert_eq!(
        (last["fault"].as_str(), last.get("status")),
        (Some("drop_before"), None)
    );
    assert!(!json!(log).to_string().contains(&refresh));

    bench
        .http
        .delete(bench.url("/control/log"))
        .send()
        .await
        .unwrap();
    assert_eq!(bench.get_control("log").await, json!([]));
}

#[tokio::test]
async fn the_clock_moves_the_date_header() {
    let bench = bench().await;
    bench
        .control("clock", json!({ "skew_s": -315_360_000 }))
        .await;
    let answer = bench
        .http
        .get(bench.url("/control/health"))
        .send()
        .await
        .unwrap();
    let date = answer.headers()[DATE].to_str().unwrap().to_owned();
    let then = jiff::fmt::rfc2822::parse(&date).unwrap().timestamp();
    let ago = jiff::Timestamp::now().as_second() - then.as_second();
    assert!((315_359_990..315_360_060).contains(&ago), "{date}");
}

#[tokio::test]
async fn another_host_name_is_turned_away_everywhere() {
    let bench = bench().await;
    for host in [
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost.evil.example:80",
        "",
    ] {
        for path in [
            "/control/health",
            "/control/grants",
            "/google/o/oauth2/v2/auth",
            "/nothing",
        ] {
            let answer = raw(&bench, get(path, host)).await;
            assert!(answer.starts_with(b"HTTP/1.1 421"), "{host} {path}");
        }
    }
    for host in ["localhost", "LOCALHOST:1", "[::1]:80", "127.0.0.1"] {
        assert!(
            raw(&bench, get("/control/health", host))
                .await
                .starts_with(b"HTTP/1.1 200"),
            "{host}"
        );
    }
}

#[tokio::test]
async fn a_web_page_cannot_control_the_sandbox() {
    let bench = bench().await;
    let reset = bench
        .http
        .post(bench.url("/control/reset"))
        .header("origin", "https://evil.example");
    assert_eq!(reset.send().await.unwrap().status(), StatusCode::FORBIDDEN);
    let plain = bench
        .http
        .post(bench.url("/control/clock"))
        .body("{\"skew_s\":1}");
    assert!(plain.send().await.unwrap().status().is_client_error());
}

#[tokio::test]
async fn a_reset_forgets_everything() {
    let bench = bench().await;
    bench
        .control("oauth", json!({ "access_token_life_s": 5 }))
        .await;
    let (access, _) = bench.grant(READONLY).await;
    fault(&bench, "gmail", json!({ "kind": "html" })).await;
    bench.control("clock", json!({ "skew_s": 1 })).await;
    bench
        .control("bots/revoke", json!({ "bot_id": 110201543 }))
        .await;
    bench.control("reset", json!({})).await;
    assert_eq!(bench.get_control("grants").await, json!([]));
    assert_eq!(bench.profile(&access).await, StatusCode::UNAUTHORIZED);
    assert!(raw(&bench, get_me()).await.starts_with(b"HTTP/1.1 200"));
    let (_, body) = bench.exchange(&bench.code(READONLY).await, &[]).await;
    assert_eq!(body["expires_in"], 3599);
}
