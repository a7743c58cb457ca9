//! What the tests share: a running sandbox with a client that follows no redirect.

use autopilot_sandbox::{DESKTOP_CLIENT_ID, DESKTOP_CLIENT_SECRET, Options, Sandbox};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::Url;

pub const ANNA: &str = "anna@example.org";
pub const READONLY: &str = "https://www.googleapis.com/auth/gmail.readonly";
pub const SEND: &str = "https://www.googleapis.com/auth/gmail.send";
pub const DRIVE_FILE: &str = "https://www.googleapis.com/auth/drive.file";
pub const LOOPBACK: &str = "http://127.0.0.1:49321/";
/// RFC 7636, Appendix B.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

pub struct Bench {
    pub sandbox: Sandbox,
    pub http: Client,
}

pub fn client() -> Client {
    // A second installation is refused, which is fine: the first does.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .redirect(Policy::none())
        .no_proxy()
        .build()
        .unwrap()
}

pub async fn bench() -> Bench {
    bench_with(Options::default()).await
}

pub async fn bench_with(options: Options) -> Bench {
    Bench {
        sandbox: Sandbox::start(options).await.unwrap(),
        http: client(),
    }
}

pub fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER))
}

/// A correct request by the desktop client; `changes` replace parameters or, when empty, remove them.
pub fn parameters(scope: &str, changes: &[(&str, &str)]) -> Vec<(String, String)> {
    let challenge = challenge();
    let usual = [
        ("client_id", DESKTOP_CLIENT_ID),
        ("redirect_uri", LOOPBACK),
        ("response_type", "code"),
        ("scope", scope),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
        ("state", "st/ate &+=1"),
        ("access_type", "offline"),
    ];
    changed(&usual, changes)
}

fn changed(usual: &[(&str, &str)], changes: &[(&str, &str)]) -> Vec<(String, String)> {
    usual
        .iter()
        .filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name))
        .chain(changes.iter().filter(|(_, value)| !value.is_empty()))
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// The value of a query parameter of an address.
pub fn parameter(url: &str, name: &str) -> Option<String> {
    let url = Url::parse(url).unwrap();
    url.query_pairs()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

impl Bench {
    pub fn url(&self, path: &str) -> String {
        self.sandbox.base_url().join(path).unwrap().to_string()
    }

    pub fn authorize_url(&self, scope: &str, changes: &[(&str, &str)]) -> String {
        let base = self.url("/google/o/oauth2/v2/auth");
        Url::parse_with_params(&base, parameters(scope, changes))
            .unwrap()
            .to_string()
    }

    /// A control request that has to work.
    pub async fn control(&self, path: &str, body: Value) -> Value {
        let answer = self
            .http
            .post(self.url(&format!("/control/{path}")))
            .json(&body)
            .send()
            .await
            .unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert_eq!(status, StatusCode::OK, "{path}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    pub async fn get_control(&self, path: &str) -> Value {
        self.http
            .get(self.url(&format!("/control/{path}")))
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap()
    }

    /// Where the browser is sent after Anna allowed everything.
    pub async fn redirect(&self, url: &str) -> String {
        let answer = self
            .control("consent", json!({ "url": url, "account": ANNA }))
            .await;
        answer["redirect"].as_str().unwrap().to_owned()
    }

    pub async fn code(&self, scope: &str) -> String {
        parameter(
            &self.redirect(&self.authorize_url(scope, &[])).await,
            "code",
        )
        .unwrap()
    }

    pub async fn token(&self, fields: &[(String, String)]) -> (StatusCode, Value) {
        let answer = self
            .http
            .post(self.url("/google/token"))
            .form(fields)
            .send()
            .await
            .unwrap();
        (answer.status(), answer.json().await.unwrap())
    }

    pub async fn exchange(&self, code: &str, changes: &[(&str, &str)]) -> (StatusCode, Value) {
        let usual = [
            ("grant_type", "authorization_code"),
            ("client_id", DESKTOP_CLIENT_ID),
            ("client_secret", DESKTOP_CLIENT_SECRET),
            ("code", code),
            ("code_verifier", VERIFIER),
            ("redirect_uri", LOOPBACK),
        ];
        self.token(&changed(&usual, changes)).await
    }

    pub async fn refresh(&self, token: &str, changes: &[(&str, &str)]) -> (StatusCode, Value) {
        let usual = [
            ("grant_type", "refresh_token"),
            ("client_id", DESKTOP_CLIENT_ID),
            ("client_secret", DESKTOP_CLIENT_SECRET),
            ("refresh_token", token),
        ];
        self.token(&changed(&usual, changes)).await
    }

    /// Access and refresh token of a fresh grant of Anna's.
    pub async fn grant(&self, scope: &str) -> (String, String) {
        let (status, body) = self.exchange(&self.code(scope).await, &[]).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        (text(&body, "access_token"), text(&body, "refresh_token"))
    }

    pub async fn get(&self, path: &str, token: &str) -> (StatusCode, Value) {
        send(self.http.get(self.url(path)).bearer_auth(token)).await
    }

    /// A call that has to work.
    pub async fn got(&self, path: &str, token: &str) -> Value {
        let (status, body) = self.get(path, token).await;
        assert_eq!(status, StatusCode::OK, "{path}: {body}");
        body
    }

    /// The next matching requests of a service go wrong.
    pub async fn fault(&self, matching: Value, fault: Value, times: u32) {
        let rule = json!({ "match": matching, "fault": fault, "times": times });
        self.control("faults", rule).await;
    }

    pub async fn profile(&self, token: &str) -> StatusCode {
        self.get("/gmail/gmail/v1/users/me/profile", token).await.0
    }
}

pub async fn send(request: RequestBuilder) -> (StatusCode, Value) {
    let answer = request.send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

pub fn text(body: &Value, key: &str) -> String {
    body[key]
        .as_str()
        .unwrap_or_else(|| panic!("no {key} in {body}"))
        .to_owned()
}
