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
    /// How many matching requests pass before it hits one.
    #[serde(default)]
    pub skip: u32,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Match {
    /// A twin's name or `*`.
    pub service: String,
    /// Compared without regard to case, since Telegram's method names have none.
    pub path_contains: Option<String>,
    /// `GET`, `PUT`…; absent = any.
    pub method: Option<String>,
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
    /// Act, then answer after this many milliseconds.
    DelayAfter { ms: u64 },
    /// 200 with an HTML page, as a captive portal does. The service never sees the request.
    Html,
    /// 200 that says it is JSON and isn't.
    Garbage,
    /// Act, then answer with this status all the same.
    StatusAfter {
        status: u16,
        retry_after_s: Option<u64>,
        body: Option<Value>,
    },
    /// Close the connection after this many bytes of the request's body.
    DropInBody { bytes: u64 },
    /// The right answer, but the connection closes after this many bytes of its body.
    DropInAnswer { bytes: u64 },
    /// The right answer, one byte after the other.
    SlowLoris { interval_ms: u64 },
    /// A resumable chunk is kept without its last bytes, at least this many, and 308 says so.
    #[serde(rename = "short_308")]
    Short308 { bytes: u64 },
    /// A resumable session is gone, with 404 unless `status` says 410.
    SessionExpired { status: Option<u16> },
    /// The checksums of a file are another file's: for good where the request completes it, else in this answer.
    WrongChecksum,
}

impl Fault {
    pub fn kind(&self) -> &'static str {
        match self {
            Fault::Status { .. } => "status",
            Fault::Delay { .. } => "delay",
            Fault::DropBefore => "drop_before",
            Fault::DropAfter => "drop_after",
            Fault::DelayAfter { .. } => "delay_after",
            Fault::Html => "html",
            Fault::Garbage => "garbage",
            Fault::StatusAfter { .. } => "status_after",
            Fault::DropInBody { .. } => "drop_in_body",
            Fault::DropInAnswer { .. } => "drop_in_answer",
            Fault::SlowLoris { .. } => "slow_loris",
            Fault::Short308 { .. } => "short_308",
            Fault::SessionExpired { .. } => "session_expired",
            Fault::WrongChecksum => "wrong_checksum",
        }
    }

    /// Whether only the service knows where it applies. Such a fault waits for a request that it can hit.
    fn is_the_services_own(&self) -> bool {
        matches!(
            self,
            Fault::Short308 { .. } | Fault::SessionExpired { .. } | Fault::WrongChecksum
        )
    }
}

/// What a request is matched by; handlers find it among the request's extensions.
#[derive(Clone)]
pub(crate) struct Struck {
    pub service: &'static str,
    pub method: String,
    pub path: String,
}

/// A service's own fault that decided an answer, among the answer's extensions, for the log.
#[derive(Clone)]
pub(crate) struct Decided(pub &'static str);

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
    pub fn strike(&self, request: &Struck) -> Verdict {
        let mut verdict = Verdict::default();
        let mut rules = self.lock();
        for (_, rule) in &mut rules.rules {
            if rule.fault.is_the_services_own() || !rule.hits(request) {
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

    /// Uses up one turn of a fault of this kind, at the place where the service can apply it.
    pub fn strike_own(&self, request: &Struck, kind: &str) -> Option<Fault> {
        let mut rules = self.lock();
        let rule = rules
            .rules
            .iter_mut()
            .map(|(_, rule)| rule)
            .filter(|rule| rule.fault.kind() == kind)
            .find_map(|rule| rule.hits(request).then_some(rule))?;
        rule.times = rule.times.map(|left| left - 1);
        let fault = rule.fault.clone();
        rules.rules.retain(|(_, rule)| rule.times != Some(0));
        Some(fault)
    }

    fn lock(&self) -> MutexGuard<'_, Rules> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rule {
    /// Whether it is this request's turn. One that is let pass is counted.
    fn hits(&mut self, request: &Struck) -> bool {
        if !self.matches.fits(request) || self.times == Some(0) {
            return false;
        }
        let passes = self.skip > 0;
        self.skip = self.skip.saturating_sub(1);
        !passes
    }
}

impl Match {
    fn fits(&self, request: &Struck) -> bool {
        let path = request.path.to_ascii_lowercase();
        (self.service == "*" || self.service == request.service)
            && self
                .path_contains
                .as_ref()
                .is_none_or(|part| path.contains(&part.to_ascii_lowercase()))
            && self
                .method
                .as_ref()
                .is_none_or(|method| method.eq_ignore_ascii_case(&request.method))
    }
}
