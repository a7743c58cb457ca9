//! Who was told text from outside. Somebody may have written into it what the agent should do, so for a day its writes
//! to anybody but listed recipients are put before a person, whatever its rules say.
//!
//! It is the executable that is remembered: an agent that also uses the terminal is the same agent.

use std::sync::Arc;

use model::{Caller, Error, Response, Taint};

use super::admission::new_row;
use crate::core::Core;

const LASTS_S: i64 = 24 * 3600;
/// Written again only when this much of it has passed: reads come by the dozen.
const RENEW_AFTER_S: i64 = 600;

impl Core {
    /// Before an answer leaves: if it holds text from outside and the caller is an agent, that is kept first. Where it
    /// can't be kept, the text isn't handed out.
    pub(crate) async fn remember_what_is_told(
        self: &Arc<Self>,
        caller: &Caller,
        answer: &Response,
    ) -> Result<(), Error> {
        if !holds_outside_text(answer) {
            return Ok(());
        }
        let Some(agent) = self.agent_of(caller) else {
            return Ok(());
        };
        let turn = self.policy.turn().await;
        let now = self.clock.now();
        let mut row = self
            .policy
            .row(&agent)
            .unwrap_or_else(|| new_row(&agent, now));
        let until = now
            .checked_add(jiff::SignedDuration::from_secs(LASTS_S))
            .unwrap_or(now);
        if let Some(taint) = row.taint
            && until.duration_since(taint.until).as_secs() < RENEW_AFTER_S
        {
            return Ok(());
        }
        let since = match row.taint {
            Some(taint) if taint.until > now => taint.since,
            _ => now,
        };
        row.taint = Some(Taint { since, until });
        self.keep_caller(row, turn).await
    }

    /// Was the executable behind this caller told text from outside?
    pub(super) fn taint(&self, caller: &Caller) -> Option<Taint> {
        let agent = self.agent_of(caller)?;
        let now = self.clock.now();
        self.policy
            .row(&agent)
            .and_then(|row| row.taint)
            .filter(|taint| taint.until > now)
    }

    /// The agent this caller is, or is the other face of: a program becomes one by ever having come as one.
    fn agent_of(&self, caller: &Caller) -> Option<Caller> {
        match caller {
            Caller::Agent { .. } => Some(caller.clone()),
            Caller::Program { executable } => {
                let agent = Caller::Agent {
                    executable: executable.clone(),
                };
                self.policy.row(&agent).map(|row| row.caller)
            }
            Caller::Window | Caller::Workflow { .. } => None,
        }
    }
}

/// Anything that somebody else may have written: mail, names of files and chats.
const fn holds_outside_text(answer: &Response) -> bool {
    matches!(
        answer,
        Response::Emails(_)
            | Response::Email(_)
            | Response::Files(_)
            | Response::Downloaded(_)
            | Response::Chats(_)
    )
}
