//! A test of one connection, step by step, told as it goes. A failing test is an answer, not an error.

use std::{sync::Arc, time::Instant};

use model::{
    ConnectionRef, Error, ErrorCode, Event,
    test_report::{StepResult, TestProgress, TestReport, TestStep},
};
use store::ConnectionRow;
use vault::{Grant, Item, VaultError};

use crate::{
    broker::NoToken,
    calls::{CallFailure, Proof, Whose},
    core::{Core, vault_error},
    monitor::is_verdict,
};

impl Core {
    pub(crate) async fn test(
        self: &Arc<Self>,
        wanted: &ConnectionRef,
    ) -> Result<TestReport, Error> {
        let row = self.roster.resolve(wanted)?;
        if row.paused {
            return Err(Error::new(ErrorCode::Paused).with("account", &row.identity.account));
        }
        let mut steps = Vec::new();
        let outcome = self.test_steps(&row, &mut steps).await;
        let error = match outcome {
            Ok(proof) => {
                self.works(row.id, proof).await;
                None
            }
            Err(failure) => {
                let error = self.call_error(&failure, &Whose::from(&row));
                if is_verdict(&failure) {
                    self.fails(row.id, &failure).await;
                } else {
                    self.confirm_soon(row.id);
                }
                Some(error)
            }
        };
        let now = self.roster.get(row.id).unwrap_or(row);
        Ok(TestReport {
            connection: self.view(&now),
            steps,
            error,
        })
    }

    async fn test_steps(
        self: &Arc<Self>,
        row: &ConnectionRow,
        steps: &mut Vec<StepResult>,
    ) -> Result<Proof, CallFailure> {
        let id = row.id;
        let reading = async {
            match self.vault.read::<Grant>(&Item::Grant(id)).await {
                // What is missing or unreadable is named by the broker; here only the vault is on trial.
                Ok(_) | Err(VaultError::Unreadable) => Ok(()),
                Err(error) => Err(CallFailure::Token(NoToken::Vault(vault_error(&error)))),
            }
        };
        self.step(row, TestStep::Vault, steps, reading).await?;
        let renewing = async { self.fresh_token(id).await.map_err(CallFailure::Token) };
        let fresh = self.step(row, TestStep::Token, steps, renewing).await?;
        let started = Instant::now();
        let outcome = self
            .step(row, TestStep::Service, steps, self.probe_with(id, fresh))
            .await;
        self.ledger.probed(row, outcome.is_ok(), started.elapsed());
        outcome
    }

    async fn step<T>(
        &self,
        row: &ConnectionRow,
        step: TestStep,
        steps: &mut Vec<StepResult>,
        work: impl Future<Output = Result<T, CallFailure>>,
    ) -> Result<T, CallFailure> {
        let tell = |ok| {
            self.emit(Event::Test {
                progress: TestProgress {
                    connection: row.id,
                    step,
                    ok,
                },
            });
        };
        tell(None);
        let started = Instant::now();
        let outcome = work.await;
        let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        steps.push(StepResult {
            step,
            ok: outcome.is_ok(),
            milliseconds,
        });
        tell(Some(outcome.is_ok()));
        outcome
    }
}
