//! Each fault is named right by `autopilot doctor`, with the real programs and the real fault: a keyring that is really
//! locked, a disk that is really full, a port that really leads nowhere.
//!
//! Some faults need a namespace of their own (`unshare`), and so a privilege that containers may lack; without it these
//! tests fail rather than pass unseen.

mod keyrings;
mod links;
mod machine;
mod network;
mod report;

use autopilot_tests::{Ran, World};
use serde_json::Value;

/// What `doctor --json` found, whatever its exit status.
struct Found {
    code: Option<i32>,
    findings: Vec<Value>,
}

impl Found {
    fn of(ran: &Ran) -> Self {
        let told = ran.lines().remove(0);
        let findings = told["findings"].as_array().cloned();
        Self {
            code: ran.code,
            findings: findings.unwrap_or_else(|| panic!("no findings: {told}")),
        }
    }

    fn in_world(world: &World) -> Self {
        Self::of(&world.run(&["doctor"]))
    }

    fn one(&self, check: &str) -> &Value {
        let found = self.findings.iter().find(|one| one["check"] == check);
        found.unwrap_or_else(|| panic!("no {check} in {:?}", self.findings))
    }

    /// This is named as the trouble, with something to do about it.
    #[track_caller]
    fn names(&self, check: &str, verdict: &str, kind: &str) -> &Value {
        let found = self.one(check);
        assert_eq!(
            (&found["verdict"], &found["cause"]["kind"]),
            (&verdict.into(), &kind.into()),
            "{:#?}",
            self.findings
        );
        let said = |what: &str| found[what].as_str().is_some_and(|text| text.ends_with('.'));
        assert!(said("sentence") && said("remedy"), "{found}");
        found
    }

    /// What isn't to blame isn't blamed.
    #[track_caller]
    fn finds_good(&self, checks: &[&str]) {
        for check in checks {
            assert_eq!(self.one(check)["verdict"], "good", "{}", self.one(check));
        }
    }
}
