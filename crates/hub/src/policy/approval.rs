//! A person's word on a write that waits for it. Reached from our window alone; the row is what was shown, unchanged.

use std::sync::Arc;

use model::{
    Action, ActionId, ActionState, ActionView, AskedBecause, Caller, Decision, Effect, Error,
    ErrorCode, Limits, OpenTarget, Rule, Waiting,
};
use store::OutboxRow;

use super::writes::recipients;
use crate::{
    core::Core,
    ledger::{About, NewEntry},
    outbox::{ended, later},
};

impl Core {
    /// The state of a write that a person looks at first.
    pub(crate) fn awaiting(&self, because: AskedBecause) -> ActionState {
        let since = self.clock.now();
        let minutes = self.settings.get().approval_expiry_min;
        ActionState::AwaitingApproval {
            since,
            expires: later(since, minutes.saturating_mul(60)),
            because,
        }
    }

    pub(crate) fn tell_of_awaiting(&self, row: &OutboxRow) {
        if matches!(row.state, ActionState::AwaitingApproval { .. }) {
            self.tell_of_approval("notice_approval_title", &row.caller, OpenTarget::Approvals);
        }
    }

    pub(crate) async fn decide(
        self: &Arc<Self>,
        id: ActionId,
        decision: Decision,
    ) -> Result<ActionView, Error> {
        let row = self.outbox_row(id).await?;
        let now = self.clock.now();
        let expires = match row.state {
            ActionState::AwaitingApproval { expires, .. } => expires,
            _ => return Err(too_late(&row)),
        };
        if expires <= now {
            self.end_action(
                "awaiting_approval",
                row.clone(),
                ActionState::Expired { at: now },
            )
            .await;
            return Err(too_late(&self.outbox_row(id).await?));
        }
        if decision == Decision::Deny {
            let denied = ended(row, ActionState::Denied { at: now });
            if !self.advance("awaiting_approval", &denied).await? {
                return Err(too_late(&self.outbox_row(id).await?));
            }
            self.has_ended(&denied).await;
            return Ok(self.action_view(&denied));
        }
        let rule = match decision {
            Decision::Always => Some(self.rule_for(&row).await?),
            Decision::Once | Decision::Deny => None,
        };
        let state = ActionState::Queued {
            not_before: now,
            expires: later(now, self.waits_s(row.capability)),
            why: Waiting::Turn,
        };
        let about = About {
            connection: row.connection,
            integration: row.integration.clone(),
            account: row.account.clone(),
        };
        let approved =
            NewEntry::policy("approved", &row.caller).of_action(about, row.capability, row.id);
        // Written first: nothing goes out that isn't on record as approved.
        self.record(approved).await?;
        let caller = row.caller.clone();
        let view = self
            .put_back("awaiting_approval", OutboxRow { state, ..row })
            .await?;
        if let Some(rule) = rule {
            self.add_rule(&caller, rule).await?;
        }
        Ok(view)
    }

    /// "These recipients, through this connection, from now on."
    async fn rule_for(self: &Arc<Self>, row: &OutboxRow) -> Result<Rule, Error> {
        let nobody = || {
            Error::new(ErrorCode::InvalidInput)
                .with("reason", self.words().plain("reason_no_recipients"))
        };
        if matches!(row.caller, Caller::Workflow { .. }) {
            return Err(nobody());
        }
        let action = row.content.as_ref().ok_or_else(nobody)?;
        let chat = match (action, self.roster.get(row.connection)) {
            (Action::SendMessage(message), Some(connection)) => {
                Some(self.chat_id(&connection, &message.chat).await?)
            }
            _ => None,
        };
        let recipients: Option<Vec<String>> =
            recipients(action, chat.as_deref()).into_iter().collect();
        let mut recipients = recipients
            .filter(|all| !all.is_empty())
            .ok_or_else(nobody)?;
        recipients.sort();
        recipients.dedup();
        Ok(Rule {
            connection: Some(row.connection),
            capability: Some(row.capability),
            effect: Effect::Allow,
            limits: Limits {
                recipients,
                ..Limits::default()
            },
        })
    }
}

fn too_late(row: &OutboxRow) -> Error {
    Error::new(ErrorCode::TooLate)
        .with("state", row.state.kind())
        .with("action", row.id)
}
