//! Telegram, by hand and by the client library the app uses.

use autopilot_sandbox::{DEMO_BOT_TOKEN, REVOKED_BOT_TOKEN};
use reqwest::StatusCode;
use serde_json::{Value, json};
use teloxide::prelude::Requester;
use teloxide::{ApiError, Bot, RequestError};

use crate::bench::{Bench, bench, send};

const OK: StatusCode = StatusCode::OK;

async fn call(bench: &Bench, token: &str, method: &str) -> (StatusCode, Value) {
    send(
        bench
            .http
            .get(bench.url(&format!("/telegram/bot{token}/{method}"))),
    )
    .await
}

pub fn bot(bench: &Bench, token: &str) -> Bot {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest012::Client::builder().no_proxy().build().unwrap();
    Bot::with_client(token, http).set_api_url(bench.url("/telegram").parse().unwrap())
}

#[tokio::test]
async fn teloxide_learns_who_the_bot_is() {
    let bench = bench().await;
    let me = bot(&bench, DEMO_BOT_TOKEN).get_me().await.unwrap();
    assert_eq!(
        (me.username(), me.first_name.as_str()),
        ("autopilot_demo_bot", "Autopilot Demo")
    );
    let info = bot(&bench, DEMO_BOT_TOKEN)
        .get_webhook_info()
        .await
        .unwrap();
    assert!(info.url.is_none());
    let refused = bot(&bench, REVOKED_BOT_TOKEN).get_me().await.unwrap_err();
    assert!(
        matches!(refused, RequestError::Api(ApiError::InvalidToken)),
        "{refused:?}"
    );
}

#[tokio::test]
async fn teloxide_is_told_how_long_to_wait() {
    let bench = bench().await;
    let fault = json!({ "kind": "status", "status": 429, "retry_after_s": 7 });
    bench
        .control(
            "faults",
            json!({ "match": { "service": "telegram" }, "fault": fault, "times": 1 }),
        )
        .await;
    let refused = bot(&bench, DEMO_BOT_TOKEN).get_me().await.unwrap_err();
    assert!(
        matches!(refused, RequestError::RetryAfter(wait) if wait.seconds() == 7),
        "{refused:?}"
    );
    bot(&bench, DEMO_BOT_TOKEN).get_me().await.unwrap();
}

#[tokio::test]
async fn each_wrong_token_gets_its_own_refusal() {
    let bench = bench().await;
    for token in ["nonsense", "0:abc", "18014398509481984:abc"] {
        let (status, body) = call(&bench, token, "getMe").await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
        assert_eq!(body["description"], "Unauthorized: invalid token specified");
    }
    for token in [
        REVOKED_BOT_TOKEN,
        "110201999:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw4",
    ] {
        let (_, body) = call(&bench, token, "getMe").await;
        assert_eq!(
            body,
            json!({ "ok": false, "error_code": 401, "description": "Unauthorized" })
        );
    }
}

#[tokio::test]
async fn method_names_have_no_case_and_unknown_ones_are_404() {
    let bench = bench().await;
    for method in ["getMe", "getme", "GETME", "GetMe"] {
        assert_eq!(call(&bench, DEMO_BOT_TOKEN, method).await.0, OK);
    }
    let (status, body) = call(&bench, DEMO_BOT_TOKEN, "getYou").await;
    assert_eq!(
        (status, body["error_code"].as_i64()),
        (StatusCode::NOT_FOUND, Some(404))
    );
    assert_eq!(
        call(&bench, REVOKED_BOT_TOKEN, "getYou").await.0,
        StatusCode::UNAUTHORIZED,
        "the token is looked at first"
    );
    assert_eq!(
        send(bench.http.get(bench.url("/telegram/getMe"))).await.0,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn parameters_come_in_any_of_the_documented_ways() {
    let bench = bench().await;
    let url = bench.url(&format!("/telegram/bot{DEMO_BOT_TOKEN}/deleteWebhook"));
    let form = reqwest::multipart::Form::new().text("drop_pending_updates", "true");
    for request in [
        bench.http.post(&url),
        bench
            .http
            .post(&url)
            .json(&json!({ "drop_pending_updates": true })),
        bench
            .http
            .post(&url)
            .form(&[("drop_pending_updates", "true")]),
        bench.http.post(&url).multipart(form),
        bench.http.get(format!("{url}?drop_pending_updates=true")),
    ] {
        assert_eq!(send(request).await.0, OK);
    }
    let broken = bench
        .http
        .post(&url)
        .header("content-type", "application/json")
        .body("{");
    assert_eq!(send(broken).await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn somebody_elses_webhook_shows_until_it_is_deleted() {
    let bench = bench().await;
    bench
        .control(
            "bots/webhook",
            json!({ "bot_id": 110201543, "url": "https://example.org/hook" }),
        )
        .await;
    let (_, body) = call(&bench, DEMO_BOT_TOKEN, "getWebhookInfo").await;
    assert_eq!(body["result"]["url"], "https://example.org/hook");
    let (_, body) = call(&bench, DEMO_BOT_TOKEN, "deleteWebhook").await;
    assert_eq!(body["description"], "Webhook was deleted");
    let (_, body) = call(&bench, DEMO_BOT_TOKEN, "getWebhookInfo").await;
    assert_eq!(body["result"]["url"], "");
}

#[tokio::test]
async fn a_token_revoked_at_botfather_stops_working() {
    let bench = bench().await;
    assert_eq!(call(&bench, DEMO_BOT_TOKEN, "getMe").await.0, OK);
    bench
        .control("bots/revoke", json!({ "bot_id": 110201543 }))
        .await;
    assert_eq!(
        call(&bench, DEMO_BOT_TOKEN, "getMe").await.0,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn the_log_never_shows_a_token() {
    let bench = bench().await;
    call(&bench, DEMO_BOT_TOKEN, "getMe").await;
    call(&bench, "secret-in-the-wrong-shape", "getMe").await;
    let log = bench.get_control("log").await.to_string();
    assert!(log.contains("/telegram/bot<redacted>/getMe"));
    assert!(!log.contains("AAHdq") && !log.contains("secret-in"));
}
