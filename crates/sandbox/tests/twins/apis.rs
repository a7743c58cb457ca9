//! Gmail, Drive and userinfo: who may ask, and the shape of answers and errors.

use reqwest::StatusCode;
use serde_json::json;

use crate::bench::{ANNA, DRIVE_FILE, READONLY, SEND, bench, send};

const OK: StatusCode = StatusCode::OK;

#[tokio::test]
async fn gmail_tells_whose_mailbox_it_is() {
    let bench = bench().await;
    let (token, _) = bench.grant(READONLY).await;
    for path in [
        "/gmail/gmail/v1/users/me/profile",
        "/gmail/v1/users/me/profile",
    ] {
        let (status, profile) = bench.get(path, &token).await;
        assert_eq!((status, profile["emailAddress"].as_str()), (OK, Some(ANNA)));
        assert!(profile["historyId"].is_string());
    }
    assert_eq!(
        bench
            .get("/gmail/gmail/v1/users/ben@example.org/profile", &token)
            .await
            .0,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn a_send_only_grant_cannot_read_its_profile() {
    let bench = bench().await;
    for scope in [SEND, DRIVE_FILE] {
        let (token, _) = bench.grant(scope).await;
        let (status, body) = bench.get("/gmail/gmail/v1/users/me/profile", &token).await;
        let error = &body["error"];
        assert_eq!(
            (status, error["code"].as_i64()),
            (StatusCode::FORBIDDEN, Some(403))
        );
        assert_eq!(error["status"], "PERMISSION_DENIED");
        assert_eq!(error["errors"][0]["reason"], "insufficientPermissions");
        assert_eq!(
            error["details"][0]["reason"],
            "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
        );
        assert_eq!(
            error["details"][0]["@type"],
            "type.googleapis.com/google.rpc.ErrorInfo"
        );
    }
}

#[tokio::test]
async fn a_missing_and_an_unknown_token_are_told_apart() {
    let bench = bench().await;
    let url = bench.url("/gmail/gmail/v1/users/me/profile");
    let (status, body) = send(bench.http.get(&url)).await;
    assert_eq!(
        (status, body["error"]["details"][0]["reason"].as_str()),
        (StatusCode::UNAUTHORIZED, Some("CREDENTIALS_MISSING"))
    );
    let (status, body) = bench
        .get("/gmail/gmail/v1/users/me/profile", "ya29.unknown")
        .await;
    assert_eq!(
        (status, body["error"]["status"].as_str()),
        (StatusCode::UNAUTHORIZED, Some("UNAUTHENTICATED"))
    );
    assert_eq!(body["error"]["errors"][0]["reason"], "authError");
    let (token, _) = bench.grant(READONLY).await;
    let in_query = bench.http.get(format!("{url}?access_token={token}"));
    assert_eq!(
        send(in_query).await.0,
        StatusCode::UNAUTHORIZED,
        "no token in an address"
    );
}

#[tokio::test]
async fn drive_wants_to_know_which_fields() {
    let bench = bench().await;
    let (token, _) = bench.grant(DRIVE_FILE).await;
    let (status, body) = bench.get("/drive/drive/v3/about", &token).await;
    assert_eq!(
        (status, body["error"]["errors"][0]["location"].as_str()),
        (StatusCode::BAD_REQUEST, Some("fields"))
    );
    let (status, body) = bench
        .get(
            "/drive/drive/v3/about?fields=user(emailAddress),storageQuota/limit",
            &token,
        )
        .await;
    let expected =
        json!({ "user": { "emailAddress": ANNA }, "storageQuota": { "limit": "16106127360" } });
    assert_eq!((status, body), (OK, expected));
    assert_eq!(
        bench
            .get("/drive/drive/v3/about?fields=usr", &token)
            .await
            .0,
        StatusCode::BAD_REQUEST
    );
    let (mail, _) = bench.grant(READONLY).await;
    assert_eq!(
        bench
            .get("/drive/drive/v3/about?fields=user", &mail)
            .await
            .0,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn userinfo_shows_what_sign_in_scopes_cover() {
    let bench = bench().await;
    let (token, _) = bench.grant(&format!("openid email {SEND}")).await;
    let (status, body) = bench.get("/google/v1/userinfo", &token).await;
    assert_eq!(
        (status, body["email"].as_str(), body.get("name")),
        (OK, Some(ANNA), None)
    );
    let (token, _) = bench.grant("openid").await;
    let (_, body) = bench.get("/google/v1/userinfo", &token).await;
    assert_eq!(body, json!({ "sub": "104729000000000000017" }));
    let (token, _) = bench.grant(SEND).await;
    assert_eq!(
        bench.get("/google/v1/userinfo", &token).await.0,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn an_unknown_path_is_refused_in_the_services_own_shape() {
    let bench = bench().await;
    let (status, body) = send(
        bench
            .http
            .get(bench.url("/gmail/gmail/v1/users/me/nothing")),
    )
    .await;
    assert_eq!(
        (status, body["error"]["code"].as_i64()),
        (StatusCode::NOT_FOUND, Some(404))
    );
    let (status, body) = send(bench.http.post(bench.url("/drive/drive/v3/about"))).await;
    assert_eq!(
        (status, body["error"]["code"].as_i64()),
        (StatusCode::NOT_FOUND, Some(404))
    );
}
