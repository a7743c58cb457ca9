//! The twins, in a thread of this process, and the handles a test turns at them.

use std::{path::PathBuf, sync::Mutex, thread::JoinHandle};

use sandbox::{Options, Sandbox, Seed};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::http;

/// A running sandbox. It ends when this is dropped.
pub struct Peer {
    base: String,
    port: u16,
    toml: String,
    state_file: PathBuf,
    seed: Seed,
    running: Mutex<Option<Running>>,
}

struct Running {
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

/// What a person does on the consent page.
#[derive(Clone, Debug)]
pub struct Consent {
    pub account: String,
    /// Ticked permissions; `None` leaves all ticked.
    pub scopes: Option<Vec<String>>,
    pub deny: bool,
}

impl Consent {
    /// Allows everything as this account.
    #[must_use]
    pub fn of(account: &str) -> Self {
        Self {
            account: account.to_owned(),
            scopes: None,
            deny: false,
        }
    }

    #[must_use]
    pub fn ticking(account: &str, scopes: &[&str]) -> Self {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        Self {
            scopes: Some(scopes),
            ..Self::of(account)
        }
    }

    #[must_use]
    pub fn denied(account: &str) -> Self {
        Self {
            deny: true,
            ..Self::of(account)
        }
    }
}

impl Peer {
    /// Starts the twins on any port. `state_file` remembers what was granted over a restart.
    #[must_use]
    pub fn start(state_file: PathBuf, seed: Seed) -> Self {
        let (running, base, toml) = run(state_file.clone(), seed.clone(), 0);
        let port = base.port().expect("it listens on a port");
        let base = base.as_str().trim_end_matches('/').to_owned();
        Self {
            base,
            port,
            toml,
            state_file,
            seed,
            running: Mutex::new(Some(running)),
        }
    }

    /// `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    #[must_use]
    pub fn endpoints_toml(&self) -> &str {
        &self.toml
    }

    /// Nobody answers on its port any more.
    pub fn stop(&self) {
        if let Some(running) = self.running().take() {
            let _ = running.stop.send(());
            running.thread.join().expect("the sandbox ends in peace");
        }
    }

    /// The same twins on the same port, with what they had granted.
    pub fn start_again(&self) {
        self.stop();
        let (running, ..) = run(self.state_file.clone(), self.seed.clone(), self.port);
        *self.running() = Some(running);
    }

    fn running(&self) -> std::sync::MutexGuard<'_, Option<Running>> {
        self.running
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// A fault at a service, `times` times or until [`Peer::heal`].
    pub fn fault(&self, service: &str, path: Option<&str>, fault: &Value, times: Option<u32>) {
        let mut rule = json!({"match": {"service": service}, "fault": fault});
        if let Some(path) = path {
            rule["match"]["path_contains"] = json!(path);
        }
        if let Some(times) = times {
            rule["times"] = json!(times);
        }
        self.post("faults", &rule);
    }

    /// Ends every fault.
    pub fn heal(&self) {
        self.delete("faults");
    }

    /// Changes how Google behaves: rotation, lives, `iss`.
    pub fn oauth(&self, settings: &Value) {
        self.post("oauth", settings);
    }

    pub fn expire_access_tokens(&self) {
        self.post("expire_access_tokens", &json!({}));
    }

    /// The user removed the app on their account's page at Google.
    pub fn revoke(&self, account: &str) {
        self.post("revoke", &json!({"account": account}));
    }

    pub fn revoke_bot(&self, id: &str) {
        self.post(
            "bots/revoke",
            &json!({"bot_id": id.parse::<u64>().expect("a bot's id is a number")}),
        );
    }

    /// `[{"account","client_id","scopes","revoked"}]`.
    #[must_use]
    pub fn grants(&self) -> Vec<Value> {
        list(self.get("grants"))
    }

    /// Grants that would still be honoured.
    #[must_use]
    pub fn live_grants(&self) -> usize {
        self.grants()
            .iter()
            .filter(|grant| grant["revoked"] == json!(false))
            .count()
    }

    /// Every request seen: `[{"seq","service","method","path","status","grant_type"?,"fault"?}]`.
    #[must_use]
    pub fn log(&self) -> Vec<Value> {
        list(self.get("log"))
    }

    pub fn clear_log(&self) {
        self.delete("log");
    }

    /// How many token requests of this kind arrived, answered or not.
    #[must_use]
    pub fn token_requests(&self, grant_type: &str) -> usize {
        self.log()
            .iter()
            .filter(|entry| entry["grant_type"] == json!(grant_type))
            .count()
    }

    /// How many requests to a service had this in their path.
    #[must_use]
    pub fn requests(&self, service: &str, path: &str) -> usize {
        let of = |entry: &&Value| {
            entry["service"] == json!(service)
                && entry["path"]
                    .as_str()
                    .is_some_and(|seen| seen.contains(path))
        };
        self.log().iter().filter(of).count()
    }

    /// Does on the consent page what a person does, and returns the address the browser is sent to.
    #[must_use]
    pub fn consent(&self, url: &str, consent: &Consent) -> String {
        let mut body = json!({"url": url, "account": consent.account, "deny": consent.deny});
        if let Some(scopes) = &consent.scopes {
            body["scopes"] = json!(scopes);
        }
        let answer = self.post("consent", &body);
        answer["redirect"]
            .as_str()
            .expect("consent ends in a redirect")
            .to_owned()
    }

    pub fn post(&self, path: &str, body: &Value) -> Value {
        read(http().post(self.control(path)).json(body))
    }

    #[must_use]
    pub fn get(&self, path: &str) -> Value {
        read(http().get(self.control(path)))
    }

    fn delete(&self, path: &str) {
        read(http().delete(self.control(path)));
    }

    fn control(&self, path: &str) -> String {
        format!("{}/control/{path}", self.base)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.stop();
    }
}

fn read(request: reqwest::blocking::RequestBuilder) -> Value {
    let answer = request.send().expect("the sandbox answers");
    let status = answer.status();
    let body: Value = answer.json().expect("the sandbox answers in JSON");
    assert!(status.is_success(), "the sandbox refused: {status} {body}");
    body
}

fn list(value: Value) -> Vec<Value> {
    match value {
        Value::Array(list) => list,
        other => panic!("not a list: {other}"),
    }
}

fn run(state_file: PathBuf, seed: Seed, port: u16) -> (Running, url::Url, String) {
    let (stop, stopped) = oneshot::channel();
    let (ready, is_ready) = std::sync::mpsc::channel();
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime can be had");
        runtime.block_on(async move {
            let options = Options {
                port,
                state_file: Some(state_file),
                seed,
            };
            let sandbox = Sandbox::start(options).await.expect("the sandbox starts");
            let _ = ready.send((sandbox.base_url(), sandbox.endpoints_toml()));
            let _ = stopped.await;
            sandbox.stop().await;
        });
    });
    let (base, toml) = is_ready.recv().expect("the sandbox starts");
    (Running { stop, thread }, base, toml)
}
