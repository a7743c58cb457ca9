//! What a test asks to go wrong: which requests a fault hits, how often, and what it does to them.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

/// The body of `POST /control/faults`.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    #[serde(rename = "match")]
    pub matches: Match,
    pub fault: Fault,
    /// How many requests it hits; absent = until cleared.
    pub times: Option<u32>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Match {
    /// A twin's name or `*`.
    pub service: String,
    /// Compared without regard to case, since Telegram's method names have none.
    pub path_contains: Option<String>,
}

#[derive(Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Fault {
    /// Answer with this status, in the service's own error shape unless `body` says otherwise.
    Status {
        status: u16,
        retry_after_s: Option<u64>,
        body: Option<Value>,
    },
    /// Act after this many milliseconds. Several delays add up, and another fault may follow.
    Delay { ms: u64 },
    /// Close the connection without acting.
    DropBefore,
    /// Act, then close the connection without answering.
    DropAfter,
    /// 200 with an HTML page, as a captive portal does. The service never sees the request.
    Html,
    /// 200 that says it is JSON and isn't.
    Garbage,
}

impl Fault {
    pub fn kind(&self) -> &'static str {
        match self {
            Fault::Status { .. } => "status",
            Fault::Delay { .. } => "delay",
            Fault::DropBefore => "drop_before",
            Fault::DropAfter => "drop_after",
            Fault::Html => "html",
            Fault::Garbage => "garbage",
        }
    }
}

/// What happens to one request.
#[derive(Default)]
pub(crate) struct Verdict {
    pub delay: Duration,
    pub fault: Option<Fault>,
}

#[derive(Default)]
pub(crate) struct Faults(Mutex<Rules>);

#[derive(Default)]
struct Rules {
    last: u64,
    rules: Vec<(u64, Rule)>,
}

impl Faults {
    pub fn add(&self, rule: Rule) -> u64 {
        let mut rules = self.lock();
        rules.last += 1;
        let id = rules.last;
        rules.rules.push((id, rule));
        id
    }

    /// Whether there was such a rule.
    pub fn remove(&self, id: u64) -> bool {
        let mut rules = self.lock();
        let before = rules.rules.len();
        rules.rules.retain(|(known, _)| *known != id);
        rules.rules.len() != before
    }

    pub fn clear(&self) {
        self.lock().rules.clear();
    }

    /// Uses up one turn of every matching delay and of the first other matching fault.
    pub fn strike(&self, service: &str, path: &str) -> Verdict {
        let mut verdict = Verdict::default();
        let path = path.to_ascii_lowercase();
        let mut rules = self.lock();
        for (_, rule) in &mut rules.rules {
            if !rule.matches.hits(service, &path) || rule.times == Some(0) {
                continue;
            }
            match &rule.fault {
                Fault::Delay { ms } => verdict.delay += Duration::from_millis(*ms),
                _ if verdict.fault.is_some() => continue,
                fault => verdict.fault = Some(fault.clone()),
            }
            rule.times = rule.times.map(|left| left - 1);
        }
        rules.rules.retain(|(_, rule)| rule.times != Some(0));
        verdict
    }

    fn lock(&self) -> MutexGuard<'_, Rules> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Match {
    fn hits(&self, service: &str, path: &str) -> bool {
        (self.service == "*" || self.service == service)
            && self
                .path_contains
                .as_ref()
                .is_none_or(|part| path.contains(&part.to_ascii_lowercase()))
    }
}
