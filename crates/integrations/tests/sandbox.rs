//! Probes and actions against the sandbox's twins, which share no code with us: signed in for real, then with faults.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

// Beside this file they would be taken for test binaries of their own.
#[path = "sandbox/files.rs"]
mod files;
#[path = "sandbox/journal.rs"]
mod journal;
#[path = "sandbox/mail.rs"]
mod mail;
#[path = "sandbox/messages.rs"]
mod messages;

use std::{collections::BTreeMap, sync::Once, time::Duration};

use integrations::{CallError, Endpoints, Session, Unreachable, role};
use model::{Language, Secret};
use sandbox::{Options, Sandbox};
use serde_json::{Value, json};

const SEND: &str = "https://www.googleapis.com/auth/gmail.send";
const READ: &str = "https://www.googleapis.com/auth/gmail.readonly";
const FILES: &str = "https://www.googleapis.com/auth/drive.file";
const REDIRECT: &str = "http://127.0.0.1:9/";
/// RFC 7636, Appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

struct Bench {
    sandbox: Sandbox,
    http: reqwest::Client,
}

impl Bench {
    async fn new() -> Self {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| {
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        Self {
            sandbox: Sandbox::start(Options::default()).await.unwrap(),
            http: reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .no_proxy()
                .build()
                .unwrap(),
        }
    }

    fn endpoints(&self, integration: &str) -> Endpoints {
        let mut all: BTreeMap<String, Endpoints> =
            toml::from_str(&self.sandbox.endpoints_toml()).unwrap();
        let theirs = all.remove(integration).unwrap();
        integrations::find(&integration.into())
            .unwrap()
            .facts()
            .endpoints
            .merge(&theirs)
    }

    fn session(&self, integration: &str, token: &str, granted: &[&str]) -> Session {
        Session::unpaced(
            self.http.clone(),
            Secret::new(token.to_owned()),
            self.endpoints(integration),
            granted.iter().map(|scope| (*scope).to_owned()).collect(),
        )
    }

    async fn control(&self, path: &str, body: Value) -> Value {
        let url = self
            .sandbox
            .base_url()
            .join(&format!("control/{path}"))
            .unwrap();
        let answer = self.http.post(url).json(&body).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json().await.unwrap_or_default()
    }

    async fn fault(&self, service: &str, fault: Value) {
        self.control(
            "faults",
            json!({"match": {"service": service}, "fault": fault}),
        )
        .await;
    }

    async fn mend(&self) {
        let url = self.sandbox.base_url().join("control/faults").unwrap();
        self.http.delete(url).send().await.unwrap();
    }

    /// Signs anna in as the desktop client, leaving `ticked` ticked.
    async fn sign_in(&self, integration: &str, asked: &[&str], ticked: &[&str]) -> Session {
        let endpoints = self.endpoints(integration);
        let facts = integrations::find(&integration.into()).unwrap().facts();
        let oauth = facts.auth.as_oauth().unwrap();
        let mut url = endpoints.get(role::AUTHORIZE).unwrap().clone();
        let base = oauth.base_scopes.join(" ");
        url.query_pairs_mut()
            .append_pair("client_id", sandbox::DESKTOP_CLIENT_ID)
            .append_pair("redirect_uri", REDIRECT)
            .append_pair("response_type", "code")
            .append_pair("scope", &format!("{base} {}", asked.join(" ")))
            .append_pair("code_challenge", CHALLENGE)
            .append_pair("code_challenge_method", "S256")
            .append_pair("state", "a-state-of-sufficient-length-for-anyone")
            .extend_pairs(&oauth.authorize_params);
        let consent = json!({"url": url, "account": "anna@example.org", "scopes": ticked});
        let redirect = self.control("consent", consent).await;
        let redirect = url::Url::parse(redirect["redirect"].as_str().unwrap()).unwrap();
        let code = redirect
            .query_pairs()
            .find(|(name, _)| name == "code")
            .unwrap()
            .1
            .into_owned();
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", sandbox::DESKTOP_CLIENT_ID),
            ("client_secret", sandbox::DESKTOP_CLIENT_SECRET),
            ("code", &code),
            ("code_verifier", VERIFIER),
            ("redirect_uri", REDIRECT),
        ];
        let token = endpoints.get(role::TOKEN).unwrap().clone();
        let grant: Value = self
            .http
            .post(token)
            .form(&form)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        let granted: Vec<&str> = grant["scope"].as_str().unwrap().split(' ').collect();
        self.session(
            integration,
            grant["access_token"].as_str().unwrap(),
            &granted,
        )
    }

    async fn probe(
        &self,
        session: &Session,
        integration: &str,
    ) -> Result<integrations::Probe, CallError> {
        integrations::find(&integration.into())
            .unwrap()
            .probe(session)
            .await
    }
}

