//! Loopback twins of the services we connect to, with faults.
//!
//! The twins are strict: where a provider is known to refuse, they refuse, and where they are stricter than the
//! provider the code says so. This crate may not depend on any other crate of ours, so that it can't share our
//! mistakes, and it listens on 127.0.0.1 only. `README.md` beside `src/` lists the control endpoints.
//!
//! One service is one file or folder and one line in [`twins`]; `server` carries requests to them and applies `faults`.

mod blobs;
mod body;
mod clock;
mod control;
mod faults;
mod form;
mod gmail;
mod google_api;
mod google_drive;
mod google_fields;
mod google_oauth;
mod google_query;
mod google_uploads;
mod log;
mod multipart;
pub mod rude;
mod seed;
mod server;
mod state;
mod telegram;
mod twins;
mod windows;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use url::Url;

pub use google_oauth::clients::{
    DESKTOP_CLIENT_ID, DESKTOP_CLIENT_SECRET, IOS_CLIENT_ID, IOS_REDIRECT,
};
pub use seed::{Bot, DEMO_BOT_TOKEN, GoogleAccount, REVOKED_BOT_TOKEN, Seed};

/// How a sandbox starts. `Options::default()` takes any port and forgets everything at the end.
#[derive(Clone, Default)]
pub struct Options {
    /// TCP port on 127.0.0.1. 0 takes the port the state file remembers, or any.
    pub port: u16,
    /// Where issued grants (as SHA-256 of their tokens), what was stored and the port outlive a restart. Its folder
    /// must exist; uploads go into a folder beside it.
    pub state_file: Option<PathBuf>,
    /// The accounts and bots that exist.
    pub seed: Seed,
}

/// Why a sandbox could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("the sandbox can't listen on 127.0.0.1:{port}")]
    Listen { port: u16, source: std::io::Error },
    #[error("the sandbox's state file {path} can't be used")]
    State {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("the sandbox's address isn't a valid URL")]
    Address(#[from] url::ParseError),
}

/// A running sandbox. It ends when this is dropped.
pub struct Sandbox {
    base: Url,
    running: JoinHandle<()>,
}

impl Sandbox {
    /// Binds the port, loads the state file and begins to answer.
    pub async fn start(options: Options) -> Result<Sandbox, StartError> {
        let state =
            state::State::open(options.state_file.clone(), options.seed).map_err(|source| {
                StartError::State {
                    path: options.state_file.clone().unwrap_or_default(),
                    source,
                }
            })?;
        let blobs = blobs::Blobs::beside(options.state_file.as_deref());
        // A profile keeps the endpoints it was created with, so a sandbox has to come back on its old port.
        let port = if options.port == 0 {
            state.remembered_port().unwrap_or(0)
        } else {
            options.port
        };
        let listening = |source| StartError::Listen { port, source };
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
            .await
            .map_err(listening)?;
        let port = listener.local_addr().map_err(listening)?.port();
        state
            .remember_port(port)
            .map_err(|source| StartError::State {
                path: options.state_file.unwrap_or_default(),
                source,
            })?;
        let base = Url::parse(&format!("http://127.0.0.1:{port}"))?;
        let app = server::App::new(base.clone(), state, blobs);
        Ok(Sandbox {
            base,
            running: tokio::spawn(server::run(listener, app)),
        })
    }

    /// `http://127.0.0.1:PORT/`.
    pub fn base_url(&self) -> Url {
        self.base.clone()
    }

    /// One TOML table per service, one key per role: what `--endpoints` takes.
    pub fn endpoints_toml(&self) -> String {
        twins::endpoints_toml(&self.base)
    }

    /// Stops listening and closes every connection; the port is free when this returns.
    pub async fn stop(mut self) {
        self.running.abort();
        // Aborting is how it ends, so the error that reports it carries no news.
        let _ = (&mut self.running).await;
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.running.abort();
    }
}
