//! What the policy says of a write before it becomes a row: rules, folders, counts, and whether there is anybody to ask.
//!
//! A workflow's write is judged as the program's that ran it, because its text, name included, came from there; rules
//! about the workflow itself can only take away.

use std::{iter, path::Path, sync::Arc};

use integrations::bare_address;
use model::{
    Action, AskedBecause, Budget, Caller, Capability, Effect, Error, ErrorCode, Rule, Timestamp,
};
use store::ConnectionRow;

use super::{
    admission::new_row,
    folders,
    judge::{Asked, Judgement, judge, may_read, opens_folders, per_day},
    name_of,
};
use crate::core::Core;

const DAY_S: i64 = 24 * 3600;

/// What becomes of a write.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Verdict {
    Go,
    /// A person looks at it first.
    Ask(AskedBecause),
}

/// What holds for a caller: its row, and what the file adds.
#[derive(Clone, Debug)]
pub(super) struct StandingOf {
    pub(super) rules: Vec<Rule>,
    pub(super) writes: Effect,
    pub(super) budget: Budget,
}

impl Core {
    pub(super) fn standing_of(&self, caller: &Caller) -> StandingOf {
        let kept = self.policy.row(caller);
        let is_new = kept.is_none();
        let row = kept.unwrap_or_else(|| new_row(caller, Timestamp::UNIX_EPOCH));
        let writes = match caller {
            Caller::Window => Effect::Allow,
            Caller::Program { .. } if is_new && self.policy.trial => Effect::Allow,
            _ => row.writes,
        };
        StandingOf {
            rules: row.rules,
            writes,
            budget: row.budget,
        }
    }

    /// The rules that can be about this connection, the file's with its names looked up.
    pub(super) fn rules_for(&self, caller: &Caller, connection: &ConnectionRow) -> StandingOf {
        let mut standing = self.standing_of(caller);
        self.policy.file.add_to(&mut standing, caller, connection);
        standing
    }

    /// Before anything of a read is done.
    pub(crate) fn may_read(
        &self,
        caller: &Caller,
        connection: &ConnectionRow,
        capability: Capability,
    ) -> Result<(), Error> {
        if caller.is_window()
            || may_read(
                &self.rules_for(caller, connection).rules,
                connection.id,
                capability,
            )
        {
            return Ok(());
        }
        Err(denied(caller, capability))
    }

    /// Before a file is so much as opened for an agent.
    pub(crate) fn may_use_folder(
        &self,
        caller: &Caller,
        connection: &ConnectionRow,
        capability: Capability,
        path: &str,
    ) -> Result<(), Error> {
        let asked = Asked {
            connection: connection.id,
            capability,
            recipients: &[],
        };
        self.may_use(caller, connection, &asked, iter::once(path))
    }

    /// The same for what a write takes along.
    pub(crate) fn may_take_along(
        &self,
        caller: &Caller,
        connection: &ConnectionRow,
        action: &Action,
        chat: Option<&str>,
    ) -> Result<(), Error> {
        let recipients = recipients(action, chat);
        let asked = Asked {
            connection: connection.id,
            capability: action.capability(),
            recipients: &recipients,
        };
        self.may_use(caller, connection, &asked, action.paths())
    }

    fn may_use<'a>(
        &self,
        caller: &Caller,
        connection: &ConnectionRow,
        asked: &Asked<'_>,
        paths: impl Iterator<Item = &'a str>,
    ) -> Result<(), Error> {
        if !matches!(caller, Caller::Agent { .. }) {
            return Ok(());
        }
        let standing = self.rules_for(caller, connection);
        let opening = standing
            .rules
            .iter()
            .filter(|rule| opens_folders(rule, asked));
        let open = folders::named(opening);
        for path in paths.map(Path::new) {
            if folders::within(path, &open).is_none() {
                return Err(folders::refused(&name_of(caller), path));
            }
        }
        Ok(())
    }

    /// `asked_by` is who stands behind the caller: the same, but for a workflow. What is said of counts holds for as
    /// long as no other write becomes a row (`Outbox::counting`).
    pub(crate) async fn policy_on(
        self: &Arc<Self>,
        caller: &Caller,
        asked_by: &Caller,
        connection: &ConnectionRow,
        action: &Action,
        chat: Option<&str>,
    ) -> Result<Verdict, Error> {
        let recipients = recipients(action, chat);
        let asked = Asked {
            connection: connection.id,
            capability: action.capability(),
            recipients: &recipients,
        };
        if caller != asked_by {
            // Only to take away: a name in a file proves nothing.
            let own = self.rules_for(caller, connection);
            if judge(&own.rules, Effect::Allow, false, &asked) == Judgement::Deny {
                return Err(denied(caller, asked.capability));
            }
        }
        if asked_by.is_window() {
            return Ok(Verdict::Go);
        }
        let standing = self.rules_for(asked_by, connection);
        let tainted = self.taint(asked_by).is_some();
        let judgement = judge(&standing.rules, standing.writes, tainted, &asked);
        if judgement == Judgement::Deny {
            return Err(denied(asked_by, asked.capability));
        }
        self.within_counts(asked_by, &standing, &asked).await?;
        match judgement {
            Judgement::Ask(_) if self.headless => Err(self.approval_unavailable()),
            Judgement::Ask(because) => Ok(Verdict::Ask(because)),
            Judgement::Allow | Judgement::Deny => Ok(Verdict::Go),
        }
    }

    async fn within_counts(
        self: &Arc<Self>,
        caller: &Caller,
        standing: &StandingOf,
        asked: &Asked<'_>,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let since = now
            .checked_sub(jiff::SignedDuration::from_secs(DAY_S))
            .unwrap_or(now);
        let limits = [
            (None, Some(standing.budget.writes_per_day)),
            (
                Some((asked.connection, asked.capability)),
                per_day(&standing.rules, asked),
            ),
        ];
        for (of, limit) in limits {
            let Some(limit) = limit else { continue };
            let who = caller.clone();
            let so_far = self
                .db(move |store| store.outbox().count_since(&who, of, since))
                .await?;
            if so_far >= limit {
                return Err(Error::new(ErrorCode::LimitReached)
                    .with("caller", name_of(caller))
                    .with("limit", self.words().counted("limit_per_day", limit)));
            }
        }
        Ok(())
    }
}

fn denied(caller: &Caller, capability: Capability) -> Error {
    Error::new(ErrorCode::DeniedByPolicy)
        .with("caller", name_of(caller))
        .with("capability", capability)
}

/// Whom a write reaches, as rules name them. `chat` is the chat by the service's own id.
pub(super) fn recipients(action: &Action, chat: Option<&str>) -> Vec<Option<String>> {
    match action {
        Action::SendEmail(mail) => [&mail.to, &mail.cc, &mail.bcc]
            .into_iter()
            .flatten()
            .map(|mailbox| bare_address(mailbox))
            .collect(),
        Action::SendMessage(_) => vec![chat.map(str::to_lowercase)],
        Action::UploadFiles(_) => Vec::new(),
    }
}
