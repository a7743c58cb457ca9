//! How long a transfer bears with a service or a line that fails: a few times, ever longer, never in step with
//! others. After that the error goes up, and whoever asked goes on later from where this ended.

use std::time::Duration;

use crate::CallError;

/// Tries in a row that may come to nothing; each that moves a byte begins the count anew.
const MOST: u32 = 5;

/// The longest first pause; each doubles it. Tests don't wait for nothing.
const FIRST: Duration = Duration::from_millis(if cfg!(test) { 5 } else { 1000 });

/// Google's own upper bound for a pause.
const LONGEST: Duration = Duration::from_secs(64);

#[derive(Default)]
pub(super) struct Patience {
    failed: u32,
}

impl Patience {
    /// Something moved.
    pub fn renew(&mut self) {
        self.failed = 0;
    }

    /// Waits before the next try, or gives back an error that waiting here doesn't help.
    pub async fn bear(&mut self, error: CallError) -> Result<(), CallError> {
        if !error.may_pass() || self.failed >= MOST {
            return Err(error);
        }
        let doubled = FIRST.saturating_mul(2_u32.saturating_pow(self.failed));
        let pause = match error {
            CallError::RateLimited {
                retry_after: Some(asked),
            } if asked > LONGEST => return Err(error),
            // What was asked for is the least; all who were asked together shall not come back together.
            CallError::RateLimited {
                retry_after: Some(asked),
            } => asked + somewhere_in(FIRST),
            _ => somewhere_in(doubled.min(LONGEST)),
        };
        self.failed += 1;
        tokio::time::sleep(pause).await;
        Ok(())
    }
}

/// Full jitter: anywhere between nothing and all of it.
fn somewhere_in(whole: Duration) -> Duration {
    // Without randomness the whole is waited out.
    let share = getrandom::u32().map_or(1.0, |random| f64::from(random) / f64::from(u32::MAX));
    whole.mul_f64(share)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Unreachable;

    #[tokio::test]
    async fn it_ends_after_a_few_failures_in_a_row_and_not_before() {
        let lost = || CallError::from(Unreachable::Broken);
        let mut patience = Patience::default();
        for _ in 0..3 {
            for _ in 0..MOST {
                patience.bear(lost()).await.unwrap();
            }
            assert_eq!(patience.bear(lost()).await, Err(lost()));
            patience.renew();
        }
        // A verdict is none that waiting changes, nor is a pause that is longer than anybody waits.
        for error in [
            CallError::TokenRejected,
            CallError::RateLimited {
                retry_after: Some(LONGEST * 2),
            },
        ] {
            assert_eq!(patience.bear(error.clone()).await, Err(error));
        }
    }
}
