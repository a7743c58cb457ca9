//! The authorization endpoint and its pages.

use autopilot_sandbox::{IOS_CLIENT_ID, IOS_REDIRECT};
use reqwest::StatusCode;
use reqwest::header::{CONTENT_SECURITY_POLICY, LOCATION};
use serde_json::json;

use crate::bench::{ANNA, Bench, DRIVE_FILE, LOOPBACK, READONLY, SEND, bench, parameter};

/// The hidden field that ties the pages to one request.
fn request_of(page: &str) -> String {
    let rest = page
        .split("name=\"request\" value=\"")
        .nth(1)
        .expect("a page with a request");
    rest.split('"').next().unwrap().to_owned()
}

async fn open(bench: &Bench, url: &str) -> (StatusCode, String) {
    let answer = bench.http.get(url).send().await.unwrap();
    (answer.status(), answer.text().await.unwrap())
}

async fn choose(bench: &Bench, request: &str, account: &str) -> String {
    let form = [("request", request), ("account", account)];
    let answer = bench
        .http
        .post(bench.url("/google/consent/account"))
        .form(&form)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    open(
        bench,
        &bench.url(answer.headers()[LOCATION].to_str().unwrap()),
    )
    .await
    .1
}

async fn decide(bench: &Bench, fields: &[(&str, &str)]) -> (StatusCode, Option<String>) {
    let answer = bench
        .http
        .post(bench.url("/google/consent/decide"))
        .form(fields)
        .send()
        .await
        .unwrap();
    let location = answer
        .headers()
        .get(LOCATION)
        .map(|value| value.to_str().unwrap().to_owned());
    (answer.status(), location)
}

#[tokio::test]
async fn a_person_chooses_an_account_unticks_a_box_and_allows() {
    let bench = bench().await;
    let url = bench.authorize_url(&format!("openid email {READONLY} {SEND}"), &[]);
    let (status, page) = open(&bench, &url).await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("id=\"account-anna\"") && page.contains("id=\"account-ben\""));
    assert!(page.contains("Autopilot sandbox"));
    let request = request_of(&page);

    let page = choose(&bench, &request, ANNA).await;
    assert!(page.contains("id=\"allow\"") && page.contains("id=\"deny\"") && page.contains(ANNA));
    for scope in [READONLY, SEND] {
        assert!(
            page.contains(&format!("name=\"scope\" value=\"{scope}\" checked")),
            "{page}"
        );
    }
    assert!(
        !page.contains("value=\"openid\""),
        "signing in has no checkbox"
    );

    let form = [
        ("request", request.as_str()),
        ("decision", "allow"),
        ("scope", READONLY),
    ];
    let (status, location) = decide(&bench, &form).await;
    assert_eq!(status, StatusCode::FOUND);
    let location = location.unwrap();
    assert!(location.starts_with(LOOPBACK), "{location}");
    assert_eq!(parameter(&location, "state").unwrap(), "st/ate &+=1");
    let granted = format!("openid https://www.googleapis.com/auth/userinfo.email {READONLY}");
    assert_eq!(parameter(&location, "scope").unwrap(), granted);

    let (status, body) = bench
        .exchange(&parameter(&location, "code").unwrap(), &[])
        .await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(body["scope"], granted);

    assert_eq!(
        decide(&bench, &form).await.0,
        StatusCode::BAD_REQUEST,
        "a page answers once"
    );
}

#[tokio::test]
async fn cancel_and_nothing_ticked_both_end_in_access_denied() {
    let bench = bench().await;
    for decision in ["deny", "allow"] {
        let (_, page) = open(&bench, &bench.authorize_url(READONLY, &[])).await;
        let request = request_of(&page);
        choose(&bench, &request, ANNA).await;
        let (_, location) = decide(&bench, &[("request", &request), ("decision", decision)]).await;
        let location = location.unwrap();
        assert_eq!(parameter(&location, "error").unwrap(), "access_denied");
        assert_eq!(parameter(&location, "state").unwrap(), "st/ate &+=1");
        assert_eq!(parameter(&location, "code"), None);
    }
}

#[tokio::test]
async fn a_box_that_was_not_on_the_page_cannot_be_ticked() {
    let bench = bench().await;
    let (_, page) = open(&bench, &bench.authorize_url(READONLY, &[])).await;
    let request = request_of(&page);
    choose(&bench, &request, ANNA).await;
    let form = [
        ("request", request.as_str()),
        ("decision", "allow"),
        ("scope", DRIVE_FILE),
    ];
    assert_eq!(decide(&bench, &form).await, (StatusCode::BAD_REQUEST, None));
}