#[tokio::test]
async fn gmail_names_the_same_mailbox_whichever_permission_was_left_ticked() {
    let bench = Bench::new().await;
    for ticked in [&[SEND, READ][..], &[READ], &[SEND]] {
        let session = bench.sign_in("gmail", &[SEND, READ], ticked).await;
        let probe = bench.probe(&session, "gmail").await.unwrap();
        assert_eq!(probe.identity.id, "anna@example.org", "{ticked:?}");
        let gmail = integrations::find(&"gmail".into()).unwrap();
        let asked = [SEND, READ, "openid", "email"].map(str::to_owned);
        let grants = integrations::scope_grants(gmail, Language::English, &asked, &session.granted);
        assert_eq!(grants.len(), 2, "{grants:?}");
        for grant in grants {
            assert_eq!(
                grant.granted,
                ticked.contains(&grant.scope.as_str()),
                "{ticked:?}: {grant:?}"
            );
        }
        assert_eq!(
            integrations::capabilities(gmail, &session.granted).len(),
            ticked.len()
        );
    }
}

#[tokio::test]
async fn drive_names_the_account_with_its_own_files_scope_alone() {
    let bench = Bench::new().await;
    let session = bench.sign_in("google_drive", &[FILES], &[FILES]).await;
    let probe = bench.probe(&session, "google_drive").await.unwrap();
    assert_eq!(probe.identity.account, "anna@example.org");
    assert_eq!(probe.identity.display_name.as_deref(), Some("Anna Berg"));
    let nothing = bench.sign_in("google_drive", &[FILES], &[]).await;
    assert_eq!(
        bench.probe(&nothing, "google_drive").await,
        Err(CallError::PermissionMissing)
    );
}

#[tokio::test]
async fn a_token_that_ran_out_or_never_was_is_rejected_by_every_service() {
    let bench = Bench::new().await;
    let gmail = bench.sign_in("gmail", &[SEND, READ], &[SEND, READ]).await;
    let send_only = bench.sign_in("gmail", &[SEND], &[SEND]).await;
    bench.control("expire_access_tokens", json!({})).await;
    assert_eq!(
        bench.probe(&gmail, "gmail").await,
        Err(CallError::TokenRejected)
    );
    assert_eq!(
        bench.probe(&send_only, "gmail").await,
        Err(CallError::TokenRejected)
    );
    let drive = bench.session("google_drive", "ya29.never-issued", &[FILES]);
    assert_eq!(
        bench.probe(&drive, "google_drive").await,
        Err(CallError::TokenRejected)
    );
    let telegram = bench.session("telegram", sandbox::REVOKED_BOT_TOKEN, &[]);
    assert_eq!(
        bench.probe(&telegram, "telegram").await,
        Err(CallError::TokenRejected)
    );
}

#[tokio::test]
async fn a_bot_is_named_and_a_webhook_of_others_told_and_left_alone() {
    let bench = Bench::new().await;
    let session = bench.session("telegram", sandbox::DEMO_BOT_TOKEN, &[]);
    let probe = bench.probe(&session, "telegram").await.unwrap();
    assert_eq!(probe.identity.account, "@autopilot_demo_bot");
    assert_eq!(probe.remarks, []);
    let hook = json!({"bot_id": 110_201_543, "url": "https://shop.example.com/hook/canary"});
    bench.control("bots/webhook", hook).await;
    for _ in 0..2 {
        let remarks = bench.probe(&session, "telegram").await.unwrap().remarks;
        let remark = remarks[0].say(Language::English);
        assert!(
            remark.contains("shop.example.com") && !remark.contains("canary"),
            "{remark}"
        );
    }
}

#[tokio::test]
async fn every_fault_of_every_service_is_told_for_what_it_is() {
    let bench = Bench::new().await;
    let sessions = [
        ("gmail", bench.sign_in("gmail", &[READ], &[READ]).await),
        (
            "google_drive",
            bench.sign_in("google_drive", &[FILES], &[FILES]).await,
        ),
        (
            "telegram",
            bench.session("telegram", sandbox::DEMO_BOT_TOKEN, &[]),
        ),
    ];
    let wait = |seconds| CallError::RateLimited {
        retry_after: Some(Duration::from_secs(seconds)),
    };
    let table = [
        (
            json!({"kind": "status", "status": 503}),
            CallError::ServiceDown { status: 503 },
        ),
        (
            json!({"kind": "status", "status": 429, "retry_after_s": 12}),
            wait(12),
        ),
        (
            json!({"kind": "status", "status": 403, "body": "no"}),
            CallError::NotUnderstood { status: 403 },
        ),
        (
            json!({"kind": "status", "status": 401, "body": "no"}),
            CallError::NotUnderstood { status: 401 },
        ),
        (
            json!({"kind": "status", "status": 302, "body": "no"}),
            CallError::NotUnderstood { status: 302 },
        ),
        (
            json!({"kind": "html"}),
            CallError::NotUnderstood { status: 200 },
        ),
        (
            json!({"kind": "garbage"}),
            CallError::NotUnderstood { status: 200 },
        ),
        (json!({"kind": "drop_before"}), Unreachable::Broken.into()),
        (json!({"kind": "drop_after"}), Unreachable::Broken.into()),
    ];
    for (integration, session) in &sessions {
        for (fault, means) in &table {
            bench.fault(integration, fault.clone()).await;
            assert_eq!(
                bench.probe(session, integration).await,
                Err(means.clone()),
                "{integration}: {fault}"
            );
            bench.mend().await;
        }
        assert!(
            bench.probe(session, integration).await.is_ok(),
            "{integration} doesn't come back"
        );
    }
}
