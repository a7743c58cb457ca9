//! Letting callers in. One that asks for the first time is put before the person and gets nothing meanwhile.
//!
//! What needs no admission tells nothing of an account and changes nothing ([`model::Audience::Anyone`]).

use std::{sync::Arc, time::Duration};

use futures_util::FutureExt;
use model::{
    Access, Admission, Audience, Caller, ClientInfo, Effect, Error, ErrorCode, Notice, NoticeKind,
    OpenTarget, Request, Standing, Timestamp, event::NoticeAction,
};
use store::CallerRow;
use tokio::time::Instant;

use super::{budget, name_of};
use crate::core::Core;

/// Callers that wait for a person. A program that copies itself under many names fills no table.
const MOST_WAITING: usize = 40;
/// What a client says of itself, in characters.
const LONGEST_CLAIM: usize = 80;
/// One word for what is asked in quick succession.
const TELL_EVERY: Duration = Duration::from_secs(10);

impl Core {
    /// Whether this caller's request goes on to a room.
    pub(crate) async fn admit(
        self: &Arc<Self>,
        caller: &Caller,
        request: &Request,
    ) -> Result<(), Error> {
        if !is_for(caller, request) {
            return Err(Error::new(ErrorCode::RefusedCaller));
        }
        // A workflow runs for somebody who was let in; its writes are judged as theirs.
        if matches!(caller, Caller::Window | Caller::Workflow { .. }) {
            return Ok(());
        }
        self.seen(caller);
        if request.audience() == Audience::Anyone {
            return Ok(());
        }
        let is_agent = matches!(caller, Caller::Agent { .. });
        if is_agent && self.settings.get().agents_paused {
            return Err(Error::new(ErrorCode::AgentsPaused));
        }
        match self.admission(caller) {
            Some(Admission::Admitted { .. }) => {}
            Some(Admission::Refused { .. }) => return Err(self.not_admitted(caller)),
            Some(Admission::Waiting { .. }) | None => {
                self.put_before_person(caller).boxed().await?;
                return Err(self.not_admitted(caller));
            }
        }
        // Looking at one's own action is how one waits.
        if matches!(request, Request::GetAction { .. }) {
            return Ok(());
        }
        let per_minute = self.standing_of(caller).budget.per_minute;
        self.policy
            .budget
            .spend(caller, per_minute)
            .map_err(|wait| {
                Error::new(ErrorCode::LimitReached)
                    .with("caller", name_of(caller))
                    .with(
                        "limit",
                        self.words().counted("limit_per_minute", per_minute),
                    )
                    .retry_after(wait.as_secs() + 1)
            })
    }

    /// What a caller says of itself, and where it stands. Saying so is asking to be let in.
    pub(crate) async fn introduce(
        self: &Arc<Self>,
        caller: &Caller,
        client: Option<ClientInfo>,
    ) -> Result<Standing, Error> {
        if caller.is_window() {
            return Err(Error::new(ErrorCode::RefusedCaller));
        }
        if let Some(client) = client {
            let claim = ClientInfo {
                name: tame(&client.name),
                version: tame(&client.version),
            };
            let is_new = {
                let mut present = self.policy.present();
                let presence = present.entry(caller.clone()).or_default();
                let is_new = presence.client.as_ref() != Some(&claim);
                presence.client = Some(claim);
                is_new
            };
            if is_new {
                self.show_caller(caller);
            }
        }
        if self.admission(caller).is_none() {
            self.put_before_person(caller).boxed().await?;
        }
        let now = self.clock.now();
        Ok(Standing {
            admission: self
                .admission(caller)
                .unwrap_or(Admission::Waiting { since: now }),
            paused: matches!(caller, Caller::Agent { .. }) && self.settings.get().agents_paused,
            can_ask: !self.headless,
        })
    }

    /// `None` = it never asked.
    pub(super) fn admission(&self, caller: &Caller) -> Option<Admission> {
        let kept = self.policy.row(caller).map(|row| row.admission);
        let from_start = self.policy.file.names(caller)
            || (self.policy.trial && matches!(caller, Caller::Program { .. }));
        match kept {
            // A person's no holds, whatever a file says.
            Some(decided @ (Admission::Admitted { .. } | Admission::Refused { .. })) => {
                Some(decided)
            }
            _ if from_start => Some(Admission::Admitted {
                at: Timestamp::UNIX_EPOCH,
            }),
            kept => kept,
        }
    }

    pub(super) fn not_admitted(&self, caller: &Caller) -> Error {
        if self.headless {
            return self.approval_unavailable();
        }
        Error::new(ErrorCode::NotAdmitted).with("caller", name_of(caller))
    }

    /// A person would be asked, and there is none at this hub.
    pub(super) fn approval_unavailable(&self) -> Error {
        Error::new(ErrorCode::ApprovalUnavailable).with("file", self.policy.file_path.display())
    }

