//! What our window sees and changes: callers, their rules, their budgets. Every change is in the table and in the
//! ledger before it holds.

use std::{path::Path, sync::Arc};

use model::{
    Admission, Budget, Caller, CallerView, Effect, Error, ErrorCode, Event, Request, Response, Rule,
};
use store::CallerRow;
use tokio::sync::OwnedMutexGuard;

use super::{admission::new_row, name_of};
use crate::{core::Core, ledger::NewEntry};

const MOST_RULES: usize = 200;
const MOST_RECIPIENTS: usize = 1000;
const LONGEST_TEXT: usize = 1024;

impl Core {
    pub(crate) async fn answer_about_callers(
        self: &Arc<Self>,
        request: Request,
    ) -> Result<Response, Error> {
        match request {
            Request::ListCallers => Ok(Response::Callers(self.callers())),
            Request::AdmitCaller {
                caller,
                admit,
                writes,
            } => self
                .decide_about(caller, admit, writes)
                .await
                .map(Response::Caller),
            Request::SetRules {
                caller,
                rules,
                writes,
                budget,
            } => self
                .set_rules(&caller, rules, writes, budget)
                .await
                .map(Response::Caller),
            Request::ClearTaint { caller } => self
                .change_caller("taint_cleared", &caller, |row| {
                    row.taint = None;
                    Ok(())
                })
                .await
                .map(Response::Caller),
            Request::ForgetCaller { caller } => {
                self.forget_caller(caller).await.map(|()| Response::Done)
            }
            Request::Decide { id, decision } => {
                self.decide(id, decision).await.map(Response::Action)
            }
            Request::SetTokenAllowed {
                connection,
                allowed,
            } => self
                .set_token_allowed(connection, allowed)
                .await
                .map(Response::Connection),
            _ => Err(Error::new(ErrorCode::Internal)),
        }
    }

    /// Whoever was seen last comes first.
    fn callers(&self) -> Vec<CallerView> {
        let mut callers: Vec<Caller> = self.policy.known().keys().cloned().collect();
        for (caller, presence) in self.policy.present().iter() {
            let counts = presence.last_seen.is_some() && !caller.is_window();
            if counts && !callers.contains(caller) {
                callers.push(caller.clone());
            }
        }
        let mut views: Vec<CallerView> = callers
            .iter()
            .filter_map(|caller| self.caller_view(caller))
            .collect();
        views.sort_by(|one, other| (other.last_seen, &other.name).cmp(&(one.last_seen, &one.name)));
        views
    }

    pub(super) fn caller_view(&self, caller: &Caller) -> Option<CallerView> {
        let standing = self.standing_of(caller);
        let row = self.policy.row(caller);
        let presence = self.policy.present().get(caller).cloned();
        let presence = presence.unwrap_or_default();
        Some(CallerView {
            caller: caller.clone(),
            name: name_of(caller),
            client: presence
                .client
                .or_else(|| row.as_ref().and_then(|row| row.client.clone())),
            admission: self.admission(caller)?,
            rules: standing.rules,
            writes: standing.writes,
            budget: standing.budget,
            taint: self.taint(caller),
            connected: presence.listening,
            last_seen: presence
                .last_seen
                .or_else(|| row.and_then(|row| row.last_seen)),
            from_file: self.policy.file.names(caller),
        })
    }

    pub(super) fn show_caller(&self, caller: &Caller) {
        if let Some(view) = self.caller_view(caller) {
            self.emit(Event::CallerChanged {
                caller: Box::new(view),
            });
        }
    }

    async fn decide_about(
        self: &Arc<Self>,
        caller: Caller,
        admit: bool,
        writes: Effect,
    ) -> Result<CallerView, Error> {
        let at = self.clock.now();
        let (what, admission) = if admit {
            ("admitted", Admission::Admitted { at })
        } else {
            ("refused", Admission::Refused { at })
        };
        let view = self
            .change_caller(what, &caller, move |row| {
                row.admission = admission;
                row.writes = writes;
                Ok(())
            })
            .await?;
        if !admit {
            self.drop_awaiting_of(&caller).await;
        }
        Ok(view)
    }

    async fn set_rules(
        self: &Arc<Self>,
        caller: &Caller,
        rules: Vec<Rule>,
        writes: Effect,
        budget: Budget,
    ) -> Result<CallerView, Error> {
        self.fits(&rules, budget)?;
        self.change_caller("rules_changed", caller, move |row| {
            row.rules = rules;
            row.writes = writes;
            row.budget = budget;
            Ok(())
        })
        .await
    }

    /// One more rule.
    pub(super) async fn add_rule(
        self: &Arc<Self>,
        caller: &Caller,
        rule: Rule,
    ) -> Result<(), Error> {
        self.change_caller("rules_changed", caller, |row| {
            add_to(&mut row.rules, rule);
            self.fits(&row.rules, row.budget)
        })
        .await
        .map(drop)
    }

    async fn forget_caller(self: &Arc<Self>, caller: Caller) -> Result<(), Error> {
        self.drop_awaiting_of(&caller).await;
        let _turn = self.policy.turn().await;
        let gone = caller.clone();
        self.db(move |store| store.callers().remove(&gone)).await?;
        self.policy.known().remove(&caller);
        self.policy.budget.forget(&caller);
        self.policy.present().remove(&caller);
        self.ledger.note(NewEntry::policy("forgotten", &caller));
        self.emit(Event::CallerRemoved { caller });
        Ok(())
    }

