//! The running peer, a session with it, and what a write needs besides.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Once,
};

use async_trait::async_trait;
use integrations::{CallError, Endpoints, Integration, Journal, LocalFile, Session, role};
use model::{RemoteRef, Secret};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

pub const ANNA: &str = "anna@example.org";

/// The seed of `google.mjs` knows it as Anna's.
const TOKEN: &str = "emulated-access-token";

/// Ends when its standard input closes, so also with us.
pub struct Peer {
    child: Child,
    base: String,
    bare: String,
    http: reqwest::Client,
    folder: TempDir,
}

impl Peer {
    pub fn start() -> Self {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| {
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/peers/emulate");
        let node = folder.join("node_modules/.bin/node");
        assert!(
            node.exists(),
            "`npm ci` in tests/peers/emulate is missing; cargo xtask setup does it"
        );
        let mut child = Command::new(node)
            .arg("google.mjs")
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let told: Value = serde_json::from_str(&line).expect("it says where it is");
        let place = |name: &str| told[name].as_str().unwrap().to_owned();
        Self {
            child,
            base: place("base"),
            bare: place("bare"),
            http: reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .no_proxy()
                .build()
                .unwrap(),
            folder: TempDir::new().unwrap(),
        }
    }

    pub fn session(&self, granted: &[&str]) -> Session {
        let roles =
            [role::API, role::UPLOAD].map(|role| (role.to_owned(), self.base.parse().unwrap()));
        Session::unpaced(
            self.http.clone(),
            Secret::new(TOKEN.to_owned()),
            Endpoints::new(BTreeMap::from(roles)).unwrap(),
            granted.iter().map(|scope| (*scope).to_owned()).collect(),
        )
    }

    /// Asks the emulator itself, past everything that was added to it.
    pub async fn bare(&self, path: &str) -> Vec<u8> {
        let answer = self
            .http
            .get(format!("{}{path}", self.bare))
            .bearer_auth(TOKEN)
            .send()
            .await
            .unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.bytes().await.unwrap().into()
    }

    pub async fn bare_json(&self, path: &str) -> Value {
        serde_json::from_slice(&self.bare(path).await).unwrap()
    }

    /// A file on this machine, as the hub would queue it.
    pub fn file(&self, name: &str, media_type: &str, bytes: &[u8]) -> LocalFile {
        let path: PathBuf = self.folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        LocalFile {
            path,
            name: name.to_owned(),
            size: bytes.len().try_into().unwrap(),
            sha256: sha256(bytes),
            media_type: media_type.to_owned(),
        }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn integration(id: &str) -> &'static dyn Integration {
    integrations::find(&id.into()).unwrap()
}

pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Bytes of every value, that no encoding leaves alone and no two seeds share.
pub fn noise(seed: u8, length: usize) -> Vec<u8> {
    let mut state = u32::from(seed) + 1;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    std::iter::repeat_with(&mut next).take(length).collect()
}

/// Remembers nothing: nothing crashes here.
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