    async fn put_before_person(self: &Arc<Self>, caller: &Caller) -> Result<(), Error> {
        let turn = self.policy.turn().await;
        let is_known = {
            let waiting = self.policy.waiting();
            self.policy.known().contains_key(caller) || waiting >= MOST_WAITING
        };
        if is_known {
            return Ok(());
        }
        let now = self.clock.now();
        let row = CallerRow {
            admission: Admission::Waiting { since: now },
            ..new_row(caller, now)
        };
        self.keep_caller(row, turn).await?;
        self.tell_of_approval(
            "notice_admission_title",
            caller,
            OpenTarget::Agents {
                caller: Some(caller.clone()),
            },
        );
        Ok(())
    }

    /// A word by the system, with the window one click away. Nothing is decided there.
    pub(super) fn tell_of_approval(&self, title: &str, caller: &Caller, target: OpenTarget) {
        let is_time = {
            let mut told = self
                .policy
                .told
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            let due = told.is_none_or(|at| at.elapsed() >= TELL_EVERY);
            if due {
                *told = Some(Instant::now());
            }
            due
        };
        if !is_time {
            return;
        }
        let args = [("caller".to_owned(), name_of(caller))].into();
        let words = self.words();
        self.tell(Notice {
            kind: NoticeKind::Approval,
            title: words.say(title, &args),
            body: words.say("notice_approval_body", &args),
            action: Some(NoticeAction {
                label: words.plain("notice_action_show"),
                target,
            }),
        });
    }

    fn seen(&self, caller: &Caller) {
        let now = self.clock.now();
        self.policy
            .present()
            .entry(caller.clone())
            .or_default()
            .last_seen = Some(now);
    }
}

/// A caller nobody has decided about.
pub(super) fn new_row(caller: &Caller, now: Timestamp) -> CallerRow {
    CallerRow {
        caller: caller.clone(),
        admission: Admission::Waiting { since: now },
        rules: Vec::new(),
        writes: Effect::Ask,
        budget: match caller {
            Caller::Agent { .. } => model::Budget::default(),
            _ => budget::PROGRAMS,
        },
        client: None,
        taint: None,
        last_seen: None,
    }
}

/// Whether this kind of caller can ever ask that.
fn is_for(caller: &Caller, request: &Request) -> bool {
    match (caller, request.access()) {
        // No secret is ever given to a page.
        (Caller::Window, access) => access != Access::Program,
        (_, Access::Window) => false,
        (Caller::Agent { .. }, access) => {
            access != Access::Program
                && request.audience() != Audience::People
                && !matches!(
                    request,
                    Request::HandOver
                        | Request::UnlockVault { .. }
                        | Request::DeliverRedirect { .. }
                )
        }
        (Caller::Workflow { .. }, access) => access != Access::Program,
        (Caller::Program { .. }, _) => true,
    }
}

/// Said by the other side: no control characters, and not for ever.
fn tame(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control() && !is_direction(*c))
        .take(LONGEST_CLAIM)
        .collect()
}

/// Characters that turn the reading direction and could make a name look like another.
pub(crate) const fn is_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_window_changes_what_others_may_do() {
        let callers = [
            Caller::Program {
                executable: "/usr/bin/cat".to_owned(),
            },
            Caller::Agent {
                executable: "/opt/agent".to_owned(),
            },
            Caller::Workflow {
                name: "weekly news".to_owned(),
            },
        ];
        let requests = [
            Request::Decide {
                id: model::ActionId::generate(),
                decision: model::Decision::Once,
            },
            Request::AdmitCaller {
                caller: callers[1].clone(),
                admit: true,
                writes: Effect::Allow,
            },
            Request::SetSettings {
                settings: model::Settings::default(),
            },
            Request::ListCallers,
        ];
        for request in &requests {
            assert!(is_for(&Caller::Window, request));
            for caller in &callers {
                assert!(!is_for(caller, request), "{caller:?} {request:?}");
            }
        }
    }

    #[test]
    fn a_raw_token_is_for_programs_alone() {
        let request = Request::ReadToken {
            connection: "gmail".into(),
        };
        let program = Caller::Program {
            executable: "/usr/bin/mutt".to_owned(),
        };
        let agent = Caller::Agent {
            executable: "/usr/bin/mutt".to_owned(),
        };
        assert!(is_for(&program, &request));
        assert!(!is_for(&agent, &request));
        assert!(!is_for(&Caller::Window, &request));
    }

    #[test]
    fn an_agent_never_sees_what_others_do() {
        let agent = Caller::Agent {
            executable: "/opt/agent".to_owned(),
        };
        for request in [
            Request::ListSignIns,
            Request::ListActions {
                filter: model::ActionFilter::default(),
            },
            Request::ListLedger {
                filter: model::LedgerFilter::default(),
            },
            Request::HandOver,
            Request::GetSettings,
        ] {
            assert!(!is_for(&agent, &request), "{request:?}");
        }
    }

    #[test]
    fn what_a_client_says_of_itself_is_cut_and_cleaned() {
        assert_eq!(tame("Claude\u{202e}\n Desktop"), "Claude Desktop");
        assert_eq!(tame(&"x".repeat(500)).len(), LONGEST_CLAIM);
    }
}