    /// Nobody has to decide any more about what an unwelcome caller wanted.
    async fn drop_awaiting_of(self: &Arc<Self>, caller: &Caller) {
        let open = self.db(|store| store.outbox().open()).await;
        for row in open.unwrap_or_default() {
            let waits = matches!(row.state, model::ActionState::AwaitingApproval { .. });
            if waits && row.caller == *caller {
                let at = self.clock.now();
                self.end_action("awaiting_approval", row, model::ActionState::Denied { at })
                    .await;
            }
        }
    }

    /// The row, or a fresh one for a caller that is let in without one.
    fn known_caller(&self, caller: &Caller) -> Result<CallerRow, Error> {
        if caller.is_window() {
            return Err(Error::new(ErrorCode::InvalidInput)
                .with("reason", self.words().plain("reason_window_has_no_rules")));
        }
        let now = self.clock.now();
        Ok(self.policy.row(caller).unwrap_or_else(|| {
            let standing = self.standing_of(caller);
            CallerRow {
                admission: self
                    .admission(caller)
                    .unwrap_or(Admission::Waiting { since: now }),
                writes: standing.writes,
                ..new_row(caller, now)
            }
        }))
    }

    /// Changes a caller's row as it is when its turn has come.
    async fn change_caller(
        self: &Arc<Self>,
        what: &str,
        caller: &Caller,
        change: impl FnOnce(&mut CallerRow) -> Result<(), Error> + Send,
    ) -> Result<CallerView, Error> {
        let turn = self.policy.turn().await;
        let mut row = self.known_caller(caller)?;
        change(&mut row)?;
        self.record(NewEntry::policy(what, caller)).await?;
        self.keep_caller(row, turn).await?;
        self.caller_view(caller)
            .ok_or_else(|| Error::new(ErrorCode::Internal))
    }

    /// `turn` is [`super::Policy::turn`], taken before the row was read. It ends once the row is kept, though whoever
    /// asked may go away before: a row that is still on its way to the table would come after the next one.
    pub(super) async fn keep_caller(
        self: &Arc<Self>,
        row: CallerRow,
        turn: OwnedMutexGuard<()>,
    ) -> Result<(), Error> {
        let core = Arc::clone(self);
        self.finish(async move {
            let kept = core.put_caller(row).await;
            drop(turn);
            kept
        })
        .await?
    }

    /// In the table first, then in memory, then on screen.
    async fn put_caller(&self, row: CallerRow) -> Result<(), Error> {
        let presence = self.policy.present().get(&row.caller).cloned();
        let presence = presence.unwrap_or_default();
        let row = CallerRow {
            client: presence.client.or(row.client),
            last_seen: presence.last_seen.or(row.last_seen),
            ..row
        };
        let kept = row.clone();
        self.db(move |store| store.callers().put(&kept)).await?;
        let caller = row.caller.clone();
        self.policy.known().insert(caller.clone(), row);
        self.show_caller(&caller);
        Ok(())
    }

    fn fits(&self, rules: &[Rule], budget: Budget) -> Result<(), Error> {
        rules_fit(rules, budget).map_err(|reason| {
            Error::new(ErrorCode::InvalidInput).with("reason", self.words().plain(reason))
        })?;
        for id in rules.iter().filter_map(|rule| rule.connection) {
            if self.roster.get(id).is_none() {
                return Err(Error::new(ErrorCode::UnknownConnection).with("connection", id));
            }
        }
        Ok(())
    }

    /// A caller that came with an import, which has the turn: the table has it.
    pub(crate) fn enter_caller(self: &Arc<Self>, row: CallerRow) {
        let caller = row.caller.clone();
        self.policy.known().insert(caller.clone(), row);
        self.show_caller(&caller);
    }
}

/// Recipients join a rule that differs in nothing else.
fn add_to(rules: &mut Vec<Rule>, rule: Rule) {
    let alike = rules.iter_mut().find(|kept| {
        kept.connection == rule.connection
            && kept.capability == rule.capability
            && kept.effect == rule.effect
            && !kept.limits.recipients.is_empty()
    });
    let Some(kept) = alike else {
        rules.push(rule);
        return;
    };
    for recipient in rule.limits.recipients {
        if !kept.limits.recipients.contains(&recipient) {
            kept.limits.recipients.push(recipient);
        }
    }
}

/// Can these be rules at all? Otherwise the key of what is wrong with them.
pub(crate) fn rules_fit(rules: &[Rule], budget: Budget) -> Result<(), &'static str> {
    if !(1..=10_000).contains(&budget.per_minute) || budget.writes_per_day > 100_000 {
        return Err("reason_budget");
    }
    if rules.len() > MOST_RULES {
        return Err("reason_too_many_rules");
    }
    for rule in rules {
        let limits = &rule.limits;
        let fits = |text: &String| !text.trim().is_empty() && text.len() <= LONGEST_TEXT;
        if limits.recipients.len() > MOST_RECIPIENTS || !limits.recipients.iter().all(fits) {
            return Err("reason_recipients");
        }
        let is_folder = |folder: &String| fits(folder) && Path::new(folder).is_absolute();
        if !limits.folders.iter().all(is_folder) {
            return Err("reason_folders");
        }
    }
    Ok(())
}
