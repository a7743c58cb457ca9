//! The token and revocation endpoints.

use autopilot_sandbox::{DESKTOP_CLIENT_ID, DESKTOP_CLIENT_SECRET, IOS_CLIENT_ID, IOS_REDIRECT};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::bench::{ANNA, Bench, DRIVE_FILE, LOOPBACK, READONLY, bench, parameter, send, text};

const OK: StatusCode = StatusCode::OK;
const BAD: StatusCode = StatusCode::BAD_REQUEST;
const UNAUTHORIZED: StatusCode = StatusCode::UNAUTHORIZED;

fn assert_error(answer: (StatusCode, Value), status: StatusCode, error: &str) {
    assert_eq!(
        (answer.0, answer.1["error"].as_str()),
        (status, Some(error)),
        "{}",
        answer.1
    );
}

#[tokio::test]
async fn a_code_becomes_tokens_of_googles_shape() {
    let bench = bench().await;
    let (status, body) = bench
        .exchange(&bench.code(&format!("openid email {READONLY}")).await, &[])
        .await;
    assert_eq!(status, OK);
    assert_eq!(body["token_type"], "Bearer");
    assert_eq!(body["expires_in"], 3599);
    assert!(text(&body, "access_token").starts_with("ya29."));
    assert!(text(&body, "refresh_token").starts_with("1//"));
    assert!(body.get("refresh_token_expires_in").is_none());
    let id_token = text(&body, "id_token");
    let parts: Vec<&str> = id_token.split('.').collect();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
    assert_eq!(parts.len(), 3);
    assert_eq!(
        (claims["email"].as_str(), claims["aud"].as_str()),
        (Some(ANNA), Some(DESKTOP_CLIENT_ID))
    );
}

#[tokio::test]
async fn an_exchange_has_to_match_its_authorization_in_everything() {
    let bench = bench().await;
    let code = bench.code(READONLY).await;
    let other = "x".repeat(43);
    for (name, value) in [
        ("redirect_uri", "http://127.0.0.1:49322/"),
        ("redirect_uri", "http://127.0.0.1:49321"),
        ("code_verifier", ""),
        ("code_verifier", other.as_str()),
        ("code_verifier", "too-short"),
        ("code", "4/0nobody"),
    ] {
        assert_error(
            bench.exchange(&code, &[(name, value)]).await,
            BAD,
            "invalid_grant",
        );
    }
    let ios = [("client_id", IOS_CLIENT_ID), ("client_secret", "")];
    assert_error(bench.exchange(&code, &ios).await, BAD, "invalid_grant");
    assert_eq!(
        bench.exchange(&code, &[]).await.0,
        OK,
        "and none of that spent the code"
    );
}

#[tokio::test]
async fn a_second_use_of_a_code_kills_what_the_first_one_gave() {
    let bench = bench().await;
    let code = bench.code(READONLY).await;
    let (_, body) = bench.exchange(&code, &[]).await;
    assert_eq!(bench.profile(&text(&body, "access_token")).await, OK);
    assert_error(bench.exchange(&code, &[]).await, BAD, "invalid_grant");
    assert_eq!(
        bench.profile(&text(&body, "access_token")).await,
        UNAUTHORIZED
    );
    assert_error(
        bench.refresh(&text(&body, "refresh_token"), &[]).await,
        BAD,
        "invalid_grant",
    );
}

#[tokio::test]
async fn a_code_lives_ten_minutes() {
    let bench = bench().await;
    let code = bench.code(READONLY).await;
    bench.control("clock", json!({ "skew_s": 601 })).await;
    assert_error(bench.exchange(&code, &[]).await, BAD, "invalid_grant");
}

#[tokio::test]
async fn clients_prove_themselves_as_google_wants() {
    let bench = bench().await;
    let code = bench.code(READONLY).await;
    let (status, body) = bench.exchange(&code, &[("client_secret", "")]).await;
    assert_eq!(
        (status, body["error_description"].as_str()),
        (BAD, Some("client_secret is missing."))
    );
    assert_eq!(body["error"], "invalid_request");
    assert_error(
        bench.exchange(&code, &[("client_secret", "wrong")]).await,
        UNAUTHORIZED,
        "invalid_client",
    );
    assert_error(
        bench.exchange(&code, &[("client_id", "nobody")]).await,
        UNAUTHORIZED,
        "invalid_client",
    );
    assert_error(
        bench.exchange(&code, &[("client_id", "")]).await,
        BAD,
        "invalid_request",
    );

    let by_header = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("code_verifier", crate::bench::VERIFIER),
        ("redirect_uri", LOOPBACK),
    ];
    let request = bench.http.post(bench.url("/google/token")).form(&by_header);
    assert_eq!(
        send(request.basic_auth(DESKTOP_CLIENT_ID, Some(DESKTOP_CLIENT_SECRET)))
            .await
            .0,
        OK
    );
}

