//! Looking at everything a sign-in or a call needs, one file per area. Only looks; what can be done is for a person.
//!
//! All checks run at once, each with a deadline of its own, and each is told when it is done: a slow one holds nobody
//! up. Causes are typed here; their words are the faces'.

mod answers;
mod asking;
mod clients;
mod clock;
mod database;
mod disk;
mod links;
mod loopback;
mod names;
mod portal;
mod proxy;
mod report;
mod services;
mod vault;

use std::{sync::Arc, time::Duration};

use futures_core::future::BoxFuture;
use futures_util::{StreamExt, stream::FuturesUnordered};
use model::{
    Event,
    doctor::{Diagnosis, DoctorCause, DoctorProgress, Finding},
};

use crate::core::Core;
use answers::Answers;

/// For what answers at once or not at all. What waits for a network or a keychain has its own, shorter or longer.
const DEADLINE: Duration = Duration::from_secs(10);
/// The vault gives up by itself and says why; this only guards against its never doing so.
const VAULT_DEADLINE: Duration = Duration::from_secs(2 * ::vault::DEADLINE.as_secs() + 5);
/// More than an answer of a service, a name or a proxy is waited for.
const NETWORK_DEADLINE: Duration = Duration::from_secs(12);

/// One thing to look at.
struct Check {
    name: String,
    deadline: Duration,
    look: BoxFuture<'static, DoctorCause>,
}

impl Check {
    fn new(
        name: impl Into<String>,
        deadline: Duration,
        look: impl Future<Output = DoctorCause> + Send + 'static,
    ) -> Self {
        Self {
            name: name.into(),
            deadline,
            look: Box::pin(look),
        }
    }
}

impl Core {
    pub(crate) async fn doctor(self: &Arc<Self>) -> Diagnosis {
        let checks = self.checks();
        let names: Vec<String> = checks.iter().map(|check| check.name.clone()).collect();
        self.tell_doctor(DoctorProgress::Began {
            checks: names.clone(),
        });
        let mut running: FuturesUnordered<_> = checks.into_iter().map(run).collect();
        let mut findings = Vec::with_capacity(names.len());
        while let Some(finding) = running.next().await {
            self.tell_doctor(DoctorProgress::Found {
                finding: finding.clone(),
            });
            findings.push(finding);
        }
        findings.sort_by_key(|finding| names.iter().position(|name| *name == finding.check));
        let report = self.report(&findings);
        Diagnosis { findings, report }
    }

    /// In the order in which they are shown.
    fn checks(self: &Arc<Self>) -> Vec<Check> {
        let answers = Answers::begin(self);
        let mut checks = vec![
            vault::check(self),
            database::check(self),
            database::check_ledger(self),
            disk::check(self),
            loopback::check(),
        ];
        checks.extend(links::check(self));
        checks.extend([
            clock::check(&answers),
            names::check(&answers),
            proxy::check(&answers),
            portal::check(&answers),
        ]);
        checks.extend(services::checks(answers.needs(self)));
        checks.extend(clients::checks(self));
        checks
    }

    fn tell_doctor(&self, progress: DoctorProgress) {
        self.emit(Event::Doctor { progress });
    }
}

async fn run(check: Check) -> Finding {
    let cause = tokio::time::timeout(check.deadline, check.look)
        .await
        .unwrap_or(DoctorCause::TookTooLong);
    Finding::new(check.name, cause)
}

#[cfg(test)]
mod tests {
    use model::doctor::Verdict;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_check_that_never_ends_is_given_up_and_holds_no_other_up() {
        let stuck = Check::new("stuck", DEADLINE, std::future::pending());
        let quick = Check::new("quick", DEADLINE, async { DoctorCause::NoProxy });
        let mut running: FuturesUnordered<_> = [stuck, quick].into_iter().map(run).collect();
        let first = running.next().await.unwrap();
        assert_eq!(
            (first.check.as_str(), first.verdict),
            ("quick", Verdict::Good)
        );
        let second = running.next().await.unwrap();
        assert_eq!(second.cause, DoctorCause::TookTooLong);
    }
}
