//! What a person can choose about how the hub works. Changed in our window alone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::IntegrationId;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(default)]
pub struct Settings {
    /// Seconds in which a person can take back what they send; 0 to 60.
    pub undo_window_s: u32,
    /// Hours a write waits for a service that can't be reached before it expires; 1 to 720.
    pub queue_expiry_h: u32,
    /// Days the ledger is kept; 7 to 3650.
    pub ledger_days: u32,
    /// Minutes a write waits for a person before it expires; 1 to 1440.
    pub approval_expiry_min: u32,
    /// No agent gets anything.
    pub agents_paused: bool,
    /// Units a minute of an integration's own quota, where the person's project has another than the usual.
    pub quotas: BTreeMap<IntegrationId, u32>,
    /// Seconds between two looks at everything while somebody sees the window; 15 to 600.
    pub refresh_s: u32,
    /// What the system tells of.
    pub notify: Notify,
    pub quiet: QuietHours,
    pub network: Network,
    /// Closing the window leaves us in the tray, where there is one.
    pub close_to_tray: bool,
    /// What the window speaks, as it told: notices and the tray speak the same. `None` = it never told.
    pub language: Option<String>,
}

/// Which notices there are. The answer to a sign-in isn't among them: that one was asked for a moment ago.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(default)]
pub struct Notify {
    /// Not reachable, signed out, or the keychain is locked.
    pub trouble: bool,
    /// Works again.
    pub back: bool,
    /// A sign-in whose end is known and near.
    pub expiring: bool,
    /// A write or a caller waits for a person.
    pub approvals: bool,
    /// Something wasn't sent, or nobody knows whether it was.
    pub outcomes: bool,
}

/// From one local time of day to another, over midnight where the second is the smaller. What happens meanwhile and is
/// still so at the end is told then.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(default)]
pub struct QuietHours {
    pub on: bool,
    /// Minutes since midnight; 0 to 1439.
    pub from_min: u16,
    pub to_min: u16,
    /// What waits for approval is told all the same.
    pub approvals_pass: bool,
}

/// How services are reached.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(default)]
pub struct Network {
    pub proxy: Proxy,
    /// A PEM file whose certificates are trusted beside the system's; by absolute path, read when it is chosen.
    pub authority: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Proxy {
    /// As the system has it.
    #[default]
    System,
    /// Straight to the service, whatever the system says.
    None,
    /// `http://HOST:PORT` or `https://HOST:PORT`, without a user name: settings keep no secrets.
    Own { url: String },
}

impl Default for Notify {
    fn default() -> Self {
        Self {
            trouble: true,
            back: true,
            expiring: true,
            approvals: true,
            outcomes: true,
        }
    }
}

impl Default for QuietHours {
    fn default() -> Self {
        Self {
            on: false,
            from_min: 22 * 60,
            to_min: 7 * 60,
            approvals_pass: false,
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            undo_window_s: 10,
            queue_expiry_h: 24,
            ledger_days: 400,
            approval_expiry_min: 60,
            agents_paused: false,
            quotas: BTreeMap::new(),
            refresh_s: 30,
            notify: Notify::default(),
            quiet: QuietHours::default(),
            network: Network::default(),
            close_to_tray: true,
            language: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_older_version_kept_is_still_read_and_the_rest_is_as_usual() {
        let kept = r#"{"undo_window_s":5,"queue_expiry_h":48,"ledger_days":30,"approval_expiry_min":15,
            "agents_paused":true,"quotas":{"gmail":100}}"#;
        let read: Settings = serde_json::from_str(kept).unwrap();
        assert_eq!(read.undo_window_s, 5);
        assert!(read.agents_paused);
        assert_eq!(read.quotas.len(), 1);
        let usual = Settings::default();
        assert_eq!(read.refresh_s, 30);
        assert_eq!(read.notify, usual.notify);
        assert_eq!(read.quiet, usual.quiet);
        assert_eq!(read.network, usual.network);
        assert!(read.close_to_tray);
        // A part that a later version made larger is filled up as well.
        let part: Settings =
            serde_json::from_str(r#"{"notify":{"back":false},"quiet":{"on":true}}"#).unwrap();
        assert!(part.notify.trouble && !part.notify.back);
        assert_eq!(part.quiet.from_min, 22 * 60);
    }
}
