//! The system browser: Debian's Chromium with a window, opened by the desktop when somebody opens a web address, never
//! by us. chromedriver joins it once it runs, to choose accounts and press buttons on the consent page.

use std::fs;
use std::path::{Path, PathBuf};

use autopilot_tests::http;
use serde_json::{Value, json};

use crate::desktop::{Desktop, signal};
use crate::patience::{have, until};
use crate::webdriver::{Session, free_port};

/// A person would press "Open Autopilot" in a dialog of Chromium's own, which nothing but Chromium can reach; an
/// administrator's policy presses it.
const POLICY_FOLDER: &str = "/etc/chromium/policies/managed";
const POLICY_FILE: &str = "autopilot-e2e.json";
const SCHEME: &str = "app.autopilot.desktop";

/// What the desktop opens web addresses with.
pub struct SystemBrowser {
    port: u16,
    _policy: Policy,
}

impl SystemBrowser {
    /// Installs it as the desktop's handler of web addresses.
    pub fn install(desktop: &Desktop) -> Self {
        let policy = Policy::install();
        let port = free_port();
        let profile = desktop.root().join("chromium");
        let command = format!(
            "/usr/bin/chromium --no-sandbox --no-first-run --no-default-browser-check --disable-gpu \
             --disable-background-networking --disable-component-update --disable-sync --password-store=basic \
             --disable-features=Translate,OptimizationHints,MediaRouter --allow-pre-commit-input --window-position=40,40 \
             --window-size=1000,900 --user-data-dir={} --remote-debugging-port={port} %U",
            profile.display()
        );
        desktop.open_addresses_with(&command);
        Self {
            port,
            _policy: policy,
        }
    }

    /// Waits for the browser that somebody opened, and joins it.
    pub fn join<'d>(&self, desktop: &'d Desktop) -> Browser<'d> {
        let debugger = format!("127.0.0.1:{}", self.port);
        until("the desktop to open a browser", || {
            http()
                .get(format!("http://{debugger}/json/version"))
                .send()
                .is_ok()
        });
        let options = json!({ "goog:chromeOptions": { "debuggerAddress": debugger } });
        let session = Session::open(desktop, "chromedriver", &[], &options).unwrap();
        Browser { session, desktop }
    }
}

/// A browser that runs. It is told to close when this is dropped; the desktop waits for it.
pub struct Browser<'d> {
    session: Session,
    desktop: &'d Desktop,
}

impl Browser<'_> {
    /// Turns to the page with this in its address, once there is one.
    pub fn turn_to(&self, part: &str) {
        until(&format!("a page with {part} in its address"), || {
            self.session.pages().unwrap_or_default().iter().any(|page| {
                let there = self
                    .session
                    .look_at(page)
                    .and_then(|()| self.session.address());
                there.is_ok_and(|address| address.contains(part))
            })
        });
    }

    pub fn press(&self, css: &str) {
        until(&format!("{css} to press in the browser"), || {
            self.session
                .find(css)
                .and_then(|found| self.session.click(&found))
                .is_ok()
        });
    }

    /// How often something was pressed in it.
    pub fn clicks(&self) -> u32 {
        self.session.clicks()
    }

    /// The whole text of the page, once it contains `part`.
    pub fn text_with(&self, part: &str) -> String {
        have(&format!("\"{part}\" in the browser"), || {
            let text = self
                .session
                .run("return document.body.innerText", &Value::Null)
                .ok()?;
            text.as_str()
                .filter(|text| text.contains(part))
                .map(str::to_owned)
        })
    }
}

impl Drop for Browser<'_> {
    fn drop(&mut self) {
        // The others end with the first one; asking each of them would race with that.
        let first = self.desktop.processes(&chromium()).into_iter().min();
        first.into_iter().for_each(|first| signal(first, "TERM"));
    }
}

/// The program behind Debian's start script.
fn chromium() -> PathBuf {
    fs::canonicalize("/usr/lib/chromium/chromium")
        .unwrap_or_else(|_| PathBuf::from("/usr/bin/chromium"))
}

/// The administrator's policy, for as long as a test needs it.
struct Policy {
    ours: Option<PathBuf>,
}

impl Policy {
    fn install() -> Self {
        let folder = Path::new(POLICY_FOLDER);
        if Self::stands_in(folder) {
            return Self { ours: None };
        }
        let allowed = json!({
            "AutoLaunchProtocolsFromOrigins": [{ "protocol": SCHEME, "allowed_origins": ["http://127.0.0.1"] }]
        });
        let file = folder.join(POLICY_FILE);
        let written =
            fs::create_dir_all(folder).and_then(|()| fs::write(&file, allowed.to_string()));
        assert!(
            written.is_ok(),
            "Chromium has to be allowed to open {SCHEME} links by itself. As an administrator, put this into {}: {allowed}",
            file.display()
        );
        Self { ours: Some(file) }
    }

    /// Has an administrator, or a run that was killed, left one that serves?
    fn stands_in(folder: &Path) -> bool {
        let files = fs::read_dir(folder).into_iter().flatten().flatten();
        files
            .filter_map(|file| fs::read_to_string(file.path()).ok())
            .any(|policy| policy.contains(SCHEME))
    }
}

impl Drop for Policy {
    fn drop(&mut self) {
        if let Some(file) = self.ours.take() {
            let _ = fs::remove_file(file);
            // Only if nobody else has anything in them.
            let folders = Path::new(POLICY_FOLDER).ancestors().take(2);
            folders.for_each(|folder| drop(fs::remove_dir(folder)));
        }
    }
}
