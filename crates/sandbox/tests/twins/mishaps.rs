//! The faults that strike in the middle: after the deed, inside a body, byte by byte.

use std::time::{Duration, Instant};

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::bench::{ANNA, Bench, SEND, bench, send};

const PATH: &str = "/gmail/gmail/v1/users/me/messages/send";

fn request(bench: &Bench, token: &str, size: usize) -> reqwest::RequestBuilder {
    let raw = format!(
        "To: ben@example.org\r\nSubject: x\r\n\r\n{}",
        "x".repeat(size)
    );
    let url = bench.url("/gmail/upload/gmail/v1/users/me/messages/send?uploadType=media");
    let request = bench.http.post(url).bearer_auth(token);
    request.header("content-type", "message/rfc822").body(raw)
}

async fn arrived(bench: &Bench) -> usize {
    let sent = bench
        .get_control(&format!("gmail/sent?account={ANNA}"))
        .await;
    sent.as_array().unwrap().len()
}

#[tokio::test]
async fn an_error_after_the_deed_looks_like_one_before() {
    let bench = bench().await;
    let (token, _) = bench.grant(SEND).await;
    for (kind, done) in [("status", 0), ("status_after", 1)] {
        bench
            .fault(
                json!({ "service": "gmail" }),
                json!({ "kind": kind, "status": 500 }),
                1,
            )
            .await;
        let (status, body) = send(request(&bench, &token, 10)).await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(body["error"]["errors"][0]["reason"], "backendError");
        assert_eq!(arrived(&bench).await, done, "{kind}");
    }
}

#[tokio::test]
async fn a_connection_dropped_inside_a_body_sends_nothing() {
    let bench = bench().await;
    let (token, _) = bench.grant(SEND).await;
    bench
        .fault(
            json!({ "service": "gmail" }),
            json!({ "kind": "drop_in_body", "bytes": 5000 }),
            1,
        )
        .await;
    assert!(request(&bench, &token, 3_000_000).send().await.is_err());
    assert_eq!(arrived(&bench).await, 0);
    assert_eq!(
        request(&bench, &token, 3_000_000)
            .send()
            .await
            .unwrap()
            .status(),
        StatusCode::OK
    );
    assert_eq!(arrived(&bench).await, 1);
}

#[tokio::test]
async fn a_slow_answer_is_the_right_one() {
    let bench = bench().await;
    let (token, _) = bench.grant(SEND).await;
    let slow = json!({ "kind": "slow_loris", "interval_ms": 5 });
    bench.fault(json!({ "service": "gmail" }), slow, 1).await;
    let since = Instant::now();
    let (status, body) = send(request(&bench, &token, 10)).await;
    assert_eq!(
        (status, body["labelIds"][0].as_str()),
        (StatusCode::OK, Some("SENT"))
    );
    assert!(since.elapsed() > Duration::from_millis(200));
}

#[tokio::test]
async fn who_goes_away_while_an_answer_is_delayed_has_sent_all_the_same() {
    let bench = bench().await;
    let (token, _) = bench.grant(SEND).await;
    let late = json!({ "kind": "delay_after", "ms": 60_000 });
    bench.fault(json!({ "service": "gmail" }), late, 1).await;
    let impatient = request(&bench, &token, 10).timeout(Duration::from_secs(2));
    assert!(impatient.send().await.is_err());
    assert_eq!(arrived(&bench).await, 1);
}

#[tokio::test]
async fn a_fault_can_let_requests_pass_and_choose_by_method() {
    let bench = bench().await;
    let (token, _) = bench.grant(SEND).await;
    let rule = json!({
        "match": { "service": "gmail", "method": "POST", "path_contains": "send" },
        "fault": { "kind": "status", "status": 503 },
        "times": 1,
        "skip": 1,
    });
    bench.control("faults", rule).await;
    let get = bench.http.get(bench.url(PATH)).bearer_auth(&token);
    assert_eq!(send(get).await.0, StatusCode::NOT_FOUND, "not this method");
    for expected in [200, 503, 200] {
        assert_eq!(
            request(&bench, &token, 10)
                .send()
                .await
                .unwrap()
                .status()
                .as_u16(),
            expected
        );
    }
}

#[tokio::test]
async fn too_many_requests_with_and_without_a_hint() {
    let bench = bench().await;
    let token = autopilot_sandbox::DEMO_BOT_TOKEN;
    for (service, path) in [
        ("gmail", PATH.to_owned()),
        ("telegram", format!("/telegram/bot{token}/getMe")),
    ] {
        for hint in [None, Some(7)] {
            let fault = json!({ "kind": "status", "status": 429, "retry_after_s": hint });
            bench.fault(json!({ "service": service }), fault, 1).await;
            let answer = bench.http.get(bench.url(&path)).send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
            assert_eq!(
                answer.headers().contains_key("retry-after"),
                hint.is_some(),
                "{service}"
            );
            let body: Value = answer.json().await.unwrap();
            let told = body["parameters"]["retry_after"].as_u64();
            assert_eq!(told, hint.filter(|_| service == "telegram"));
        }
    }
}
