//! What the integrations are lent to be measured bare: a session without limits and a journal that forgets.

use std::{collections::BTreeMap, path::Path};

use async_trait::async_trait;
use integrations::{CallError, Endpoints, Journal, Session, role};
use model::{RemoteRef, Secret};

/// A client made as the hub makes its own, and no proxy between us and the stub.
pub fn client(authority: Option<&Path>) -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy();
    if let Some(authority) = authority {
        let pem = std::fs::read(authority).expect("the stub wrote it");
        let authority = reqwest::Certificate::from_pem(&pem).expect("it is a certificate");
        builder = builder.tls_certs_only([authority]);
    }
    builder
        .build()
        .expect("a client with these settings is possible")
}

/// With no header fetched before.
pub fn session(http: &reqwest::Client, base: &str, granted: &[&str]) -> Session {
    let roles = [role::API, role::UPLOAD].map(|role| {
        let base = base.parse().expect("the stub's address is one");
        (role.to_owned(), base)
    });
    Session::unpaced(
        http.clone(),
        Secret::new("stub".to_owned()),
        Endpoints::new(BTreeMap::from(roles)).expect("the stub is on this machine"),
        granted.iter().map(|scope| (*scope).to_owned()).collect(),
    )
}

pub struct Forgetful;

#[async_trait]
impl Journal for Forgetful {
    async fn on_wire(&self) -> Result<(), CallError> {
        Ok(())
    }

    async fn piece_done(&self, _piece: RemoteRef) -> Result<(), CallError> {
        Ok(())
    }

    fn pieces(&self) -> Vec<RemoteRef> {
        Vec::new()
    }

    fn kept(&self) -> Option<Secret> {
        None
    }

    async fn keep(&self, _resume: Secret) -> Result<(), CallError> {
        Ok(())
    }

    fn progress(&self, _done: u64, _total: u64) {}

    fn is_cancelled(&self) -> bool {
        false
    }
}
