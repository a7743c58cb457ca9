//! A hub of its own, a sandbox of its own, and a person who consents.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use model::{
    Caller, ConnectionView, Door, Error, Event, IntegrationId, ProfileName, RedirectKind, Request,
    Response, Secret, SecretInput, SignInState, SignInView, Texts, door::EventStream,
};
use sandbox::{Options, Sandbox};
use serde_json::{Value, json};

use crate::{BuiltInClient, EndpointOverrides, Hub, HubOptions, OpenError, core::Core};

pub(super) struct World {
    pub(super) sandbox: Arc<Sandbox>,
    pub(super) hub: Hub,
    pub(super) folder: tempfile::TempDir,
    http: reqwest::Client,
    headless: bool,
    /// Where the services are, as the profile has it.
    endpoints: String,
}

pub(super) const BOT: &str = sandbox::DEMO_BOT_TOKEN;

impl World {
    pub(super) async fn new() -> Self {
        Self::of(true).await
    }

    /// A hub whose person can be asked.
    pub(super) async fn with_window() -> Self {
        Self::of(false).await
    }

    async fn of(headless: bool) -> Self {
        Self::with(headless, |endpoints| endpoints).await
    }

    /// The services under other addresses than their own.
    pub(super) async fn at(readdress: impl FnOnce(String) -> String) -> Self {
        Self::with(true, readdress).await
    }