#[tokio::test]
async fn the_token_endpoint_takes_one_clean_form() {
    let bench = bench().await;
    let (_, refresh) = bench.grant(READONLY).await;
    assert_error(
        bench.refresh(&refresh, &[("grant_type", "password")]).await,
        BAD,
        "unsupported_grant_type",
    );
    assert_error(
        bench.refresh(&refresh, &[("grant_type", "")]).await,
        BAD,
        "invalid_request",
    );
    assert_error(
        bench.refresh(&refresh, &[("refresh_token", "")]).await,
        BAD,
        "invalid_request",
    );
    let json = bench
        .http
        .post(bench.url("/google/token"))
        .json(&json!({ "refresh_token": refresh }));
    assert_error(send(json).await, BAD, "invalid_request");
    let twice = vec![("client_id".to_owned(), DESKTOP_CLIENT_ID.to_owned()); 2];
    assert_error(bench.token(&twice).await, BAD, "invalid_request");
    let got = bench
        .http
        .get(bench.url("/google/token"))
        .send()
        .await
        .unwrap();
    assert_eq!(got.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_refresh_gives_a_new_access_token_and_no_new_refresh_token() {
    let bench = bench().await;
    let (first, refresh) = bench.grant(READONLY).await;
    let (status, body) = bench.refresh(&refresh, &[]).await;
    assert_eq!((status, body.get("refresh_token")), (OK, None));
    assert_eq!(body["scope"], READONLY);
    let second = text(&body, "access_token");
    assert_ne!(first, second);
    assert_eq!(
        (bench.profile(&first).await, bench.profile(&second).await),
        (OK, OK),
        "both live"
    );
    assert_error(
        bench.refresh("1//0unknown", &[]).await,
        BAD,
        "invalid_grant",
    );
    let ios = [("client_id", IOS_CLIENT_ID), ("client_secret", "")];
    assert_error(
        bench.refresh(&refresh, &ios).await,
        UNAUTHORIZED,
        "unauthorized_client",
    );
}

#[tokio::test]
async fn a_spent_refresh_token_kills_its_whole_family() {
    let bench = bench().await;
    bench
        .control("oauth", json!({ "rotation": "rotating" }))
        .await;
    let (_, first) = bench.grant(READONLY).await;
    let (_, body) = bench.refresh(&first, &[]).await;
    let second = text(&body, "refresh_token");
    let (_, body) = bench.refresh(&second, &[]).await;
    let (third, access) = (text(&body, "refresh_token"), text(&body, "access_token"));
    assert_eq!(bench.profile(&access).await, OK);
    assert_error(bench.refresh(&first, &[]).await, BAD, "invalid_grant");
    assert_error(bench.refresh(&third, &[]).await, BAD, "invalid_grant");
    assert_eq!(bench.profile(&access).await, UNAUTHORIZED);
}

#[tokio::test]
async fn with_grace_a_spent_refresh_token_works_until_its_successor_is_used() {
    let bench = bench().await;
    bench.control("oauth", json!({ "rotation": "grace" })).await;
    let (_, first) = bench.grant(READONLY).await;
    // Two answers that nobody heard.
    let _ = bench.refresh(&first, &[]).await;
    let _ = bench.refresh(&first, &[]).await;
    let (_, body) = bench.refresh(&first, &[]).await;
    let (_, body) = bench.refresh(&text(&body, "refresh_token"), &[]).await;
    assert!(body["refresh_token"].is_string());
    assert_error(bench.refresh(&first, &[]).await, BAD, "invalid_grant");
}

#[tokio::test]
async fn rotation_is_set_per_client() {
    let bench = bench().await;
    bench
        .control(
            "oauth",
            json!({ "rotation": "rotating", "client_id": IOS_CLIENT_ID }),
        )
        .await;
    let (_, desktop) = bench.grant(READONLY).await;
    assert!(
        bench
            .refresh(&desktop, &[])
            .await
            .1
            .get("refresh_token")
            .is_none()
    );
    let ios = [
        ("client_id", IOS_CLIENT_ID),
        ("redirect_uri", IOS_REDIRECT),
        ("client_secret", ""),
    ];
    let location = bench
        .redirect(&bench.authorize_url(READONLY, &ios[..2]))
        .await;
    let (_, body) = bench
        .exchange(&parameter(&location, "code").unwrap(), &ios)
        .await;
    let (_, body) = bench
        .refresh(&text(&body, "refresh_token"), &[ios[0], ios[2]])
        .await;
    assert!(body["refresh_token"].is_string());
    bench.control("oauth", json!({ "rotation": "none" })).await;
    let (_, body) = bench
        .refresh(&text(&body, "refresh_token"), &[ios[0], ios[2]])
        .await;
    assert!(body.get("refresh_token").is_none());
}

#[tokio::test]
async fn access_tokens_expire_by_their_life_and_on_command() {
    let bench = bench().await;
    bench
        .control("oauth", json!({ "access_token_life_s": 60 }))
        .await;
    let (status, body) = bench.exchange(&bench.code(READONLY).await, &[]).await;
    assert_eq!((status, body["expires_in"].as_i64()), (OK, Some(60)));
    let (access, refresh) = (text(&body, "access_token"), text(&body, "refresh_token"));
    bench.control("clock", json!({ "skew_s": 61 })).await;
    assert_eq!(bench.profile(&access).await, UNAUTHORIZED);
    let (_, body) = bench.refresh(&refresh, &[]).await;
    let access = text(&body, "access_token");
    assert_eq!(bench.profile(&access).await, OK);
    bench.control("expire_access_tokens", json!({})).await;
    assert_eq!(bench.profile(&access).await, UNAUTHORIZED);
    assert_eq!(bench.refresh(&refresh, &[]).await.0, OK);
}

#[tokio::test]
async fn access_granted_for_a_time_says_so_and_ends() {
    let bench = bench().await;
    bench
        .control("oauth", json!({ "refresh_token_expires_in": 7200 }))
        .await;
    let (_, body) = bench.exchange(&bench.code(READONLY).await, &[]).await;
    assert_eq!(body["refresh_token_expires_in"], 7200);
    let refresh = text(&body, "refresh_token");
    bench.control("clock", json!({ "skew_s": 7201 })).await;
    assert_error(bench.refresh(&refresh, &[]).await, BAD, "invalid_grant");
}

async fn revoke(bench: &Bench, token: &str) -> (StatusCode, Value) {
    send(
        bench
            .http
            .post(bench.url("/google/revoke"))
            .form(&[("token", token)]),
    )
    .await
}

#[tokio::test]
async fn revoking_one_token_ends_every_grant_of_that_account_and_no_other() {
    let bench = bench().await;
    let (_, mail) = bench.grant(READONLY).await;
    let (files, _) = bench.grant(DRIVE_FILE).await;
    let url = bench.authorize_url(READONLY, &[]);
    let bens = bench
        .control(
            "consent",
            json!({ "url": url, "account": "ben@example.org" }),
        )
        .await;
    let (_, bens) = bench
        .exchange(
            &parameter(bens["redirect"].as_str().unwrap(), "code").unwrap(),
            &[],
        )
        .await;

    assert_eq!(revoke(&bench, &files).await, (OK, json!({})));
    assert_error(bench.refresh(&mail, &[]).await, BAD, "invalid_grant");
    assert_eq!(
        bench
            .get("/drive/drive/v3/about?fields=user", &files)
            .await
            .0,
        UNAUTHORIZED
    );
    assert_error(revoke(&bench, &mail).await, BAD, "invalid_token");
    assert_eq!(bench.profile(&text(&bens, "access_token")).await, OK);

    let grants = bench.get_control("grants").await;
    let revoked: Vec<_> = grants
        .as_array()
        .unwrap()
        .iter()
        .map(|grant| grant["revoked"] == true)
        .collect();
    assert_eq!(revoked, [true, true, false]);
}

#[tokio::test]
async fn a_user_can_take_access_back_at_google() {
    let bench = bench().await;
    let (access, refresh) = bench.grant(READONLY).await;
    assert_eq!(
        bench.control("revoke", json!({ "account": ANNA })).await["revoked"],
        1
    );
    assert_eq!(bench.profile(&access).await, UNAUTHORIZED);
    assert_error(bench.refresh(&refresh, &[]).await, BAD, "invalid_grant");
}

#[tokio::test]
async fn the_hundred_and_first_refresh_token_ends_the_first() {
    let bench = bench().await;
    let (_, first) = bench.grant(READONLY).await;
    let (_, second) = bench.grant(READONLY).await;
    for _ in 2..101 {
        bench.grant(READONLY).await;
    }
    assert_error(bench.refresh(&first, &[]).await, BAD, "invalid_grant");
    assert_eq!(bench.refresh(&second, &[]).await.0, OK);
}