#[tokio::test]
async fn an_ios_client_is_sent_to_its_own_scheme() {
    let bench = bench().await;
    let changes = [("client_id", IOS_CLIENT_ID), ("redirect_uri", IOS_REDIRECT)];
    let url = bench.authorize_url(READONLY, &changes);
    let location = bench.redirect(&url).await;
    assert!(
        location.starts_with("app.autopilot.desktop:/oauth/callback?"),
        "{location}"
    );
    let code = parameter(&location, "code").unwrap();
    let with_secret = [("client_id", IOS_CLIENT_ID), ("redirect_uri", IOS_REDIRECT)];
    assert_eq!(
        bench.exchange(&code, &with_secret).await.0,
        StatusCode::UNAUTHORIZED,
        "it has no secret"
    );
    let without = [with_secret[0], with_secret[1], ("client_secret", "")];
    assert_eq!(bench.exchange(&code, &without).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_wrong_request_is_refused_on_the_page_and_redirects_nowhere() {
    let bench = bench().await;
    let wrong: &[(&str, &str, &str)] = &[
        (
            "client_id",
            "nobody.apps.googleusercontent.com",
            "invalid_client",
        ),
        ("client_id", "", "invalid_request"),
        (
            "redirect_uri",
            "http://example.org/",
            "redirect_uri_mismatch",
        ),
        ("redirect_uri", IOS_REDIRECT, "invalid_request"),
        ("response_type", "token", "unsupported_response_type"),
        ("scope", "gmail.readonly", "invalid_scope"),
        ("scope", "", "invalid_request"),
        ("code_challenge", "", "invalid_request"),
        ("code_challenge", "short", "invalid_grant"),
        ("code_challenge_method", "", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("prompt", "login", "invalid_request"),
        ("prompt", "none consent", "invalid_request"),
        ("access_type", "sometimes", "invalid_request"),
    ];
    for (name, value, error) in wrong {
        let url = bench.authorize_url(READONLY, &[(name, value)]);
        let answer = bench.http.get(&url).send().await.unwrap();
        assert!(answer.status().is_client_error(), "{name}={value}");
        assert!(!answer.headers().contains_key(LOCATION), "{name}={value}");
        let page = answer.text().await.unwrap();
        assert!(page.contains(error), "{name}={value}: {page}");
    }
    let twice = format!("{}&state=again", bench.authorize_url(READONLY, &[]));
    assert_eq!(open(&bench, &twice).await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn what_a_request_says_is_escaped_on_the_page() {
    let bench = bench().await;
    let (_, page) = open(&bench, &bench.authorize_url("<script>x</script>", &[])).await;
    assert!(
        !page.contains("<script>") && page.contains("&lt;script&gt;"),
        "{page}"
    );
}

#[tokio::test]
async fn the_pages_load_nothing_and_leave_the_redirect_alone() {
    let bench = bench().await;
    let answer = bench
        .http
        .get(bench.authorize_url(READONLY, &[]))
        .send()
        .await
        .unwrap();
    let policy = answer.headers()[CONTENT_SECURITY_POLICY]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(policy.contains("default-src 'none'"));
    assert!(
        !policy.contains("form-action"),
        "it would block the custom scheme"
    );
    let page = answer.text().await.unwrap();
    assert!(!page.contains("src=") && !page.contains("@import") && !page.contains("url("));
}

#[tokio::test]
async fn a_hint_puts_the_account_first() {
    let bench = bench().await;
    let (_, page) = open(
        &bench,
        &bench.authorize_url(READONLY, &[("login_hint", "ben@example.org")]),
    )
    .await;
    assert!(page.find("account-ben") < page.find("account-anna"));
    assert!(page.contains("autofocus"));
}

#[tokio::test]
async fn a_silent_request_is_told_that_it_needs_a_person() {
    let bench = bench().await;
    let answer = bench
        .http
        .get(bench.authorize_url(READONLY, &[("prompt", "none")]))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::FOUND);
    let location = answer.headers()[LOCATION].to_str().unwrap();
    assert_eq!(
        parameter(location, "error").unwrap(),
        "interaction_required"
    );
}

#[tokio::test]
async fn the_issuer_comes_along_when_it_is_switched_on() {
    let bench = bench().await;
    let url = bench.authorize_url(READONLY, &[]);
    assert_eq!(parameter(&bench.redirect(&url).await, "iss"), None);
    bench.control("oauth", json!({ "send_iss": true })).await;
    assert_eq!(
        parameter(&bench.redirect(&url).await, "iss").unwrap(),
        "https://accounts.google.com"
    );
    bench
        .control("oauth", json!({ "iss": "https://evil.example" }))
        .await;
    assert_eq!(
        parameter(&bench.redirect(&url).await, "iss").unwrap(),
        "https://evil.example"
    );
    bench.control("oauth", json!({ "send_iss": false })).await;
    assert_eq!(parameter(&bench.redirect(&url).await, "iss"), None);
}

#[tokio::test]
async fn earlier_scopes_are_included_only_when_asked_for() {
    let bench = bench().await;
    bench.grant(DRIVE_FILE).await;
    let scopes = async |url: String| parameter(&bench.redirect(&url).await, "scope").unwrap();
    assert_eq!(scopes(bench.authorize_url(READONLY, &[])).await, READONLY);
    let including = bench.authorize_url(READONLY, &[("include_granted_scopes", "true")]);
    assert_eq!(scopes(including).await, format!("{READONLY} {DRIVE_FILE}"));
}