    async fn with(headless: bool, readdress: impl FnOnce(String) -> String) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let sandbox = Sandbox::start(Options::default()).await.unwrap();
        let endpoints = readdress(sandbox.endpoints_toml());
        Self::beside(Arc::new(sandbox), headless, endpoints).await
    }

    /// Another profile of the same person's, whose services are at the same addresses.
    pub(super) async fn next_door(&self) -> Self {
        Self::beside(Arc::clone(&self.sandbox), false, self.endpoints.clone()).await
    }

    async fn beside(sandbox: Arc<Sandbox>, headless: bool, endpoints: String) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let hub = open(&endpoints, folder.path(), headless).await.unwrap();
        // The passphrase file is a real place that needs no keychain service.
        hub.handle(
            Caller::Window,
            Request::UseVaultFile {
                passphrase: SecretInput::new("correct horse"),
            },
        )
        .await
        .unwrap();
        Self {
            sandbox,
            hub,
            folder,
            http: reqwest::Client::new(),
            headless,
            endpoints,
        }
    }

    pub(super) fn core(&self) -> &Arc<Core> {
        &self.hub.core
    }

    pub(super) async fn ask(&self, request: Request) -> Result<Response, Error> {
        self.hub.handle(Caller::Window, request).await
    }

    pub(super) async fn ask_as(
        &self,
        caller: &Caller,
        request: Request,
    ) -> Result<Response, Error> {
        self.hub.handle(caller.clone(), request).await
    }

    /// Lets go of the profile, as a crash would.
    pub(super) fn crash(&self) {
        self.hub.core.closing.cancel();
        self.hub.lock.lock().unwrap().take();
    }

    /// Opens the profile once more, which may be refused.
    pub(super) async fn reopen(&mut self) -> Result<(), OpenError> {
        self.hub = open(&self.endpoints, self.folder.path(), self.headless).await?;
        self.unlock().await;
        Ok(())
    }

    /// Drops everything at once, as a crash would, and opens the profile again.
    pub(super) async fn crash_and_reopen(self) -> Self {
        let world = self.crash_and_reopen_locked().await;
        world.unlock().await;
        world
    }

    pub(super) async fn crash_and_reopen_locked(mut self) -> Self {
        self.hub.core.closing.cancel();
        self.hub.lock.lock().unwrap().take();
        self.hub = open(&self.endpoints, self.folder.path(), self.headless)
            .await
            .unwrap();
        self
    }

    pub(super) async fn unlock(&self) {
        let passphrase = SecretInput::new("correct horse");
        self.ask(Request::UnlockVault { passphrase }).await.unwrap();
    }

    /// What people read is in this language from now on.
    pub(super) async fn speak(&self, tag: &str) -> Texts {
        let settings = model::Settings {
            language: Some(tag.to_owned()),
            ..self.core().settings.get()
        };
        self.ask(Request::SetSettings { settings }).await.unwrap();
        Texts::in_language(tag).unwrap()
    }

    pub(super) async fn control(&self, path: &str, body: Value) -> Value {
        let url = self
            .sandbox
            .base_url()
            .join(&format!("control/{path}"))
            .unwrap();
        let answer = self.http.post(url).json(&body).send().await.unwrap();
        assert!(
            answer.status().is_success(),
            "control/{path}: {}",
            answer.text().await.unwrap()
        );
        answer.json().await.unwrap()
    }

    pub(super) async fn fault(&self, service: &str, path: &str, fault: Value) {
        let matched = json!({"service": service, "path_contains": path});
        self.control("faults", json!({"match": matched, "fault": fault}))
            .await;
    }

    pub(super) async fn no_faults(&self) {
        let url = self.sandbox.base_url().join("control/faults").unwrap();
        self.http.delete(url).send().await.unwrap();
    }

    pub(super) async fn log(&self) -> Vec<Value> {
        let url = self.sandbox.base_url().join("control/log").unwrap();
        self.http
            .get(url)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap()
    }

    pub(super) async fn renewals(&self) -> usize {
        self.log()
            .await
            .iter()
            .filter(|line| line["grant_type"] == "refresh_token")
            .count()
    }

    pub(super) async fn begin(&self, integration: &str, redirect: RedirectKind) -> SignInView {
        self.begin_again(integration, redirect, None).await
    }

    pub(super) async fn begin_again(
        &self,
        integration: &str,
        redirect: RedirectKind,
        connection: Option<model::ConnectionId>,
    ) -> SignInView {
        let request = Request::BeginSignIn {
            integration: IntegrationId::from(integration),
            connection,
            scopes: None,
            redirect: Some(redirect),
        };
        match self.ask(request).await.unwrap() {
            Response::SignIn(view) => view,
            other => panic!("{other:?}"),
        }
    }

    /// What the browser ends on after `account` consented.
    pub(super) async fn consent(
        &self,
        url: &str,
        account: &str,
        scopes: Option<&[&str]>,
    ) -> String {
        let mut body = json!({"url": url, "account": account});
        if let Some(scopes) = scopes {
            body["scopes"] = json!(scopes);
        }
        self.control("consent", body).await["redirect"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    pub(super) async fn deliver(&self, address: &str) -> Result<SignInView, Error> {
        let request = Request::DeliverRedirect {
            url: SecretInput::new(address),
        };
        match self.ask(request).await? {
            Response::SignIn(view) => Ok(self.ended(view).await),
            other => panic!("{other:?}"),
        }
    }

    pub(super) async fn ended(&self, view: SignInView) -> SignInView {
        let id = view.id;
        self.until("the sign-in to end", || {
            self.core()
                .attempts
                .get(id)
                .filter(|view| view.state.is_over())
        })
        .await
    }

    pub(super) async fn connect(&self, integration: &str, account: &str) -> ConnectionView {
        let begun = self.begin(integration, RedirectKind::DeepLink).await;
        let address = self.consent(&begun.url, account, None).await;
        match self.deliver(&address).await.unwrap().state {
            SignInState::Connected { connection, .. } => *connection,
            other => panic!("{other:?}"),
        }
    }

    pub(super) async fn connect_bot(&self) -> Result<ConnectionView, Error> {
        let fields = BTreeMap::from([("token".to_owned(), SecretInput::new(BOT))]);
        let request = Request::ConnectWithForm {
            integration: "telegram".into(),
            connection: None,
            fields,
        };
        match self.ask(request).await? {
            Response::Connection(view) => Ok(view),
            other => panic!("{other:?}"),
        }
    }

    pub(super) async fn connections(&self) -> Vec<ConnectionView> {
        match self.ask(Request::ListConnections).await.unwrap() {
            Response::Connections(views) => views,
            other => panic!("{other:?}"),
        }
    }

    /// Polls until there is something to see; the deadline only bounds a failing test.
    pub(super) async fn until<T>(&self, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
        for _ in 0..3000 {
            if let Some(seen) = look() {
                return seen;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("waited in vain for {what}");
    }
}

/// The notices among the events that are there already.
pub(super) async fn notices(events: &mut EventStream) -> Vec<model::Notice> {
    use futures_util::{FutureExt as _, StreamExt as _};
    let mut seen = Vec::new();
    while let Some(Some(event)) = events.next().now_or_never() {
        if let Event::Notice { notice } = event {
            seen.push(notice);
        }
    }
    seen
}

async fn open(endpoints: &str, folder: &std::path::Path, headless: bool) -> Result<Hub, OpenError> {
    let client = |kind: &str, id: &str, secret: Option<&str>| BuiltInClient {
        provider: "google".into(),
        kind: kind.to_owned(),
        client_id: id.to_owned(),
        client_secret: secret.map(|secret| Secret::new(secret.to_owned())),
    };
    Hub::open(HubOptions {
        profile: ProfileName::new("test").unwrap(),
        data_dir: folder.to_owned(),
        version: "0.0.0".to_owned(),
        headless,
        sandbox: true,
        endpoints: Some(EndpointOverrides::parse(endpoints).unwrap()),
        built_in_clients: vec![
            client(
                "desktop",
                sandbox::DESKTOP_CLIENT_ID,
                Some(sandbox::DESKTOP_CLIENT_SECRET),
            ),
            client("ios", sandbox::IOS_CLIENT_ID, None),
        ],
        surroundings: crate::Surroundings::default(),
        texts: Texts::english(),
        played: crate::Played::default(),
    })
    .await
}
