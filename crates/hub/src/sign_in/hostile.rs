//! What any page of any browser, and any program of this machine, can send a sign-in, and what must hold whatever it is.
//! See [`crate::hostile`].

use std::{convert::Infallible, path::Path, time::Duration};

use axum::serve::Listener;
use model::{Caller, Door as _, ProfileName, RedirectKind, Request, Secret, SecretInput, Texts};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream},
    runtime::Runtime,
    sync::mpsc,
};

use super::{DEEP_LINK, deliver, loopback};
use crate::{BuiltInClient, Hub, HubOptions, Played, Surroundings};

/// Our own address, which every page can guess in the end.
const AUTHORITY: &str = "127.0.0.1:49152";

/// Longer than any request here.
const PIPE: usize = 64 * 1024;

/// An address the browser ended on.
pub fn callback(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).into_owned();
    match deliver::read(&Secret::new(text.clone()), &Texts::english()) {
        Ok(read) => {
            assert!(!read.state.expose().is_empty());
            assert!(read.code.is_none_or(|code| !code.expose().is_empty()));
            if deliver::same_place(&read.address, DEEP_LINK) {
                assert_eq!(read.address.scheme(), "app.autopilot.desktop");
                assert_eq!(read.address.path(), "/oauth/callback");
                assert!(!read.address.has_host());
            }
            if deliver::same_place(&read.address, "http://127.0.0.1:49152/") {
                assert_eq!(read.address.host_str(), Some("127.0.0.1"));
                assert_eq!(read.address.port(), Some(49152));
                assert!(read.address.username().is_empty());
            }
        }
        Err(error) => {
            // It is shown and logged; the code in the address is neither.
            let (told, sent) = (format!("{error:?}"), text.trim());
            assert!(sent.len() < 24 || !told.contains(sent), "{told}");
        }
    }
}

/// The receiver of a real hub, with one sign-in waiting for its answer, behind a pipe instead of a port.
#[derive(Debug)]
pub struct Loopback {
    runtime: Runtime,
    hub: Hub,
    door: mpsc::UnboundedSender<DuplexStream>,
}

impl Loopback {
    /// In an empty folder.
    ///
    /// # Panics
    /// When there is no hub to be had there.
    #[must_use]
    pub fn open(folder: &Path) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
        else {
            panic!("no runtime");
        };
        let (hub, door) = runtime.block_on(async {
            let hub = hub(folder).await;
            let begin = Request::BeginSignIn {
                integration: "gmail".into(),
                connection: None,
                scopes: None,
                redirect: Some(RedirectKind::Loopback),
            };
            let Ok(model::Response::SignIn(view)) = hub.handle(Caller::Window, begin).await else {
                panic!("no sign-in begins");
            };
            let (door, visitors) = mpsc::unbounded_channel();
            let core = std::sync::Arc::clone(&hub.core);
            let router = loopback::behind_the_port(core, view.id, AUTHORITY);
            tokio::spawn(async move { axum::serve(Visitors(visitors), router).await });
            (hub, door)
        });
        Self { runtime, hub, door }
    }

    /// One connection's worth of bytes.
    ///
    /// # Panics
    /// When a sign-in began, or went on.
    pub fn request(&self, bytes: &[u8]) {
        self.runtime.block_on(async {
            // Nothing here waits for a real clock: time passes when nobody has anything to do.
            tokio::time::pause();
            let (mut ours, theirs) = tokio::io::duplex(PIPE);
            assert!(self.door.send(theirs).is_ok());
            let _ = ours.write_all(&bytes[..bytes.len().min(PIPE)]).await;
            let mut said = Vec::new();
            let mut piece = vec![0; 16 * 1024];
            while let Ok(Ok(1..)) = tokio::time::timeout(Duration::from_millis(1), async {
                let read = ours.read(&mut piece).await;
                said.extend_from_slice(&piece[..*read.as_ref().unwrap_or(&0)]);
                read
            })
            .await
            {}
            tokio::time::resume();
            for answer in ["location: https", "location: http"] {
                let said = String::from_utf8_lossy(&said).to_ascii_lowercase();
                assert!(!said.contains(answer), "a browser was sent elsewhere");
            }
        });
        let attempts = self.hub.core.attempts.all();
        assert_eq!(attempts.len(), 1, "a sign-in was begun");
        let moved = matches!(
            attempts[0].state,
            model::SignInState::Checking | model::SignInState::Connected { .. }
        );
        assert!(!moved, "a sign-in went on: {:?}", attempts[0].state);
    }
}

async fn hub(folder: &Path) -> Hub {
    let (Ok(profile), data_dir) = (ProfileName::new("strangers"), folder.to_owned()) else {
        panic!("a profile's name");
    };
    let client = BuiltInClient {
        provider: "google".into(),
        kind: "desktop".to_owned(),
        client_id: "1-fuzz.apps.googleusercontent.com".to_owned(),
        client_secret: Some(Secret::new("GOCSPX-fuzz".to_owned())),
    };
    let opened = Hub::open(HubOptions {
        profile,
        data_dir,
        version: "0.0.0".to_owned(),
        headless: false,
        sandbox: false,
        endpoints: None,
        built_in_clients: vec![client],
        surroundings: Surroundings::default(),
        texts: Texts::english(),
        played: Played::default(),
    })
    .await;
    let hub = match opened {
        Ok(hub) => hub,
        Err(error) => panic!("no hub opens: {error}"),
    };
    let passphrase = SecretInput::new("correct horse");
    let vault = Request::UseVaultFile { passphrase };
    if let Err(error) = hub.handle(Caller::Window, vault).await {
        panic!("no vault: {error:?}");
    }
    hub
}

/// Whoever comes through the pipe.
struct Visitors(mpsc::UnboundedReceiver<DuplexStream>);

impl Listener for Visitors {
    type Io = DuplexStream;
    type Addr = &'static str;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.0.recv().await {
            Some(visitor) => (visitor, AUTHORITY),
            None => {
                let never: Infallible = std::future::pending().await;
                match never {}
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        Ok(AUTHORITY)
    }
}
